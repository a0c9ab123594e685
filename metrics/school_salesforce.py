"""The rules B of the merchant's school: what a sales force of today is. `metrics.school` reads them.

Post: 西村公児, 「新たなセールスフォースとは」 · 西村公児「新たなセールスフォースとは」

Rule: B1 · Tell target and prospect apart · ターゲットと見込み客を分ける
Source: people are put into clusters, target and prospect by name
    · 「ターゲット」「見込み客」といったクラスターに分ける、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: funnel_stage, target, prospect
Kept by: target is who is known without a sign of interest, prospect who has shown some
    · 興味の兆しのない方をターゲット、兆しのある方を見込み客とします
Settings: funnel.*

Rule: B2 · A message of its own for each · 個別のメッセージを送る
Source: each gets a message made for that person
    · カスタマイズした個別のメッセージを送る、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: next_action, segment
Kept by: each record bears the values a message can take up; nothing is sent from here
    · メッセージに差し込める値を各レコードに書き込みます。送信は行いません
Settings: write.fields, write.platforms, write.objects

Rule: B3 · A table for each kind of data · データの種類ごとに表を作る
Source: tables are made like those of a database, by type of data
    · データタイプによって、データベースのようにテーブルを作る、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: none
Kept by: the store has a table each for records, orders, refunds, what happened besides, and referrers
    · ストアに、レコード、注文、返金、その他の出来事、紹介者の表を分けて持ちます
Settings: store.path

Rule: B4 · From the shop down to one customer · 一人の顧客まで分解する
Source: digital data let one break CRM down further, to each single case
    · デジタルデータからCRMをさらに細かく分解し、個別に対応する、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: segment_people
Kept by: `zaiseki metrics --shop`, then `zaiseki contacts`, then `zaiseki why RECORD` with every reason
    · `zaiseki metrics --shop`、`zaiseki contacts`、`zaiseki why RECORD` の順に、理由とともにたどれます
Settings: metrics.shop

Rule: B5 · Mail order that looks at its numbers · より数字を見る通販
Source: mail order that looks at its numbers more
    · より数字を見ていくような通販、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: none
Kept by: `zaiseki metrics --shop`: the shop's figures, each beside the number it rests on
    · `zaiseki metrics --shop` で、お店の数字を母数とともに示します
Settings: metrics.shop

Rule: B6 · One to one · 一人一人に合った形
Source: one to one, in the form that suits each person
    · One to One、一人一人に合った形で、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: next_action
Kept by: one suggestion for each person: the first row of a fixed table that holds
    · 対応表の上から最初に当てはまる一件を、お一人ずつ示します
Settings: segment.*, satisfaction.*, funnel.*

Rule: B7 · For a small company · 小さい会社のため
Source: direct selling for small companies
    · 小さい会社のためのD2C、という箇所
Since: 0.1.0 (2026-11-21)
Verdict: kept
Metrics: none
Kept by: one process on one machine with one file of settings; no server, no people for data
    · 1台のコンピューターの1つの処理と1つの設定ファイルで動きます。サーバーもデータ担当者も要りません
Settings: store.memory_limit

Rule: B8 · A funnel: attention, interest, desire, memory, action · 注目・興味・欲求・記憶・購買行動
Source: the form is a funnel, from attention to the act of buying
    · 型としてはファネルで、注目から購買行動まで、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: funnel_stage, funnel_people, funnel_conversion
Kept by: everybody's furthest stage with its evidence and day, and how many come from stage to stage
    · お一人ずつ最も進んだ段階を根拠と日付とともに示し、段階ごとの通過率を数えます
Settings: funnel.*

Rule: B9 · A share of the market by Koopman's levels · クープマンの法則
Source: a fifth of a market is taken, with Koopman's law as the measure
    · 市場の20%を占有する、クープマンの法則を引いた箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: market_share, koopman_level
Kept by: the share of the market whose size you state, and the level it reaches; nothing is guessed
    · 申告された市場規模に対するシェアと、その水準を示します。市場規模は推測しません
Settings: market.total, market.name, market.year

Rule: B10 · Less, as much, or more than expected · 不満・満足・感動の三つ
Source: below expectation there is a complaint, at it satisfaction, above it delight and word of mouth
    · 期待を下回れば不満からのクレーム、同じなら満足、上回れば感動からのクチコミ、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: satisfaction, satisfaction_share
Kept by: those three states, and a fourth for who has said nothing yet
    · この三つの状態に、まだ声のない方の「未確認」を加えて示します
Settings: satisfaction.*, referral.rewarded

Rule: B11 · Without delight there is no referral · 感動がなければ紹介は生まれない
Source: unless it is designed so that the evaluation exceeds the expectation, no referral comes about
    · 事後評価が事前期待を超える設計でなければ紹介は発生しない、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: next_action
Kept by: to invite to refer is suggested for delight only, and never while a complaint is open
    · 紹介のご案内は「感動」の方にだけ提案し、ご不満が残る間は決して提案しません
Settings: satisfaction.*, referral.rewarded

Rule: B12 · Soon after the delight · 感動が新しいうちに
Source: who got more than seems fair must tell somebody, or is out of balance
    · 貰いすぎていると感じた方は、誰かに伝えないと心のバランスが取れない、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: next_action
Kept by: the invitation is suggested for 30 days from the delight, on no fixed date
    · 決まった日ではなく、感動の日から30日の間だけ紹介のご案内を提案します
Settings: satisfaction.*, referral.rewarded

Rule: B13 · Telling somebody is the word of mouth · 誰かに伝える行動が口コミ
Source: the very act of telling somebody is word of mouth
    · 誰かに伝えるという行動こそ口コミ、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: referrals
Kept by: counted is who came by a code, a link, a visit source or a named referrer, not who would recommend
    · 「勧めたい」という回答ではなく、コード、リンク、流入元、紹介者の記録で来た方を数えます
Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
Settings: purchases.count_unpaid, purchases.exclude.*

Rule: B14 · Word of mouth is not repeat · 口コミとリピートは別の軸
Source: bringing about word of mouth is not the same as being bought from again
    · 口コミを発生させることはリピートすることではない、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: referral_score, repeat_rate
Kept by: two axes with figures of their own; there is no one number of loyalty
    · 別々の軸として別々の数字で示し、一つの「ロイヤルティ」にはまとめません
Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*
Settings: products.front_end, metrics.products

Rule: B15 · The K-factor puts it into a number · Kファクターで数値化する
Source: word of mouth put into a number is the K-factor
    · クチコミを数値化したのがKファクター、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: k_observed, k_invite
Kept by: by friends who really came, and by invitations where these are recorded, each with its n
    · 実際に来た紹介客による値と、招待の記録がある場合はその値を、人数とともに示します
Settings: referral.window_days
Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
Settings: purchases.count_unpaid, purchases.exclude.*

Rule: B16 · Referral is a source of new customers · 紹介で新規を得る
Source: winning customers by referral is the model of digital commerce
    · お客さまの紹介を得ていくのがデジタルコマースモデル、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: referral_share, referred_revenue, referred_spend, referred_repeat
Kept by: the share of new customers who were referred, and their spend and repeat beside the others'
    · 新規顧客に占める紹介の割合と、紹介で来た方の購入金額と再購入率を、ほかの方と並べて示します
Settings: referral.window_days
Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*

Rule: B17 · Satisfaction and later sales · 満足度とその後の売上
Source: customers' satisfaction is raised, and sales grow by it
    · 顧客満足度を向上させて売上を拡大する、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: repeat_after_evidence, spend_after_evidence
Kept by: who came back and what was spent in the 180 days after, by state; that proves no cause
    · 状態ごとに、その後180日の再購入と購入金額を示します。因果関係を示すものではありません
Settings: satisfaction.*, referral.rewarded

Rule: B18 · What a person does by hand is counted too · おもてなしを記録して数える
Source: hospitality belongs to it
    · 「おもてなし」がセットになる、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: human_touches, human_touched_people, best_not_contacted
Kept by: tasks completed and events held in Salesforce count as contacts, mass mail does not
    · Salesforceで担当者が完了したToDoや行動を接点として数えます。一斉配信は数えません
Settings: contacts.quiet_days

Rule: B19 · Direct sales beside marketplaces · 直販とモールを分けて見る
Source: direct selling of the kind in which the maker sells
    · メーカー型のD2C、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: direct_share, marketplace_share
Kept by: the shares of one's own channels and of marketplaces in net sales
    · 純売上に占める自社販路とモールの比率を示します
Settings: channels.*, salesforce.channel_field
"""
