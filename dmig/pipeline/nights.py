"""The nights of one plan on disk: numbered folders, of which one with a record has come to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dmig.model.rehearsal import Cause, Causes, Fingerprint, Night, Rehearsed
from dmig.store.private import read_json, write_json

RECORD = "night.json"


class Nights:
    """All nights of a plan. Their order is that of their numbers: a clock can be set back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def numbers(self) -> list[int]:
        """Numbers of all nights, also of those that were interrupted."""
        return sorted(int(path.name) for path in self.folder.glob("[0-9]*") if path.is_dir() and path.name.isdecimal())

    def place(self, number: int) -> Path:
        """The folder of a night."""
        return self.folder / f"{number:04d}"

    def next_number(self) -> int:
        """The number of a night that is begun anew."""
        return (self.numbers() or [0])[-1] + 1

    def open_number(self) -> int | None:
        """The number of the last night if it was interrupted."""
        last = (self.numbers() or [0])[-1]
        return last if last and not (self.place(last) / RECORD).is_file() else None

    def interrupted(self, number: int) -> bool:
        """Whether the night before one was begun and did not come to its end."""
        before = [other for other in self.numbers() if other < number]
        return bool(before) and not (self.place(before[-1]) / RECORD).is_file()

    def finished(self) -> list[Night]:
        """All nights that came to their end, in order."""
        paths = (self.place(number) / RECORD for number in self.numbers())
        return [self._read(path) for path in paths if path.is_file()]

    def last(self) -> Night | None:
        """The last night that came to its end."""
        for number in reversed(self.numbers()):
            if (path := self.place(number) / RECORD).is_file():
                return self._read(path)
        return None

    def keep(self, night: Night, exit_code: int) -> None:
        """Write the record of a night: it has come to its end."""
        operations = [self.stored(one) for one in night.operations]
        content = {
            "plan": night.plan, "number": night.number, "started_s": night.started_s, "ended_s": night.ended_s,
            "exit_code": exit_code, "operations": operations, "across": _listed(night.across),
            "across_code": night.across_code,
        }  # fmt: skip
        write_json(self.place(night.number) / RECORD, content)

    def _read(self, path: Path) -> Night:
        found = read_json(path)
        operations = tuple(one for entry in found["operations"] if (one := self.rehearsed(entry)) is not None)
        return Night(found["plan"], found["number"], found["started_s"], found["ended_s"], operations,
                     _causes(found["across"]), found["across_code"])  # fmt: skip

    @staticmethod
    def stored(one: Rehearsed) -> dict[str, Any]:
        """An operation of a night as JSON."""
        plain = {name: getattr(one, name) for name in _PLAIN}
        return plain | {
            "causes": _listed(one.causes), "fingerprint": asdict(one.fingerprint), "gates": [list(gate) for gate in one.gates],
        }  # fmt: skip

    @staticmethod
    def rehearsed(found: Mapping[str, Any] | None) -> Rehearsed | None:
        """An operation of a night from JSON."""
        if found is None:
            return None
        print_of = found["fingerprint"] | {"inputs": tuple((name, sha) for name, sha in found["fingerprint"]["inputs"])}
        return Rehearsed(
            **{name: found[name] for name in _PLAIN}, causes=_causes(found["causes"]), fingerprint=Fingerprint(**print_of),
            gates=tuple((gate, count, limit, status) for gate, count, limit, status in found["gates"]),
        )  # fmt: skip


_PLAIN = ("operation", "run_id", "status", "exit_code", "elapsed_s", "judged", "records", "labels")


def _listed(causes: Causes) -> list[list[Any]]:
    return [[cause.operation, cause.what, cause.code, cause.place, count] for cause, count in sorted(causes.items())]


def _causes(found: list[list[Any]]) -> Causes:
    return {Cause(operation, what, code, place): count for operation, what, code, place, count in found}
