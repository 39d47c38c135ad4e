"""Rules between operations against the same rules in plain Python; unknown names are refused with their line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmig.errors import Diagnostics
from dmig.model.across import KINDS, AcrossRule, Seat
from dmig.pipeline.all_operations import gravest
from dmig.spec.across import read_across
from dmig.stages.reconcile.across import judge_across

OWN, OTHER, THIRD = Seat("tax", "own", "key"), Seat("people", "rows", "id"), Seat("guests", "rows", "id")
Row = dict[str, str | None]
IDS = st.sampled_from([None, "1", "2", "3", "01", "o'k"])
DATES = st.sampled_from([None, "2000-02-29", "2000-03-01", "2006-01-01", "2006-01-02", "2006-00-00", "2024-12-31"])
OWN_ROWS = st.lists(
    st.fixed_dictionaries(
        {"key": IDS, "name": st.sampled_from([None, "山田 太郎", "山田太郎", "ﾔﾏﾀﾞ"]), "year": st.sampled_from(["2024", "2025"]),
         "end": st.sampled_from([None, "9999-12-31", "2024-01-01"]), "flag": st.sampled_from([None, "0", "1"])}
    ), max_size=8,
)  # fmt: skip
OTHER_ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": IDS, "name": st.sampled_from([None, "山田　太郎", "ヤマダ", "鈴木"]), "born": DATES,
         "state": st.sampled_from([None, "1", "2"]), "flag": st.sampled_from([None, "0", "1"])}
    ), max_size=8,
)  # fmt: skip


def rule(kind: str, args: dict[str, str], others: tuple[Seat, ...] = (OTHER,)) -> AcrossRule:
    return AcrossRule("T1", kind, OWN, others, args, "finding", "test", "", "", 2)


def bare(name: str | None) -> str | None:
    import unicodedata

    return unicodedata.normalize("NFKC", name).replace(" ", "") if name else None


def pairs(own: list[Row], others: list[Row]) -> list[tuple[Row, Row]]:
    return [(o, t) for o in own for t in others if o["key"] is not None and o["key"] == t["id"]]


def age(born: str | None, year: str | None) -> int | None:
    """Full years on the day after the first of January, counted by hand."""
    if not born or not year or "-00" in born:
        return None
    day, birth = date(int(year), 1, 1) + timedelta(days=1), date.fromisoformat(born)
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


Expected = Callable[[list[Row], list[Row]], tuple[int, set[str | None]]]


def known(own: list[Row], others: list[Row]) -> tuple[int, set[str | None]]:
    there = {row["id"] for row in others if row["flag"] == "1"}
    keys = [row["key"] for row in own if row["key"] is not None]
    return len(keys), {key for key in keys if key not in there}


def listed(own: list[Row], others: list[Row]) -> tuple[int, set[str | None]]:
    keys = {row["key"] for row in own if row["flag"] in ("0", "1")}
    wanted = [row["id"] for row in others if row["id"] is not None]
    return len(wanted), {key for key in wanted if key not in keys}


def same(own: list[Row], others: list[Row]) -> tuple[int, set[str | None]]:
    both = pairs(own, others)
    return len(both), {o["key"] for o, t in both if o["name"] and t["name"] and bare(o["name"]) != bare(t["name"])}


def aged(own: list[Row], others: list[Row]) -> tuple[int, set[str | None]]:
    ages = [(o["key"], age(t["born"], o["year"])) for o, t in pairs(own, others)]
    judged = [(key, years) for key, years in ages if years is not None]
    return len(judged), {key for key, years in judged if not 18 <= years <= 23}


def reached(own: list[Row], others: list[Row]) -> tuple[int, set[str | None]]:
    keys = {row["key"] for row in own if row["flag"] == "1"}
    old = [row["id"] for row in others if row["id"] is not None and (age(row["born"], "2024") or 0) >= 18]
    return len(old), {key for key in old if key not in keys}


def left(own: list[Row], others: list[Row]) -> tuple[int, set[str | None]]:
    both = [(o, t) for o, t in pairs(own, others) if o["end"] in (None, "9999-12-31")]
    return len(both), {o["key"] for o, t in both if t["state"] in ("1", "2")}


def once(own: list[Row], others: list[Row]) -> tuple[int, set[str | None]]:
    keys = [row for row in own if row["key"] is not None]
    found = {(row["key"], row["year"]): {r["name"] for r in keys if (r["key"], r["year"]) == (row["key"], row["year"])}
             for row in keys}  # fmt: skip
    return len(keys), {key for (key, _), names in found.items() if len(names - {None}) > 1}


CASES: list[tuple[AcrossRule, Expected]] = [
    (rule("known", {"other_where": "flag:1"}), known),
    (rule("listed", {"where": "flag:0|1"}), listed),
    (rule("same", {"pairs": "name:name", "compare": "letters"}), same),
    (rule("age", {"at": "year", "birth": "born", "least": "18", "most": "23"}), aged),
    (rule("reached", {"birth": "born", "least": "18", "where": "flag:1"}), reached),
    (rule("left", {"end": "end", "status": "state:1|2"}), left),
    (rule("once", {"per": "name", "within": "year"}, ()), once),
]


def parts(folder: Path, **groups: list[Row]) -> dict[tuple[str, str], list[Path]]:
    found = {}
    columns = {"own": ("key", "name", "year", "end", "flag"), "rows": ("id", "name", "born", "state", "flag")}
    for operation, rows in groups.items():
        group = "own" if operation == "tax" else "rows"
        path = folder / f"{operation}.parquet"
        pl.DataFrame(rows, schema=dict.fromkeys(columns[group], pl.String)).write_parquet(path)
        found[operation, group] = [path]
    return found


def test_every_kind_has_a_case() -> None:
    assert {judged.kind for judged, _ in CASES} == set(KINDS)


@settings(deadline=None)
@given(st.sampled_from(CASES), OWN_ROWS, OTHER_ROWS)
def test_rules_are_what_plain_python_says(case: tuple[AcrossRule, Expected], own: list[Row], others: list[Row]) -> None:
    judged, expected = case
    with TemporaryDirectory() as folder:
        found = judge_across(judged, parts(Path(folder), tax=own, people=others), "2024-01-01")
    assert (found.rows, set(found.broken["k"])) == expected(own, others)
    assert found.broken["k"].is_unique().all()


def test_a_key_may_stand_in_any_of_several_others(tmp_path: Path) -> None:
    blank = dict.fromkeys(("name", "born", "state", "flag"))
    own: list[Row] = [{"key": key} | dict.fromkeys(("name", "year", "end", "flag")) for key in ("1", "2", "3")]
    there = parts(tmp_path, tax=own, people=[{"id": "1", **blank}], guests=[{"id": "3", **blank}])
    assert judge_across(rule("known", {}, (OTHER, THIRD)), there).broken["k"].to_list() == ["2"]


def test_who_is_excused_need_not_be_there(tmp_path: Path) -> None:
    def people(born: str | None, *ids: str) -> list[Row]:
        return [{"id": key, "born": born, **dict.fromkeys(("name", "state", "flag"))} for key in ids]

    there = parts(tmp_path, tax=[], people=people("1950-01-01", "1", "2", "3"), guests=people("2024-06-30", "2"))
    there["guests", "rows"].append(tmp_path / "more.parquet")
    pl.read_parquet(tmp_path / "guests.parquet").with_columns(
        id=pl.lit("3"), born=pl.lit(None, pl.String)
    ).write_parquet(tmp_path / "more.parquet")
    judged = rule("reached", {"birth": "born", "least": "65", "end": "born"}, (OTHER, THIRD))
    assert judge_across(judged, there, "2024-07-01").broken["k"].to_list() == ["1", "2"]
    assert judge_across(judged, there, "2024-06-30").broken["k"].to_list() == ["1"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("A,known,a.b.c,d.e.f,,finding,x,y,", None),
        ("A,knows,a.b.c,d.e.f,,finding,x,y,", "SPC020"),
        ("A,known,a.b,d.e.f,,finding,x,y,", "SPC008"),
        ("A,known,a.b.c,,,finding,x,y,", "SPC032"),
        ("A,known,a.b.c,d.e.f,pairs=a:b,finding,x,y,", "SPC020"),
        ("A,same,a.b.c,d.e.f,,finding,x,y,", "SPC031"),
        ("A,known,a.b.c,d.e.f,,stop,x,y,", "SPC007"),
        ("A,age,a.b.c,d.e.f,at=x;birth=y;least=-1,finding,x,y,", "SPC008"),
    ],
)
def test_a_broken_row_is_named_with_its_line(tmp_path: Path, row: str, code: str | None) -> None:
    folder = tmp_path / "schemas" / "standard"
    folder.mkdir(parents=True)
    header = "rule,kind,item,others,args,outcome,basis,advice_staff,advice_engineer"
    (folder / "across.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    diagnostics = Diagnostics()
    read_across(tmp_path, diagnostics)
    assert [(d.line, d.code) for d in diagnostics.items] == ([(2, code)] if code else [])


def test_the_gravest_exit_code_is_told() -> None:
    assert [gravest(codes) for codes in ([0, 0], [1, 4, 0], [4, 3], [5, 3], [70, 5])] == [0, 4, 3, 5, 70]
