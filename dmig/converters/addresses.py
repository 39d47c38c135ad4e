"""Addresses: house number and building name in one cell, and the eleven-digit legacy address code."""

from __future__ import annotations

import polars as pl

from dmig.converters.check_digits import dantai_digit
from dmig.converters.contract import Converter, Output, Request
from dmig.converters.outcome import BLANKS, TEXT, Scope

_NUMBER = "(?:[0-9]+|[０-９]+|[〇一二三四五六七八九十百千]+)"
_JOINT = "(?:丁目|地割|番地の|番の|番地|番|の|ノ|之|[‐‑‒–—―−－ー-])"
_HEAD = "(?:第|[甲乙丙丁戊己庚辛壬癸イロハニホヘト])?"
_TAIL = "(?:番地[甲乙丙丁]?|番|号)?"

#: A house number written out or with hyphens: 12番地3, １番２号, 三番地, 1-2-3, 甲12番地, 第4地割5番地; or 無番地.
HOUSE_NUMBER = f"^(?:{_HEAD}{_NUMBER}(?:{_JOINT}{_HEAD}{_NUMBER})*{_TAIL}|無番地|番外地)$"


def build_banchi_katagaki(request: Request) -> Output:
    """番地 and 方書 of one cell, cut at the first run of spaces; 方書 is null where the cell holds a 番地 only.

    Nothing is guessed: the piece before the spaces must as a whole have the form of a house number. Fault: it has
    not (`1-2コーポ山田101` without a space, a name first).
    """
    cut = TEXT.str.strip_chars(BLANKS).str.extract_groups("(?s)^([^ \u3000]+)(?:[ \u3000]+(.+))?$")
    banchi, katagaki = pl.field("cut").struct.field("1"), pl.field("cut").struct.field("2")
    scope = Scope(text=request.sources[0]).then(cut=cut).then(banchi=banchi, katagaki=katagaki)
    house = pl.field("banchi").str.contains(HOUSE_NUMBER).fill_null(False)
    return scope.outcome({"banchi": pl.field("banchi"), "katagaki": pl.field("katagaki")}, ~house)


def build_address_code(request: Request) -> Output:
    """県2 市3 大字3 小字3 of an eleven-digit address code, and the six-digit 市区町村コード with its check digit.

    Fault: not eleven digits, or a prefecture outside 01 to 47.
    """
    city = TEXT.str.slice(0, 5)
    return Scope(text=request.sources[0]).outcome(
        {
            "ken": TEXT.str.slice(0, 2),
            "shi": TEXT.str.slice(2, 3),
            "oaza": TEXT.str.slice(5, 3),
            "koaza": TEXT.str.slice(8, 3),
            "shikuchoson6": pl.concat_str([city, dantai_digit(city).cast(pl.String)]),
        },
        ~TEXT.str.contains("^(?:0[1-9]|[1-3][0-9]|4[0-7])[0-9]{9}$"),
    )


def build_address_code_join(request: Request) -> Output:
    """The eleven-digit address code from the parts of `address_code`; the computed 市区町村コード adds nothing."""
    return Scope(text=pl.concat_str(request.sources[:4])).single(TEXT)


CONVERTERS = (
    Converter(
        name="banchi_katagaki",
        build=build_banchi_katagaki,
        parts=("banchi", "katagaki"),
        carries=("banchi", "katagaki"),
        fault_code="CNV007",
        basis="共通機能標準仕様書 別紙 項目 03100019, 03100020",
    ),
    Converter(
        name="address_code",
        build=build_address_code,
        parts=("ken", "shi", "oaza", "koaza", "shikuchoson6"),
        fault_code="CNV008",
        lossless=True,
        inverse="address_code_join",
        basis="住民記録システム標準仕様書 1.0 住所コード; 地方公共団体コード 検査数字",
    ),
    Converter(
        name="address_code_join",
        build=build_address_code_join,
        sources=(4, 5),
        optional=(4,),
        basis="inverse of `address_code`",
    ),
)
