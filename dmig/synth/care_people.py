"""Who is insured: the qualifications of 介護保険 as typed facts, told by the entries of the register."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.care_law import BLANK, IN_FORCE, OFFICES, Facts, checked, is_last, joined, reached, running, take
from dmig.synth.days import AS_OF, NEVER, NO_DAY
from dmig.synth.events import Kind
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints, Streams, between, chance, spread_numbers

#: 保険者番号 of the invented city: its 都道府県 and 市区町村, and the check digit.
INSURER = int(checked(np.array([99_001]), 5)[0])
#: How one came to be insured, by place of the code list.
MOVED_IN, AGED, SECOND, NO_MORE_EXCLUDED, BY_OFFICE, LAW_BEGAN = range(6)
#: Kinds of insured persons.
FIRST_KIND, SECOND_KIND = 0, 1
_YEAR = 365


@dataclass(frozen=True, slots=True)
class Stays:
    """One place per stay in the city: person, first day, kind of entry, first day after it (NEVER: none) and how it ended.

    `ended` is the place in the code list of 資格喪失事由 (-1: not); `last` marks the last stay of a person.
    """

    person: Ints
    start: Ints
    kind: Ints
    until: Ints
    ended: Ints
    last: Bools


@dataclass(frozen=True, slots=True)
class Insured:
    """資格, 住所地特例 and 適用除外; `number` is the 被保険者番号 by person, `entry` the last entry, `aged` when 65 is reached."""

    shikaku: Facts
    jutoku: Facts
    jogai: Facts
    number: Ints
    entry: Ints
    aged: Ints


def insured(source: Register, streams: Streams) -> Insured:
    """Everybody aged 65 and over who lives here, and some from 40 on."""
    persons, entries = source.population.persons, source.entries
    count = len(persons)
    stays, aged = _stays(source), reached(persons.births.true_day, 65)
    draw = streams.of("care insured")
    numbers = draw.permutation(spread_numbers(draw, count))
    elsewhere = _elsewhere(stays, aged, draw)
    excluded_from, excluded_to = _excluded(stays, aged, draw, count)
    applied = _second_kind(stays, reached(persons.births.true_day, 40), aged, excluded_from, draw)
    lost = np.where(elsewhere, NEVER, stays.until)
    first = _first_kind(stays, lost, aged, excluded_to, applied, elsewhere)
    rows = joined(first, _before_65(stays, lost, aged, applied))
    rows = take(rows, np.lexsort((rows["sort"], persons.number[rows["person"]])))
    entry = np.zeros(count, np.int64)
    entry[entries.person[entries.latest]] = np.flatnonzero(entries.latest)
    rows |= {"history": running(rows["person"]), "latest": is_last(rows["person"])}
    shikaku = _described(_with_deleted(rows, draw, persons.number), source, entry)
    return Insured(
        shikaku, _homes(stays, elsewhere, persons.number), _exclusions(excluded_from, excluded_to, persons.number),
        numbers, entry, aged,
    )  # fmt: skip


def _stays(source: Register) -> Stays:
    entries = source.entries
    borders = np.flatnonzero(
        ~entries.deleted & ((entries.kind <= Kind.ENTERED_BY_OFFICE) | (entries.kind >= Kind.MOVED_AWAY))
    )
    begins = entries.kind[borders] <= Kind.ENTERED_BY_OFFICE
    following = np.append(borders[1:], borders[-1:])
    ends = np.append(~begins[1:], False) & (entries.person[following] == entries.person[borders])
    at, after, closed = borders[begins], following[begins], ends[begins]
    kind = entries.kind[after]
    until = np.where(closed, entries.day[after] + (kind != Kind.REMOVED_BY_OFFICE), NEVER)
    ended = np.select([~closed, kind == Kind.MOVED_AWAY, kind == Kind.DIED], [BLANK, 0, 1], 3)
    person = entries.person[at]
    return Stays(person, entries.day[at], entries.kind[at], until, ended, is_last(person) > 0)


def _some(fits: Bools, share: float, least: int, draw: np.random.Generator) -> Bools:
    """About `share` of the places that fit, and at least so many where there are any."""
    chosen = fits & chance(draw, share, len(fits))
    chosen[draw.permutation(np.flatnonzero(fits))[:least]] = True
    return np.asarray(chosen)


def _elsewhere(stays: Stays, aged: Ints, draw: np.random.Generator) -> Bools:
    """Stays of persons who moved to a home elsewhere and stay insured here (住所地特例)."""
    fits = stays.last & (stays.ended == 0) & (np.maximum(aged[stays.person], IN_FORCE) < stays.until)
    return _some(fits, 0.06, 2, draw)


def _excluded(stays: Stays, aged: Ints, draw: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """By person the first and last day of 適用除外: NO_DAY for the others, NEVER for an open end."""
    fits = stays.last & (stays.until == NEVER) & (aged[stays.person] > IN_FORCE) & (aged[stays.person] < AS_OF - 400)
    at = np.flatnonzero(_some(fits, 0.004, 3, draw))
    start = np.maximum(aged[stays.person[at]], stays.start[at])
    begun, ended = np.full(count, NO_DAY), np.full(count, NO_DAY)
    begun[stays.person[at]] = start
    ended[stays.person[at]] = np.where((np.arange(len(at)) % 3 == 0) & (start + 900 < AS_OF - 90), start + 900, NEVER)
    return begun, ended


def _second_kind(stays: Stays, forty: Ints, aged: Ints, excluded: Ints, draw: np.random.Generator) -> Ints:
    """The day on which a person of 40 to 64 applied for a certification, by stay (NO_DAY: did not)."""
    person = stays.person
    low = np.maximum(np.maximum(stays.start + 30, forty[person] + _YEAR), IN_FORCE + 12 * _YEAR)
    high = np.minimum(np.minimum(stays.until - 400, aged[person] - 400), AS_OF - 200)
    fits = (low < high) & stays.last & (excluded[person] == NO_DAY)
    return np.where(_some(fits, 0.012, 5, draw), between(draw, low, high), NO_DAY)


def _first_kind(stays: Stays, lost: Ints, aged: Ints, excluded_to: Ints, applied: Ints, elsewhere: Bools) -> Facts:
    """第1号: from 65, the first day here, the beginning of the law or the end of 適用除外 on."""
    person = stays.person
    freed = np.where(stays.last, excluded_to[person] + 1, NO_DAY)
    first = np.maximum.reduce([stays.start, aged[person], np.full(len(person), IN_FORCE), freed])
    changed = (applied > NO_DAY) & (aged[person] < lost) & (aged[person] <= AS_OF)
    gained = np.select(
        [changed, first == freed, first == stays.start, first == aged[person]],
        [SECOND, NO_MORE_EXCLUDED, np.where(stays.kind == Kind.ENTERED_BY_OFFICE, BY_OFFICE, MOVED_IN), AGED],
        LAW_BEGAN,
    )
    since = np.where(changed, applied, first)
    rows = _rows(stays, FIRST_KIND, gained, since, first, lost, elsewhere)
    rows |= {"sort": first, "changed": np.where(changed, 0, BLANK), "changed_on": np.where(changed, first, NO_DAY)}
    return take(rows, np.flatnonzero((first < lost) & (first <= AS_OF)))


def _before_65(stays: Stays, lost: Ints, aged: Ints, applied: Ints) -> Facts:
    """第2号: from the application on, to the loss or until 65, when the next row of the history follows."""
    none = np.full(len(applied), NO_DAY)
    ends = np.where((lost <= aged[stays.person]) & (lost < NEVER), lost, NEVER)
    rows = _rows(stays, SECOND_KIND, none * 0 + SECOND, applied, none, ends, none > NO_DAY)
    rows |= {"sort": applied, "changed": none * 0 + BLANK, "changed_on": none}
    return take(rows, np.flatnonzero(applied > NO_DAY))


def _rows(stays: Stays, kind: int, gained: Ints, since: Ints, first: Ints, lost: Ints, elsewhere: Bools) -> Facts:
    return {
        "person": stays.person,
        "kind": np.full(len(since), kind),
        "gained": gained,
        "since": since,
        "first": first,
        "lost": lost,
        "ended": np.where(lost < NEVER, stays.ended, BLANK),
        "elsewhere": elsewhere.astype(np.int64),
        "deleted": np.zeros(len(since), np.int64),
    }


def _with_deleted(rows: Facts, draw: np.random.Generator, number: Ints) -> Facts:
    """With some rows that were entered by mistake, behind the latest one of their person, and deleted."""
    wrong = take(rows, np.flatnonzero((rows["latest"] == 1) & chance(draw, 0.01, len(rows["person"]))))
    one = np.ones(len(wrong["person"]), np.int64)
    wrong |= {"history": wrong["history"] + 1, "latest": one * 0, "deleted": one}
    both = joined(rows, wrong)
    return take(both, np.lexsort((both["history"], number[both["person"]])))


def _described(rows: Facts, source: Register, entry: Ints) -> Facts:
    """What else a row shows."""
    person, since, lost = rows["person"], rows["since"], rows["lost"]
    told = (rows["gained"] == MOVED_IN) | (rows["gained"] == SECOND)
    card = np.minimum(since + 7 + person % 5, AS_OF)
    return rows | {
        "insurer": np.full(len(person), INSURER),
        "household": source.entries.household_number[entry[person]],
        "entry": entry[person],
        "sex": source.population.persons.sex[person],
        "since_told": np.where(told, np.minimum(since + person % 15, AS_OF), NO_DAY),
        "lost_told": np.where(lost < NEVER, np.minimum(lost + person % 12, AS_OF), NO_DAY),
        "state": (lost < NEVER).astype(np.int64),
        "card": np.where(person % 20 == 0, NO_DAY, card),
        "card_reason": np.where(person % 20 == 0, BLANK, person % 3),
        "clerk": 1 + person % 30,
        "done": np.minimum(np.maximum(since, np.where(lost < NEVER, lost, rows["changed_on"])) + 3, AS_OF),
        "second": 30_600 + person * 17 % 30_000,
    }


def _homes(stays: Stays, elsewhere: Bools, number: Ints) -> Facts:
    """住所地特例: the home elsewhere since the day after leaving."""
    at = np.flatnonzero(elsewhere)
    at = at[np.argsort(number[stays.person[at]], kind="stable")]
    person = stays.person[at]
    return {
        "person": person,
        "history": np.ones(len(at), np.int64),
        "reason": person % 2,
        "start": stays.until[at],
        "end": np.full(len(at), NEVER),
        "office": checked(OFFICES + person % 400, 9),
        "kind": person % 3,
    }


def _exclusions(begun: Ints, ended: Ints, number: Ints) -> Facts:
    person = np.flatnonzero(begun > NO_DAY)
    person = person[np.argsort(number[person], kind="stable")]
    one = np.ones(len(person), np.int64)
    return {"person": person, "history": one, "reason": person % 2, "start": begun[person], "end": ended[person]}
