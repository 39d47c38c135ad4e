"""Records that became many rows: each row against the cell of its label, and control totals to the yen."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from sheets_support import ROOT

from dmig.errors import SpecError
from dmig.model.mapping import Place, Total
from dmig.pipeline.run import Request, compile_operation
from dmig.pipeline.sum_totals import BlockSums, sum_totals
from dmig.plan.totals import SUM
from dmig.spec.library import Library
from dmig.stages.reconcile import Comparer, Comparison, Sum, Verdict
from dmig.stages.reconcile.cross import CodeRow, CodeRows

TABLES = {"kbn": CodeRows((CodeRow(("1",), {"standard": "A"}), CodeRow(("2",), {"standard": "B"})))}


def verdict(labels: list[str], amounts: list[str | None], *, kind: str = "signature", name: str = "number") -> Verdict:
    """Two records of the months 06 and 07 (100, 90 and 1, 2) as four rows."""
    comparison = Comparison("g", kind, name, ("gaku",), ("m06", "m07"), (("by", "tsuki"), ("labels", "06|07")))
    columns = {
        "s.m06": ["100", "100", "1", "1"], "s.m07": ["090", "090", "2", "2"], "t.tsuki": labels, "t.gaku": amounts,
        "record": [1, 1, 2, 2],
    }  # fmt: skip
    comparer = Comparer([comparison], [], TABLES)
    [found] = comparer.compare("table", pa.table({k: pa.array(v) for k, v in columns.items()}))
    return found


def test_each_row_is_compared_with_the_cell_of_its_label() -> None:
    assert verdict(["06", "07", "06", "07"], ["100", "90", "1", "2"]).differing == 0


@pytest.mark.parametrize(
    ("labels", "amounts", "records"),
    [
        (["07", "06", "06", "07"], ["100", "90", "1", "2"], [1]),
        (["06", "07", "06", "07"], ["100", "90", "2", "1"], [2]),
        (["06", "07", "06", "13"], ["100", "90", "1", "2"], [2]),
        (["06", "07", "06", "07"], ["100", None, "1", "2"], [1]),
    ],
    ids=["labels exchanged", "amounts exchanged", "a label that no source has", "a blank amount"],
)
def test_a_wrong_cell_or_label_differs(labels: list[str], amounts: list[str | None], records: list[int]) -> None:
    found = verdict(labels, amounts)
    assert found.differing > 0
    assert found.records == records


def test_codes_of_labelled_sources_are_judged_by_their_table() -> None:
    assert verdict(["06", "06", "06", "07"], [None, None, "A", "B"], kind="function", name="kbn:standard").wrong == {
        (("100",), (None,))
    }


def block(amounts: list[str], *sums: Sum) -> BlockSums:
    return BlockSums(sums, pa.table({"t.gaku": pa.array(amounts)}))


TOTAL = Sum("T1", ("table",), ("m06", "m07"), ("gaku",))


DECLARED = Total("T1", SUM, ("table",), ("m06", "m07"), "g", ("gaku",), "test", Place("totals.csv", 2))


def told(*blocks: BlockSums) -> dict[str, object]:
    [found] = sum_totals([DECLARED], [each.stored() for each in blocks])
    return found


def records(*pairs: tuple[str, str]) -> dict[str, pa.Array]:
    return {"s.m06": pa.array([first for first, _ in pairs]), "s.m07": pa.array([second for _, second in pairs])}


def offsets(*numbers: int) -> npt.NDArray[np.int64]:
    return np.array(numbers, np.int64)


def test_a_record_is_added_once_however_many_rows_it_became() -> None:
    many = 12
    rows = block(["100", "90"] * many, TOTAL)
    places = [n for n in range(many) for _ in range(2)]
    rows.records("table", records(*[("100", "90")] * 2 * many), offsets(*places))
    assert told(rows) == {"total": "T1", "source": 190 * many, "target": 190 * many, "agrees": True}


def test_one_yen_one_lost_row_or_an_unreadable_cell_does_not_agree() -> None:
    for amounts, cells in (
        (["100", "91"], ("100", "90")),
        (["100"], ("100", "90")),
        (["100", "90"], ("100", "9O")),
    ):
        rows = block(amounts, TOTAL)
        rows.records("table", records(cells), offsets(0))
        assert told(rows)["agrees"] is False


def test_amounts_of_few_records_are_not_told_but_judged() -> None:
    rows = block(["100", "90"], TOTAL)
    rows.records("table", records(("100", "90")), offsets(0))
    assert told(rows) == {"total": "T1", "source": None, "target": None, "agrees": True}


def test_amounts_beyond_64_bits_and_negative_ones_are_exact() -> None:
    great = str(10**24)
    rows = block([great, "-1"] * 10, TOTAL)
    rows.records("table", records(*[(great, "▲１")] * 10), offsets(*range(10)))
    assert told(rows) == {"total": "T1", "source": 10**25 - 10, "target": 10**25 - 10, "agrees": True}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("T1,sum,tokucho,m06 m07,tokucho_tsuki,getsuwarigaku,件数", ""),
        ("T1,sum,tokucho,m99,tokucho_tsuki,getsuwarigaku,件数", "SPC020"),
        ("T1,sum,tokucho,m06,tokucho_tsuki,gaku,件数", "SPC020"),
        ("T1,sum,tokucho,,tokucho_tsuki,getsuwarigaku,件数", "SPC006"),
        ("T1,sum,tokucho,m06,tokucho_tsuki,,件数", "SPC006"),
        ("T1,sum,kinto,kinto_gaku,tokucho_tsuki,getsuwarigaku,件数", "SPC007"),
        ("T1,sum,kojin,setai_no,setai,setaiinsu,件数", "SPC007"),
        ("T1,mean,tokucho,m06,tokucho_tsuki,getsuwarigaku,件数", "SPC007"),
    ],
)
def test_what_a_total_names_must_be_there(tmp_path: Path, row: str, code: str) -> None:
    library = tmp_path / "library"
    for name in ("schemas", "mappings"):
        shutil.copytree(ROOT / name, library / name, ignore=shutil.ignore_patterns("examples"))
    head = "total,kind,tables,source,group,target,basis\n"
    (library / "mappings/rei/package/totals.csv").write_text(f"{head}{row}\n", encoding="utf-8")
    request = Request(Library(library), "rei", "package", tmp_path / "given", tmp_path / "run")
    if not code:
        assert compile_operation(request).totals[0].source == ("m06", "m07")
        return
    with pytest.raises(SpecError) as refused:
        compile_operation(request)
    assert {fault.code for fault in refused.value.diagnostics} == {code}
