"""Reading `rehearsal.toml` of a site: what is rehearsed, in which order and when."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from dmig.errors import Diagnostics
from dmig.model.rehearsal import RehearsalPlan, RehearsedOperation, Window
from dmig.spec.header import Header
from dmig.spec.site import Site

WINDOW_KEYS: dict[str, type] = {"start": str, "end": str}
REHEARSED_KEYS: dict[str, type] = {"operation": str, "after": str}
_TIME, _NAME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])"), re.compile(r"[A-Za-z0-9_-]{1,40}")
_NUMBERS = {"workers": (0, 64), "keep": (1, 1000), "every_hours": (1, 24 * 31)}


def read_rehearsal(path: Path, site: Site, diagnostics: Diagnostics) -> RehearsalPlan:
    """The plan of a file in a site's folder; what is wrong with it goes to the diagnostics.

    Operations come in an order in which each stands behind those that it waits for.
    """
    header = Header(path.parent, path, diagnostics)
    plan = header.text("plan")
    if plan and not _NAME.fullmatch(plan):
        header.fault("plan", "SPC007", column="plan", value=plan, allowed="A-Z a-z 0-9 _ -")
    operations = tuple(_operation(entry, site, header) for entry in header.tables("operation", REHEARSED_KEYS))
    if not operations:
        header.fault("operation", "SPC012", key="operation")
    numbers = {name: _number(header, name, *limits) for name, limits in _NUMBERS.items() if name in header.tree}
    across = header.tree.get("across", True)
    if not isinstance(across, bool):
        header.fault("across", "SPC012", key="across")
    found = RehearsalPlan(
        plan=plan,
        title=header.text("title"),
        operations=_ordered(operations, header),
        window=_window(header),
        across=bool(across),
        drop=header.text("drop", needed=False),
        **numbers,
    )
    header.close("plan", "title", "operation", "window", "across", "drop", *_NUMBERS)
    return found


def _operation(entry: dict[str, Any], site: Site, header: Header) -> RehearsedOperation:
    name = str(entry.get("operation", ""))
    if name not in site.operations:
        header.fault("operation", "SPC020", what="operation", name=name)
    return RehearsedOperation(name, tuple(str(entry.get("after", "")).split()))


def _number(header: Header, key: str, least: int, most: int) -> int:
    value = header.tree[key]
    if type(value) is not int or not least <= value <= most:
        header.fault(key, "SPC007", column=key, value=value, allowed=f"{least}-{most}")
        return least
    return value


def _window(header: Header) -> Window | None:
    found = header.table("window", WINDOW_KEYS)
    if not found:
        return None
    minutes = {}
    for key in WINDOW_KEYS:
        told = _TIME.fullmatch(str(found.get(key, "")))
        if told is None:
            header.fault(key, "SPC007", column=f"window.{key}", value=found.get(key, ""), allowed="HH:MM")
            return None
        minutes[key] = int(told[1]) * 60 + int(told[2])
    return Window(minutes["start"], minutes["end"])


def _ordered(operations: tuple[RehearsedOperation, ...], header: Header) -> tuple[RehearsedOperation, ...]:
    """Behind those that they wait for, otherwise as they are written."""
    names = [one.operation for one in operations]
    for one in operations:
        for name in one.after:
            if name not in names:
                header.fault("after", "SPC020", what="operation", name=name)
    if len(names) != len(set(names)):
        header.fault("operation", "SPC014", key=next(n for n in names if names.count(n) > 1), line=0)
    found: list[RehearsedOperation] = []
    waiting = list(operations)
    while waiting:
        done = {one.operation for one in found}
        ready = [one for one in waiting if all(name in done or name not in names for name in one.after)]
        if not ready:
            header.fault("after", "SPC034", chain=" → ".join(one.operation for one in waiting))
            return (*found, *waiting)
        found.append(ready[0])
        waiting.remove(ready[0])
    return tuple(found)
