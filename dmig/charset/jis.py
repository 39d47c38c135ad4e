"""JIS X 0208 by row and cell, and what the edition of 1978 had in other shapes or not at all.

Source: JIS X 0208 as the standard library's EUC-JP knows it; the differences of JIS C 6226-1978 as that standard's later
editions list them: 22 pairs that changed places, four that moved to row 84, and shapes that were simplified.
"""

from __future__ import annotations

from functools import cache

from dmig.charset.tables import Codes

#: Level 1 and level 2 that changed places in 1983.
_SWAPPED = "鯵鰺鴬鶯蛎蠣撹攪竃竈潅灌諌諫頚頸砿礦蕊蘂靭靱賎賤壷壺砺礪梼檮涛濤迩邇蝿蠅桧檜侭儘薮藪篭籠"
#: Simplified in 1983, the older shape having a code point of its own now: as it is, as it was.
_SIMPLIFIED = (
    "唖啞嘘噓焔焰鴎鷗噛嚙侠俠躯軀繋繫鹸鹼麹麴屡屢繍繡蒋蔣醤醬蝉蟬掻搔痩瘦騨驒箪簞掴摑填塡顛顚祷禱涜瀆嚢囊剥剝溌潑醗醱頬頰"
    "麺麵莱萊蝋蠟攅攢尭堯槙槇遥遙瑶瑤"
)
#: Rows and cells that came after 1978.
_LATER_SYMBOLS = (*range(26, 34), *range(42, 49), *range(60, 75), *range(82, 90), 94)
_LATER_ROWS = (8, 84)


@cache
def jis83() -> Codes:
    """Codes of JIS X 0208 (2121-7E7E) with their characters."""
    found: Codes = {}
    for row in range(1, 95):
        for cell in range(1, 95):
            try:
                found[(row + 0x20) << 8 | (cell + 0x20)] = bytes((row + 0xA0, cell + 0xA0)).decode("euc_jp")
            except UnicodeDecodeError:
                continue
    return found


@cache
def jis78() -> Codes:
    """The same codes as the edition of 1978 has them, by shape."""
    was = {a: b for pairs in (_SWAPPED, _SIMPLIFIED) for a, b in zip(pairs[0::2], pairs[1::2], strict=True)}
    was |= {b: a for a, b in zip(_SWAPPED[0::2], _SWAPPED[1::2], strict=True)}
    return {code: was.get(text, text) for code, text in jis83().items() if not _is_later(code)}


def _is_later(code: int) -> bool:
    row, cell = (code >> 8) - 0x20, (code & 0xFF) - 0x20
    return row in _LATER_ROWS or (row == 2 and cell in _LATER_SYMBOLS)
