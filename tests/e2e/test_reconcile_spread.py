"""Damages to published rows of which twelve stand for one record: the cells of their labels and the totals find each."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from e2e_support import GROUPS, Ran, deliver, request_for, rows_of, run

from dmig.converters.registry import builtin
from dmig.pipeline import worker
from dmig.pipeline.context import Context
from dmig.pipeline.reconcile_pass import Reconciled, reconcile_pass
from dmig.pipeline.run import mapping_folders
from dmig.pipeline.tasks import Workers

FILES = GROUPS["kojin"]
#: What says which cell a row was made of is proved together with an amount of it.
LABELS = {"tsuki", "kibetsu", "renban", "shotokushurui"}
Rows = list[list[str]]
#: Damage -> (group, what is done, items whose proofs differ, totals that do not come out).
Damage = tuple[str, Callable[[Rows], None], set[str], set[str]]


def ran(once: Any) -> Ran:
    delivery = once("spread city", lambda place: deliver(place / "city", 200, 41, operation="kojin"))
    found: Ran = once("spread run", lambda place: run(request_for(delivery.inputs, place / "run", operation="kojin")))
    return found


def at(rows: Rows, name: str) -> int:
    return rows[0].index(name)


def put(name: str, change: Callable[[str], str]) -> Callable[[Rows], None]:
    """Change the first filled cell of a column."""

    def act(rows: Rows) -> None:
        row = next(row for row in rows[1:] if row[at(rows, name)] not in ("", "0"))
        row[at(rows, name)] = change(row[at(rows, name)])

    return act


def swap_first_months(rows: Rows) -> None:
    """The first record whose June differs from July gets both amounts exchanged: no sum changes."""
    amount = at(rows, "月割額")
    first = next(n for n in range(1, len(rows), 12) if rows[n][amount] != rows[n + 1][amount])
    rows[first][amount], rows[first + 1][amount] = rows[first + 1][amount], rows[first][amount]


def swap_labels(rows: Rows) -> None:
    amount, month = at(rows, "月割額"), at(rows, "月")
    first = next(n for n in range(1, len(rows), 12) if rows[n][amount] != rows[n + 1][amount])
    rows[first][month], rows[first + 1][month] = rows[first + 1][month], rows[first][month]


def one_more(text: str) -> str:
    return str(int(text) + 1)


DAMAGES: dict[str, Damage] = {
    "two months exchanged": ("getsuwari", swap_first_months, {"getsuwarigaku"}, set()),
    "the labels of two months exchanged": ("getsuwari", swap_labels, {"getsuwarigaku"}, set()),
    "a yen more in a month": ("getsuwari", put("月割額", one_more), {"getsuwarigaku"}, {"KOJS05"}),
    "a month lost": ("getsuwari", lambda rows: rows.pop(5), {"keys"}, {"KOJS05", "getsuwari.records"}),
    "another due day": (
        "kibetsu", put("納期限", lambda text: text[:8] + ("01" if text[8:] != "01" else "02")), {"nokigen"}, set()
    ),
    "a loss as a profit": (
        "shotoku", put("所得金額", lambda text: one_more(text.removeprefix("-"))), {"shotokukingaku"}, {"KOJS07"}
    ),
    "another dependant": ("fuyo", put("扶養親族_宛名番号", lambda _: "0000000001"), {"fuyoshinzoku_atenabango"}, set()),
    "another kind of dependant": (
        "fuyo", put("扶養区分", lambda text: "5" if text != "5" else "3"), {"fuyokubun"}, set()
    ),
    "森林環境税 left in 均等割": (
        "zeigaku", put("森林環境税額", lambda _: "0"),
        {"shinrinkankyozeigaku", "kintowarigaku_todofuken"}, {"KOJS02"},
    ),
    "a correction that lost its sign": (
        "chotei", lambda rows: put("調定額", lambda text: one_more(text))(rows), {"choteigaku"}, {"KOJS10"}
    ),
}  # fmt: skip


def reconciled(done: Ran, published: Path, folder: Path) -> Reconciled:
    plan = done.outcome.plan
    context = Context(
        plan=plan, make_registry=builtin, folder=folder, inputs=done.outcome.inputs,
        mapping_folders=mapping_folders(done.request),
    )  # fmt: skip
    workers = Workers(1, worker.prepare, (plan, builtin))
    return reconcile_pass(context, workers, done.outcome.outputs, published, folder / "marks")


def differing(found: Reconciled) -> tuple[set[str], set[str]]:
    """Items whose proofs differ (`keys` for lost rows), totals that do not come out."""
    items = {
        "keys" if v.comparison.kind == "keys" else item
        for v in found.verdicts
        if v.differing
        for item in v.comparison.targets
    }
    return items, {str(total["total"]) for total in found.totals if not total["agrees"]}


def test_nothing_differs_where_nothing_was_damaged(once: Any, tmp_path: Path) -> None:
    assert differing(reconciled(ran(once), ran(once).published, tmp_path)) == (set(), set())


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damage_is_found_by_its_proof_and_its_total(once: Any, tmp_path: Path, name: str) -> None:
    group, act, items, totals = DAMAGES[name]
    published = tmp_path / "published"
    shutil.copytree(ran(once).published, published)
    rows = rows_of(published / FILES[group])
    act(rows)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    (published / FILES[group]).write_bytes(text.getvalue().encode())
    found_items, found_totals = differing(reconciled(ran(once), published, tmp_path))
    assert items <= found_items <= items | LABELS
    assert found_totals == totals
