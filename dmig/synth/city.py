"""The invented city: fixed 町字, buildings and parts of names. The seed varies people and events, never these lists.

Why no record can be a real person's: the municipality code lies in prefecture 99, which does not exist, so no
宛名番号 or 世帯番号 here was ever given by an office; numbers are drawn from strips of equal width. Surnames and
given names are very common or invented parts, joined at random with random birthdays, events and house numbers, and
no 町字 of a real city stands beside them. A like-named person born on the same day may exist by chance (as for any
list of common names); nothing in a record would be about that person.
"""

from __future__ import annotations

from typing import NamedTuple

#: An invented 団体コード: prefecture 99 with a valid check digit (6d1+5d2+4d3+3d4+2d5, modulus 11).
MUNICIPALITY_CODE = "990019"
MUNICIPALITY = "見本県見本市（架空）"

PREFECTURE, CITY = "見本県", "見本市"
WARDS = ("東区", "西区", "南区")
TOWNS = ("青葉町一丁目", "青葉町二丁目", "若草町", "港町", "大字表野", "字十文字", "本町一丁目", "能見台")
#: Ward of each 町字; an address without 町字 (index NO_TOWN) has none.
WARD_OF_TOWN = (0, 0, 1, 1, 2, 2, 0, 1, -1)
NO_TOWN = len(TOWNS)
BUILDINGS = (
    "コーポ青葉",
    "メゾン若草",
    "ハイツみなと",
    "第二能見荘",
    "グランドール表野",
    "市営十文字住宅",
    "パークソーラー",
)


class Municipality(NamedTuple):
    """Another invented municipality of prefecture 99: code with check digit, 都道府県, 市区郡町村, 町字."""

    code: str
    prefecture: str
    name: str
    town: str


OTHERS = (
    Municipality("990027", "見本県", "隣見市", "大手町"),
    Municipality("990035", "見本県", "例示郡例示町", "字下川原"),
    Municipality("990043", "架空県", "架空市北区", "中央二丁目"),
    Municipality("990051", "架空県", "仮名市", "曽根"),
)


class Country(NamedTuple):
    """A country as code, name, and a street there; letters and digits in half width as immigration writes them."""

    code: str
    name: str
    street: str


COUNTRIES = (
    Country("840", "アメリカ合衆国", "12 Example Street Springfield"),
    Country("076", "ブラジル", "Rua Exemplo 34 Sao Paulo"),
    Country("704", "ベトナム", "56 Duong Vi Du Ha Noi"),
    Country("156", "中国", "78 Lizi Lu Shanghai"),
    Country("410", "韓国", "90 Yesi ro Seoul"),
    Country("608", "フィリピン", "21 Halimbawa St. Manila"),
)


class Word(NamedTuple):
    """A part of a name: as written, and its reading in full-width katakana."""

    written: str
    reading: str


def _words(text: str) -> tuple[Word, ...]:
    return tuple(Word(*pair.split(":")) for pair in text.split())


#: Among them letters of the NEC and IBM rows of CP932 (髙 﨑 彅 德 栁 濵 瀨 桒), and letters whose second byte is
#: 0x5C, the backslash (表 能 十 曽), which careless programs break.
SURNAMES = _words(
    "佐藤:サトウ 鈴木:スズキ 高橋:タカハシ 髙橋:タカハシ 田中:タナカ 伊藤:イトウ 渡辺:ワタナベ "
    "渡邊:ワタナベ 渡邉:ワタナベ 山本:ヤマモト 中村:ナカムラ 小林:コバヤシ 加藤:カトウ 吉田:ヨシダ "
    "山田:ヤマダ 佐々木:ササキ 山口:ヤマグチ 松本:マツモト 井上:イノウエ 木村:キムラ 林:ハヤシ "
    "斎藤:サイトウ 齋藤:サイトウ 齊藤:サイトウ 清水:シミズ 山崎:ヤマザキ 山﨑:ヤマザキ 森:モリ "
    "池田:イケダ 橋本:ハシモト 阿部:アベ 石川:イシカワ 山下:ヤマシタ 中島:ナカジマ 石井:イシイ "
    "小川:オガワ 前田:マエダ 岡田:オカダ 長谷川:ハセガワ 藤田:フジタ 後藤:ゴトウ 近藤:コンドウ "
    "村上:ムラカミ 遠藤:エンドウ 青木:アオキ 坂本:サカモト 福田:フクダ 太田:オオタ 西村:ニシムラ "
    "藤井:フジイ 金子:カネコ 岡本:オカモト 藤原:フジワラ 三浦:ミウラ 中野:ナカノ 原田:ハラダ "
    "松田:マツダ 竹内:タケウチ 小野:オノ 田村:タムラ 草彅:クサナギ 德永:トクナガ 神﨑:カンザキ "
    "栁田:ヤナギダ 濵田:ハマダ 濱田:ハマダ 瀨川:セガワ 桒原:クワバラ 表:オモテ 能登:ノト "
    "五十嵐:イガラシ 曽我:ソガ 十文字:ジュウモンジ 別府:ベップ 服部:ハットリ 南風野:ハエノ "
    "雪乃原:ユキノハラ 星ヶ丘:ホシガオカ"
)
MALE_NAMES = _words(
    "太郎:タロウ 一郎:イチロウ 次郎:ジロウ 三郎:サブロウ 健:ケン 健一:ケンイチ 誠:マコト 博:ヒロシ "
    "進:ススム 隆:タカシ 茂:シゲル 勝:マサル 実:ミノル 清:キヨシ 正:タダシ 稔:ミノル 翔:ショウ "
    "翔太:ショウタ 大輔:ダイスケ 健太:ケンタ 直樹:ナオキ 拓也:タクヤ 亮:リョウ 蓮:レン 陽翔:ハルト "
    "湊:ミナト 樹:イツキ 悠真:ユウマ 大和:ヤマト 蒼:アオイ 譲二:ジョージ 琢磨:タクマ 甚平:ジンペイ "
    "伝八:デンパチ 文吾:ブンゴ 準:ジュン 京太:キョウタ 昴:スバル 晴:ハル 新:アラタ"
)
FEMALE_NAMES = _words(
    "花子:ハナコ 和子:カズコ 幸子:サチコ 節子:セツコ 洋子:ヨウコ 恵子:ケイコ 京子:キョウコ "
    "久美子:クミコ 由美:ユミ 陽子:ヨウコ 明美:アケミ 美穂:ミホ 愛:アイ 舞:マイ 彩:アヤ 美咲:ミサキ "
    "葵:アオイ 陽菜:ヒナ 結衣:ユイ 凜:リン 結菜:ユイナ 莉子:リコ さくら:サクラ ひまり:ヒマリ "
    "リーナ:リーナ エヴァ:エヴァ マリー:マリー 麗奈:レーナ 純:ジュン 千鶴:チヅル 静:シズカ 文:フミ "
    "妙:タエ 乃々花:ノノカ 弥生:ヤヨイ 閒子:マコ 百合:ユリ 杏:アンズ 椿:ツバキ 梓:アズサ"
)


class Glyph(NamedTuple):
    """A surname with a private-use letter: as the old system holds it, as decided, its reading, and if still open.

    The letters are those of the site's decisions: U+E000 to E007 are decided, the others wait and are written as a
    substitute, U+E010 is in no list.
    """

    held: str
    decided: str
    reading: str
    open: bool


GLYPH_SURNAMES = (
    Glyph("\ue000田", "𠮷田", "ヨシダ", False),
    Glyph("\ue001城", "葛\U000e0100城", "カツラギ", False),
    Glyph("\ue008田", "〓田", "アキタ", True),
    Glyph("\ue002橋", "髙橋", "タカハシ", False),
    Glyph("\ue00c藤", "斉藤", "サイトウ", True),
    Glyph("\ue003本", "辻\U000e0100本", "ツジモト", False),
    Glyph("山\ue004", "山﨑", "ヤマザキ", False),
    Glyph("\ue005園", "祇\U000e0100園", "ギオン", False),
    Glyph("\ue006本", "𣘺本", "ハシモト", False),
    Glyph("渡\ue007", "渡邉\U000e0100", "ワタナベ", False),
    Glyph("\ue009川", "〓川", "イガワ", True),
    Glyph("渡\ue00d", "渡辺", "ワタナベ", True),
    Glyph("\ue00e田", "高田", "タカダ", True),
    Glyph("岩\ue00f", "岩崎", "イワサキ", True),
    Glyph("\ue010沢", "〓沢", "ミサワ", True),
)
#: `surname` of persons is an index into SURNAMES, then GLYPH_SURNAMES.
SURNAME_COUNT = len(SURNAMES) + len(GLYPH_SURNAMES)
OPEN_SURNAMES = tuple(len(SURNAMES) + n for n, glyph in enumerate(GLYPH_SURNAMES) if glyph.open)


class ForeignWord(NamedTuple):
    """A part of a foreign name: in letters, in kanji (empty: none), and its reading."""

    letters: str
    kanji: str
    reading: str


def _foreign(text: str) -> tuple[ForeignWord, ...]:
    return tuple(ForeignWord(*word.split(":")) for word in text.split())


#: Those with kanji come first.
FOREIGN_SURNAMES = _foreign(
    "LI:李:リ WANG:王:ワン CHEN:陳:チン KIM:金:キム PARK:朴:パク NGUYEN::グエン TRAN::チャン SANTOS::サントス "
    "SILVA::シルバ SMITH::スミス GURUNG::グルン"
)
FOREIGN_GIVEN = _foreign(
    "WEI:偉:ウェイ MING:明:ミン XIUYING:秀英:シュウエイ MINSU:民秀:ミンス ANH::アン LAN::ラン MARIA::マリア "
    "JOAO::ジョアン ANNA::アンナ DAVID::デイビッド SITA::シタ"
)
WITH_KANJI, GIVEN_WITH_KANJI = 5, 4
GIVEN_NAMES = MALE_NAMES + FEMALE_NAMES
FIRST_FEMALE_NAME = len(MALE_NAMES)
