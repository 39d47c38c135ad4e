"""Cells of one item over many records, decoded at once: numbers by their kernels, texts by the charset."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from dmig.charset.decoding import decode_double, decode_text
from dmig.charset.fast import decode_fast
from dmig.charset.nouns import Charset, TextFault, TextFinding, Trim
from dmig.cobol.numbers.binary import decode_binary, decode_float
from dmig.cobol.numbers.contract import NumberFault, Numbers
from dmig.cobol.numbers.packed import PackedSign, decode_packed
from dmig.cobol.numbers.rendering import to_arrow, to_text
from dmig.cobol.numbers.zoned import EBCDIC, ZonedFamily, decode_zoned
from dmig.cobol.shape import HostItem, HostKind
from dmig.sources.host.rows import Bytes

Faults = npt.NDArray[np.uint8]


class CellFault(IntEnum):
    """Why a cell could not be decoded, and, from UNCLOSED on, what is odd about one that could."""

    NONE = 0
    BAD_DIGIT = 1
    BAD_SIGN = 2
    TOO_LARGE = 3
    NOT_FINITE = 4
    UNMAPPED = 5
    HALF_CODE = 6
    UNCLOSED = 7
    STRAY_SHIFT = 8


_OF_NUMBERS = np.zeros(len(NumberFault), np.uint8)
for _fault, _own in (
    (NumberFault.BAD_DIGIT, CellFault.BAD_DIGIT),
    (NumberFault.BAD_SIGN, CellFault.BAD_SIGN),
    (NumberFault.TOO_LARGE, CellFault.TOO_LARGE),
    (NumberFault.NOT_FINITE, CellFault.NOT_FINITE),
):
    _OF_NUMBERS[_fault] = _own


_OF_TEXTS = np.zeros(len(TextFault), np.uint8)
_OF_TEXTS[TextFault.UNMAPPED], _OF_TEXTS[TextFault.HALF_CODE] = CellFault.UNMAPPED, CellFault.HALF_CODE
_ODD_TEXTS = np.zeros(len(TextFinding), np.uint8)
_ODD_TEXTS[TextFinding.UNCLOSED], _ODD_TEXTS[TextFinding.STRAY_SHIFT] = CellFault.UNCLOSED, CellFault.STRAY_SHIFT


@dataclass(frozen=True, slots=True)
class HostForms:
    """How values are stored on the host, apart from the layout.

    `hexadecimal`: floating numbers of IBM hosts. `unset_is_null`: numbers that are all blanks, low- or high-values were
    never filled in; otherwise they are faults. `fast`: texts by the compiled loop of the extra `fast`.
    """

    charset: Charset
    zoned: ZonedFamily = EBCDIC
    packed_sign: PackedSign = PackedSign.LENIENT
    strict_zones: bool = False
    big_endian: bool = True
    native_big_endian: bool = True
    hexadecimal: bool = True
    unset_is_null: bool = True
    trim: Trim = Trim.RIGHT
    fast: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One item of n records. Exactly one of `texts`, `numbers` and `floats` is there.

    `faults` (n): `CellFault` of cells that have no value; `findings` (n): of those that have one.
    """

    item: HostItem
    faults: Faults
    findings: Faults
    texts: pa.Array | None = None
    numbers: Numbers | None = None
    floats: npt.NDArray[np.float64] | None = None
    missing: npt.NDArray[np.bool_] | None = None

    def to_arrow(self) -> pa.Array:
        """Typed: text, int64, decimal128 or double; null where there is no value."""
        if self.numbers is not None:
            return to_arrow(self.numbers, self.item.digits, self.item.scale)
        if self.floats is not None:
            return pa.array(self.floats, mask=self._no_value())
        return self.texts

    def to_text(self) -> pl.Series:
        """Text with every stored digit; null where there is no value."""
        if self.numbers is not None:
            return to_text(self.numbers, self.item.digits, self.item.scale)
        if self.floats is not None:
            return pl.Series(pa.array(self.floats, mask=self._no_value())).cast(pl.String)
        return pl.Series(self.texts)

    def _no_value(self) -> npt.NDArray[np.bool_]:
        none: npt.NDArray[np.bool_] = self.faults != 0
        return none if self.missing is None else none | self.missing


def decode(item: HostItem, cells: Bytes, forms: HostForms) -> Column:
    """One item's cells (n, bytes)."""
    if item.kind in (HostKind.TEXT, HostKind.DOUBLE):
        return _texts(item, cells, forms)
    nothing = np.zeros(len(cells), np.uint8)
    if item.kind is HostKind.FLOAT:
        big = forms.hexadecimal or forms.native_big_endian
        floats, faults = decode_float(cells, hexadecimal=forms.hexadecimal, big_endian=big)
        return Column(item, _OF_NUMBERS[faults], nothing, floats=floats)
    numbers = _numbers(item, cells, forms)
    faults = _OF_NUMBERS[numbers.faults]
    if not forms.unset_is_null:
        faults[(numbers.faults != 0) & (faults == 0)] = CellFault.BAD_DIGIT
    return Column(item, faults, nothing, numbers=numbers)


def _texts(item: HostItem, cells: Bytes, forms: HostForms) -> Column:
    # A host without double-byte codes may still be described with PIC N; then every byte is a character of its own.
    double = item.kind is HostKind.DOUBLE and forms.charset.double is not None
    if forms.fast:
        texts, faults, findings = decode_fast(forms.charset, cells, forms.trim, double=double)
    else:
        texts, faults, findings = (decode_double if double else decode_text)(forms.charset, cells, forms.trim)
    return Column(item, _OF_TEXTS[faults], _ODD_TEXTS[findings], texts=texts)


def _numbers(item: HostItem, cells: Bytes, forms: HostForms) -> Numbers:
    if item.kind is HostKind.PACKED:
        sign = forms.packed_sign if item.has_sign_half else PackedSign.NONE
        return decode_packed(cells, item.digits, signed=item.signed, sign=sign, blank=forms.zoned.blank)
    if item.kind is HostKind.ZONED:
        return decode_zoned(cells, item.digits, item.sign, forms.zoned, strict=forms.strict_zones)
    big = forms.native_big_endian if item.native_order else forms.big_endian
    return decode_binary(cells, item.digits, signed=item.signed, big_endian=big, truncated=item.truncated)
