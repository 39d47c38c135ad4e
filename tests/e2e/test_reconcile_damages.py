"""Two hundred damages done to published files after the run: the second reading finds each, at its place and by its kind.

The files are damaged on a copy by the standard library; nothing of the conversion runs again.
"""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from e2e_support import GROUPS, Delivery, Ran, deliver, request_for, rows_of, run

from dmig.converters.registry import builtin
from dmig.pipeline import worker
from dmig.pipeline.context import Context
from dmig.pipeline.proving import proving
from dmig.pipeline.reconcile_pass import Reconciled, reconcile_pass
from dmig.pipeline.run import mapping_folders
from dmig.pipeline.tasks import Workers

OPERATION, GROUP = "jutogai", "jutogaikihon"
FILE = GROUPS[OPERATION][GROUP]
#: Damages by kind: two hundred together.
MANY = {"cell": 70, "blank": 30, "drop": 30, "double": 20, "swap": 25, "off by one": 15, "code": 8, "last week's": 2}
Rows = list[list[str]]


@dataclass(frozen=True)
class Harm:
    """What a damage must be found as: its kind, the records it stands at (all of them), the items it touches."""

    kinds: frozenset[str]
    records: frozenset[int]
    items: frozenset[str]


def city(once: Any) -> tuple[Ran, Delivery]:
    delivery = once("damages city", lambda place: deliver(place / "city", 120, 41, operation=OPERATION))
    return once("damages run", lambda place: run(request_for(delivery.inputs, place / "run", operation=OPERATION)))


def written(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def reconciled(ran: Ran, published: Path, folder: Path) -> Reconciled:
    plan = ran.outcome.plan
    context = Context(
        plan=plan,
        make_registry=builtin,
        folder=folder,
        inputs=ran.outcome.inputs,
        mapping_folders=mapping_folders(ran.request),
    )
    workers = Workers(1, worker.prepare, (plan, builtin))
    return reconcile_pass(context, workers, ran.outcome.outputs, published, folder / "marks")


def records(ran: Ran) -> list[int]:
    return [int(number) for number in ran.parts("lineage", GROUP)["record"]]


def proven(ran: Ran) -> dict[str, str]:
    """Name of an item in the file -> its id, for items that a signature or function proves."""
    found = proving(ran.outcome.plan, ran.outcome.reconciled.verdicts, {GROUP: 1})["proofs"]
    return {proof["name"]: proof["item"] for proof in found if proof["status"] == "proved"}


def other(text: str) -> str:
    """Another text that no folding of width makes equal: the last digit counted on, or another letter in front."""
    if text[-1].isdecimal() and text.isascii():
        return text[:-1] + str((int(text[-1]) + 1) % 10)
    return ("乙" if text[0] != "乙" else "丙") + text[1:]


def place(ran: Ran, rows: Rows, chance: random.Random, fits: Callable[[str], bool]) -> tuple[int, int, str]:
    """A row, a column and the item of a filled cell that fits."""
    names = proven(ran)
    cells = [
        (row, at)
        for row in range(1, len(rows))
        for at, name in enumerate(rows[0])
        if name in names and fits(rows[row][at])
    ]
    row, at = chance.choice(cells)
    return row, at, names[rows[0][at]]


def cell(ran: Ran, rows: Rows, chance: random.Random) -> Harm:
    row, at, item = place(ran, rows, chance, bool)
    rows[row][at] = other(rows[row][at])
    return Harm(
        frozenset({"value", "code", "rounding", "era", "glyph", "order"}),
        frozenset({records(ran)[row - 1]}),
        frozenset({item}),
    )


def blank(ran: Ran, rows: Rows, chance: random.Random) -> Harm:
    row, at, item = place(ran, rows, chance, bool)
    rows[row][at] = ""
    kinds = frozenset({"blank", "code", "value", "glyph"})  # where two items are proved together one of them is left
    return Harm(kinds, frozenset({records(ran)[row - 1]}), frozenset({item}))


def drop(ran: Ran, rows: Rows, chance: random.Random) -> Harm:
    row = chance.randrange(1, len(rows))
    del rows[row]
    return Harm(frozenset({"missing"}), frozenset({records(ran)[row - 1]}), frozenset({"atenabango"}))


def double(ran: Ran, rows: Rows, chance: random.Random) -> Harm:
    row = chance.randrange(1, len(rows))
    rows.insert(row, list(rows[row]))
    return Harm(frozenset(), frozenset(), frozenset())


def swap(ran: Ran, rows: Rows, chance: random.Random) -> Harm:
    """The contents of two people change places; their keys stay."""
    one, two = chance.sample(range(1, len(rows)), 2)
    rows[one][1:], rows[two][1:] = rows[two][1:], rows[one][1:]
    touched = {proven(ran).get(name) for name, a, b in zip(rows[0], rows[one], rows[two], strict=True) if a != b}
    both = frozenset({records(ran)[one - 1], records(ran)[two - 1]})
    return Harm(frozenset({"*"}), both, frozenset(item for item in touched if item and item != "atenabango"))


def off_by_one(ran: Ran, rows: Rows, chance: random.Random) -> Harm:
    row, at, item = place(ran, rows, chance, lambda text: text.isascii() and text.isdecimal() and 2 < len(text) < 9)
    rows[row][at] = str(int(rows[row][at]) + 1).zfill(len(rows[row][at]))
    return Harm(frozenset({"rounding", "code"}), frozenset({records(ran)[row - 1]}), frozenset({item}))


def code(ran: Ran, rows: Rows, chance: random.Random) -> Harm:
    """Every row with one code of an item gets another."""
    name = chance.choice(["性別"])
    at = rows[0].index(name)
    old, new = chance.choice([("1", "2"), ("2", "1")])
    hit = [row for row in range(1, len(rows)) if rows[row][at] == old]
    for row in hit:
        rows[row][at] = new
    return Harm(frozenset({"code"}), frozenset(records(ran)[row - 1] for row in hit), frozenset({"seibetsu"}))


DAMAGES: dict[str, Callable[[Ran, Rows, random.Random], Harm]] = {
    "cell": cell, "blank": blank, "drop": drop, "double": double, "swap": swap, "off by one": off_by_one, "code": code,
}  # fmt: skip


def test_there_are_two_hundred_and_without_damage_there_is_no_difference(once: Any, tmp_path: Path) -> None:
    ran = city(once)
    assert sum(MANY.values()) == 200
    assert written(rows_of(ran.published / FILE)) == (ran.published / FILE).read_bytes()
    found = reconciled(ran, ran.published, tmp_path)
    assert found.differences == 0
    assert all(verdict.compared + verdict.apart > 80 for verdict in found.verdicts)
    assert len(proven(ran)) >= 25


@pytest.mark.parametrize("part", range(10))
def test_damage_is_found_at_its_place(once: Any, tmp_path: Path, part: int) -> None:
    ran = city(once)
    kinds = [kind for kind, count in MANY.items() if kind in DAMAGES for _ in range(count)]
    for number in range(part, len(kinds), 10):
        folder = tmp_path / str(number)
        shutil.copytree(ran.published, folder / "published")
        rows = rows_of(ran.published / FILE)
        harm = DAMAGES[kinds[number]](ran, rows, random.Random(number))
        (folder / "published" / FILE).write_bytes(written(rows))
        check(reconciled(ran, folder / "published", folder), harm, f"{kinds[number]} {number}")


def check(found: Reconciled, harm: Harm, name: str) -> None:
    wrong = [verdict for verdict in found.verdicts if verdict.classes]
    totals = [total["total"] for total in found.totals if not total["agrees"]]
    assert found.differences > 0, name
    if not harm.kinds:
        assert totals == [f"{GROUP}.records"], name
        return
    assert {item for verdict in wrong for item in verdict.comparison.targets} >= harm.items, name
    assert {record for verdict in wrong for record in verdict.records} == harm.records, name
    if "*" not in harm.kinds:
        assert {kind for verdict in wrong for kind in verdict.classes} <= harm.kinds | {"inverse"}, name


@pytest.mark.parametrize("seed", [42, 43])
def test_last_weeks_file_is_found(once: Any, tmp_path: Path, seed: int) -> None:
    ran = city(once)
    before = deliver(tmp_path / "before", 120, seed, operation=OPERATION)
    shutil.copytree(ran.published, tmp_path / "published")
    shutil.copy(before.folder / "truth" / FILE, tmp_path / "published" / FILE)
    assert reconciled(ran, tmp_path / "published", tmp_path).differences > 80


def test_a_name_in_a_code_item_is_not_shown(once: Any, tmp_path: Path) -> None:
    """The cross-table of the result stands outside the protected folder; what is no code of the table may be a name."""
    ran = city(once)
    shutil.copytree(ran.published, tmp_path / "published")
    rows = rows_of(ran.published / FILE)
    rows[1][rows[0].index("性別")] = "見本太郎"
    (tmp_path / "published" / FILE).write_bytes(written(rows))
    found = reconciled(ran, tmp_path / "published", tmp_path)
    said = json.dumps(proving(ran.outcome.plan, found.verdicts, {GROUP: 120}), ensure_ascii=False)
    assert "（表にない値）" in said
    assert "見本太郎" not in said
