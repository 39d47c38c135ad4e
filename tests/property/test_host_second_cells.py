"""Cells of host records read twice, by kernels and half byte by half byte: both say the same of every cell that is good."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmig.charset.catalogue import charset
from dmig.cobol.numbers.zoned import ZonedSign
from dmig.cobol.shape import HostItem, HostKind
from dmig.model.host import HostSystem
from dmig.sources.host.columns import decode
from dmig.sources.host.forms import declared_forms
from dmig.stages.reconcile.host_cells import BAD, CellReader

TRIMS = ("none", "left", "right", "both")
SETS = ("ibm-939", "ibm-930", "ibm-1399", "jef", "keis83", "jips-j", "jips-e", "cp037", "ascii")


def packed(digits: int, scale: int, signed: bool, half: bool) -> HostItem:
    size = digits // 2 + 1 if half else (digits + 1) // 2
    return HostItem("A", 0, size, HostKind.PACKED, digits, scale, signed, has_sign_half=half)


def zoned(digits: int, scale: int, sign: ZonedSign) -> HostItem:
    return HostItem("A", 0, digits + sign.is_separate, HostKind.ZONED, digits, scale, sign is not ZonedSign.NONE, sign)


def binary(size: int, scale: int, signed: bool, native: bool) -> HostItem:
    digits = {2: 4, 4: 9, 8: 18}[size]
    return HostItem("A", 0, size, HostKind.BINARY, digits, scale, signed, truncated=not native, native_order=native)


NUMBERS = st.one_of(
    st.builds(packed, st.integers(1, 18), st.integers(-2, 4), st.booleans(), st.booleans()),
    st.builds(zoned, st.integers(1, 18), st.integers(-2, 4), st.sampled_from(ZonedSign)),
    st.builds(binary, st.sampled_from([2, 4, 8]), st.integers(0, 2), st.booleans(), st.booleans()),
)
#: Shifts of all families, and bytes of common codes.
LETTERS = st.sampled_from([0x0E, 0x0F, 0x28, 0x29, 0x38, 0x0A, 0x41, 0x42, 0x1A, 0x70, 0x71, 0x40, 0x43, 0xA4, 0xA1, 0xC1, 0xF1,
                           0x30, 0x21, 0x3C]) | st.integers(0, 255)  # fmt: skip
#: Half bytes as they stand in numbers, and whatever else.
NEAR = st.sampled_from(list(range(0xF0, 0xFA)) + list(range(0xC0, 0xCA)) + list(range(0xD0, 0xDA)) + [0, 0x40, 0x4E, 0x60, 0xFF,
                       0x12, 0x34, 0x56, 0x78, 0x90, 0x1C, 0x2D, 0x3F, 0x30, 0x39, 0x7B, 0x7D, 0x41])  # fmt: skip


@pytest.mark.parametrize("name", ["ibm-939", "ascii"])
@given(item=NUMBERS, draw=st.data())
def test_numbers_are_read_alike(name: str, item: HostItem, draw: st.DataObject) -> None:
    cell = bytes(draw.draw(st.lists(NEAR, min_size=item.size_bytes, max_size=item.size_bytes)))
    system = HostSystem()
    column = decode(item, np.frombuffer(cell, np.uint8).reshape(1, -1), declared_forms(name, system))
    second = CellReader(charset(name), system).text(item, cell)
    if not column.faults[0]:
        assert second == (column.to_text()[0] or "")


@given(
    st.sampled_from(SETS),
    st.booleans(),
    st.lists(LETTERS, min_size=1, max_size=24).map(bytes),
    st.sampled_from(["none", "left", "right", "both"]),
)
def test_texts_are_read_alike_and_unknown_codes_are_marked(name: str, wide: bool, cell: bytes, trim: str) -> None:
    own = charset(name)
    if wide and own.double is not None:
        cell = cell * 2
    item = HostItem("A", 0, len(cell), HostKind.DOUBLE if wide else HostKind.TEXT)
    system = HostSystem(trim=trim)
    column = decode(item, np.frombuffer(cell, np.uint8).reshape(1, -1), declared_forms(name, system))
    second = CellReader(own, system).text(item, cell)
    if column.faults[0]:
        assert BAD in second
        return
    first = column.to_text()[0] or ""
    blanks = " \u3000"
    # Which blanks are taken off differs for texts of single bytes only; what stands between them is the same.
    assert second.strip(blanks) == first.strip(blanks)
    assert BAD not in second.strip(blanks)
