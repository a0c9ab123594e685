"""Variant kanji of names: forms of one character that registries keep apart and people type as they can.

Only true variants stand together, old and new shapes of one character (髙 and 高, 﨑 and 崎, 澤 and 沢).
Characters that merely sound or look alike are different names: 斎 and 斉, 坂 and 阪, 園 and 薗. The form
written first stands for all of its group; it is used for comparing only, never shown.
"""

from __future__ import annotations

_GROUPS = """
高髙 崎﨑嵜 斎齋 斉齊 辺邊邉 浜濱濵 沢澤 広廣 国國 島嶋嶌 桜櫻 滝瀧 竜龍 恵惠 真眞 桧檜 栄榮 富冨 吉𠮷
柳栁桺 徳德 橋槗 曽曾 渕淵渊 桑桒 船舩 館舘 峰峯 岳嶽 巌巖 亀龜 鉄鐵 関關 円圓 寿壽 実實 宝寶 将將 静靜
彦彥 弥彌 応應 戸戶 昼晝 暁曉 条條 来來 楽樂 槙槇 横橫 清淸 渋澁 済濟 温溫 瀬瀨 為爲 発發 県縣 禅禪 称稱
稲稻 穂穗 粛肅 絵繪 継繼 総總 緑綠 縁緣 聡聰 与與 荘莊 万萬 蔵藏 薫薰 薮藪 蛍螢 豊豐 郎郞 郷鄕鄉 釈釋 録錄
鎮鎭 霊靈 頼賴 顕顯 鴎鷗 鶏鷄 麦麥 黒黑 黄黃 点點 乗乘 亜亞 仏佛 伝傳 児兒 両兩 会會 体體 勲勳勛 区區 医醫
巻卷 単單 厳嚴 参參 双雙 収收 号號 呉吳 喜㐂 囲圍 図圖 尭堯 塩鹽 増增 声聲 壱壹 奥奧 奨獎 姫姬 嬢孃 学學
寛寬 対對 専專 尽盡 巣巢 帯帶 帰歸 当當 従從 恒恆 悦悅 慎愼 懐懷 拝拜 挙擧 揺搖 数數 旧舊 昂昻 晋晉 暦曆
桝枡 柏栢 栃杤 様樣 権權 歓歡 歩步 毎每 気氣 沖冲 浄淨 浅淺 涼凉 渓溪 湾灣 灯燈 熙煕凞 独獨 献獻 瑶瑤 礼禮
祢禰 祷禱 禄祿 穣穰 窓窗 糸絲 経經 縄繩 舗舖 艶艷 芦蘆 芸藝 虎乕 虫蟲 衛衞 裏裡 覚覺 観觀 証證 読讀 誉譽
譲讓 賛贊 転轉 辞辭 遥遙 銭錢 隣鄰 頴穎 野埜 冴冱 凛凜 剣劍劒 卯夘 哲喆 昇曻 松枩 櫟檪 涛濤 爾尓 皐皋 砺礪
纏纒 菟莵 蛎蠣 詠咏 間閒 鶴靏靎靍 駆驅駈 鯵鰺 鴬鶯 麹麴 蓑簑 秋穐 効效 団團 満滿 潜潛 焼燒 犠犧 状狀 猟獵
画畫 畳疊 痴癡 砕碎 稚穉 竃竈 糧粮 続續 翻飜 聴聽 粋粹 臓臟 薬藥 装裝 訳譯 謡謠 豚豘 践踐 軽輕 遅遲 醸釀
鋳鑄 錬鍊 鑑鑒 随隨 険險 雑雜 顔顏 駅驛 騒騷 験驗 髄髓 鉱鑛
"""

VARIANTS = str.maketrans({other: group[0] for group in _GROUPS.split() for other in group[1:]})
"""For `str.translate`: every variant becomes the form that stands for its group."""
