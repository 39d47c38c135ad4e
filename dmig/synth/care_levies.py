"""Premiums of 介護保険 as typed facts: stages told by the taxes of the same city, amounts, instalments, corrections, reliefs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.care_law import (
    BASE,
    BLANK,
    COLUMNS,
    INSTALMENTS,
    INSTALMENTS_FIRST,
    LEAST_PENSION,
    LOW_INCOME,
    RATES,
    STAGE_STEPS,
    YEARS,
    Facts,
    cut,
    first_of_month,
    joined,
    month_of,
    take,
)
from dmig.synth.care_people import FIRST_KIND, Insured
from dmig.synth.days import AS_OF, NEVER, NO_DAY, first_of_year
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints, Streams, chance
from dmig.synth.tax_family import family, presence
from dmig.synth.tax_income import Earnings, Source, ages, earnings, income_of
from dmig.synth.tax_law import law_of
from dmig.synth.tax_reckon import Status, reckon

#: How a premium is collected, by place of the code list.
PENSION, ORDINARY, BOTH = range(3)
#: Lower edges of 負担割合 2割 and 3割: own income, and pension with other income of one and of two or more (第49条の2).
_SHARES = ((1_600_000, 2_800_000, 3_460_000), (2_200_000, 3_400_000, 4_630_000))


@dataclass(frozen=True, slots=True)
class Standing:
    """By year (first axis) and person: stage (from 0), pension, 負担割合 (0, 1, 2), whether nobody at home is taxed."""

    stage: Ints
    pension: Ints
    share: Ints
    home_free: Bools
    welfare: Bools


def standing(source: Register, streams: Streams) -> Standing:
    """What everybody's taxes of a year say."""
    facts = earnings(source.population.persons, streams)
    years = [_of_year(source, facts, year) for year in YEARS]
    stage, pension, share, home_free = (np.stack(column) for column in zip(*years, strict=True))
    return Standing(stage, pension, share, home_free.astype(np.bool_), facts.welfare)


def _of_year(source: Register, facts: Earnings, year: int) -> tuple[Ints, Ints, Ints, Ints]:
    persons, law = source.population.persons, law_of(year)
    here, age = presence(source, year), ages(persons, year)
    income = income_of(facts, age, law)
    tax = reckon(persons, facts, income, family(source, facts, here, income.total, law), age, law)
    own = here.resident & np.isin(tax.status, (Status.TAXED, Status.EQUAL_ONLY))
    homes = len(source.population.households)

    def at_home(marks: Bools) -> Ints:
        return np.bincount(persons.household, weights=marks, minlength=homes).astype(np.int64)[persons.household]

    home_free = at_home(own) == 0
    pension = income.gross[Source.PENSION]
    means = np.maximum(income.total - np.maximum(income.net[Source.PENSION], 0), 0) + pension
    low, middle = means <= LOW_INCOME[year], means <= STAGE_STEPS[0]
    taxed = 5 + np.searchsorted(np.array(STAGE_STEPS), income.total, side="right")
    untaxed = np.select([home_free & low, home_free & middle, home_free, low], [0, 1, 2, 3], 4)
    stage = np.where(facts.welfare, 0, np.where(own, taxed, untaxed))
    several = at_home(here.resident & (age >= 65)) > 1
    share = np.zeros(len(persons), np.int64)
    for least, alone, together in _SHARES:
        share += (income.total >= least) & (means >= np.where(several, together, alone)) & own
    return stage, pension, share, home_free.astype(np.int64)


def levies(source: Register, people: Insured, stands: Standing, streams: Streams) -> Facts:
    """賦課: one row per year, person and correction, in the order of 宛名番号, year and history."""
    draw, number = streams.of("care levies"), source.population.persons.number
    kept = (people.shikaku["kind"] == FIRST_KIND) & (people.shikaku["deleted"] == 0)
    stays = take(people.shikaku, np.flatnonzero(kept))
    parts = [_levied(stays, stands, place, year, draw) for place, year in enumerate(YEARS)]
    rows = joined(*parts)
    wrong = take(rows, np.flatnonzero((rows["latest"] == 1) & chance(draw, 0.01, len(rows["person"]))))
    one = np.ones(len(wrong["person"]), np.int64)
    wrong |= {"history": wrong["history"] + 1, "latest": one * 0, "deleted": one}
    rows = joined(rows, wrong)
    rows["notice"] = rows["year"] % 100 * 10**8 + 10 * rows["person"] + 1
    return take(rows, np.lexsort((rows["history"], rows["year"], number[rows["person"]])))


def _levied(stays: Facts, stands: Standing, place: int, year: int, draw: np.random.Generator) -> Facts:
    """The levies of a year: the first, and where somebody was lost after July the one that replaced it."""
    april = (year - 1970) * 12 + 3
    begin = np.maximum(month_of(stays["first"]), april)
    gone = np.minimum(
        np.where(stays["lost"] < NEVER, month_of(np.minimum(stays["lost"], AS_OF)), april + 12), april + 12
    )
    here = (gone > begin) & (stays["first"] < AS_OF - 60)
    person = stays["person"]
    # Of two stays in one year the later one counts.
    at = np.flatnonzero(here)
    at = at[np.append(np.diff(person[at]) != 0, np.ones(min(len(at), 1), np.bool_))]
    person, begin, gone = person[at], begin[at], gone[at]
    late = gone > april + 3
    first_end = np.where(late, april + 12, gone)
    base: Facts = {
        "person": person, "year": np.full(len(at), year), "stage": stands.stage[place, person],
        "begin": begin - april, "ended": stays["ended"][at],
    }  # fmt: skip
    base["way"] = _ways(base, stands.pension[place, person], first_end - april)
    relieved = (base["stage"] <= 2) & chance(draw, 0.06, len(at))
    relieved[np.flatnonzero(base["stage"] <= 2)[:2]] = True
    decided = np.maximum(first_of_month(np.full(len(at), april + 3)) + 10, first_of_month(begin + 1) + 10)
    first = _amounts(base | {"relieved": relieved.astype(np.int64)}, first_end - begin)
    first |= _parts(first, None)
    replaced = late & (gone < april + 12) & (first_of_month(gone) + 40 < AS_OF)
    first |= {"history": np.ones(len(at), np.int64), "latest": (~replaced).astype(np.int64), "decided": decided}
    again = take(first, np.flatnonzero(replaced))
    second = _amounts(again, (gone - begin)[replaced])
    second |= _parts(second, again)
    changed = np.maximum(first_of_month(gone[replaced]) + 20, decided[replaced] + 5)
    second |= {"history": again["history"] + 1, "latest": again["history"], "decided": again["decided"]}
    first |= {"correction": np.full(len(at), BLANK), "corrected": np.full(len(at), NO_DAY)}
    second |= {"correction": np.minimum(again["ended"], 2), "corrected": np.minimum(changed, AS_OF)}
    return {name: column for name, column in joined(first, second).items() if name != "begin"}


def _ways(rows: Facts, pension: Ints, end: Ints) -> Ints:
    """特徴 for who was insured in April and has a pension; who came in the first months is collected both ways."""
    able = (pension >= LEAST_PENSION) & (end == 12)
    newly = (rows["begin"] == 0) & (rows["person"] % 11 == 0)
    return np.select([able & newly, able & (rows["begin"] == 0)], [BOTH, PENSION], ORDINARY)


def _amounts(rows: Facts, months: Ints) -> Facts:
    """From 基準額 to 確定額: the rate of the stage, the months insured, half of it where relief was granted."""
    yearly = cut(BASE * np.array(RATES)[rows["stage"]] // 1_000)
    levied = cut(yearly * months // 12)
    relief = np.where(rows["relieved"] == 1, cut(levied // 2), 0)
    with_pension = rows["way"] != ORDINARY
    return rows | {
        "base": np.full(len(yearly), BASE), "yearly": yearly, "months": months, "levied": levied,
        "relief": np.where(rows["relieved"] == 1, relief, BLANK), "fixed": levied - relief,
        "pension_kind": np.where(with_pension, 1_150, BLANK), "payer": np.where(with_pension, 1, BLANK),
        "deleted": np.zeros(len(yearly), np.int64),
    }  # fmt: skip


def _parts(rows: Facts, before: Facts | None) -> Facts:
    """Instalments and months of the pension; after a correction what is too much is taken off the last ones."""
    if before is None:
        parts = np.concatenate([_instalments(rows), _pension(rows)])
    else:
        old = np.stack([before[name] for name in _names()])
        done = np.cumsum(np.maximum(old, 0), axis=0) - np.maximum(old, 0)
        left = np.clip(rows["fixed"] - done, 0, np.maximum(old, 0))
        parts = np.where(old < 0, BLANK, left)
    paid = np.maximum(parts, 0)
    found: Facts = dict(zip(_names(), parts, strict=True))
    for place in range(6):
        found[f"half{place}"] = np.where(parts[COLUMNS + place] < 0, BLANK, int(place > 2))
    return found | {"ordinary": paid[:COLUMNS].sum(axis=0), "pension": paid[COLUMNS:].sum(axis=0)}


def _names() -> list[str]:
    return [f"instalment{n}" for n in range(COLUMNS)] + [f"by_pension{n}" for n in range(6)]


def _instalments(rows: Facts) -> Ints:
    """Eight from July on, fewer for who came later; three before the pension pays. The remainder is in the first."""
    total = np.select([rows["way"] == ORDINARY, rows["way"] == BOTH], [rows["fixed"], cut(rows["fixed"] // 2)], 0)
    first = np.where(rows["way"] == BOTH, 0, np.clip(rows["begin"] - 2, 0, INSTALMENTS - 1))
    last = np.where(rows["way"] == BOTH, INSTALMENTS_FIRST, INSTALMENTS)
    each = cut(total // (last - first))
    place = np.arange(COLUMNS)[:, None]
    parts = np.where(place == first, total - each * (last - first - 1), each)
    return np.where((place >= first) & (place < last) & (rows["way"] != PENSION), parts, BLANK)


def _pension(rows: Facts) -> Ints:
    """April, June and August provisionally, October, December and February what is left; the remainder is in October."""
    total = np.where(rows["way"] == BOTH, rows["fixed"] - cut(rows["fixed"] // 2), rows["fixed"])
    provisional = np.where(rows["way"] == PENSION, cut(rows["fixed"] * 95 // 100 // 6), 0)
    left = total - 3 * provisional
    each = cut(left // 3)
    early = np.where(rows["way"] == PENSION, provisional, BLANK)
    parts = np.stack([early] * 3 + [left - 2 * each, each, each])
    return np.where(rows["way"] == ORDINARY, BLANK, parts)


def reliefs(rows: Facts) -> Facts:
    """減免 of the levies in force."""
    found = take(rows, np.flatnonzero((rows["relief"] > 0) & (rows["latest"] == 1) & (rows["deleted"] == 0)))
    person = found["person"]
    return {
        "person": person, "year": found["year"], "history": np.ones(len(person), np.int64),
        "kind": np.zeros(len(person), np.int64), "reason": person % 3, "amount": found["relief"],
        "decided": first_of_year(found["year"]) + 200 + person % 20,
    }  # fmt: skip
