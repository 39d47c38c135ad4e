"""続柄 as text to the standard's four codes and its wording."""

from __future__ import annotations

import polars as pl

from dmig.converters.contract import Converter, Output, Request
from dmig.converters.outcome import BLANKS, TEXT, Scope

#: The most levels that the standard chains; five and more are 縁故者, which staff decide.
MAX_LEVELS = 4

#: The standard's words and their codes. 縁故者 has no confirmed code: it needs a row in the table.
STANDARD_WORDS = {
    "世帯主": "02",
    "夫": "11",
    "妻": "12",
    "夫（未届）": "13",
    "妻（未届）": "14",
    "子": "20",
    "父": "51",
    "母": "52",
    "兄": "71",
    "弟": "74",
    "姉": "81",
    "妹": "84",
    "同居人": "99",
}

#: Two control characters that no 続柄 holds: one before each code, one after each word.
_CODE, _END = "\x01", "\x02"
_WORD = f"(?:{_CODE}[^{_CODE}{_END}]+)+{_END}"


def _words(request: Request) -> dict[str, tuple[str, ...]]:
    """Each known word and its codes; decided rows of the table win over the standard's words."""
    decided: dict[str, tuple[str, ...]] = {}
    for row in request.table.rows if request.table else ():
        codes = tuple(code for code in row.standard if code)
        if row.state == "agreed" and row.legacy and row.legacy[0] and codes:
            decided.setdefault(row.legacy[0], codes)
    known = {word: (code,) for word, code in STANDARD_WORDS.items()} | decided
    for word in list(known):
        known.setdefault(word.translate({0xFF08: "(", 0xFF09: ")"}), known[word])
    # At one place of the text the longest word wins: 夫（未届） before 夫, 子の子 before 子.
    return dict(sorted(known.items(), key=lambda entry: (-len(entry[0]), entry[0])))


def _wording(word: str, codes: tuple[str, ...]) -> str:
    """The standard's wording of the codes; the legacy word itself where a code has none."""
    names = {code: name for name, code in STANDARD_WORDS.items()}
    return "の".join(names[code] for code in codes) if all(code in names for code in codes) else word


def build_relation(request: Request) -> Output:
    """Codes 1 to 4 and the wording of a 続柄 whose words are joined by の.

    Words are those of the standard and the agreed rows of the code table (one legacy column, up to four standard
    codes: 孫 → 20, 20).
    Codes 2 to 4 are null where the chain is shorter. Fault: an unknown word, or more than four levels.
    """
    words = _words(request)
    marked = ["".join(_CODE + code for code in codes) + _END for codes in words.values()]
    worded = [_wording(word, codes) for word, codes in words.items()]
    coded, codes = pl.field("coded"), pl.field("codes")
    scope = (
        Scope(text=request.sources[0].str.strip_chars(BLANKS))
        .then(coded=TEXT.str.replace_many(list(words), marked, leftmost=True))
        .then(codes=coded.str.replace_all(f"{_END}の?", "").str.splitn(_CODE, MAX_LEVELS + 2))
    )
    chain = coded.str.contains(f"^{_WORD}(?:の{_WORD})*$") & ~TEXT.str.contains(f"[{_CODE}{_END}]")
    levels = coded.str.count_matches(_CODE, literal=True)
    # The text begins with the mark of the first code, so the piece before it is empty and codes count from 1.
    parts = {f"code{n}": codes.struct.field(f"field_{n}") for n in range(1, MAX_LEVELS + 1)}
    wording = TEXT.str.replace_many(list(words), worded, leftmost=True)
    return scope.outcome({**parts, "hyoki": wording}, ~(chain & (levels <= MAX_LEVELS)))


CONVERTERS = (
    Converter(
        name="relation",
        build=build_relation,
        parts=("code1", "code2", "code3", "code4", "hyoki"),
        fault_code="CNV009",
        needs_table=True,
        basis="住民記録システム標準仕様書 1.0 続柄; codes from a public source (not the official list)",
    ),
)
