"""`schemas/standard/across.csv`: rules between operations, checked against the layouts of those that are there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from dmig.errors import Diagnostics
from dmig.model.across import KINDS, OUTCOMES, AcrossRule, Seat
from dmig.model.layout import StandardLayout
from dmig.spec.sheet import Columns, SheetRow, read_sheet

ACROSS = Columns(("rule", "kind", "item", "others", "args", "outcome", "basis", "advice_staff", "advice_engineer"))
FILE = "across.csv"


def read_across(root: Path, diagnostics: Diagnostics) -> tuple[AcrossRule, ...]:
    """The rules; what is wrong with them apart from names in layouts goes to the diagnostics."""
    _, rows = read_sheet(root, root / "schemas" / "standard" / FILE, ACROSS, diagnostics, needed=False)
    seen: dict[str, int] = {}
    for row in rows:
        name = row.required("rule")
        if name in seen:
            row.fault("SPC014", key=name, line=seen[name])
        seen.setdefault(name, row.place.line)
    return tuple(_rule(row) for row in rows)


def _rule(row: SheetRow) -> AcrossRule:
    kind, outcome = row.text("kind"), row.text("outcome")
    if kind not in KINDS:
        row.fault("SPC020", what="rule kind", name=kind)
    if outcome not in OUTCOMES:
        row.fault("SPC007", column="outcome", value=outcome, allowed=" | ".join(OUTCOMES))
    return AcrossRule(
        rule=row.text("rule"),
        kind=kind,
        item=_seat(row, "item", row.required("item")),
        others=tuple(_seat(row, "others", name) for name in row.names("others")),
        args=_args(row, kind),
        outcome=outcome,
        basis=row.required("basis"),
        advice_staff=row.required("advice_staff"),
        advice_engineer=row.text("advice_engineer"),
        line=row.place.line,
    )


def _seat(row: SheetRow, column: str, text: str) -> Seat:
    parts = text.split(".")
    if len(parts) != 3:
        row.fault("SPC008", column=column, value=text)
        return Seat("", "", "")
    return Seat(*parts)


def _args(row: SheetRow, kind: str) -> dict[str, str]:
    args, known = row.args("args"), KINDS.get(kind)
    if known is None:
        return args
    for name in args:
        if name not in (*known.args, *known.optional):
            row.fault("SPC020", what="argument", name=name)
    for name in known.args:
        if not args.get(name):
            row.fault("SPC031", name=name)
    for name in ("least", "most"):
        if not re.fullmatch("[0-9]*", args.get(name, "")):
            row.fault("SPC008", column=name, value=args[name])
    count, (least, most) = len(row.names("others")), known.others
    if not least <= count <= most:
        row.fault("SPC032", expected=least, found=count)
    return args


def check_across(
    rules: tuple[AcrossRule, ...], layouts: Mapping[str, StandardLayout], root: Path, diagnostics: Diagnostics
) -> None:
    """Items that rules name, in the layouts of operations that are there."""
    file = (root / "schemas" / "standard" / FILE).relative_to(root).as_posix()
    for rule in rules:
        for seat, names in _named(rule):
            layout = layouts.get(seat.operation)
            group = layout.group(seat.group) if layout else None
            if layout and group is None:
                diagnostics.add(file, rule.line, "SPC020", what="group", name=f"{seat.operation}.{seat.group}")
            for name in names if group else ():
                if group and group.item(name) is None:
                    diagnostics.add(file, rule.line, "SPC020", what="item", name=f"{seat.group}.{name}")


def _named(rule: AcrossRule) -> list[tuple[Seat, list[str]]]:
    """Each seat of a rule with all items that it names there."""
    kind = KINDS.get(rule.kind)
    if kind is None:
        return []
    pairs = [word.partition(":") for word in rule.args.get("pairs", "").split()]
    own = [rule.item.item, *_words(rule, "where"), *(rule.args[name] for name in kind.own_items if name in rule.args)]
    own += [one for one, _, _ in pairs]
    of_others = [*_words(rule, "other_where"), *(rule.args[name] for name in kind.other_items if name in rule.args)]
    of_others += [other for _, _, other in pairs] + (_words(rule, "status") if rule.kind == "left" else [])
    if rule.kind == "reached":
        excused = [rule.args["end"]] if "end" in rule.args else []
        first, *further = rule.others
        return [
            (rule.item, own),
            (first, [first.item, *of_others]),
            *((seat, [seat.item, *excused]) for seat in further),
        ]
    return [(rule.item, own), *((seat, [seat.item, *of_others]) for seat in rule.others)]


def _words(rule: AcrossRule, name: str) -> list[str]:
    return [word.partition(":")[0] for word in rule.args.get(name, "").split()]
