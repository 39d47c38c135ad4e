"""Texts to the bytes of a host file: the inverse of reading one. What does not fit is a fault, never cut off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dmig.charset.encoding import encode_double, encode_text
from dmig.charset.nouns import Charset
from dmig.cobol.numbers.binary import encode_binary
from dmig.cobol.numbers.contract import LONG_LOW_DIGITS, MOST_DIGITS, NumberFault, Numbers
from dmig.cobol.numbers.packed import PackedSign, encode_packed
from dmig.cobol.numbers.zoned import ASCII, EBCDIC, encode_zoned
from dmig.cobol.shape import HostItem, HostKind
from dmig.model.host import RecordFormat, RecordRules

Bytes = npt.NDArray[np.uint8]
_FIGURE_ZERO, _WORD = 0xF0, 4


class DoesNotFit(ValueError):
    """A text that an item cannot hold: its name, and how many such texts there are."""

    def __init__(self, item: str, count: int) -> None:
        super().__init__(f"{item}: {count} texts do not fit")
        self.item, self.count = item, count


@dataclass(frozen=True, slots=True)
class HostWriter:
    """Writes records of one character set; its numbers are those of the host that uses it."""

    charset: Charset

    @property
    def is_ebcdic(self) -> bool:
        """Whether figures begin at F0."""
        single = self.charset.single
        return single is None or single.codes.get(_FIGURE_ZERO) == "0"

    def records(self, items: Iterable[HostItem], size_bytes: int, columns: Mapping[str, pl.Series]) -> Bytes:
        """Records (n, `size_bytes`) of texts by the path of their item; items without a column stay blank.

        A text is the one that reading gives: of a number all its digits. Null is a blank text, or a number that was never
        filled in. `DoesNotFit`.
        """
        height = max((len(column) for column in columns.values()), default=0)
        blank = self.charset.single.blank if self.charset.single is not None else 0
        found = np.full((height, size_bytes), blank, np.uint8)
        for item in items:
            if (texts := columns.get(item.name)) is not None:
                found[:, item.offset_bytes : item.offset_bytes + item.size_bytes] = self.cells(item, texts)
        return found

    def cells(self, item: HostItem, texts: pl.Series) -> Bytes:
        """Cells (n, bytes) of one item. `DoesNotFit`."""
        if item.kind is HostKind.FLOAT:
            raise ValueError(f"{item.name}: floating numbers are not written")
        if item.kind in (HostKind.TEXT, HostKind.DOUBLE):
            double = item.kind is HostKind.DOUBLE and self.charset.double is not None
            cells, faults = (encode_double if double else encode_text)(self.charset, texts, item.size_bytes)
            wrong = int((faults != 0).sum())
        else:
            numbers = _numbers(item, texts)
            cells, faults = self._numeric(item, numbers)
            wrong = int(((faults != 0) & (numbers.faults != NumberFault.LOW_VALUES)).sum())
        if wrong:
            raise DoesNotFit(item.name, wrong)
        return cells

    def _numeric(self, item: HostItem, numbers: Numbers) -> tuple[Bytes, Bytes]:
        if item.kind is HostKind.PACKED:
            sign = PackedSign.LENIENT if item.has_sign_half else PackedSign.NONE
            return encode_packed(numbers, item.digits, signed=item.signed, sign=sign)
        if item.kind is HostKind.ZONED:
            return encode_zoned(numbers, item.digits, item.sign, EBCDIC if self.is_ebcdic else ASCII)
        big = self.is_ebcdic or not item.native_order
        return encode_binary(
            numbers, item.digits, item.size_bytes, signed=item.signed, big_endian=big, truncated=item.truncated
        )


def _numbers(item: HostItem, texts: pl.Series) -> Numbers:
    """Unscaled integers; a text that is no number of the picture's digits and point is one too large."""
    scale = max(item.scale, 0)
    parts = texts.str.extract_groups(r"^(-?)([0-9]+)(?:[.]([0-9]+))?$")
    sign, whole, decimals = (parts.struct.field(str(n)).fill_null("") for n in (1, 2, 3))
    digits = (whole + decimals.str.pad_end(scale, "0")).str.strip_chars_start("0")
    zeros = "0" * max(-item.scale, 0)
    wrong = (whole == "") | (decimals.str.len_chars() > scale) | ~digits.str.ends_with(zeros)
    digits = digits.str.head(-len(zeros)) if zeros else digits
    wrong |= digits.str.len_chars() > max(item.digits, scale)
    digits = pl.select(pl.when(wrong).then(pl.lit("0")).otherwise(digits)).to_series()
    times = np.where((sign == "-").to_numpy(), -1, 1)
    faults = np.where(wrong.to_numpy(), NumberFault.TOO_LARGE, NumberFault.NONE).astype(np.uint8)
    faults[texts.is_null().to_numpy()] = NumberFault.LOW_VALUES
    if item.digits <= MOST_DIGITS:
        return Numbers(_integers(digits) * times, faults)
    long = digits.str.zfill(item.digits)
    high, low = long.str.head(-LONG_LOW_DIGITS), long.str.tail(LONG_LOW_DIGITS)
    return Numbers(_integers(low) * times, faults, _integers(high) * times)


def _integers(digits: pl.Series) -> npt.NDArray[np.int64]:
    return digits.str.zfill(1).cast(pl.Int64).to_numpy().astype(np.int64)


def framed(bodies: Iterable[bytes], rules: RecordRules, records_a_block: int = 100) -> bytes:
    """Records with the words, blocks or line ends of their format. ValueError for spanned records and lengths by an item."""
    found = list(bodies)
    if rules.format.is_fixed:
        return b"".join(found)
    if rules.format is RecordFormat.DELIMITED:
        return b"".join(body + rules.line_end for body in found)
    if rules.format not in (RecordFormat.VARIABLE, RecordFormat.VARIABLE_BLOCKED):
        raise ValueError(f"records of {rules.format.value} are not written")
    own = [_word(len(body), rules, itself=rules.includes_itself) + body for body in found]
    if rules.format is RecordFormat.VARIABLE:
        return b"".join(own)
    blocks = (b"".join(own[at : at + records_a_block]) for at in range(0, len(own), records_a_block))
    return b"".join(_word(len(block), rules, itself=rules.block_includes_itself) + block for block in blocks)


def _word(size: int, rules: RecordRules, *, itself: bool) -> bytes:
    """A descriptor word: two bytes of length, two of zeros."""
    half = (size + (_WORD if itself else 0)).to_bytes(2, "big")
    return half + b"\0\0" if rules.big_endian else half[::-1] + b"\0\0"
