"""Rows of the allowance system's smaller tables as typed facts: histories, accounts, stays, stops, transfers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.child_claims import ACCOUNTS_FROM, MEALS_FROM, OPEN, Claims, Rows, judged, yearly
from dmig.synth.child_homes import Homes
from dmig.synth.child_law import month_starts
from dmig.synth.days import NEVER, day_of
from dmig.synth.register import Register
from dmig.synth.streams import Bools, Ints, Streams

#: Banks and branches of the invented city.
BANKS, BRANCHES = 3, 4


@dataclass(frozen=True, slots=True)
class Histories:
    """受給者台帳: claim, number, whether it shows the end, is the latest, was deleted."""

    claim: Ints
    number: Ints
    closed: Bools
    latest: Bools
    deleted: Bools


@dataclass(frozen=True, slots=True)
class Accounts:
    """口座 of recipients: person, number, bank, branch, kind (0, 1, 2), account number, days, 公金受取口座."""

    person: Ints
    number: Ints
    bank: Ints
    branch: Ints
    kind: Ints
    account: Ints
    since: Ints
    until: Ints
    public: Bools


@dataclass(frozen=True, slots=True)
class Spans:
    """Rows with a beginning and an end (NEVER: none): claim, the slot of a child where it is about one, class."""

    claim: Ints
    slot: Ints
    kind: Ints
    since: Ints
    until: Ints


@dataclass(frozen=True, slots=True)
class ChildPapers:
    """All of them; `partners` are claims with a partner, `reports` and `incomes` claims and the place of the 年度."""

    histories: Histories
    accounts: Accounts
    partners: Ints
    reports: Rows
    incomes: Rows
    stops: Spans
    transfers: Spans
    stays: Spans


def child_papers(source: Register, found: Homes, held: Claims, streams: Streams) -> ChildPapers:
    """The rows beside claims, awards and payments."""
    every = np.arange(len(held))
    return ChildPapers(
        histories=_histories(held),
        accounts=_accounts(held, streams),
        partners=np.flatnonzero(found.partner[held.home] >= 0),
        reports=yearly(held),
        incomes=judged(held),
        stops=_stops(held),
        transfers=_transfers(held, every[every % 17 == 3]),
        stays=_stays(source, found, held),
    )


def _histories(held: Claims) -> Histories:
    """The claim, its end, and of some a row that was entered by mistake."""
    every, ended = np.arange(len(held)), np.flatnonzero(held.ending != OPEN)
    wrong = every[::45]
    claim = np.concatenate((every, ended, wrong))
    kind = np.repeat([0, 1, 2], [len(every), len(ended), len(wrong)])
    order = np.lexsort((kind, claim))
    claim, kind = claim[order], kind[order]
    open_end = held.ending[claim] == OPEN
    number = np.select([kind == 0, kind == 1], [1, 2], np.where(open_end, 2, 3))
    latest = (kind == 1) | ((kind == 0) & open_end)
    return Histories(claim, number, (kind > 0) & ~open_end, latest, kind == 2)


def _accounts(held: Claims, streams: Streams) -> Accounts:
    """One account for each recipient; one in six changed it."""
    person, first = np.unique(held.person, return_index=True)
    person, first = person[np.argsort(first)], np.sort(first)
    two = np.arange(len(person)) % 6 == 1
    at = np.repeat(np.arange(len(person)), 1 + two)
    number = np.arange(len(at)) - np.searchsorted(at, at) + 1
    opened = held.granted[first][at]
    changed = np.maximum(opened, day_of(2024, 1, 1)) + 30 + at % 300
    draw = streams.of("allowance accounts")
    later = number == 2
    return Accounts(
        person=person[at],
        number=number,
        bank=draw.integers(0, BANKS, len(at)),
        branch=draw.integers(0, BRANCHES, len(at)),
        kind=np.where(draw.random(len(at)) < 0.93, 0, draw.integers(1, 3, len(at))),
        account=draw.integers(1, 10_000_000, len(at)),
        since=np.where(later, changed + 1, opened),
        until=np.where(two[at] & ~later, changed, NEVER),
        public=later & (changed > ACCOUNTS_FROM) & (at % 3 > 0),
    )


def _stops(held: Claims) -> Spans:
    """Stopped payments: half of them were lifted, of the others the claim lapsed."""
    claim = np.arange(len(held))[5::40]
    since = month_starts()[held.first[claim]] + 40
    lapsed = np.arange(len(claim)) % 2 == 1
    return Spans(claim, np.zeros_like(claim), lapsed.astype(np.int64), since, np.where(lapsed, NEVER, since + 61))


def _transfers(held: Claims, claim: Ints) -> Spans:
    """School meals, nursery fees and gifts kept back from the payments from 2025 on; some have ended."""
    since = np.full(len(claim), MEALS_FROM)
    until = np.where(np.arange(len(claim)) % 4 == 1, day_of(2026, 3, 31), NEVER)
    return Spans(claim, np.zeros_like(claim), np.arange(len(claim)) % 3, since, until)


def _stays(source: Register, found: Homes, held: Claims) -> Spans:
    """Children who were in an institution for a time before the months of the delivery."""
    child = found.slots[0, held.home]
    born = source.population.persons.births.true_day[np.maximum(child, 0)]
    fits = np.flatnonzero((child >= 0) & (born < day_of(2016, 1, 1)))
    _, first = np.unique(child[fits], return_index=True)
    claim = np.sort(fits[first])[::12]
    since = np.maximum(born[claim], day_of(2015, 1, 1)) + 500 + claim % 400
    kind = np.arange(len(claim)) % 3
    return Spans(claim, np.zeros_like(claim), kind, since, since + 90 + claim % 500)
