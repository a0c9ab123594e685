"""The rules of the merchant's school, each with its verdict and with what here keeps it.

The school is that of 西村公児 (「伝説の通販バイブル」, 日本経済新聞出版社, 2015) in two of his posts, named A and B:
how to make customers come back, and what a sales force of today is. A verdict is his own where it says `kept` or
`rejected`; what he calls a guide is a `guide value`, and what this product does not do yet is `not yet`. What is
rejected is not built. Wordings are ours, in few words.

Rule: A1 · First and last purchase date belong to every customer · 初回購入日と最終購入日を必ず持つ · kept · first_purchase_on, last_purchase_on
Rule: A2 · Tenure is managed customer by customer · 在籍期間は顧客単位で管理する · kept · tenure_days
Rule: A3 · Tenure as a figure of the whole shop is a guide, not a cut · 在籍期間のKPIは目安とする · guide value · tenure_mean_days, tenure_median_days
Rule: A4 · Visits of several shops count for one customer · 複数店舗の来店も一人の期間として数える · kept · channels
Rule: A5 · Never judge good customers by the number of orders alone · 売上件数だけで優良顧客を見ない · kept · best_not_contacted
Rule: A6 · Know whom one may tell that things go on again · 再開のアナウンスができる相手を把握する · kept · best_to_contact
Rule: A7 · Build from the back end: repeat before acquisition · バックエンドから構築する · kept · trial_conversion
Rule: A8 · One content for many media (cross media) · クロスメディア · rejected · not built
Rule: A9 · The real store first, the net beside it · リアルをメインにネットを合わせる · rejected · not built: channels count alike
Rule: A10 · People choose the medium · 人が媒体を選ぶ · kept · preferred_channel
Rule: A11 · All routes of sale together · すべての流通経路をひとつに見る · kept · channels
Rule: A12 · A channel is a property of an order, no customer base of its own · チャネルは顧客の器ではない · kept · channels
Rule: A13 · Fit what is shown to the person · AI画像なども使い、人に合わせる · kept · segment, next_action: keys for whoever sends; pictures are the sender's
Rule: A14 · CRM serves the relation, profit and satisfaction · CRMは関係・利益・満足度に貢献する · kept · tenure_days, net_spend, satisfaction
Rule: A15 · The product is bought again · 商品のリピート · kept · product_repeat
Rule: A16 · The shop is bought from again · 店舗のリピート · kept · repeat_rate
Rule: A17 · From new to best customer · 新規から優良へ育てる · kept · new_to_best_share
Rule: A18 · Customers do not leave · 既存顧客が離反しない · kept · lapsed_share
Rule: A19 · The evaluation exceeds the expectation · 事前期待を超える事後評価 · kept · satisfaction
Rule: A20 · Respond to what the customer does · 顧客の反応に反応する · kept · next_action
Rule: A21 · Take stock of the rules as times change · 時代の変化に合わせて棚卸しする · kept · `zaiseki metrics --rules`
Rule: A22 · Find what is missing, stage by stage · ステージごとの抜け・漏れを確かめる · kept · gap_source, gap_no_data, gap_no_target
Rule: A23 · A printed insert in the parcel · 紙の同梱物 · not yet · nothing is written to orders; segment and purchases of the customer tell which insert
Rule: A24 · A journey that does not end in nothing · 次の接点のない顧客を残さない · kept · no_next_touch
Rule: A25 · Do not suppose that everybody buys again · 買う前提で組まない · kept · annual_continuation, return_share
Rule: A26 · Do not live on advertising alone · 広告だけに頼らない · kept · new_by_source
Rule: A27 · Commit to numbers · 数値で確かめる · kept · target_difference
Rule: B1 · Tell target and prospect apart · ターゲットと見込み客を分ける · kept · funnel_stage
Rule: B2 · A message of its own for each · 個別のメッセージを送る · kept · next_action
Rule: B3 · A table for each kind of data · データの種類ごとに表を作る · kept · the store: records, orders, refunds, touches
Rule: B4 · From the shop down to one customer · 一人の顧客まで分解する · kept · `zaiseki why`
Rule: B5 · Mail order that looks at its numbers · より数字を見る通販 · kept · `zaiseki metrics --shop`
Rule: B6 · One to one · 一人一人に合った形 · kept · next_action
Rule: B7 · For a small company · 小さい会社のため · kept · one process on one machine
Rule: B8 · A funnel: attention, interest, desire, memory, action · 注目・興味・欲求・記憶・購買行動 · kept · funnel_stage
Rule: B9 · A share of the market by Koopman's levels · クープマンの法則 · kept · koopman_level
Rule: B10 · Less, as much, or more than expected · 不満・満足・感動の三つ · kept · satisfaction
Rule: B11 · Without delight there is no referral · 感動がなければ紹介は生まれない · kept · next_action
Rule: B12 · Soon after the delight · 感動が新しいうちに · kept · next_action
Rule: B13 · Telling somebody is the word of mouth · 誰かに伝える行動が口コミ · kept · referrals
Rule: B14 · Word of mouth is not repeat · 口コミとリピートは別の軸 · kept · referral_score
Rule: B15 · The K-factor puts it into a number · Kファクターで数値化する · kept · k_observed
Rule: B16 · Referral is a source of new customers · 紹介で新規を得る · kept · referral_share
Rule: B17 · Satisfaction and later sales · 満足度とその後の売上 · kept · spend_after_evidence
Rule: B18 · What a person does by hand is counted too · おもてなしを記録して数える · kept · activities of people in `why`, last contact in best_not_contacted
Rule: B19 · Direct sales beside marketplaces · 直販とモールを分けて見る · kept · direct_share
"""
