"""Names for invented households: how they are written in each script, and what else they are written like."""

from typing import NamedTuple


class Name(NamedTuple):
    """One Japanese family or given name: its common writing, rarer ones of the same, kana, Latin ones."""

    han: str
    rare: tuple[str, ...]
    kana: str
    latin: tuple[str, ...]


FAMILY_TEXT = """
佐藤 サトウ sato/satoh
鈴木 スズキ suzuki
高橋/髙橋 タカハシ takahashi
田中 タナカ tanaka
伊藤 イトウ ito/itoh/itou
渡辺/渡邊/渡邉 ワタナベ watanabe
山本 ヤマモト yamamoto
中村 ナカムラ nakamura
小林 コバヤシ kobayashi
加藤 カトウ kato/katoh
吉田/𠮷田 ヨシダ yoshida
山田 ヤマダ yamada
佐々木 ササキ sasaki
山口 ヤマグチ yamaguchi
松本 マツモト matsumoto
井上 イノウエ inoue
木村 キムラ kimura
林 ハヤシ hayashi
斎藤/齋藤 サイトウ saito/saitoh
斉藤/齊藤 サイトウ saito
清水 シミズ shimizu
山崎/山﨑 ヤマザキ yamazaki
森 モリ mori
池田 イケダ ikeda
橋本 ハシモト hashimoto
阿部 アベ abe
石川 イシカワ ishikawa
小川 オガワ ogawa
前田 マエダ maeda
岡田 オカダ okada
長谷川 ハセガワ hasegawa
藤田 フジタ fujita
近藤 コンドウ kondo/kondoh
坂本 サカモト sakamoto
浜田/濱田/濵田 ハマダ hamada
高田/髙田 タカダ takada
沢田/澤田 サワダ sawada
宮崎/宮﨑 ミヤザキ miyazaki
広瀬/廣瀬 ヒロセ hirose
桜井/櫻井 サクライ sakurai
黒沢/黒澤 クロサワ kurosawa
田辺/田邊/田邉 タナベ tanabe
国分/國分 コクブ kokubu
大野 オオノ ono/ohno
河野 コウノ kono/kohno
遠藤 エンドウ endo/endoh
青木 アオキ aoki
村上 ムラカミ murakami
太田 オオタ ota/ohta
三浦 ミウラ miura
原田 ハラダ harada
竹内 タケウチ takeuchi
中川 ナカガワ nakagawa
小野 オノ ono
山ノ内 ヤマノウチ yamanouchi
五十嵐 イガラシ igarashi
東 ヒガシ higashi
関/關 セキ seki
荒井 アライ arai
新井 アライ arai
"""
GIVEN_TEXT = """
花子 ハナコ hanako
太郎 タロウ taro/tarou
陽子 ヨウコ yoko/youko
健一 ケンイチ kenichi/ken'ichi
美咲 ミサキ misaki
大輔 ダイスケ daisuke
由美 ユミ yumi
裕美 ヒロミ hiromi
翔太 ショウタ shota/shouta
直美 ナオミ naomi
拓也 タクヤ takuya
さくら サクラ sakura
修 オサム osamu
恵子/惠子 ケイコ keiko
誠 マコト makoto
智子 トモコ tomoko
隆 タカシ takashi
久美子 クミコ kumiko
和也 カズヤ kazuya
真由美 マユミ mayumi
学/學 マナブ manabu
明美 アケミ akemi
亮 リョウ ryo/ryou
典子 ノリコ noriko
進 ススム susumu
あゆみ アユミ ayumi
剛 ツヨシ tsuyoshi
翼 ツバサ tsubasa
裕子 ユウコ yuko/yuuko
優子 ユウコ yuko/yuuko
浩 ヒロシ hiroshi
博 ヒロシ hiroshi
純 ジュン jun
潤 ジュン jun
香織 カオリ kaori
恵美/惠美 エミ emi
絵美 エミ emi
愛 アイ ai
蓮 レン ren
結衣 ユイ yui
陽菜 ヒナ hina
大翔 ヒロト hiroto
悠斗 ユウト yuto/yuuto
龍之介/竜之介 リュウノスケ ryunosuke/ryuunosuke
一郎 イチロウ ichiro/ichirou
幸子 サチコ sachiko
節子 セツコ setsuko
勝 マサル masaru
清 キヨシ kiyoshi
千尋 チヒロ chihiro
薫 カオル kaoru
みどり ミドリ midori
マリア マリア maria
栄治/榮治 エイジ eiji
京子 キョウコ kyoko/kyouko
慎一郎 シンイチロウ shinichiro/shin'ichiro
七海 ナナミ nanami
健太 ケンタ kenta
里奈 リナ rina
達也 タツヤ tatsuya
"""
OTHER_FAMILY_TEXT = """
Smith Johnson García Müller O'Neill Nguyễn Dubois Kowalski Rossi Brown Williams Jones Miller Davis
Martínez Anderson Taylor Silva Jensen Novák Lee Kim Singh Haddad Fischer Van-Dijk Svensson Costa Okafor
Murphy Walker Clark Schröder Weiß Lefèvre Gonçalves MacDonald Park Choi Wilson Evans Thomas Roberts
Wright Hughes Becker Hoffmann Laurent Moreau Bernard Øster Young
"""
OTHER_GIVEN_TEXT = """
James Mary Robert Linda José Zoë Chloé Jürgen Anna Peter Susan David Karen Carlos Ingrid Paul Amara
Daniel Ruth Kevin Laura Brian Nadia George Helen Steven Carol Marek Sofia Thomas Elizabeth William
Margaret Michael Katherine Alexander Christopher Patricia Søren François Anaïs Björn Emma Olivia Noah
Liam Grace Henry Min-jun Ji-woo Seo-yeon Camille Hugo Léa Felix Hannah
"""
NICKNAMES = {
    "Robert": "Bob",
    "Susan": "Sue",
    "David": "Dave",
    "Daniel": "Dan",
    "Steven": "Steve",
    "Thomas": "Tom",
    "Elizabeth": "Liz",
    "William": "Bill",
    "Margaret": "Maggie",
    "Michael": "Mike",
    "Katherine": "Kate",
    "Alexander": "Alex",
    "Christopher": "Chris",
    "Patricia": "Pat",
    "James": "Jim",
}
UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "Ø": "Oe", "Ö": "Oe", "Ü": "Ue"}
)
LOOKALIKES = {
    "美": "実",
    "子": "予",
    "太": "大",
    "健": "建",
    "裕": "祐",
    "浩": "浩司",
    "郎": "朗",
    "也": "哉",
}
"""What staff hear or read for what was meant."""
UNKNOWN = ("[not provided]", "不明", "未入力")
PLACEHOLDERS = (
    "noemail@example.com",
    "none@example.jp",
    "naiyo@example.jp",
    "dummy@example.jp",
    "shop-staff@example.jp",
)
"""Of these some stand on every list of placeholders and some on none."""
PLACEHOLDER_PHONES = ("000-0000-0000", "090-0000-0000", "03-0000-0000", "999")
DOMAINS = ("example.com", "example.org", "mail.example", "example.com")
JAPANESE_DOMAINS = ("example.jp", "keitai.example", "example.com", "mail.example")
"""Reserved for examples: no mail can reach anybody."""
RELAY_DOMAIN = "relay.example.com"


def _names(text: str) -> tuple[Name, ...]:
    rows = (line.split() for line in text.strip().splitlines())
    return tuple(
        Name(han.split("/")[0], tuple(han.split("/")[1:]), kana, tuple(latin.split("/")))
        for han, kana, latin in rows
    )


FAMILY = _names(FAMILY_TEXT)
GIVEN = _names(GIVEN_TEXT)
OTHER_FAMILY = tuple(OTHER_FAMILY_TEXT.split())
OTHER_GIVEN = tuple(OTHER_GIVEN_TEXT.split())
