"""The rules A14 to A27 of the merchant's school: repeat, satisfaction, gaps. `metrics.school` reads them.

Post: 西村公児, 「商品やサービスを継続的にリピートしてもらうには」
    · 西村公児「商品やサービスを継続的にリピートしてもらうには」

Rule: A14 · CRM serves the relation, profit and satisfaction · CRMは関係・利益・満足度に貢献する
Source: what CRM is for: profit, and customers who are satisfied
    · CRMは利益の創出や満足度の向上に貢献する、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: tenure_days, annual_continuation, net_spend, satisfaction
Kept by: relation, profit and satisfaction each have figures of their own, and no number sums them up
    · 関係、利益、満足度をそれぞれ別の数字で示し、一つの点数にはまとめません
Settings: purchases.count_unpaid, purchases.exclude.*, satisfaction.*

Rule: A15 · The product is bought again · 商品のリピート
Source: the title's question: how goods and services are bought again and again
    · 題名にある、商品やサービスを継続的にリピートしてもらうという問い
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: product_repeat
Kept by: the same product again within 90 and 365 days, apart from coming back to the shop
    · 同じ商品の90日以内・365日以内の再購入を、店舗のリピートとは別に示します
Settings: metrics.products

Rule: A16 · The shop is bought from again · 店舗のリピート
Source: beside the product, one's own shop is to be come back to
    · 商品とは別に、自社店舗を継続的にリピートしてもらう、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: repeat_rate, repeater_ratio
Kept by: the rate follows a cohort and the ratio a period; any product counts
    · リピート率は同じ時期の購入者を追い、リピーター率は期間を見ます。商品は問いません
Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, products.front_end

Rule: A17 · From new to best customer · 新規から優良へ育てる
Source: new customers are to be raised to best ones
    · 新規顧客から優良顧客へ育成する、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: new_to_best_share, new_to_best_days, raised_share, migration_share
Kept by: how many become best and how soon, who rises month by month, and who moved where
    · 優良になった割合と日数、月ごとの引上げ、区分間の移動を示します
Settings: segment.*

Rule: A18 · Customers do not leave · 既存顧客が離反しない
Source: customers one has are not to turn away
    · 既存顧客が離反しないように、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: lapses_on, lapsed_share, next_action
Kept by: the day of lapse stands on the record beforehand, and the suggestion changes 30 days before it
    · 離脱日をあらかじめレコードに書き込み、その30日前からおすすめ対応が変わります
Settings: segment.lapse_days

Rule: A19 · The evaluation exceeds the expectation · 事前期待を超える事後評価
Source: the base of everything is an evaluation afterwards above the expectation before
    · 全ての基本は事前期待を超える事後評価、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: satisfaction, satisfaction_share
Kept by: by what customers said or did, with its day and strength; silence is not satisfaction
    · お客さまの声や行動を根拠に、日付と確かさを添えて示します。声のない方は満足とみなしません
Settings: satisfaction.*, referral.rewarded

Rule: A20 · Respond to what the customer does · 顧客の反応に反応する
Source: one reacts to the reaction of the customers one has
    · 既存顧客の反応に反応する、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: next_action
Kept by: every run reads what has happened since, and writes what follows from it
    · 実行のたびに新しい出来事を読み取り、その結果を書き込みます
Settings: segment.*, satisfaction.*, funnel.*

Rule: A21 · Take stock of the rules as times change · 時代の変化に合わせて棚卸しする
Source: one takes stock of how far one has changed with the times, and checks it
    · 時代とともにどれだけ変わったかを棚卸しして検証する、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: none
Kept by: `zaiseki metrics --rules`: each rule with its source, since when, its verdict and its settings
    · `zaiseki metrics --rules` が、教えごとに出典、導入した版、判定、設定を示します
Settings: none

Rule: A22 · Find what is missing, stage by stage · ステージごとの抜け・漏れを確かめる
Source: measures and KPIs of each stage are checked for gaps; the six steps that are spoken of are not listed
    · ステージごとの施策とKPIの抜け・漏れを確かめる箇所。全体の6ステップは挙げられていません
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: gap_source, gap_no_data, gap_no_target
Kept by: sources, data and targets that are missing are listed; no stages are invented
    · 足りない情報源、データ、目標を一覧にします。段階は創作しません
Settings: targets

Rule: A23 · A printed insert in the parcel · 紙の同梱物
Source: printed inserts in the parcel are named among the means
    · 紙媒体の同梱物を手段の一つに挙げた箇所
Since: 0.2.0 (2026-11-22)
Verdict: not yet
Metrics: none
Kept by: nothing is written to orders; segment and purchases of the customer tell which insert
    · 注文には何も書き込みません。どの同梱物かは、お客さまの区分と購入回数で選べます
Settings: none

Rule: A24 · A journey that does not end in nothing · 次の接点のない顧客を残さない
Source: customer journeys are not thought through to their end
    · カスタマージャニーが完結されていない、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: no_next_touch
Kept by: the share of people for whom nothing comes next is told
    · 次の接点のない方の割合を示します
Settings: segment.*, satisfaction.*, funnel.*

Rule: A25 · Do not suppose that everybody buys again · 買う前提で組まない
Source: plans are made as if it were given that one's goods are bought
    · 自社の商品を買う事が前提で組まれている、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: annual_continuation, return_share, still_customer
Kept by: who never came back stays in every rate and curve, and the models let people leave for good
    · 戻らなかった方もすべての率と曲線の母数に残り、モデルは離れたままの方を前提に含みます
Settings: purchases.count_unpaid, purchases.exclude.*

Rule: A26 · Do not live on advertising alone · 広告だけに頼らない
Source: who lives on advertising alone gets nobody by natural search
    · 広告のみに依存し、自然検索からの流入がない、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: acquisition_source, new_by_source
Kept by: the shares of advertising, organic, referral and unknown among new customers
    · 新規顧客に占める広告、自然流入、紹介、不明の割合を示します
Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
Settings: purchases.count_unpaid, purchases.exclude.*

Rule: A27 · Commit to numbers · 数値で確かめる
Source: the value made together is made a science, with a commitment to numbers
    · 共創価値を科学的にし、数値にコミットする、という箇所
Since: 0.2.0 (2026-11-22)
Verdict: kept
Metrics: target_value, target_difference, target_met
Kept by: what is aimed at stands beside what is, every share beside its n, every fit beside its error
    · 目標と実績を並べ、割合には人数を、推定には誤差を添えます
Settings: targets
"""
