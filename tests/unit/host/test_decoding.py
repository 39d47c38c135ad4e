"""Host records to columns: variable tables, redefinitions, records that are too short or too long."""

from __future__ import annotations

from dmig.charset.catalogue import charset
from dmig.cobol.numbers.zoned import ASCII
from dmig.cobol.shape import Branch, BranchRule, Counter, HostItem, HostKind, RecordShape, Term
from dmig.sources.host.columns import CellFault, HostForms
from dmig.sources.host.cutting import Cut
from dmig.sources.host.decoding import RecordDecoder, RecordFault
from dmig.sources.host.rows import Rows, cut_rows

FORMS = HostForms(charset("ascii"), ASCII)


def rows(*records: bytes, width: int) -> Rows:
    cut, data = Cut(), b"".join(records)
    for record in records:
        cut.add(cut.place, cut.place + len(record))
    return cut_rows(data, cut, width, 0, 1)


def zoned(name: str, offset: int, digits: int, **more: object) -> HostItem:
    return HostItem(name, offset, digits, HostKind.ZONED, digits, **more)  # type: ignore[arg-type]


def text(name: str, offset: int, size: int, **more: object) -> HostItem:
    return HostItem(name, offset, size, HostKind.TEXT, **more)  # type: ignore[arg-type]


def values(shape: RecordShape, *records: bytes) -> dict[str, list[object]]:
    found = RecordDecoder(shape, FORMS).decode(rows(*records, width=shape.size_bytes))
    return {name: column.to_arrow().to_pylist() for name, column in found.columns.items()} | {
        "fault": [RecordFault(fault) for fault in found.faults.tolist()]
    }


def test_items_behind_a_shifting_table_lie_where_its_counter_says() -> None:
    table = [text(f"T_{n + 1}", 1 + 2 * n, 2, within=(("N", n),)) for n in range(3)]
    after = text("Z", 1, 1, moved_by=(Term("N", 2),))
    shape = RecordShape(
        (zoned("N", 0, 1), *table, after), 8, {"": 2}, (Counter("N", 0, 3),), (Term("N", 2),), is_exact=True
    )
    found = values(shape, b"0z", b"2aabby", b"3aabbccx", b"1aa", b"1aazz", b"9aabbccx")
    assert found["T_1"] == [None, "aa", "aa", "aa", "aa", "aa"]
    assert found["T_2"][:3] == [None, "bb", "bb"]
    assert found["Z"][:3] == ["z", "y", "x"]
    ok, bad = RecordFault.NONE, RecordFault.BAD_COUNTER
    assert found["fault"] == [ok, ok, ok, RecordFault.TOO_SHORT, RecordFault.TOO_LONG, bad]
    assert found["Z"][3] is None


def test_a_redefinition_is_there_where_its_rule_says() -> None:
    rule = BranchRule("K", (Branch("A", ("1", "2")), Branch("B", ("9",))))
    shape = RecordShape(
        (text("K", 0, 1), zoned("A1", 1, 3, branches=("A",)), text("B1", 1, 3, branches=("B",))),
        4,
        {"": 4},
        rules=(rule,),
    )
    found = values(shape, b"1007", b"9xyz", b"2123", b"5123")
    assert found["A1"] == [7, None, 123, None]
    assert found["B1"] == [None, "xyz", None, None]


def test_what_is_not_there_is_no_fault_and_what_is_wrong_is_one() -> None:
    shape = RecordShape((zoned("A", 0, 2), zoned("B", 2, 2)), 4, {"": 4})
    found = RecordDecoder(shape, FORMS).decode(rows(b"1234", b"1#34", b"12", b"  34", width=4))
    assert found.columns["A"].faults.tolist() == [0, CellFault.BAD_DIGIT, 0, 0]
    assert found.columns["B"].to_arrow().to_pylist() == [34, 34, None, 34]
    assert found.columns["A"].to_arrow().to_pylist() == [12, None, 12, None]
    assert found.faults.tolist() == [0, 0, RecordFault.TOO_SHORT, 0]


def test_texts_keep_every_digit() -> None:
    shape = RecordShape((zoned("A", 0, 5, scale=2),), 5, {"": 5})
    found = RecordDecoder(shape, FORMS).decode(rows(b"00120", width=5))
    assert found.columns["A"].to_text().to_list() == ["001.20"]
