"""A site as the commands make it: its key, two approvers, a delivery."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from e2e_support import Delivery, deliver

Call = Callable[..., tuple[int, str, str]]


OPERATION = "jutogai"


PEOPLE = ("山田花子", "佐藤次郎")


HEADER = "name,role,division,public_key,valid_from,valid_to\n"


class Site:
    """A site made by the commands themselves: its key, two approvers, a delivery."""

    def __init__(self, call: Call, folder: Path, delivery: Delivery) -> None:
        self.call, self.folder, self.delivery = call, folder, delivery
        assert call("init", folder)[0] == 0
        place = folder / "input" / delivery.operation
        shutil.copy(delivery.folder / "delivery.toml", place)
        shutil.copytree(delivery.inputs, place / "package", dirs_exist_ok=True)
        self.key = self.new_key("site", "見本市")
        with (folder / "dmig.toml").open("a", encoding="utf-8") as settings:
            settings.write(f'\n[ledger]\nkey = "site.pem"\npublic_key = "{self.key}"\n')
        self.rows = [f"{n},課長,市民課,{self.new_key(n, n)},2026-04-01,2027-03-31\n" for n in PEOPLE]
        self.approvers(*self.rows)

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    def new_key(self, file: str, name: str) -> str:
        code, out, _ = self.call("key", "new", "--name", name, "--out", self.folder / f"{file}.pem")
        assert code == 0
        public, said = out.split()
        assert said == name
        return public

    def approvers(self, *rows: str) -> None:
        (self.folder / "approvers.csv").write_text(HEADER + "".join(rows), encoding="utf-8")

    def gates(self, text: str) -> None:
        (self.folder / "mappings" / OPERATION / "package" / "gates.toml").write_text(text, encoding="utf-8")

    def run(self, *more: str | Path) -> tuple[int, dict[str, Any], str]:
        code, out, err = self.call("run", OPERATION, "--site", self.folder, "--json", *more)
        return code, json.loads(out) if out else {}, err

    def dry(self) -> str:
        code, result, err = self.run("--dry-run")
        assert code == 0, err
        return str(result["run_id"])

    def approve(self, name: str, *more: str, key: str = "") -> tuple[int, str]:
        asked = ("approve", "--as", name, "--key", self.folder / f"{key or name}.pem", "--site", self.folder, *more)
        code, _, err = self.call(*asked)
        return code, err

    def verify(self, *more: str) -> tuple[int, str]:
        code, out, err = self.call("ledger", "verify", "--site", self.folder, *more)
        return code, out + err

    def head(self) -> str:
        return self.call("ledger", "head", "--site", self.folder)[1].strip()


def sound(once: Any) -> Delivery:
    found: Delivery = once("evidence city", lambda place: deliver(place / "city", 60, 7, operation=OPERATION))
    return found
