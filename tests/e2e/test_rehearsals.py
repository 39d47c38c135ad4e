"""Nights of rehearsal on a real site: what is new, resolved and still there is what was planted and taken away."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from e2e_support import ROOT, SCRIPT, Delivery, call_main, cells_in, deliver, dmig, sha256_of

from dmig.pipeline.rehearsing import Told, rehearse

FILE = "JUTOGAI.csv"
#: Item, text put in, and the code that must be said: written down here by what the layouts say, not by the program.
FAULTS = {
    "umare_ymd": ("3131345", "NRM006"), "seibetsu": ("7", "CNV090"), "jusho_shi_cd": ("1", "NRM003"),
    "sosa_time": ("996161", "NRM008"), "daihyo_flg": ("7", "CNV090"), "kojin_no": ("1234567", "CNV014"),
}  # fmt: skip
#: What stands in the way of passing.
GRAVE = ("reject", "blank")
PLAN = """plan = "yakan"
title = "夜間リハーサル"
keep = {keep}
workers = 1
across = {across}

[window]
start = "00:00"
end = "00:00"

[[operation]]
operation = "jutogai"
{more}"""
JUMIN = '\n[[operation]]\noperation = "jumin"\nafter = "jutogai"\n'


def site_of(folder: Path, city: Delivery, *, more: str = "", keep: int = 3) -> Path:
    done = dmig("init", "site", cwd=folder)
    assert done.returncode == 0, done.stderr
    site = folder / "site"
    fill(site, city)
    (site / "rehearsal.toml").write_text(
        PLAN.format(keep=keep, across="true" if more else "false", more=more), encoding="utf-8"
    )
    return site


def fill(site: Path, city: Delivery) -> None:
    place = site / "input" / city.operation
    shutil.copy(city.folder / "delivery.toml", place)
    shutil.copytree(city.inputs, place / "package", dirs_exist_ok=True)


@pytest.fixture
def city(once: Any) -> Delivery:
    found: Delivery = once("rehearsed city", lambda place: deliver(place / "city", 60, 5, operation="jutogai"))
    return found


def night(site: Path, **options: bool) -> Told:
    return rehearse(site / "rehearsal.toml", **options)


def test_twenty_nights_tell_new_resolved_and_recurring_causes_as_they_were_planted(
    tmp_path: Path, city: Delivery
) -> None:
    site, chance = site_of(tmp_path, city), random.Random(11)
    clean = (city.inputs / FILE).read_bytes()
    told = night(site)
    standing = set(told.night.causes)
    assert told.exit_code == 0
    before: set[str] = set()
    seen: dict[str, set[Any]] = {}
    for number in range(2, 21):
        active = {item for item in FAULTS if chance.random() < 0.4}
        (site / "input" / "jutogai" / "package" / FILE).write_bytes(clean)
        mine = Delivery(site / "input" / "jutogai", "jutogai")
        for at, item in enumerate(sorted(active), start=1):
            mine.edit(FILE, 3 + at * 5, **{item: FAULTS[item][0]})
        told = night(site)
        changes, causes = told.changes, set(told.night.causes) - standing
        assert told.night.number == number
        assert {cause.place.split()[1] for cause in causes if cause.what in GRAVE} >= active
        for item in active:
            codes = {cause.code for cause in causes if item in cause.place.split()}
            assert FAULTS[item][1] in codes, (item, codes)
        for kind, expected in (("new", active - before), ("resolved", before - active), ("recurring", active & before)):
            items = {c.place.split()[1] for c in getattr(changes, kind) if c.what in GRAVE}
            assert items == expected, (number, kind)
        assert changes.is_quiet is (active == before)
        # A cell that is blanked although something stood there is a difference too, which weighs more than a gate.
        differs = {cause.place.split()[1] for cause in causes if cause.what == "difference"}
        assert bool(differs) is ("jusho_shi_cd" in active)
        assert told.exit_code == (4 if differs else 1 if active else 0)
        seen.setdefault(str(sorted(active)), set()).add(told.night.operations[0].fingerprint.outputs)
        before = active
    assert all(len(outputs) == 1 for outputs in seen.values()), "the same inputs published the same on every night"
    assert len(seen) > 8


def test_an_unchanged_night_says_so_and_old_stages_go(tmp_path: Path, city: Delivery) -> None:
    site = site_of(tmp_path, city, keep=2)
    runs = [night(site).night.operations[0].run_id for _ in range(3)]
    told = night(site)
    assert told.changes.is_quiet
    assert "何も変わっていません" in told.text
    left = [(site / "runs" / run / "protected").is_dir() for run in (*runs, told.night.operations[0].run_id)]
    assert left == [False, False, True, True]
    assert all((site / "runs" / run / "result.json").is_file() for run in runs)


def test_an_operation_that_was_not_judged_resolves_nothing(tmp_path: Path, city: Delivery, once: Any) -> None:
    site = site_of(tmp_path, city, more=JUMIN)
    fill(site, once("rehearsed jumin", lambda place: deliver(place / "city", 60, 9, 0.1)))
    first = night(site)
    jumin = {cause for cause in first.night.causes if cause.operation == "jumin"}
    assert any(cause.what == "reject" for cause in jumin)
    (site / "input" / "jutogai" / "package" / FILE).unlink()
    second = night(site)
    assert second.exit_code == 5
    assert [one.status for one in second.night.operations] == ["error", "skipped"]
    assert not second.changes.resolved
    assert {(c.operation, c.code) for c in second.changes.new} == {("jutogai", "ENV001"), ("jumin", "RHS004")}
    assert set(second.night.causes) >= jumin
    fill(site, city)
    third = night(site)
    assert {(c.operation, c.code) for c in third.changes.resolved} == {("jutogai", "ENV001"), ("jumin", "RHS004")}
    assert set(third.changes.recurring) == set(first.night.causes)
    assert third.night.across_code is not None


@pytest.mark.parametrize("days", [9, -9])
def test_a_missing_night_and_a_clock_set_back_are_told_and_confuse_nothing(
    tmp_path: Path, city: Delivery, days: int
) -> None:
    site = site_of(tmp_path, city)
    told = night(site)
    record = told.folder / "night.json"
    content = json.loads(record.read_text(encoding="utf-8"))
    content["started_s"] -= days * 86_400
    record.write_text(json.dumps(content), encoding="utf-8")
    again = night(site)
    assert ("実行されなかった夜が 8 回" if days > 0 else "時計が前回より前") in again.text
    assert again.changes.is_quiet
    assert again.night.number == 2


def test_two_at_once_no_room_and_nothing_to_resume_are_refused(
    tmp_path: Path, city: Delivery, monkeypatch: Any, capsys: Any
) -> None:
    site = site_of(tmp_path, city)
    code, _, err = call_main(monkeypatch, capsys, "rehearse", site / "rehearsal.toml", "--resume")
    assert (code, "RHS003" in err) == (2, True)
    with (site / "rehearsals" / "yakan" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, err = call_main(monkeypatch, capsys, "rehearse", site / "rehearsal.toml")
        assert (code, "RHS001" in err) == (5, True)
    # Eight times a file that takes no room on the disk, and says that it has several terabytes.
    with (site / "input" / "jutogai" / "package" / "LARGE.csv").open("wb") as large:
        large.truncate(8 << 40)
    code, _, err = call_main(monkeypatch, capsys, "rehearse", site / "rehearsal.toml")
    assert (code, "RHS002" in err) == (5, True)
    assert list((site / "runs").glob("2*")) == []


def test_a_site_that_is_none_and_a_faulty_plan_are_told_with_file_and_line(
    tmp_path: Path, city: Delivery, monkeypatch: Any, capsys: Any
) -> None:
    (tmp_path / "rehearsal.toml").write_text('plan = "x"\n', encoding="utf-8")
    code, _, err = call_main(monkeypatch, capsys, "rehearse", tmp_path / "rehearsal.toml")
    assert (code, "dmig.toml" in err) == (3, True)
    site = site_of(tmp_path, city, more='after = "kojin"\n')
    plan = (site / "rehearsal.toml").read_text(encoding="utf-8")
    (site / "rehearsal.toml").write_text('colour = "blue"\n' + plan, encoding="utf-8")
    code, _, err = call_main(monkeypatch, capsys, "rehearse", site / "rehearsal.toml")
    assert (code, "SPC020" in err, "SPC013" in err) == (3, True, True)


def test_kills_at_any_time_and_a_resume_give_the_same_bytes(tmp_path: Path, city: Delivery, once: Any) -> None:
    site = site_of(tmp_path, city, more=JUMIN)
    fill(site, once("rehearsed jumin", lambda place: deliver(place / "city", 60, 9, 0.1)))
    whole = night(site).night
    command, chance = [SCRIPT, "rehearse", site / "rehearsal.toml"], random.Random(3)
    killed = 0
    for turn in range(5):
        more = ["--resume"] if turn else []
        with subprocess.Popen(
            [*command, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
        ) as child:
            time.sleep(1.5 + chance.random() * 6)
            if child.poll() is None:
                child.send_signal(signal.SIGKILL)
                killed += 1
        if child.returncode != -signal.SIGKILL:
            break
    assert killed
    folder = site / "rehearsals" / "yakan" / "0002"
    if not (folder / "night.json").is_file():
        done = dmig("rehearse", site / "rehearsal.toml", "--resume", cwd=tmp_path)
        assert done.returncode == 1, done.stderr.decode()
    found = json.loads((folder / "night.json").read_text(encoding="utf-8"))
    for one, other in zip(found["operations"], whole.operations, strict=True):
        assert one["fingerprint"]["outputs"] == other.fingerprint.outputs
        assert [cause[:4] for cause in one["causes"]] == [list(astuple(cause)) for cause in sorted(other.causes)]
    published = site / "runs" / found["operations"][1]["run_id"] / "protected" / "write" / "published"
    before = site / "runs" / whole.operations[1].run_id / "protected" / "write" / "published"
    files = sorted(path.name for path in before.glob("*.csv"))
    assert len(files) > 5
    assert [sha256_of(published / name) for name in files] == [sha256_of(before / name) for name in files]


def astuple(cause: Any) -> tuple[str, str, str, str]:
    return cause.operation, cause.what, cause.code, cause.place


def test_no_value_of_a_record_stands_in_what_a_night_leaves(tmp_path: Path, once: Any, city: Delivery) -> None:
    site = site_of(tmp_path, city, more=JUMIN)
    jumin = once("rehearsed jumin", lambda place: deliver(place / "city", 60, 9, 0.1))
    fill(site, jumin)
    told = night(site)
    left = "".join(
        path.read_text(encoding="utf-8") for path in told.folder.iterdir() if path.suffix in (".json", ".txt", ".html")
    )
    assert len(left) > 5_000
    values = set()
    for delivery, files in ((city, [FILE]), (jumin, ["JUKI_GENZAI.csv", "JUKI_RIREKI.csv"])):
        for file in files:
            for record in delivery.records(file):
                values |= {cell.decode("cp932", "ignore") for cell in cells_in(record)}
    names = {value for value in values if len(value) >= 6}
    assert len(names) > 500
    assert [value for value in names if value in left] == []
    assert (ROOT / "docs" / "units" / "dmig-rehearse.timer").is_file()
