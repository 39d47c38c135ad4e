"""Certifications of 介護保険 as typed facts: applications, investigations, doctors' opinions, results, care plans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.care_law import (
    BLANK,
    LEVELS,
    OFFICES,
    OLD_SUPPORT,
    TWO_LEVELS_FROM,
    UNITS_BEFORE,
    UNITS_CHANGED,
    UNITS_KEPT_FROM,
    UNITS_SINCE,
    Facts,
    checked,
    is_last,
    joined,
    last_day,
    running,
    take,
)
from dmig.synth.care_people import SECOND, SECOND_KIND, Insured
from dmig.synth.days import AS_OF, NEVER, NO_DAY, day_of
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints, Streams, between, chance

#: Kinds of applications, by place of the code list; states of those without a result.
NEW, RENEWED, CHANGED = range(3)
DECIDED, WITHDRAWN = 4, 5
#: Renewals of one person, and the number of texts that a board may say.
_MOST, OPINIONS = 5, 3
_SERIAL = 99_001_000_000_000_000
_SIX_YEARS, _FROM_2018, _FROM_2021 = 6 * 365, day_of(2018, 4, 1), day_of(2021, 4, 1)


@dataclass(frozen=True, slots=True)
class Certified:
    """All of them; by person the first and last certified day (NO_DAY: none) and the level last given."""

    shinsei: Facts
    chosa: Facts
    ikensho: Facts
    nintei: Facts
    keikaku: Facts
    jigyo: Facts
    begin: Ints
    end: Ints
    level: Ints


def certified(source: Register, people: Insured, streams: Streams) -> Certified:
    """Draw who is certified, how often and at which level."""
    draw, number = streams.of("care levels"), source.population.persons.number
    own = take(people.shikaku, np.flatnonzero((people.shikaku["latest"] == 1) & (people.shikaku["deleted"] == 0)))
    born = source.population.persons.births.true_day
    results = _chains(_begun(own, born, draw), draw)
    results = take(results, np.lexsort((results["start"], number[results["person"]])))
    results |= {"history": running(results["person"]), "latest": is_last(results["person"])}
    papers = _applications(results, own, people, number, draw)
    results["serial"] = papers["serial"][papers["of_result"] >= 0][
        np.argsort(papers["of_result"][papers["of_result"] >= 0])
    ]
    begin, end, level = (np.full(len(number), NO_DAY) for _ in range(3))
    first, last = results["history"] == 1, results["latest"] == 1
    begin[results["person"][first]] = results["start"][first]
    end[results["person"][last]] = results["end"][last]
    level[results["person"][last]] = results["level"][last]
    investigated, written = _investigations(results, draw)
    return Certified(
        papers, investigated, written, _with_deleted(results, draw, number), _plans(results, number, draw),
        _supported(own, begin, draw), begin, end, level,
    )  # fmt: skip


def _begun(own: Facts, born: Ints, draw: np.random.Generator) -> Facts:
    """Who applies for the first time, and when: the older the more, all of 第2号, some in the first years of the law."""
    person, since, until = own["person"], own["since"], np.minimum(own["lost"], AS_OF)
    age = (until - born[person]) // 365
    share = np.select([own["gained"] == SECOND, age >= 85, age >= 75], [1.0, 0.55, 0.2], 0.06)
    low = np.maximum(since + 5, until - _SIX_YEARS)
    first = np.where(own["gained"] == SECOND, since, between(draw, low, until - 45))
    early = (since < day_of(2003, 1, 1)) & (until > day_of(2009, 1, 1)) & chance(draw, 0.2, len(person))
    early[np.flatnonzero((since < day_of(2003, 1, 1)) & (until > day_of(2009, 1, 1)))[:2]] = True
    applied = np.where(
        early, between(draw, np.full(len(person), day_of(2003, 4, 1)), np.full(len(person), day_of(2005, 12, 1))), first
    )
    chosen = (draw.random(len(person)) < share) | early
    chosen[np.flatnonzero(until - since > 400)[:12]] = True
    at = np.flatnonzero(chosen & (applied + 45 <= until) & (applied >= since))
    return {"person": person[at], "applied": applied[at], "until": until[at], "early": early[at].astype(np.int64)}


def _chains(begun: Facts, draw: np.random.Generator) -> Facts:
    """A first certification each, and renewals that follow without a gap until something ends them."""
    count = len(begun["person"])
    before: Facts = {"start": np.full(count, NO_DAY), "end": np.full(count, NO_DAY), "level": np.full(count, BLANK)}
    alive, parts = np.ones(count, np.bool_), []
    level = np.minimum(draw.integers(0, LEVELS + 2, count) * (LEVELS - 1) // (LEVELS + 1), LEVELS - 1)
    for turn in range(_MOST):
        start = begun["applied"] if turn == 0 else before["end"] + 1
        applied = start if turn == 0 else start - 45
        moved = np.clip(level + draw.choice(np.array([-1, 0, 0, 0, 1, 1]), count), 0, LEVELS - 1)
        level = level if turn == 0 else moved
        shown = _shown(level, start)
        months = _months(applied, shown == before["level"], turn, draw)
        row = {
            "person": begun["person"], "kind": np.full(count, min(turn, RENEWED)), "applied": applied, "start": start,
            "end": last_day(start, months), "months": months, "level": shown, "level_before": before["level"],
            "start_before": before["start"], "end_before": before["end"],
        }  # fmt: skip
        parts.append(take(row, np.flatnonzero(alive)))
        before = {"start": start, "end": row["end"], "level": shown}
        alive = alive & (row["end"] + 1 < begun["until"]) & (draw.random(count) > 0.12)
        alive &= (begun["early"] == 0) | (turn < 1)
    whole = joined(*parts)
    decided = whole["applied"] + 28 + whole["person"] % 3
    opinion = np.where(whole["person"] % 4 == 0, whole["person"] // 4 % OPINIONS, BLANK)
    return whole | {
        "judged": decided - 1, "decided": decided, "opinion": opinion, "units": _units(whole["level"], whole["start"]),
        "deleted": np.zeros(len(decided), np.int64),
    }  # fmt: skip


def _shown(level: Ints, start: Ints) -> Ints:
    """Before 要支援 was parted there was one."""
    return np.where((start < TWO_LEVELS_FROM) & (level <= 1), OLD_SUPPORT, level)


def _months(applied: Ints, same: Bools, turn: int, draw: np.random.Generator) -> Ints:
    """Lengths that the day of the application allows (施行規則 第38条・第41条)."""
    if turn == 0:
        return draw.choice(np.array([6, 6, 6, 6, 3, 12]), len(applied))
    longest = np.select([applied < _FROM_2018, (applied < _FROM_2021) | ~same], [1, 2], 3)
    return 12 * (1 + draw.integers(0, longest + 1))


def _units(level: Ints, start: Ints) -> Ints:
    known = np.minimum(level, LEVELS - 1)
    units = np.where(start < UNITS_CHANGED, np.array(UNITS_BEFORE)[known], np.array(UNITS_SINCE)[known])
    return np.where(start < UNITS_KEPT_FROM, BLANK, units)


def _applications(results: Facts, own: Facts, people: Insured, number: Ints, draw: np.random.Generator) -> Facts:
    """An application for each result, some that were withdrawn and some that are under way."""
    size = len(results["person"])
    led = {"person": results["person"], "applied": results["applied"], "kind": results["kind"], "of_result": np.arange(size),
           "state": np.full(size, DECIDED), "withdrawn_on": np.full(size, NO_DAY)}  # fmt: skip
    again = np.flatnonzero((results["latest"] == 1) & (results["start"] + 70 < AS_OF))
    again = again[chance(draw, 0.06, len(again)) | (np.arange(len(again)) < 2)]
    gone = {"person": results["person"][again], "applied": results["start"][again] + 50, "kind": np.full(len(again), CHANGED),
            "of_result": np.full(len(again), BLANK), "state": np.full(len(again), WITHDRAWN),
            "withdrawn_on": results["start"][again] + 58}  # fmt: skip
    free = (own["lost"] == NEVER) & ~np.isin(own["person"], results["person"]) & (own["since"] < AS_OF - 60)
    fresh = own["person"][np.flatnonzero(free)]
    fresh = fresh[chance(draw, 0.01, len(fresh)) | (np.arange(len(fresh)) < 4)]
    open_ = {"person": fresh, "applied": AS_OF - 1 - fresh % 50, "kind": np.full(len(fresh), NEW),
             "of_result": np.full(len(fresh), BLANK), "state": fresh % 4, "withdrawn_on": np.full(len(fresh), NO_DAY)}  # fmt: skip
    rows = joined(led, gone, open_)
    person = rows["person"]
    second = np.isin(person, people.shikaku["person"][people.shikaku["kind"] == SECOND_KIND]) & (
        rows["applied"] < people.aged[person]
    )
    rows |= {
        "serial": _SERIAL + 7 * np.arange(len(person)), "second": second.astype(np.int64), "who": rows["applied"] % 3,
        "doctor": 1 + person % 60, "clinic": 1 + person % 25, "disease": np.where(second, person % 16, BLANK),
        "withdrawn": np.where(rows["state"] == WITHDRAWN, person % 2, BLANK),
    }  # fmt: skip
    return take(rows, np.lexsort((rows["applied"], number[person])))


def _investigations(results: Facts, draw: np.random.Generator) -> tuple[Facts, Facts]:
    """訪問調査 and 主治医意見書 of each result."""
    person, applied = results["person"], results["applied"]
    keys = {"person": person, "serial": results["serial"], "number": np.ones(len(person), np.int64)}
    seen = {
        "day": applied + 9, "who": person % 2, "body": results["level"] % 5, "mind": draw.integers(0, 6, len(person)),
        "minutes": 25 + np.minimum(results["level"], LEVELS - 1) * 14 + draw.integers(0, 10, len(person)),
        "level": results["level"],
    }  # fmt: skip
    written = {
        "asked": applied + 1, "received": applied + 14, "doctor": 1 + person % 60,
        "fee": np.where(results["kind"] == NEW, 5_500, 4_400),
    }  # fmt: skip
    return keys | seen, keys | written


def _with_deleted(results: Facts, draw: np.random.Generator, number: Ints) -> Facts:
    """With some that were entered by mistake, behind the latest one of their person, and deleted."""
    wrong = take(results, np.flatnonzero((results["latest"] == 1) & chance(draw, 0.01, len(results["person"]))))
    one = np.ones(len(wrong["person"]), np.int64)
    wrong |= {"history": wrong["history"] + 1, "latest": one * 0, "deleted": one}
    both = joined(results, wrong)
    return take(both, np.lexsort((both["history"], number[both["person"]])))


def _plans(results: Facts, number: Ints, draw: np.random.Generator) -> Facts:
    """計画届出: from soon after the first certification on; some change their office once."""
    first = take(results, np.flatnonzero(results["history"] == 1))
    person, start = first["person"], first["start"] + 40
    once = (start + 260 < AS_OF) & (chance(draw, 0.2, len(person)) | (np.arange(len(person)) % 11 == 0))
    kind = np.select([person % 19 == 0, (first["level"] < 2) | (first["level"] == OLD_SUPPORT)], [1, 2], 0)
    row = {
        "person": person,
        "kind": kind,
        "start": start,
        "end": np.where(once, start + 200, NEVER),
        "office": person % 300,
    }
    later = take(row, np.flatnonzero(once))
    later |= {"start": later["end"] + 1, "end": np.full(len(later["person"]), NEVER), "office": later["office"] + 300}
    rows = joined(row, later)
    rows = take(rows, np.lexsort((rows["start"], number[rows["person"]])))
    office = np.where(rows["kind"] == 1, BLANK, checked(OFFICES + rows["office"], 9))
    return rows | {"office": office, "told": rows["start"] - 2, "history": running(rows["person"])}


def _supported(own: Facts, begin: Ints, draw: np.random.Generator) -> Facts:
    """事業対象者: some of who is not certified."""
    fits = (own["lost"] == NEVER) & (begin[own["person"]] == NO_DAY) & (own["since"] < AS_OF - 900) & (own["kind"] == 0)
    at = np.flatnonzero(fits)
    at = at[chance(draw, 0.03, len(at)) | (np.arange(len(at)) < 3)]
    person, one = own["person"][at], np.ones(len(at), np.int64)
    start = AS_OF - 800 + person % 500
    end = np.where(person % 4 == 0, start + 200, NEVER)
    return {"person": person, "history": one, "checked": start - 3, "start": start, "end": end}
