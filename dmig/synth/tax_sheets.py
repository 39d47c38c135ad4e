"""Rows of the tax tables beside the assessments, as typed facts: employers, documents, levies, and where rows stand."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from dmig.synth.days import NEVER, day_of
from dmig.synth.numbers import corporate_numbers
from dmig.synth.streams import Bools, Ints, Streams, between, chance
from dmig.synth.tax_assessments import BLANK, Assessments, Collection, corrected_on, decided_on
from dmig.synth.tax_income import Earnings, Source, is_closed
from dmig.synth.tax_law import YEARS
from dmig.synth.tax_reckon import Status

#: Kinds of documents: pay, pension, return; a document stands at `row * DOCUMENT_KINDS + kind`.
DOCUMENT_KINDS = 3
PAY, PENSION, RETURN = range(DOCUMENT_KINDS)
#: Names of employers are made of so many parts each.
PLACES, TRADES = 8, 8
#: One in so many residents is taxed elsewhere.
_ELSEWHERE = 400


@dataclass(frozen=True, slots=True)
class Employers:
    """One place per 特別徴収義務者; `corporate` is -1 for a private person, `closed` NEVER while it goes on."""

    number: Ints
    name: Ints
    corporate: Ints
    town: Ints
    opened: Ints
    closed: Ints
    quarterly: Bools
    electronic: Bools

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, slots=True)
class Levies:
    """調定 in file order: the assessment, year of the levy, number, amount (negative where a tax was lowered), day.

    `carried` marks what was carried over into the next year; `kind` is 0 for ordinary, 1 for special collection.
    """

    row: Ints
    year: Ints
    number: Ints
    amount: Ints
    day: Ints
    carried: Bools
    kind: Ints

    def __len__(self) -> int:
        return len(self.row)


def employers(facts: Earnings, streams: Streams) -> Employers:
    """The employers of the city."""
    draw, count = streams.of("employers"), facts.employers
    every = np.arange(count)
    opened = between(draw, np.full(count, day_of(1990, 4, 1)), np.full(count, day_of(2021, 12, 1)))
    closed = np.where(is_closed(every), between(draw, opened + 300, np.full(count, day_of(2022, 12, 28))), NEVER)
    numbers = corporate_numbers(draw, count)
    return Employers(
        number=10_000_000 + every * 7,
        name=draw.permutation(count) % (PLACES * TRADES),
        corporate=np.where(chance(draw, 0.75, count), numbers, -1),
        town=draw.integers(0, PLACES, count),
        opened=opened,
        closed=closed,
        quarterly=chance(draw, 0.1, count),
        electronic=chance(draw, 0.6, count),
    )


def levies(rows: Assessments) -> Levies:
    """What each assessment adds to the one before it, and the last instalment where it was carried over."""
    own = np.flatnonzero(~rows.deleted)
    parts = []
    for kind, amounts in enumerate((rows.ordinary, rows.monthly + rows.pension)):
        before = np.where(rows.history[own] > 1, amounts[own - 1], 0)
        delta = amounts[own] - before
        at = own[delta != 0]
        day = np.where(rows.history[at] > 1, corrected_on(rows)[at], decided_on(rows)[at])
        no, special = np.zeros(len(at), np.bool_), np.full(len(at), kind)
        parts.append(Levies(at, rows.year[at], rows.history[at], delta[delta != 0], day, no, special))
    old = own[rows.latest[own] & (rows.year[own] < YEARS[-1]) & (rows.person[own] % 3 == 0)]
    old = old[rows.by_instalment[-1][old] > 0]
    one, next_year = np.ones(len(old), np.int64), rows.year[old] + 1
    parts.append(Levies(old, next_year, one, rows.by_instalment[-1][old], _april(next_year), one > 0, one - 1))
    whole = _joined(parts)
    order = np.lexsort((whole.number, whole.kind, whole.year, whole.row))
    return Levies(*(getattr(whole, field.name)[order] for field in fields(whole)))


def _joined(parts: list[Levies]) -> Levies:
    return Levies(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Levies)))


def _april(year: Ints) -> Ints:
    starts = np.array([day_of(each, 4, 1) for each in range(YEARS[0], YEARS[-1] + 2)])
    return starts[year - YEARS[0]]


def has_income(rows: Assessments) -> Bools:
    """Rows of 所得."""
    return np.asarray((rows.gross != 0).any(axis=0) | (rows.net != 0).any(axis=0))


def incomes_at(rows: Assessments) -> Ints:
    """Places `row * kinds + kind` of the incomes that there are, none of a deleted row."""
    there = ((rows.gross != 0) | (rows.net != 0)) & ~rows.deleted
    return np.flatnonzero(there.T.ravel())


def dependants_at(rows: Assessments) -> Ints:
    """Places `row * slots + slot` of dependants."""
    return np.flatnonzero(((rows.slots >= 0) & filed(rows) & ~rows.deleted).T.ravel())


def filed(rows: Assessments) -> Bools:
    """Rows with deductions and a tax, be it nothing: not those who declared nothing."""
    return np.asarray(rows.status != Status.UNFILED)


def pension_months_at(rows: Assessments) -> Ints:
    """Places `row * 6 + month` of 年金特徴, deleted rows among them."""
    return np.flatnonzero(np.repeat(rows.pension > 0, 6))


def documents_at(rows: Assessments) -> Ints:
    """Places of the documents that an assessment in force rests on."""
    own = rows.latest & ~rows.deleted & filed(rows)
    other = rows.gross[Source.SIDE_WORK :].sum(axis=0)
    kinds = np.stack(
        [rows.gross[Source.SALARY] > 0, rows.gross[Source.PENSION] > 0, (other > 0) | (rows.correction > 0)]
    )
    return np.flatnonzero((kinds & own).T.ravel())


def has_several_documents(rows: Assessments, row: Ints) -> Bools:
    """Whether documents of a row were joined."""
    return np.asarray((rows.gross[Source.SALARY, row] > 0) & (rows.gross[Source.PENSION, row] > 0))


def declared(rows: Assessments) -> Ints:
    """申告区分: 0 tax return, 1 return to the city, 2 pay only, 3 pension only, 4 nothing."""
    other = rows.gross[Source.SIDE_WORK : Source.DIVIDEND].sum(axis=0)
    pay, pension = rows.gross[Source.SALARY] > 0, rows.gross[Source.PENSION] > 0
    return np.select([rows.status == Status.UNFILED, other > 0, pay, pension], [4, 0, 2, 3], 1)


def taxed_elsewhere(rows: Assessments) -> Bools:
    """Residents whom another municipality taxes; at least the first of them."""
    mark = (rows.person % _ELSEWHERE == 7) | (rows.person == rows.person[0])
    return np.asarray(mark & (rows.year == YEARS[-1]))


def was_corrected(rows: Assessments) -> Bools:
    """Rows that replaced others."""
    return np.asarray(rows.correction > 0)


def has_before(rows: Assessments) -> Bools:
    """Rows with instalments as they were before a correction."""
    return np.asarray(rows.before[0] != BLANK)


def by_account(rows: Assessments) -> Bools:
    """口座振替."""
    return np.asarray(rows.person % 5 < 2)


def stopped(rows: Assessments) -> Bools:
    """年金特徴 that was stopped."""
    return np.asarray((rows.person % 41 == 0) & (rows.collection == Collection.PENSION))
