"""Small tables beside the assessments, as typed facts: 減免, 納税管理人 and 送付先, 証明発行, 調査."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.city import GIVEN_NAMES, OTHERS, SURNAMES
from dmig.synth.days import NEVER, day_of
from dmig.synth.streams import Bools, Ints, Streams, between
from dmig.synth.tax_assessments import Assessments
from dmig.synth.tax_law import YEARS

#: Kinds of certificates and of inquiries, results of inquiries.
CERTIFICATES, INQUIRIES, RESULTS = 3, 3, 2


@dataclass(frozen=True, slots=True)
class Reliefs:
    """減免 granted: the assessment, why (0 or 1), in percent, the day."""

    row: Ints
    reason: Ints
    percent: Ints
    day: Ints


@dataclass(frozen=True, slots=True)
class Agents:
    """納税管理人 (agent) or 送付先: of which person, who (a made-up name), in which other municipality, since when."""

    person: Ints
    agent: Bools
    surname: Ints
    given: Ints
    place: Ints
    house: Ints
    since: Ints
    until: Ints


@dataclass(frozen=True, slots=True)
class Slips:
    """証明発行 or 調査: the assessment, number within it, kind, day, and how many or with what result."""

    row: Ints
    number: Ints
    kind: Ints
    day: Ints
    count: Ints


@dataclass(frozen=True, slots=True)
class TaxPapers:
    """All of them."""

    reliefs: Reliefs
    agents: Agents
    certificates: Slips
    inquiries: Slips


def tax_papers(rows: Assessments, streams: Streams) -> TaxPapers:
    """Draw them for some of the assessments in force."""
    own = np.flatnonzero(rows.latest & ~rows.deleted)
    granted = own[rows.relief.sum(axis=0)[own] > 0]
    draw = streams.of("tax papers")
    june = np.array([day_of(year, 6, 20) for year in YEARS])
    reliefs = Reliefs(granted, rows.person[granted] % 2, np.full(len(granted), 50), june[rows.year[granted] - YEARS[0]])
    certificates, inquiries = _slips(rows, own, draw, 6, CERTIFICATES), _slips(rows, own, draw, 30, INQUIRIES)
    return TaxPapers(reliefs, _agents(rows, own, streams), certificates, inquiries)


def _agents(rows: Assessments, own: Ints, streams: Streams) -> Agents:
    """One of sixty persons has one, and the first, since some day before the year; one in four has ended."""
    draw = streams.of("tax agents")
    # Assessments stand in the order of 宛名番号, so a person's first one does too.
    person = rows.person[own[np.concatenate(([True], np.diff(rows.person[own]) != 0))[: len(own)]]]
    person = person[(draw.random(len(person)) < 1 / 60) | (np.arange(len(person)) == 0)]
    count = len(person)
    since = between(draw, np.full(count, day_of(2018, 4, 1)), np.full(count, day_of(2024, 3, 31)))
    return Agents(
        person=person,
        agent=draw.random(count) < 0.4,
        surname=draw.integers(0, len(SURNAMES), count),
        given=draw.integers(0, len(GIVEN_NAMES), count),
        place=draw.integers(0, len(OTHERS), count),
        house=draw.integers(1, 900, count),
        since=since,
        until=np.where(draw.random(count) < 0.25, since + 500, NEVER),
    )


def _slips(rows: Assessments, own: Ints, draw: np.random.Generator, one_in: int, kinds: int) -> Slips:
    """One in so many assessments has one or two."""
    some = own[draw.random(len(own)) < 1 / one_in]
    times = draw.integers(1, 3, len(some))
    row = np.repeat(some, times)
    number = 1 + np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    start = np.array([day_of(year, 6, 15) for year in YEARS])[rows.year[row] - YEARS[0]]
    return Slips(row, number, draw.integers(0, kinds, len(row)), start + number * 9, draw.integers(1, 3, len(row)))
