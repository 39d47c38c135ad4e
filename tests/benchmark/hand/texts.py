"""Texts of the old system to those of the standard; every function takes texts (none missing), gives texts and faults."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd
from hand.columns import Mask, Texts, as_texts

#: What a conversion gives: the texts (missing where bad), and which were bad.
Made = tuple[Texts, Mask]
Convert = Callable[[Texts], Made]

SPACES = " \u3000"
CONTROL = "[\x00-\x1f\x7f-\x9f]"
HALF_KANA = [chr(code) for code in range(0xFF61, 0xFFA0)]
FULL_KATAKANA = [chr(code) for code in range(0x30A1, 0x30FB)]
HALF_MARKS = {"\uff9e": "\u3099", "\uff9f": "\u309a"}
ALL_MARKS = HALF_MARKS | {"\u309b": "\u3099", "\u3099": "\u3099", "\u309c": "\u309a", "\u309a": "\u309a"}
READING = "^[ァ-ヺ・ーヽヾㇰ-ㇿＡ-Ｚａ-ｚ０-９\u3000]+$"

_FULL = {kana: unicodedata.normalize("NFKC", kana) for kana in HALF_KANA} | {"\uff9e": "\u309b", "\uff9f": "\u309c"}
#: Single characters; NFKC of whole texts would change compatibility kanji, so only this table is used.
WIDE = str.maketrans(_FULL | {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
WIDE_SPACED = WIDE | {0x20: 0x3000}


def _marked(bases: list[str], marks: dict[str, str]) -> dict[str, str]:
    joined = {
        base + mark: unicodedata.normalize("NFC", _FULL.get(base, base) + combining)
        for base in bases
        for mark, combining in marks.items()
    }
    return {pair: text for pair, text in joined.items() if len(text) == 1}


KANA_PAIRS = _marked(HALF_KANA, HALF_MARKS)
READING_PAIRS = _marked([*HALF_KANA, *FULL_KATAKANA], ALL_MARKS)


def _widened(texts: Texts, table: dict[int, object], pairs: dict[str, str]) -> Texts:
    """Pairs of a kana and its mark first, then single characters; Arrow has no translate."""
    marks = "[" + "".join({pair[1] for pair in pairs}) + "]"
    with_mark, pair = re.compile(marks).search, re.compile("|".join(map(re.escape, pairs)))
    return as_texts(
        [
            (pair.sub(lambda found: pairs[found[0]], text) if with_mark(text) else text).translate(table)
            for text in texts.to_numpy()
        ]
    )


def good(texts: Texts, rows: pd.Series | Mask) -> Made:
    """Texts where they are good; the others are bad."""
    held = np.asarray(rows, bool)
    return (texts if held.all() else texts.where(held)), ~held


def copy(texts: Texts) -> Made:
    """The text itself."""
    return texts, np.zeros(len(texts), bool)


def full_width(texts: Texts) -> Made:
    """Full width, character by character; no control characters."""
    return good(_widened(texts, WIDE_SPACED, KANA_PAIRS), ~texts.str.contains(CONTROL))


def full_width_lines(texts: Texts) -> Made:
    """Full width; line breaks stay, as LF."""
    lines = texts.str.replace("\r\n?", "\n", regex=True)
    wrong = lines.str.replace("\n", "", regex=False).str.contains(CONTROL)
    return good(_widened(lines, WIDE_SPACED, KANA_PAIRS), ~wrong)


def _spaced_once(texts: Texts) -> Texts:
    return texts.str.strip(SPACES).str.replace("[ \u3000]+", "\u3000", regex=True)


def full_name(texts: Texts) -> Made:
    """A name with one full-width space between parts; kanji stay as they are."""
    names = _widened(_spaced_once(texts), WIDE, KANA_PAIRS)
    return good(names, ~names.str.contains(CONTROL) & (names != ""))


def full_kana(texts: Texts) -> Made:
    """A reading in full-width katakana, one full-width space between parts."""
    readings = _widened(_spaced_once(texts), WIDE, READING_PAIRS)
    return good(readings, readings.str.contains(READING))


def name_part(place: int) -> Convert:
    """氏 (0) or 名 (1), cut at the first full-width space."""

    def cut(texts: Texts) -> Made:
        parts = [text.split("\u3000", 1) for text in texts.to_numpy()]
        whole = np.array([len(part) == 2 and part[0] != "" and part[1] != "" for part in parts], bool)
        return as_texts([part[place] if ok else None for part, ok in zip(parts, whole, strict=True)]), ~whole

    return cut


_NUMBER = "(?:[0-9]+|[０-９]+|[〇一二三四五六七八九十百千]+)"
_JOINT = "(?:丁目|地割|番地の|番の|番地|番|の|ノ|之|[‐‑‒–—―−－ー-])"
_HEAD = "(?:第|[甲乙丙丁戊己庚辛壬癸イロハニホヘト])?"
_HOUSE = f"(?:{_HEAD}{_NUMBER}(?:{_JOINT}{_HEAD}{_NUMBER})*(?:番地[甲乙丙丁]?|番|号)?|無番地|番外地)"
_ADDRESS = f"(?s)^(?P<banchi>{_HOUSE})(?:[ \u3000]+(?P<katagaki>.+))?$"


def banchi_part(part: str) -> Convert:
    """番地 or 方書 of one cell, cut at the first spaces; 番地 must have the form of one."""

    def cut(texts: Texts) -> Made:
        found = texts.str.extract(_ADDRESS)
        return found[part].astype("str"), found["banchi"].isna().to_numpy()

    return cut


def digits_only(texts: Texts) -> Made:
    """Half-width digits of a postal code; only separators are dropped."""
    half = as_texts([text.translate(_HALF_DIGITS) for text in texts.to_numpy()])
    digits = half.str.replace("[ \u3000().,/~〒（）．，・‐‑‒–—―−－ー\uff70-]", "", regex=True)
    return good(digits, digits.str.contains("^[0-9]+$"))


_HALF_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


def pad_left(width: int) -> Convert:
    """Filled up with zeros on the left."""
    return lambda texts: good(texts.str.zfill(width), texts.str.len() <= width)


def piece(start: int, stop: int) -> Convert:
    """Characters of a code."""
    return lambda texts: good(texts.str.slice(start, stop), texts.str.len() >= stop)


def coded(table: dict[str, str | None]) -> Convert:
    """A code by its table; a code that no agreed row holds is bad."""
    return lambda texts: (texts.map(table).astype("str"), ~texts.isin(list(table)).to_numpy())


def check_digit(kind: str) -> Callable[[Texts], Mask]:
    """Whether 個人番号, 住民票コード or 団体コード have their form and check digit."""
    length = {"kojin": 12, "juminhyo": 11, "dantai": 6}[kind]

    def judge(texts: Texts) -> Mask:
        form = texts.str.contains(f"^[0-9]{{{length}}}$").to_numpy(bool)
        number = pd.to_numeric(texts.where(form, "0")).to_numpy(np.int64)
        places = np.arange(length - 1)
        total = sum(number // 10 ** int(n + 1) % 10 * int(2 + n % 6) for n in places) % 11
        digit = (11 - total) % 10 if kind == "dantai" else np.where(total <= 1, 0, 11 - total)
        return form & (digit == number % 10)

    return judge


def kojin_bango(texts: Texts) -> Made:
    """個人番号 with the right check digit."""
    return good(texts, check_digit("kojin")(texts))


class Relations:
    """続柄 as text to codes 1 to 4 and the standard's wording."""

    def __init__(self, words: dict[str, list[str]], names: dict[str, str]) -> None:
        by_code = {code: name for name, code in names.items()}
        known = {name: [code] for name, code in names.items()} | words
        known |= {word.replace("（", "(").replace("）", ")"): codes for word, codes in known.items()}
        # At one place the longest word wins: 夫（未届） before 夫.
        self._word = re.compile("|".join(map(re.escape, sorted(known, key=lambda word: (-len(word), word)))))
        self._codes = known
        self._names = {
            word: "の".join(by_code[code] for code in codes) if all(code in by_code for code in codes) else word
            for word, codes in known.items()
        }

    def _cut(self, text: str) -> list[str] | None:
        found = list(self._word.finditer(text.strip(SPACES)))
        if not found or "の".join(match[0] for match in found) != text.strip(SPACES):
            return None
        codes = [code for match in found for code in self._codes[match[0]]]
        return codes if len(codes) <= 4 else None

    def code(self, place: int) -> Convert:
        """The code at a place from 1."""

        def convert(texts: Texts) -> Made:
            cuts = {text: self._cut(text) for text in texts.unique()}
            values = {text: cut[place - 1] if cut and len(cut) >= place else None for text, cut in cuts.items()}
            return texts.map(values).astype("str"), texts.isin([text for text in cuts if cuts[text] is None]).to_numpy()

        return convert

    def wording(self, texts: Texts) -> Made:
        """The wording."""
        cut = {text: self._cut(text) is not None for text in texts.unique()}
        values = {text: self._word.sub(lambda found: self._names[found[0]], text) for text in cut if cut[text]}
        return texts.map(values).astype("str"), ~texts.isin(list(values)).to_numpy()
