"""Rules between operations, judged in SQL over what each has published; what must not be seen stays in a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from dmig.model.across import AcrossRule, Seat
from dmig.stages.reconcile.compare import literal, words

#: Published parts by operation and group.
Parts = Mapping[tuple[str, str], Sequence[Path]]
#: Where the day stands among a rule's arguments while it is judged; no row of across.csv can name it.
AS_OF = " as of"
FULL_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"


@dataclass(frozen=True, slots=True)
class Judged:
    """How many rows a rule has looked at, and the keys of those that break it, with what they were compared with."""

    rows: int
    broken: pl.DataFrame


def judge_across(rule: AcrossRule, parts: Parts, as_of: str = "") -> Judged:
    """One rule over published Parquet; distinct keys, each named once. `as_of` is the day that `reached` asks for."""
    judged, broken = SQL[rule.kind](replace(rule, args={**rule.args, AS_OF: as_of}), parts)
    connection = words(())
    [(rows,)] = connection.execute(f"select count(*) from ({judged})").fetchall()  # noqa: S608
    found = connection.sql(f"select distinct * from ({broken}) order by all").pl()  # noqa: S608
    return Judged(int(rows), found)


def quoted(name: str) -> str:
    """An identifier safe for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _rows(seat: Seat, parts: Parts, where: str) -> str:
    """The rows of a seat's group that a condition speaks of."""
    files = ", ".join(literal(str(path)) for path in parts[seat.operation, seat.group])
    # Identifiers are quoted and values literals; paths are the program's own.
    return f"(select * from read_parquet([{files}]) where {_held(where)})"  # noqa: S608


def _held(text: str) -> str:
    """`item:value|value item:value` as a condition."""
    tests = []
    for item, _, values in (word.partition(":") for word in text.split()):
        tests.append(f"coalesce({quoted(item)} in ({', '.join(literal(value) for value in values.split('|'))}), false)")
    return " and ".join(tests) or "true"


def _sides(rule: AcrossRule, parts: Parts) -> tuple[str, str]:
    """Rows of the rule's own group with a key `k`, and the keys of the others."""
    rows = _rows(rule.item, parts, rule.args.get("where", ""))
    own = f"(select *, {quoted(rule.item.item)} as k from {rows} where k is not null)"  # noqa: S608
    others = [
        f"select {quoted(seat.item)} as k from {_rows(seat, parts, rule.args.get('other_where', ''))}"  # noqa: S608
        for seat in rule.others
    ]
    return own, f"({' union all '.join(others)})"


def _joined(rule: AcrossRule, parts: Parts) -> str:
    """Own rows `o` beside the others' rows `t` with the same key."""
    own, _ = _sides(rule, parts)
    seat = rule.others[0]
    there = _rows(seat, parts, rule.args.get("other_where", ""))
    return f"{own} o join {there} t on t.{quoted(seat.item)} = o.k"


def _known(rule: AcrossRule, parts: Parts) -> tuple[str, str]:
    """Every key exists in one of the others."""
    own, others = _sides(rule, parts)
    return f"select k from {own}", f"select k from {own} where k not in (select k from {others} where k is not null)"  # noqa: S608


def _listed(rule: AcrossRule, parts: Parts) -> tuple[str, str]:
    """Every key of the other exists here."""
    own, others = _sides(rule, parts)
    return f"select k from {others} where k is not null", (  # noqa: S608
        f"select k from {others} where k is not null and k not in (select k from {own})"  # noqa: S608
    )


def _same(rule: AcrossRule, parts: Parts) -> tuple[str, str]:
    """Copies agree where both are filled; `compare=letters` forgives spaces and width."""
    joined, tests = _joined(rule, parts), []
    shape = "letters({})" if rule.args.get("compare") == "letters" else "{}"
    for one, _, other in (word.partition(":") for word in rule.args["pairs"].split()):
        tests.append(f"{shape.format(f'o.{quoted(one)}')} <> {shape.format(f't.{quoted(other)}')}")
    return f"select o.k from {joined}", f"select o.k from {joined} where {' or '.join(tests)}"  # noqa: S608


def _years(birth: str, day: str) -> tuple[str, str]:
    """The age on a day, and that it is known; it is reached the day before the birthday."""
    known = f"regexp_full_match({birth}, '{FULL_DAY}') and try_cast({birth} as date) is not null and {day} is not null"
    born, next_day = f"try_cast({birth} as date)", f"({day} + 1)"
    before = f"case when strftime({next_day}, '%m-%d') < strftime({born}, '%m-%d') then 1 else 0 end"
    return f"date_diff('year', {born}, {next_day}) - {before}", known


def _reached(rule: AcrossRule, parts: Parts) -> tuple[str, str]:
    """Everybody of the first other who has reached the age has a row here, or one of a further other excuses them."""
    own, _ = _sides(rule, parts)
    people, *excuses = rule.others
    as_of = literal(rule.args[AS_OF])
    age, known = _years(quoted(rule.args["birth"]), f"try_cast({as_of} as date)")
    there = _rows(people, parts, rule.args.get("other_where", ""))
    key = quoted(people.item)
    old = f"select {key} as k from {there} where {key} is not null and {known} and {age} >= {int(rule.args['least'])}"  # noqa: S608
    lasts = f"coalesce({quoted(rule.args['end'])}, '9999') >= {as_of}" if "end" in rule.args else "true"
    found = [f"select k from {own}"]  # noqa: S608
    found += [
        f"select {quoted(seat.item)} as k from {_rows(seat, parts, '')} where {quoted(seat.item)} is not null and {lasts}"  # noqa: S608
        for seat in excuses
    ]
    return old, f"select k from ({old}) where k not in ({' union all '.join(found)})"  # noqa: S608


def _age(rule: AcrossRule, parts: Parts) -> tuple[str, str]:
    """The age on a day (of a year: on its first of January)."""
    joined = _joined(rule, parts)
    at, birth = f"o.{quoted(rule.args['at'])}", f"t.{quoted(rule.args['birth'])}"
    age, known = _years(birth, f"try_cast(case when length({at}) = 4 then {at} || '-01-01' else {at} end as date)")
    rows = f"select o.k, {age} as age from {joined} where {known}"  # noqa: S608
    tests = [f"age < {int(rule.args['least'])}"] if rule.args.get("least") else []
    tests += [f"age > {int(rule.args['most'])}"] if rule.args.get("most") else []
    return rows, f"select k from ({rows}) where {' or '.join(tests) or 'age < 0'}"  # noqa: S608


def _left(rule: AcrossRule, parts: Parts) -> tuple[str, str]:
    """Nobody whose record in the other says so (`status`) has an open entitlement here."""
    joined = _joined(rule, parts)
    status, _, values = rule.args["status"].partition(":")
    gone = f"t.{quoted(status)} in ({', '.join(literal(value) for value in values.split('|'))})"
    end = f"o.{quoted(rule.args['end'])}"
    open_ = f"({end} is null or {end} = '9999-12-31')"
    return f"select o.k from {joined} where {open_}", f"select o.k from {joined} where {open_} and {gone}"  # noqa: S608


def _once(rule: AcrossRule, parts: Parts) -> tuple[str, str]:
    """A key stands under one `per` only, within the same values of `within`."""
    own, _ = _sides(rule, parts)
    keys = ", ".join(["k", *(quoted(item) for item in rule.args.get("within", "").split())])
    per = quoted(rule.args["per"])
    return f"select k from {own}", (  # noqa: S608
        f"select k from {own} group by {keys} having min({per}) <> max({per})"  # noqa: S608
    )


SQL = {
    "known": _known,
    "listed": _listed,
    "same": _same,
    "age": _age,
    "reached": _reached,
    "left": _left,
    "once": _once,
}
