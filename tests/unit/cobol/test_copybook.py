"""Copybooks: what is written is what is understood; what is wrong is told with line, column and reason, all at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmig.cobol.dialect import BinarySizes, Dialect, Odo, SourceFormat
from dmig.cobol.layout import Segment, record_shape
from dmig.cobol.listing import listing
from dmig.cobol.reading import read_copybook
from dmig.cobol.shape import HostKind, RecordShape, Term

HOST = """000100* 住民記録の登録集                                                  ABC00001
000200 01  住民レコード.                                                    ABC00002
000300     05  レコード区分            PIC X(01).                           ABC00003
000400         88  見出し              VALUE '1'.                           ABC00004
000500         88  明細                VALUES ARE '2' THRU '7' '8'.         ABC00005
000600     05  宛名番号                PIC 9(10).                           ABC00006
000700     05  生年月日                PIC S9(07) COMP-3.                   ABC00007
000800     05  氏名                    PIC N(20).                           ABC00008
000900     05  続柄 OCCURS 4 TIMES INDEXED BY I
001000                                 PIC X(02).                           ABC00010
001100     05  税額                    PIC S9(5)V99 COMP-3 VAL              ABC00011
001200-        UE ZERO.                                                     ABC00012
001300     05  FILLER                  PIC X(05).                           ABC00013
"""


def shape(
    text: str, dialect: Dialect | None = None, segments: tuple[Segment, ...] = (), *, fixed: bool = True
) -> RecordShape:
    own = dialect or Dialect()
    copybook, faults = read_copybook(text, own)
    assert faults == ()
    found, more = record_shape(copybook, own, segments, fixed=fixed)
    assert more == ()
    return found


def told(text: str, dialect: Dialect | None = None) -> list[tuple[str, int, int]]:
    return [(fault.code, fault.place.line, fault.place.column) for fault in read_copybook(text, dialect)[1]]


def test_a_copybook_as_hosts_keep_it() -> None:
    found = shape(HOST, Dialect(SourceFormat.FIXED))
    assert [(item.name, item.offset_bytes, item.size_bytes, item.kind.value) for item in found.items] == [
        ("レコード区分", 0, 1, "text"), ("宛名番号", 1, 10, "zoned"), ("生年月日", 11, 4, "packed"),
        ("氏名", 15, 40, "double"), ("続柄(1)", 55, 2, "text"), ("続柄(2)", 57, 2, "text"), ("続柄(3)", 59, 2, "text"),
        ("続柄(4)", 61, 2, "text"), ("税額", 63, 4, "packed"), ("FILLER#1", 67, 5, "text"),
    ]  # fmt: skip
    assert found.size_bytes == 72


def test_columns_count_full_width_characters_twice() -> None:
    """The identification area begins at column 73 of the host, not at the 73rd character."""
    line = "       01  R.\n" + "           05  " + "漢" * 20 + " PIC X(3).       IDENT001\n"
    copybook, faults = read_copybook(line, Dialect(SourceFormat.FIXED))
    assert faults == ()
    assert copybook.records[0].children[0].size_bytes == 3


def test_free_format_is_found_where_fixed_cannot_be_read() -> None:
    text = "01 R.\n  05 A PIC X(3). *> remark\n  05 B PIC 9(4) COMP.\n"
    copybook, faults = read_copybook(text)
    assert (faults, copybook.free) == ((), True)
    assert told(text, Dialect(SourceFormat.FIXED))


def test_literals_and_words_go_on_in_the_next_line() -> None:
    text = "       01  R.\n           05  A-LONG-NA\n      -        ME PIC X(3) VALUE 'ab\n      -    'c'.\n"
    copybook, faults = read_copybook(text, Dialect(SourceFormat.FIXED))
    assert faults == ()
    assert copybook.records[0].children[0].name == "A-LONG-NAME"


def test_tabs_small_letters_and_comments() -> None:
    text = (
        "\t01 rec.\n      / new page\n\t\t05 a-b pic s9(3) comp.\n      D    05 dbg pic x.\n      *    05 no pic x.\n"
    )
    found = shape(text, Dialect(SourceFormat.FIXED))
    assert [(item.name, item.kind) for item in found.items] == [("a-b", HostKind.BINARY)]


@pytest.mark.parametrize(
    ("clauses", "size", "digits", "scale"),
    [
        ("PIC S9(5)V99 COMP-3", 4, 7, 2), ("PIC 9(4) COMP-3", 3, 4, 0), ("PIC S9(18) COMP-3", 10, 18, 0),
        ("PIC 9(4) COMP", 2, 4, 0), ("PIC 9(5) BINARY", 4, 5, 0), ("PIC 9(10) COMP-5", 8, 10, 0),
        ("PIC 9(2) COMP", 2, 2, 0), ("PIC S9(3) SIGN LEADING SEPARATE", 4, 3, 0), ("PIC S9(3)", 3, 3, 0),
        ("PIC VPP99", 2, 2, 4), ("PIC PP99", 2, 2, 4), ("PIC 99PPP", 2, 2, -3), ("PIC 9(3)PPV COMP-3", 2, 3, -2),
        ("PIC 9(4) COMP-6", 2, 4, 0), ("COMP-1", 4, 0, 0), ("COMP-2", 8, 0, 0),
        ("PIC ZZ,ZZ9.99CR", 11, 0, 0), ("PIC 9(8).9(2)", 11, 0, 0), ("PIC G(5) DISPLAY-1", 10, 0, 0), ("PIC A(4)", 4, 0, 0),
        ("PIC XXBXX", 5, 0, 0),
    ],
)  # fmt: skip
def test_sizes(clauses: str, size: int, digits: int, scale: int) -> None:
    (item,) = shape(f"       01 A {clauses}.").items
    assert (item.size_bytes, item.digits, item.scale) == (size, digits, scale)


def test_small_binary_numbers_take_a_byte_where_the_compiler_does_so() -> None:
    (item,) = shape("       01 A PIC 99 COMP.", Dialect(binary_sizes=BinarySizes.FROM_ONE)).items
    assert item.size_bytes == 1


def test_usage_and_sign_come_from_the_group() -> None:
    found = shape("       01 G COMP-3.\n          05 A PIC S9(3).\n          05 B PIC S9(3) DISPLAY.\n")
    assert [item.kind for item in found.items] == [HostKind.PACKED, HostKind.ZONED]
    signed = shape("       01 G SIGN IS LEADING SEPARATE.\n          05 A PIC S9(3).\n")
    assert signed.items[0].size_bytes == 4


def test_sync_leaves_slack() -> None:
    found = shape(
        "       01 R.\n          05 A PIC X.\n          05 B PIC 9(4) COMP SYNC.\n          05 C PIC 9(9) COMP SYNC.\n"
    )
    assert [item.offset_bytes for item in found.items] == [0, 2, 4]


def test_several_records_describe_the_same_bytes() -> None:
    first = "       01 H.\n          05 K PIC X.\n          05 N PIC 9(5).\n"
    text = first + "       01 D.\n          05 K PIC X.\n          05 T PIC X(9).\n"
    found = shape(text, segments=(Segment("H.K", ("1",), "H"), Segment("H.K", ("2",), "D")))
    assert [(item.name, item.offset_bytes, item.branches) for item in found.items] == [
        ("H.K", 0, ("H",)), ("H.N", 1, ("H",)), ("D.K", 0, ("D",)), ("D.T", 1, ("D",)),
    ]  # fmt: skip


def test_what_follows_a_shifting_table_moves() -> None:
    text = "       01 R.\n          05 N PIC 9.\n          05 T OCCURS 0 TO 5 DEPENDING ON N PIC X(3).\n          05 Z PIC X.\n"
    moving = shape(text, Dialect(odo=Odo.SHIFTING), fixed=False)
    assert moving.items[-1].offset_bytes == 1
    assert moving.items[-1].moved_by == (Term("N", 3),)
    assert moving.least_bytes == {"": 2}
    still = shape(text, fixed=True)
    assert (still.items[-1].offset_bytes, still.items[-1].moved_by) == (16, ())


def test_the_listing_counts_from_one() -> None:
    copybook, _ = read_copybook(HOST, Dialect(SourceFormat.FIXED))
    rows = {row[0]: row for row in listing(copybook)}
    assert rows["住民レコード.生年月日"][1:7] == ("05", "12", "15", "4", "packed", "S9(07)")
    assert rows["住民レコード.続柄"][7] == "4"
    assert rows["住民レコード.レコード区分.明細"][9] == "2-7,8"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "       01 R.\n          05 A PIC Q.\n          05 A PIC X.\n",
            [("COB009", 2, 20), ("COB016", 2, 11), ("COB017", 3, 11)],
        ),
        ("       01 R OCCURS 3 PIC X.\n", [("COB014", 1, 8)]),
        ("       01 R PIC X.\n          05 A PIC X.\n", [("COB015", 1, 8)]),
        (
            "       01 R.\n          05 A PIC X.\n          05 C PIC X.\n          05 B REDEFINES A PIC X.\n",
            [("COB018", 4, 11)],
        ),
        ("       01 R.\n          05 G.\n             10 A PIC X.\n             08 B PIC X.\n", [("COB013", 4, 14)]),
        ("       01 R PIC 9(32).\n", [("COB010", 1, 17), ("COB016", 1, 8)]),
        ("       01 R PIC 9(20) COMP.\n", [("COB010", 1, 8)]),
        ("       01 R PIC X COMP-3.\n", [("COB019", 1, 8)]),
        ("       01 R.\n          05 A PIC X OCCURS 5 TO 3.\n", [("COB011", 2, 22)]),
        ("       COPY OTHER.\n       01 R PIC X.\n", [("COB006", 1, 8)]),
        ("       01 R PIC X\n", [("COB004", 1, 17)]),
        ("       01 R POINTER PIC X.\n", [("COB007", 1, 13), ("COB016", 1, 8)]),
        ("       01 R PIC X VALUE 'A.\n", [("COB002", 1, 25), ("COB004", 1, 25)]),
    ],
)
def test_faults_are_told_at_once(text: str, faults: list[tuple[str, int, int]]) -> None:
    assert sorted(told(text, Dialect(SourceFormat.FIXED))) == sorted(faults)


def test_counters_and_rules_that_lead_nowhere() -> None:
    text = "       01 R.\n          05 T OCCURS 0 TO 5 DEPENDING ON N PIC X(3).\n          05 N PIC 9.\n"
    copybook, faults = read_copybook(text)
    assert faults == ()
    _, more = record_shape(copybook, Dialect(), (Segment("X", ("1",), "Y"),))
    assert sorted(fault.code for fault in more) == ["COB022", "COB023", "COB024"]


WORDS = st.sampled_from(
    [
        "01",
        "05",
        "10",
        "66",
        "77",
        "88",
        "A",
        "B",
        "FILLER",
        "PIC",
        "PICTURE",
        "X(3)",
        "9(4)",
        "S9(5)V99",
        "N(2)",
        "COMP",
        "COMP-3",
        "OCCURS",
        "3",
        "TO",
        "5",
        "TIMES",
        "DEPENDING",
        "ON",
        "REDEFINES",
        "A",
        "SIGN",
        "LEADING",
        "SEPARATE",
        "VALUE",
        "'x'",
        '"',
        "'",
        ".",
        "SYNC",
        "USAGE",
        "IS",
        "RENAMES",
        "THRU",
        "漢字",
        "ZERO",
        "COPY",
    ]
)


@given(st.lists(st.one_of(WORDS, st.just("\n"), st.just(".\n"), st.text(max_size=4)), max_size=60).map(" ".join))
def test_no_text_breaks_the_reader(text: str) -> None:
    copybook, faults = read_copybook(text)
    if not faults:
        record_shape(copybook, Dialect(odo=Odo.SHIFTING), fixed=False)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, list[tuple[str, int, int]]]:
    """A copybook without variable tables, and where its items lie, worked out while it was written."""
    lines, places, offset = ["       01 R."], [], 0
    for n in range(draw(st.integers(1, 12))):
        clauses, size = draw(
            st.sampled_from([("PIC X(5)", 5), ("PIC S9(7) COMP-3", 4), ("PIC 9(9) COMP", 4), ("PIC N(3)", 6)])
        )
        times = draw(st.integers(1, 3))
        again = draw(st.booleans())
        lines.append(f"           05 I-{n} {clauses}" + (f" OCCURS {times}." if times > 1 else "."))
        for k in range(times):
            places.append((f"I-{n}({k + 1})" if times > 1 else f"I-{n}", offset + k * size, size))
        if again:
            lines.append(f"           05 R-{n} REDEFINES I-{n} PIC X.")
            places.append((f"R-{n}", offset, 1))
        offset += times * size
    return "\n".join(lines), places


@given(written())
def test_items_lie_where_they_were_put(made: tuple[str, list[tuple[str, int, int]]]) -> None:
    text, places = made
    assert [(item.name, item.offset_bytes, item.size_bytes) for item in shape(text).items] == places
