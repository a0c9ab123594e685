"""The rules A1 to A13 of the merchant's school: tenure, the back end, channels. `metrics.school` reads them.

Post: 西村公児, 「商品やサービスを継続的にリピートしてもらうには」
    · 西村公児「商品やサービスを継続的にリピートしてもらうには」

Rule: A1 · First and last purchase date belong to every customer · 初回購入日と最終購入日を必ず持つ
Source: what customer management must hold is the time from the first purchase to the last
    · 顧客管理に欠かせないのは初回購入から最終購入までの期間の管理、と述べた箇所
Since: 0.1.0 (2026-11-21)
Verdict: kept
Metrics: first_purchase_on, last_purchase_on
Kept by: both days are fields on every record of a buyer; who never bought has neither
    · 購入した方のレコードすべてに両方の日付を書き込みます。未購入の方にはどちらもありません
Settings: history.*, purchases.count_unpaid, purchases.exclude.*

Rule: A2 · Tenure is managed customer by customer · 在籍期間は顧客単位で管理する
Source: that time lets one manage the tenure of each customer
    · その期間によって顧客単位の在籍期間を管理する、と述べた箇所
Since: 0.1.0 (2026-11-21)
Verdict: kept
Metrics: tenure_days
Kept by: one tenure for each person over all records and channels, never for an order or an account
    · 注文や取引先ごとではなく、名寄せした一人ごとに、全チャネルを通した一つの在籍期間を持ちます
Settings: identity.*, history.*, purchases.count_unpaid, purchases.exclude.*

Rule: A3 · Tenure as a figure of the whole shop is a guide, not a cut · 在籍期間のKPIは目安とする
Source: a remark that it can be used as a guide among the KPIs
    · KPIの目安としては使える、という注記
Since: 0.2.0 (2026-11-22)
Verdict: guide value
Metrics: tenure_mean_days, tenure_median_days, month_tenure_median_days
Kept by: told beside its spread and month by month; nothing is decided by it
    · ばらつきや月ごとの推移とともに示すだけで、何の判定にも使いません
Settings: metrics.shop, purchases.count_unpaid, purchases.exclude.*

Rule: A4 · Visits of several shops count for one customer · 複数店舗の来店も一人の期間として数える
Source: the example of a club owner in Ginza with four houses, who counts how long guests have been coming
    · 4店舗を営む銀座のママが、来店の期間を数値にしている例
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: tenure_days, channels
Kept by: purchases at a counter count like those on the net, and several shops share one customer
    · 店頭での購入もネットと同じに数え、複数のショップの購入を一人の方にまとめます
Settings: shopify.name, identity.*, channels.store

Rule: A5 · Never judge good customers by the number of orders alone · 売上件数だけで優良顧客を見ない
Source: who looked at the number of sales could not get in touch with the best customers
    · 売上件数で見ていたため優良顧客に連絡できなかった、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: segment, best_not_contacted
Kept by: best is who has tenure and spend; lists are in order of tenure, then spend, never of orders
    · 優良かどうかは在籍期間と金額で決まり、リストは在籍期間、金額の順です。注文数では並べません
Settings: segment.*, contacts.quiet_days

Rule: A6 · Know whom one may tell that things go on again · 再開のアナウンスができる相手を把握する
Source: after the pandemic there was nobody one could have told of the reopening
    · コロナ後、再開の案内をする相手に声を掛けられない、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: best_to_contact, contact_by
Kept by: `zaiseki contacts` lists the best customers nobody has spoken to and whom one may contact
    · `zaiseki contacts` が、しばらくご連絡のない優良顧客のうちご連絡してよい方を一覧にします
Settings: contacts.quiet_days, segment.*

Rule: A7 · Build from the back end: repeat before acquisition · バックエンドから構築する
Source: the first step is to build from the back end
    · 「バックエンドから構築せよ!」をステップ1に挙げた箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: trial_conversion, product_repeat
Kept by: told before any figure about winning customers
    · 新規獲得に関するどの数字よりも前に示します
Settings: products.front_end, products.back_end, metrics.products

Rule: A8 · One content for many media (cross media) · クロスメディア
Source: cross media, one content put out to many media: the ground it stood on has given way
    · 一つのコンテンツを複数のメディアへ出力するクロスメディアは、前提条件が崩れている、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: rejected
Metrics: none
Kept by: not built: what is suggested follows from the person, never from a medium
    · 作っていません。おすすめは媒体ではなく、その方の状態から決まります
Settings: none

Rule: A9 · The real store first, the net beside it · リアルをメインにネットを合わせる
Source: business in real stores as the main thing with the net added: the ground it stood on has given way
    · リアルビジネスをメインにネットを合わせる考え方は、前提条件が崩れている、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: rejected
Metrics: none
Kept by: not built: channels count alike, and none is the main one
    · 作っていません。どのチャネルも同じ重みで数え、中心となるチャネルはありません
Settings: none

Rule: A10 · People choose the medium · 人が媒体を選ぶ
Source: this is a time in which people choose the medium
    · 人が媒体を選択する時代だ、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: preferred_channel
Kept by: the channel in which each person bought on most days
    · その方が最も多くの日に購入したチャネルを示します
Settings: channels.*, salesforce.channel_field

Rule: A11 · All routes of sale together · すべての流通経路をひとつに見る
Source: going omnichannel means all the routes by which goods are sold
    · オムニチャネル化とは、流通経路のチャネルを「全て」見ること、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: channels, omnichannel
Kept by: orders of every shop, of Salesforce and of the time before are one before anything is counted
    · 全ショップ、Salesforce、移転前の注文をひとつにまとめてから数えます
Settings: salesforce.purchases, history.orders_csv, channels.*, salesforce.channel_field

Rule: A12 · A channel is a property of an order, no customer base of its own · チャネルは顧客の器ではない
Source: mail order is one of the ways in which retail sells
    · 通販ビジネスは小売業の販売戦略の一つ、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: channels, channel_buyers
Kept by: every order has its channel; a person has as many as were used
    · チャネルは注文ごとの情報で、お一人が複数のチャネルを持ちます
Settings: channels.*, salesforce.channel_field

Rule: A13 · Fit what is shown to the person · AI画像なども使い、人に合わせる
Source: the idea to fit what one shows to the person, with pictures made by machines among others
    · AI画像などを駆使して人に合わせる、という案
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: segment, next_action
Kept by: keys on each record by which whoever sends chooses words and pictures; none are made here
    · 配信側が文面や画像を選ぶための値を各レコードに書き込みます。画像は作りません
Settings: write.fields, segment.*
"""
