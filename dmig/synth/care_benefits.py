"""Benefits of 介護保険 as typed facts: shares and limits of a year, benefits by month, refunds, aids, limits of benefits."""

from __future__ import annotations

import numpy as np

from dmig.synth.care_law import (
    BLANK,
    FOOD,
    LEAST_JOINT,
    LEVELS,
    MOST_BORNE,
    MOST_JOINT,
    ROOMS,
    UNITS_SINCE,
    YEARS,
    Facts,
    first_of_month,
    is_last,
    joined,
    running,
    take,
)
from dmig.synth.care_levels import Certified
from dmig.synth.care_levies import Standing
from dmig.synth.care_people import FIRST_KIND, Insured
from dmig.synth.days import AS_OF, NEVER, NO_DAY, day_of
from dmig.synth.register import Register
from dmig.synth.streams import Ints, Streams, chance

#: Remarks that a clerk may leave beside a year of benefits.
REMARKS = 3
#: The year of which benefits are kept by month, and its months since 1970.
PAID_YEAR = 2025
_APRIL = (PAID_YEAR - 1970) * 12 + 3


def benefits(
    source: Register, people: Insured, levels: Certified, stands: Standing, streams: Streams
) -> dict[str, Facts]:
    """The tables by name, each in the order of 宛名番号."""
    draw, number = streams.of("care benefits"), source.population.persons.number
    lost = np.full(len(number), NO_DAY)
    last = (people.shikaku["latest"] == 1) & (people.shikaku["deleted"] == 0)
    lost[people.shikaku["person"][last]] = people.shikaku["lost"][last]
    found = {"futan": _shares(people, levels, stands, lost)}
    found["gendo"] = _limits(found["futan"], stands)
    found["jisseki"] = _paid(people, levels, stands, lost, draw)
    found["keigen"] = _reliefs(found["futan"], stands)
    found |= _claims(found["jisseki"], stands, draw)
    found["gassan"] = _joint(found["jisseki"], stands, draw)
    found["fukushi"] = _welfare(people, stands)
    found["seigen"] = _restricted(levels, lost, draw)
    return {name: _in_order(rows, number) for name, rows in found.items()}


def _in_order(rows: Facts, number: Ints) -> Facts:
    return take(rows, np.argsort(number[rows["person"]], kind="stable"))


def _shares(people: Insured, levels: Certified, stands: Standing, lost: Ints) -> Facts:
    """負担割合 from August to July of who is certified then; 第2号 bears a tenth."""
    parts = []
    for place, year in enumerate(YEARS):
        start, end = day_of(year, 8, 1), day_of(year + 1, 7, 31)
        at = np.flatnonzero(
            (levels.begin > NO_DAY) & (levels.begin <= min(end, AS_OF)) & (levels.end >= start) & (lost > start)
        )
        begin = np.maximum(levels.begin[at], start)
        at, begin = at[begin < lost[at]], begin[begin < lost[at]]
        young = people.aged[at] > start
        parts.append({
            "person": at, "year": np.full(len(at), year), "history": np.ones(len(at), np.int64),
            "share": np.where(young, 0, stands.share[place, at]), "judged": (begin > start).astype(np.int64),
            "start": begin, "end": np.full(len(at), end), "place": np.full(len(at), place),
        })  # fmt: skip
    return joined(*parts)


def _limits(shares: Facts, stands: Standing) -> Facts:
    """負担限度額 of half of those at whose home nobody is taxed."""
    person, place = shares["person"], shares["place"]
    fits = np.flatnonzero(stands.home_free[place, person])
    rows = take(shares, fits[(person[fits] % 2 == 0) | (np.arange(len(fits)) < 12)])
    person, place = rows["person"], rows["place"]
    stage = np.where(stands.welfare[person], 0, 1 + np.clip(stands.stage[place, person], 0, 2))
    rooms = dict(
        zip(("room_unit", "room_half", "room_old", "room_care", "room_shared"), np.array(ROOMS)[:, stage], strict=True)
    )
    return rows | rooms | {"stage": stage, "food": np.array(FOOD)[stage], "savings": np.ones(len(person), np.int64)}


def _paid(people: Insured, levels: Certified, stands: Standing, lost: Ints, draw: np.random.Generator) -> Facts:
    """給付実績: what the services of each month cost, and nine, eight or seven tenths of it."""
    first, last = day_of(PAID_YEAR, 4, 1), day_of(PAID_YEAR + 1, 3, 31)
    used = (levels.begin > NO_DAY) & (levels.begin <= last - 31) & (np.minimum(levels.end, lost) > first + 62)
    at = np.flatnonzero(used)
    at = at[chance(draw, 0.8, len(at)) | (np.arange(len(at)) < 10)]
    share = np.where(people.aged[at] > first, 0, stands.share[YEARS.index(PAID_YEAR), at])
    units = np.array(UNITS_SINCE)[np.minimum(levels.level[at], LEVELS - 1)]
    rows: Facts = {"person": at, "year": np.full(len(at), PAID_YEAR), "share": share,
                   "remark": np.where(at % 2 == 0, at // 2 % REMARKS, BLANK)}  # fmt: skip
    for month in range(12):
        begin, end = first_of_month(np.array([_APRIL + month, _APRIL + month + 1]))
        there = (levels.begin[at] <= begin) & (np.minimum(levels.end[at], lost[at]) >= end - 1)
        cost = units * draw.integers(10, 100, len(at)) // 100 * 10
        rows |= {
            f"cost{month}": np.where(there, cost, BLANK),
            f"paid{month}": np.where(there, cost * (9 - share) // 10, BLANK),
        }
    some = np.stack([rows[f"cost{month}"] for month in range(12)]).max(axis=0) > 0
    return take(rows, np.flatnonzero(some))


def _reliefs(shares: Facts, stands: Standing) -> Facts:
    """軽減 by 社会福祉法人: a quarter, for some of low income."""
    person, place = shares["person"], shares["place"]
    fits = np.flatnonzero(stands.home_free[place, person] & (shares["year"] == YEARS[-1]))
    rows = take(shares, fits[(person[fits] % 5 == 0) | (np.arange(len(fits)) < 8)])
    size = len(rows["person"])
    return rows | {"kind": np.zeros(size, np.int64), "percent": np.where(rows["person"] % 2 == 0, 25, 50)}


def _claims(paid: Facts, stands: Standing, draw: np.random.Generator) -> dict[str, Facts]:
    """高額介護, 償還払, 福祉用具 and 住宅改修 of who had benefits."""
    person, share = paid["person"], paid["share"]
    stage = stands.stage[YEARS.index(PAID_YEAR), person]
    band = np.select([stage == 0, stage <= 2], [4, 3], 2)
    often = np.repeat(np.flatnonzero(chance(draw, 0.6, len(person)) | (np.arange(len(person)) < 12)), 2)
    turn = np.arange(len(often)) % 2
    most = np.array(MOST_BORNE)[band[often]]
    over = draw.integers(-900, 30_000, len(often))
    found = {"kogaku": {
        "person": person[often], "month": PAID_YEAR * 100 + 5 + turn, "band": band[often], "borne": most + over,
        "most": most, "paid": np.maximum(over, 0), "decided": day_of(PAID_YEAR, 9, 10) + 30 * turn,
    }}  # fmt: skip
    for theme, (name, top, chosen) in enumerate(
        (("shokan", 60_000, 0.1), ("yogu", 100_000, 0.15), ("jutaku", 200_000, 0.15))
    ):
        at = np.flatnonzero(chance(draw, chosen, len(person)) | (np.arange(len(person)) % 37 < 4))
        cost = draw.integers(800, top // 10, len(at)) * 10
        found[name] = {
            "person": person[at], "serial": 10_000_000 * (theme + 1) + 3 * np.arange(len(at)), "share": share[at],
            "kind": person[at] % 5, "cost": cost, "paid": cost * (9 - share[at]) // 10,
            "decided": day_of(PAID_YEAR, 11, 1) + person[at] % 100,
        }  # fmt: skip
    return found


def _joint(paid: Facts, stands: Standing, draw: np.random.Generator) -> Facts:
    """高額医療合算: what care and medicine of a year cost together beyond a limit, parted in proportion."""
    at = np.flatnonzero(chance(draw, 0.15, len(paid["person"])) | (np.arange(len(paid["person"])) % 41 < 3))
    person = paid["person"][at]
    stage = stands.stage[YEARS.index(PAID_YEAR), person]
    band = np.select([stage == 0, stage <= 2, stage <= 8, stage <= 10, stage == 11], [5, 4, 3, 2, 1], 0)
    most = np.array(MOST_JOINT)[band]
    over = np.where(
        person % 6 == 0, -draw.integers(0, 50_000, len(at)), draw.integers(LEAST_JOINT + 1, 90_000, len(at))
    )
    together = most + over
    care = together * draw.integers(30, 80, len(at)) // 100
    payable = np.maximum(over, 0)
    share = payable * care // together
    return {
        "person": person, "year": np.full(len(at), PAID_YEAR - 1), "band": band, "care": care,
        "medicine": together - care, "together": together, "most": most, "payable": payable, "paid": share,
        "elsewhere": payable - share, "decided": day_of(PAID_YEAR, 12, 20) + person % 60,
    }  # fmt: skip


def _welfare(people: Insured, stands: Standing) -> Facts:
    """生活保護, and 境界層 for a few others: from a day after the qualification on."""
    rows = take(people.shikaku, np.flatnonzero((people.shikaku["latest"] == 1) & (people.shikaku["kind"] == FIRST_KIND)
                                               & (people.shikaku["deleted"] == 0)))  # fmt: skip
    person, poor = rows["person"], stands.welfare[rows["person"]]
    at = np.flatnonzero(poor | (person % 150 == 7) | (np.arange(len(person)) < 2))
    person, start = person[at], np.minimum(rows["first"][at] + 30, AS_OF)
    lost = rows["lost"][at]
    end = np.where(lost < NEVER, np.maximum(lost - 1, start), NEVER)
    return {"person": person, "kind": np.where(stands.welfare[person], 1, 2), "start": start, "end": end}


def _restricted(levels: Certified, lost: Ints, draw: np.random.Generator) -> Facts:
    """給付制限 of some who are certified and did not pay."""
    at = np.flatnonzero((levels.begin > NO_DAY) & (lost == NEVER) & (levels.begin < AS_OF - 300))
    at = at[chance(draw, 0.03, len(at)) | (np.arange(len(at)) % 29 < 2)]
    start = levels.begin[at] + 100
    end = np.where(at % 2 == 0, start + 180, NEVER)
    rows = {"person": at, "kind": at % 4, "start": start, "end": end}
    return rows | {"history": running(at), "latest": is_last(at)}
