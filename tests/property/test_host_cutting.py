"""Records of host files are found as another program wrote them, in any windows, and no byte is without an owner."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmig.model.host import RecordFormat, RecordRules
from dmig.sources.host.cutting import Cut, CutFault
from dmig.sources.host.words import cutter

MOST = 60
CHAINED = [RecordFormat.VARIABLE, RecordFormat.VARIABLE_BLOCKED, RecordFormat.SPANNED, RecordFormat.SPANNED_BLOCKED]
RULES = st.builds(
    RecordRules,
    format=st.sampled_from(CHAINED),
    most_bytes=st.just(MOST),
    big_endian=st.booleans(),
    includes_itself=st.booleans(),
    block_includes_itself=st.booleans(),
)
BODIES = st.lists(st.binary(min_size=1, max_size=MOST), min_size=1, max_size=25)


def word(size: int, rules: RecordRules, includes_itself: bool, kind: int = 0, halves: bool = False) -> bytes:
    """A descriptor word as the manuals draw it."""
    length = size + (4 if includes_itself else 0)
    if rules.big_endian:
        return struct.pack(">HBB", length, kind, 0)
    return struct.pack("<HBB", length, kind, 0) if halves or rules.format.is_spanned else struct.pack("<HH", 0, length)


def written(bodies: list[bytes], rules: RecordRules, cuts: list[int]) -> bytes:
    """A file with the bodies as records: segments and blocks of the sizes in `cuts`, over and over."""
    units = []
    for turn, body in enumerate(bodies):
        pieces = [body]
        if rules.format.is_spanned and len(body) > 2:
            at = 1 + cuts[turn % len(cuts)] % (len(body) - 1)
            pieces = [body[:at], body[at:]]
        for number, piece in enumerate(pieces):
            kind = 0 if len(pieces) == 1 else (1 if number == 0 else 2)
            units.append(word(len(piece), rules, rules.includes_itself, kind) + piece)
    if not rules.format.is_blocked:
        return b"".join(units)
    blocks, place = [], 0
    while place < len(units):
        count = 1 + cuts[len(blocks) % len(cuts)] % 4
        inner = b"".join(units[place : place + count])
        blocks.append(word(len(inner), rules, rules.block_includes_itself, halves=True) + inner)
        place += count
    return b"".join(blocks)


def cut_in(data: bytes, rules: RecordRules, windows: list[int]) -> Cut:
    """Cut a file handed over in windows of these sizes, over and over."""
    own, found, held, base, place, turn = cutter(rules), Cut(), b"", 0, 0, 0
    while True:
        size = 1 + windows[turn % len(windows)]
        held, place, turn = held + data[place : place + size], place + size, turn + 1
        final = place >= len(data)
        used = own.cut(held, base, final, found)
        held, base = held[used:], base + used
        if final:
            assert not held
            return found


def bodies_of(data: bytes, found: Cut) -> list[bytes]:
    result = []
    for at, (start, end, lead, trail, fault) in enumerate(found.rows):
        assert fault == CutFault.NONE
        if at in found.pieces:
            result.append(b"".join(data[a:b] for a, b in found.pieces[at]))
        else:
            result.append(data[start + lead : end - trail])
    return result


def covers(data: bytes, found: Cut) -> bool:
    place = 0
    for start, end, lead, trail, _ in found.rows:
        if start != place or lead < 0 or end < start + lead + trail:
            return False
        place = end
    return place == len(data)


@given(
    BODIES,
    RULES,
    st.lists(st.integers(0, 50), min_size=1, max_size=4),
    st.lists(st.integers(0, 90), min_size=1, max_size=4),
)
def test_records_are_those_that_were_written(
    bodies: list[bytes], rules: RecordRules, cuts: list[int], windows: list[int]
) -> None:
    data = written(bodies, rules, cuts)
    found = cut_in(data, rules, windows)
    assert bodies_of(data, found) == bodies
    assert covers(data, found)


@given(
    BODIES, RULES, st.lists(st.integers(0, 50), min_size=1, max_size=4), st.lists(st.integers(0, 90), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=3), st.integers(0, 30),
)  # fmt: skip
def test_damage_loses_no_byte_and_does_not_depend_on_windows(
    bodies: list[bytes], rules: RecordRules, cuts: list[int], windows: list[int],
    damage: list[tuple[int, int]], missing: int,
) -> None:  # fmt: skip
    data = bytearray(written(bodies, rules, cuts))
    for place, byte in damage:
        data[place % len(data)] = byte
    whole = bytes(data[: max(len(data) - missing, 1)])
    found = cut_in(whole, rules, windows)
    assert covers(whole, found)
    again = cut_in(whole, rules, [len(whole)])
    assert (found.rows, found.pieces) == (again.rows, again.pieces)


@pytest.mark.parametrize("format_", [RecordFormat.VARIABLE, RecordFormat.VARIABLE_BLOCKED])
def test_a_broken_length_costs_its_own_record_only(format_: RecordFormat) -> None:
    rules = RecordRules(format_, least_bytes=50, most_bytes=50)
    bodies = [bytes([65 + n]) * 50 for n in range(20)]
    data = bytearray(written(bodies, rules, [3]))
    at = data.index(b"F" * 50)
    data[at - 4 : at - 2] = b"\x7f\xff"
    found = cut_in(bytes(data), rules, [17])
    good = [bytes(data[s + lead : e]) for s, e, lead, _, fault in found.rows if fault == CutFault.NONE]
    lost = [(e - s, fault) for s, e, _, _, fault in found.rows if fault]
    assert good == [body for body in bodies if body != b"F" * 50]
    assert lost == [(54, CutFault.LOST)]


def test_a_cut_off_last_record_is_short() -> None:
    rules = RecordRules(RecordFormat.VARIABLE, most_bytes=50)
    data = written([b"A" * 50, b"B" * 50], rules, [1])[:-7]
    found = cut_in(data, rules, [30])
    assert [row[4] for row in found.rows] == [CutFault.NONE, CutFault.SHORT]
    assert covers(data, found)


def test_a_segment_without_its_others_is_out_of_turn() -> None:
    rules = RecordRules(RecordFormat.SPANNED, most_bytes=50)
    first, last = struct.pack(">HBB", 3, 1, 0) + b"abc", struct.pack(">HBB", 3, 2, 0) + b"def"
    whole = struct.pack(">HBB", 2, 0, 0) + b"xy"
    kinds = [row[4] for row in cut_in(first + whole + last + first + last + first, rules, [5]).rows]
    assert kinds == [CutFault.OUT_OF_TURN, CutFault.NONE, CutFault.OUT_OF_TURN, CutFault.NONE, CutFault.SHORT]


@given(st.lists(st.binary(max_size=9).filter(lambda body: b"\x15" not in body), max_size=9), st.booleans())
def test_delimited_records(bodies: list[bytes], closed: bool) -> None:
    rules = RecordRules(RecordFormat.DELIMITED, line_end=b"\x15", most_bytes=9)
    data = b"\x15".join(bodies) + (b"\x15" if closed and bodies else b"")
    found = cut_in(data, rules, [2])
    expected = bodies if closed or not bodies or bodies[-1] else bodies[:-1]
    assert bodies_of(data, found) == expected
    assert covers(data, found)
    long = cut_in(b"x" * 10 + b"\x15", replace(rules), [2])
    assert [row[4] for row in long.rows] == [CutFault.TOO_LONG]


@given(st.binary(max_size=100), st.integers(1, 12))
def test_fixed_records(data: bytes, size: int) -> None:
    found = cut_in(data, RecordRules(RecordFormat.FIXED, record_bytes=size), [7])
    assert covers(data, found)
    assert sum(1 for row in found.rows if not row[4]) == len(data) // size
    assert sum(1 for row in found.rows if row[4] == CutFault.SHORT) == (len(data) % size > 0)


@given(st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=20), st.integers(0, 30))
def test_records_with_a_length_of_their_own(bodies: list[bytes], window: int) -> None:
    rules = RecordRules(RecordFormat.BY_ITEM, most_bytes=MOST)
    data = b"".join(bytes([len(body) + 1]) + body for body in bodies)
    own, found, held, base = cutter(rules, lambda held, place: held[place]), Cut(), b"", 0
    for place in range(0, len(data), window + 1):
        held += data[place : place + window + 1]
        used = own.cut(held, base, place + window + 1 >= len(data), found)
        held, base = held[used:], base + used
    assert [data[s + 1 : e] for s, e, *_ in found.rows] == bodies
