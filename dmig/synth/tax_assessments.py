"""The assessments of the city: one place per person, year and correction, as typed facts of which all tables are made."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum

import numpy as np

from dmig.synth.days import day_of
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints, Streams, chance
from dmig.synth.tax_family import Family, Presence, family, presence
from dmig.synth.tax_income import Correction, Earnings, Source, ages, earnings, income_of
from dmig.synth.tax_law import YEARS, Law, down, instalments, law_of, months
from dmig.synth.tax_reckon import Status, Tax, reckon


class Collection(IntEnum):
    """徴収区分, in the order of the standard's codes; NONE where there is no tax."""

    NONE = -1
    ORDINARY = 0
    EMPLOYER = 1
    PENSION = 2
    BOTH = 3


#: Months and instalments that were due before a correction in July.
_PAID_MONTHS, _PAID_INSTALMENTS = 1, 1
#: No amount (an empty cell).
BLANK = -1
_PAST_SHARE = 0.08
#: Columns that are those of the tax.
_SAME = (
    *("deductions", "deducted", "gap", "count", "base", "raw", "adjustment"),
    *("housing", "gift", "relief", "rate", "equal", "forest", "total"),
)


@dataclass(frozen=True, slots=True)
class Assessments:
    """Columns are the last axis; pairs are (city, prefecture). Ordered by 宛名番号, year and number of the history.

    `entry` is the person's entry in force on 1 January, `deleted` marks rows that were entered by mistake and deleted.
    `before` holds the instalments before a correction (BLANK: none). `slots` are entries of dependants (-1: none).
    """

    person: Ints
    year: Ints
    history: Ints
    latest: Bools
    deleted: Bools
    entry: Ints
    age: Ints
    correction: Ints
    status: Ints
    home_taxed: Bools
    collection: Ints
    gross: Ints
    net: Ints
    deductions: Ints
    deducted: Ints
    gap: Ints
    count: Ints
    base: Ints
    raw: Ints
    adjustment: Ints
    housing: Ints
    gift: Ints
    relief: Ints
    rate: Ints
    equal: Ints
    forest: Ints
    total: Ints
    ordinary: Ints
    monthly: Ints
    pension: Ints
    by_month: Ints
    by_instalment: Ints
    before: Ints
    by_pension: Ints
    lone_parent: Bools
    widow: Bools
    slots: Ints
    kinds: Ints

    def __len__(self) -> int:
        return len(self.person)

    def take(self, at: Ints) -> Assessments:
        """Some places, in the order given."""
        return Assessments(**{field.name: getattr(self, field.name)[..., at] for field in fields(self)})


def assessments(source: Register, streams: Streams) -> tuple[Assessments, Earnings]:
    """All assessments of the city, and what everybody earns."""
    persons = source.population.persons
    facts = earnings(persons, streams)
    past = chance(streams.of("past taxes"), _PAST_SHARE, len(source.population.households))
    past[:2] = True
    parts = [_of_year(source, facts, law_of(year), past) for year in YEARS]
    whole = _joined([part for pair in parts for part in pair])
    mistaken = np.flatnonzero(whole.latest & chance(streams.of("deleted taxes"), 0.01, len(whole)))
    wrong = whole.take(mistaken)
    wrong = replace(wrong, history=wrong.history + 1, latest=wrong.latest & False, deleted=wrong.deleted | True)
    whole = _joined([whole, wrong])
    return whole.take(np.lexsort((whole.history, whole.year, persons.number[whole.person]))), facts


def _joined(parts: list[Assessments]) -> Assessments:
    return Assessments(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts], axis=-1)
            for field in fields(parts[0])
        }
    )


def _of_year(source: Register, facts: Earnings, law: Law, past: Bools) -> tuple[Assessments, Assessments]:
    """The assessments in force of a year, and those that a correction replaced."""
    persons, here = source.population.persons, presence(source, law.year)
    age = ages(persons, law.year)
    income = income_of(facts, age, law)
    claims = family(source, facts, here, income.total, law)
    tax = reckon(persons, facts, income, claims, age, law)
    assessed = here.resident & ((age >= 18) | (income.gross.sum(axis=0) > 0))
    if law.year != YEARS[-1]:
        assessed &= past[persons.household]
    taxed = assessed & np.isin(tax.status, (Status.TAXED, Status.EQUAL_ONLY))
    home_taxed = np.bincount(persons.household, weights=taxed, minlength=len(past))[persons.household] > 0
    earlier = income_of(facts, age, law, before_correction=True)
    first = reckon(persons, facts, earlier, claims, age, law, before_correction=True)
    corrected = _corrected(facts, tax, first, assessed)
    rows = np.flatnonzero(assessed)
    now = _rows(tax, claims, here, age, home_taxed, persons.household, rows, law)
    replaced = np.flatnonzero(corrected)
    old = _rows(first, claims, here, age, home_taxed, persons.household, replaced, law)
    now, old = _collected(now, facts), _collected(old, facts)
    at = np.searchsorted(rows, replaced)
    return _after(now, old, at, facts), replace(old, latest=old.latest & False)


def _corrected(facts: Earnings, tax: Tax, first: Tax, assessed: Bools) -> Bools:
    """Corrections of persons who pay enough, in one way both before and after."""
    plain = ~np.isin(facts.late, (Correction.NONE,)) & assessed
    pays = (first.total >= 60_000) & (tax.total >= 60_000) & (first.total != tax.total)
    same = (first.status == tax.status) & (tax.status == Status.TAXED)
    side = tax.income.net[Source.SIDE_WORK] == 0
    working = (tax.income.net[Source.SALARY] > 0) | (tax.income.net[Source.PENSION] == 0)
    return np.asarray(plain & pays & same & side & working)


def _rows(
    tax: Tax, claims: Family, here: Presence, age: Ints, home_taxed: Bools, home: Ints, at: Ints, law: Law
) -> Assessments:
    """The places `at` as assessments that nobody has collected yet."""
    count = len(at)
    none, owner = np.zeros(count, np.int64), claims.claimer[home[at]] == at
    return Assessments(
        person=at,
        year=np.full(count, law.year),
        history=none + 1,
        latest=np.ones(count, np.bool_),
        deleted=np.zeros(count, np.bool_),
        entry=here.entry[at],
        age=age[at],
        correction=none,
        status=tax.status[at],
        home_taxed=home_taxed[at],
        collection=none + Collection.NONE,
        gross=tax.income.gross[:, at],
        net=tax.income.net[:, at],
        **{name: getattr(tax, name)[..., at] for name in _SAME},
        ordinary=none,
        monthly=none,
        pension=none,
        by_month=np.zeros((12, count), np.int64),
        by_instalment=np.zeros((4, count), np.int64),
        before=np.full((4, count), BLANK),
        by_pension=np.zeros((6, count), np.int64),
        lone_parent=claims.lone_parent[at],
        widow=claims.widow[at],
        slots=np.where(owner, claims.slots[home[at]].T, -1),
        kinds=np.where(owner, claims.kinds[home[at]].T, -1),
    )


def _collected(rows: Assessments, facts: Earnings) -> Assessments:
    """How the tax is collected, and in which parts."""
    due = np.isin(rows.status, (Status.TAXED, Status.EQUAL_ONLY))
    pay, pensioned = rows.net[Source.SALARY] > 0, rows.gross[Source.PENSION] >= 180_000
    total_net = np.maximum(rows.net.sum(axis=0), 1)
    side = down(rows.total * np.maximum(rows.net[Source.SIDE_WORK], 0) // total_net, 100) * (
        rows.net[Source.SIDE_WORK] > 0
    )
    employer = due & pay & facts.withheld[rows.person]
    pension = due & ~employer & pensioned & (rows.age >= 66) & (rows.net[Source.BUSINESS] == 0)
    collection = np.select(
        [employer & (side > 0) & (side < rows.total), employer, pension, due],
        [Collection.BOTH, Collection.EMPLOYER, Collection.PENSION, Collection.ORDINARY],
        Collection.NONE,
    )
    ordinary = np.select([collection == Collection.ORDINARY, collection == Collection.BOTH], [rows.total, side], 0)
    monthly = np.where(employer, rows.total - ordinary, 0)
    by_pension = np.where(collection == Collection.PENSION, _pension_parts(rows.total), 0)
    return replace(
        rows,
        collection=collection,
        ordinary=ordinary,
        monthly=monthly,
        pension=np.where(collection == Collection.PENSION, rows.total, 0),
        by_month=months(monthly),
        by_instalment=instalments(ordinary),
        by_pension=by_pension,
    )


def _pension_parts(total: Ints) -> Ints:
    """April, June, August a sixth of the last year's tax each; October, December, February a third of what is left."""
    last_year = down(total * 95 // 100, 100)
    provisional = down(last_year // 6, 100)
    return np.concatenate([np.stack([provisional] * 3), months(total - 3 * provisional, 3)])


def _after(now: Assessments, old: Assessments, at: Ints, facts: Earnings) -> Assessments:
    """Places `at` corrected in July: what was due stays, the rest is parted anew with the remainder in the first."""
    history, correction = now.history.copy(), now.correction.copy()
    history[at], correction[at] = 2, facts.late[now.person[at]]
    by_month, by_instalment, before = now.by_month.copy(), now.by_instalment.copy(), now.before.copy()
    paid = old.by_month[:_PAID_MONTHS]
    rest = months(now.monthly[at] - paid.sum(axis=0), 12 - _PAID_MONTHS)
    by_month[:, at] = np.where(now.monthly[at] > 0, np.concatenate([paid, rest]), 0)
    paid = old.by_instalment[:_PAID_INSTALMENTS]
    rest = instalments(now.ordinary[at] - paid.sum(axis=0), 4 - _PAID_INSTALMENTS)
    by_instalment[:, at] = np.where(now.ordinary[at] > 0, np.concatenate([paid, rest]), 0)
    before[:, at] = np.where(now.ordinary[at] > 0, old.by_instalment, BLANK)
    return replace(
        now, history=history, correction=correction, by_month=by_month, by_instalment=by_instalment, before=before
    )


def decided_on(rows: Assessments) -> Ints:
    """The day of the first decision: 10 May for employers, 10 June for the others; of a correction 15 July."""
    return _day(rows.year, 5, 10) + np.where(rows.collection == Collection.EMPLOYER, 0, 31)


def corrected_on(rows: Assessments) -> Ints:
    """The day of a correction."""
    return _day(rows.year, 7, 15)


def due_days(year: Ints) -> Ints:
    """納期限 of the four instalments: end of June, August, October and January, moved to Monday; one row each."""
    days = [_day(year, 6, 30), _day(year, 8, 31), _day(year, 10, 31), _day(year + 1, 1, 31)]
    return np.stack([_working_day(day) for day in days])


def _working_day(day: Ints) -> Ints:
    weekday = (day + 3) % 7
    return np.where(weekday >= 5, day + 7 - weekday, day)


def _day(year: Ints, month: int, day: int) -> Ints:
    starts = {each: day_of(each, month, day) for each in np.unique(year).tolist()}
    return np.array([starts[each] for each in sorted(starts)])[np.searchsorted(sorted(starts), year)]
