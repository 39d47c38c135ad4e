"""A site's work list: where decisions lie, whose key keys their hashes, who may approve, and what a real run needs then."""

from __future__ import annotations

import hashlib
import hmac
import json
import stat
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from e2e_support import JUTOGAI, call_main, dicts_of, rows_of
from site_support import OPERATION, PEOPLE, Site, sound
from worklist_support import fill

WRONG = "9991399"


class Town(Site):
    """A site with one wrong birthday, which staff repair."""

    @property
    def repairs(self) -> Path:
        return self.folder / "protected" / "repairs" / OPERATION / "package.csv"

    def break_birthday(self) -> str:
        delivery = type(self.delivery)(self.folder / "input" / OPERATION, OPERATION)
        record = next(n for n in range(1, 40) if len(delivery.cell(JUTOGAI, n, "umare_ymd")) == 7)
        right = delivery.cell(JUTOGAI, record, "umare_ymd")
        delivery.edit(JUTOGAI, record, umare_ymd=WRONG)
        return right

    def decide(self, right: str) -> None:
        code, _, err = self.call("worklist", "export", "--runs", self.runs, "--reason", "処置")
        assert code == 0, err
        [book] = sorted(self.runs.rglob("worklist.xlsx"))[-1:]
        cells = {"treatment": "補正", "new_value": right, "reason": "原本", "decided_by": PEOPLE[0], "due": ""}
        assert fill(book, lambda row: cells if row["item"] == "umare_ymd" and row["※weight"] == "拒否" else None) == 1
        code, _, err = self.call("worklist", "import", "--runs", self.runs, "--xlsx", book)
        assert code == 0, err

    def stand_for(self, name: str, key: str = "") -> tuple[int, str]:
        key = key or name
        asked = ("worklist", "approve", "--runs", self.runs, "--as", name, "--key", self.folder / f"{key}.pem")
        code, _, err = self.call(*asked)
        return code, err


@pytest.fixture
def town(once: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> Town:
    return Town(partial(call_main, monkeypatch, capsys), tmp_path / "site", sound(once))


def hash_of(site: Site, text: str) -> str:
    """The keyed hash, computed from the site's key file alone."""
    key = load_pem_private_key((site.folder / "site.pem").read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    secret = hashlib.sha256(key.sign(b"dmig: hashes of values in repairs.csv")).digest()
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def test_from_the_work_list_to_a_real_run(town: Town) -> None:
    right = town.break_birthday()
    code, result, _ = town.run("--dry-run")
    assert code == 1
    assert result["repairs"] == {"sha256": "", "decisions": [], "items": []}
    town.decide(right)
    [row] = dicts_of(town.repairs)
    assert row["old_hash"] == hash_of(town, WRONG)
    assert row["new_value"] == right
    assert (row["decided_by"], row["approved_by"]) == (PEOPLE[0], "")
    assert stat.S_IMODE(town.repairs.stat().st_mode) == 0o600
    folders = [folder for folder in town.repairs.parents if town.folder in folder.parents]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert town.run("--dry-run")[0] == 1
    assert town.stand_for(PEOPLE[0])[0] == 2
    assert town.stand_for(PEOPLE[1], key=PEOPLE[0])[0] == 2
    assert town.stand_for("通行人", key=PEOPLE[1])[0] == 2
    assert town.stand_for(PEOPLE[1])[0] == 0
    code, result, err = town.run("--dry-run")
    assert (code, result["repairs"]["decisions"][0]["applied"]) == (0, 1), err
    assert town.approve(PEOPLE[0], "--reason", "確認")[0] == 0
    code, real, err = town.run()
    assert code == 0, err
    assert real["plan_hash"] == result["plan_hash"]
    published = town.folder / "published" / OPERATION
    [file] = published.glob("generations/*/031_*.csv")
    assert rows_of(file) == town.delivery.truth()
    assert town.verify()[0] == 0


def test_changed_decisions_are_another_plan(town: Town) -> None:
    right = town.break_birthday()
    town.run("--dry-run")
    town.decide(right)
    town.stand_for(PEOPLE[1])
    assert town.run("--dry-run")[0] == 0
    assert town.approve(PEOPLE[0], "--reason", "確認")[0] == 0
    text = town.repairs.read_text(encoding="utf-8")
    town.repairs.write_text(text.replace("原本", "別の原本"), encoding="utf-8")
    code, _, err = town.run()
    assert (code, "RUN010" in err) == (2, True)


def test_another_key_makes_decisions_lapse(town: Town) -> None:
    right = town.break_birthday()
    town.run("--dry-run")
    town.decide(right)
    town.stand_for(PEOPLE[1])
    (town.folder / "site.pem").unlink()
    new = town.new_key("site", "見本市")
    settings = town.folder / "dmig.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace(f'public_key = "{town.key}"', f'public_key = "{town.key} {new}"'),
        encoding="utf-8",
    )
    code, result, err = town.run("--dry-run")
    assert code == 1, err
    assert result["repairs"]["decisions"][0]["lapsed"] == 1
    assert result["findings_by_code"]["RPR003"] == 1


def test_nothing_of_it_is_said_outside(town: Town) -> None:
    """Not the wrong value, nor the right one, nor the number of the person, in any file outside a protected folder."""
    right = town.break_birthday()
    town.run("--dry-run")
    town.decide(right)
    town.stand_for(PEOPLE[1])
    said = json.dumps(town.run("--dry-run")[1], ensure_ascii=False)
    key = json.loads(dicts_of(town.repairs)[0]["key"])[0]
    values = [WRONG, right, key]
    assert [value for value in values if value in said] == []
    own = ("protected", "input", "published")
    for path in town.folder.rglob("*"):
        if path.is_file() and not set(own) & set(path.relative_to(town.folder).parts):
            content = path.read_bytes()
            assert [value for value in values if value.encode() in content] == [], path.name
