"""Invented people: names, addresses and numbers that belong to nobody, Japanese and other."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

JAPANESE_FAMILY = (
    "佐藤:サトウ:sato 鈴木:スズキ:suzuki 高橋:タカハシ:takahashi 田中:タナカ:tanaka 伊藤:イトウ:ito "
    "渡邊:ワタナベ:watanabe 山本:ヤマモト:yamamoto 中村:ナカムラ:nakamura 小林:コバヤシ:kobayashi "
    "加藤:カトウ:kato 吉田:ヨシダ:yoshida 山田:ヤマダ:yamada 佐々木:ササキ:sasaki 山口:ヤマグチ:yamaguchi "
    "松本:マツモト:matsumoto 井上:イノウエ:inoue 木村:キムラ:kimura 林:ハヤシ:hayashi 斎藤:サイトウ:saito "
    "清水:シミズ:shimizu 髙田:タカダ:takada 山﨑:ヤマザキ:yamazaki 森:モリ:mori 池田:イケダ:ikeda "
    "橋本:ハシモト:hashimoto 阿部:アベ:abe 石川:イシカワ:ishikawa 小川:オガワ:ogawa 前田:マエダ:maeda "
    "岡田:オカダ:okada 長谷川:ハセガワ:hasegawa 藤田:フジタ:fujita 近藤:コンドウ:kondo 坂本:サカモト:sakamoto"
)
JAPANESE_GIVEN = (
    "花子:ハナコ:hanako 太郎:タロウ:taro 陽子:ヨウコ:yoko 健一:ケンイチ:kenichi 美咲:ミサキ:misaki "
    "大輔:ダイスケ:daisuke 由美:ユミ:yumi 翔太:ショウタ:shota 直美:ナオミ:naomi 拓也:タクヤ:takuya "
    "さくら:サクラ:sakura 修:オサム:osamu 恵子:ケイコ:keiko 誠:マコト:makoto 智子:トモコ:tomoko "
    "隆:タカシ:takashi 久美子:クミコ:kumiko 和也:カズヤ:kazuya 真由美:マユミ:mayumi 学:マナブ:manabu "
    "明美:アケミ:akemi 亮:リョウ:ryo 典子:ノリコ:noriko 進:ススム:susumu あゆみ:アユミ:ayumi "
    "剛:ツヨシ:tsuyoshi 翼:ツバサ:tsubasa"
)
OTHER_FAMILY = (
    "Smith:smith Johnson:johnson García:garcia Müller:mueller O'Neill:oneill Nguyễn:nguyen Dubois:dubois "
    "Kowalski:kowalski Rossi:rossi Brown:brown Williams:williams Jones:jones Miller:miller Davis:davis "
    "Martínez:martinez Anderson:anderson Taylor:taylor Silva:silva Jensen:jensen Novák:novak Lee:lee Kim:kim "
    "Singh:singh Haddad:haddad Fischer:fischer Van-Dijk:vandijk Svensson:svensson Costa:costa Okafor:okafor "
    "Murphy:murphy Walker:walker Clark:clark"
)
OTHER_GIVEN = (
    "James:james Mary:mary Robert:robert Linda:linda José:jose Zoë:zoe Chloé:chloe Jürgen:juergen Anna:anna "
    "Peter:peter Susan:susan David:david Karen:karen Carlos:carlos Ingrid:ingrid Paul:paul Amara:amara "
    "Daniel:daniel Ruth:ruth Kevin:kevin Laura:laura Brian:brian Nadia:nadia George:george Helen:helen "
    "Steven:steven Carol:carol Marek:marek Sofia:sofia Thomas:thomas"
)
DOMAINS = ("example.com", "example.org", "example.net")
JAPANESE_DOMAINS = ("example.jp", "example.co.jp", "example.com")
"""Reserved for examples by RFC 2606 and by the registry of .jp: no mail can reach anybody."""
AREA_CODES = (
    "201 202 206 212 213 214 215 216 303 305 310 312 313 314 404 408 410 412 415 504 503 508 512 602 612 "
    "614 615 617 619 702 703 704 713 716 718 801 802 804 805 808 810 813 816 817 818 901 904 907 914 916"
)
FICTIONAL_PER_AREA = 100
"""In each area code of North America 555-0100 to 555-0199 are kept for fiction."""


@dataclass(frozen=True)
class Person:
    """One invented person; `email` is unique per number, `phone` is E.164 and unique, or empty."""

    first_name: str
    last_name: str
    latin: str
    locale: str
    email: str
    phone: str

    @property
    def is_japanese(self) -> bool:
        """Whether the family name stands first and the telephone is in Japan."""
        return self.locale == "ja"


def _table(text: str) -> list[tuple[str, ...]]:
    return [tuple(entry.split(":")) for entry in text.split()]


_AREA_CODES = [area for (area,) in _table(AREA_CODES)]
_JAPANESE = _table(JAPANESE_FAMILY), _table(JAPANESE_GIVEN)
_OTHER = _table(OTHER_FAMILY), _table(OTHER_GIVEN)


T = TypeVar("T")


def choose(rng: random.Random, options: Sequence[T]) -> T:
    """Choose one; of all methods only `random()` gives the same numbers in every version of Python."""
    return options[int(rng.random() * len(options))]


def pick(rng: random.Random, weighted: Sequence[tuple[T, float]]) -> T:
    """Choose one by its share; what is missing to 1 goes to the first."""
    at = rng.random()
    for option, share in weighted:
        at -= share
        if at < 0:
            return option
    return weighted[0][0]


def invent_person(number: int, rng: random.Random, *, japanese: float = 0.4) -> Person:
    """Invent the person with this number; `japanese` is the share of people in Japan."""
    if rng.random() < japanese:
        return _japanese(number, rng)
    family, given = choose(rng, _OTHER[0]), choose(rng, _OTHER[1])
    area, line = divmod(number, FICTIONAL_PER_AREA)
    phone = f"+1{_AREA_CODES[area]}55501{line:02d}" if area < len(_AREA_CODES) else ""
    return Person(
        first_name=given[0],
        last_name=family[0],
        latin=given[1],
        locale="es" if rng.random() < 0.1 else "en",
        email=f"{given[1]}.{family[1]}.{number:05d}@{choose(rng, DOMAINS)}",
        phone=phone,
    )


def _japanese(number: int, rng: random.Random) -> Person:
    family, given = choose(rng, _JAPANESE[0]), choose(rng, _JAPANESE[1])
    script = 1 if rng.random() < 0.15 else 0
    return Person(
        first_name=given[script],
        last_name=family[script],
        latin=given[2],
        locale="ja",
        email=f"{family[2]}.{given[2]}.{number:05d}@{choose(rng, JAPANESE_DOMAINS)}",
        # 060 is kept for mobile telephones and was handed to nobody when this was written.
        phone=f"+8160{10_000_000 + number:08d}",
    )
