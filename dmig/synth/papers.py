"""What lies beside a person's entries: numbers, 本籍, notes, cards, names entered, measures of support."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dmig.synth.city import GIVEN_NAMES, OTHERS, SURNAMES
from dmig.synth.days import AS_OF, NEVER, NO_DAY, NUMBERS_FROM, YEAR
from dmig.synth.entries import Entries
from dmig.synth.events import Kind
from dmig.synth.numbers import checked_numbers
from dmig.synth.people import People
from dmig.synth.snapshots import Snapshots
from dmig.synth.streams import Bools, Ints, Streams, between, chance

NOTE_KINDS = 6
CARD_STATES = 4
#: 本籍 lies in this city (0), in another municipality (1 and on), or is not known (-1).
HOME_CITY, UNKNOWN_HOME = 0, -1


@dataclass(frozen=True, slots=True)
class Sheets:
    """Rows of a table beside the register in file order: person, number of the row within the person, and a day."""

    person: Ints
    number: Ints
    day: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True, slots=True)
class Notes:
    """備考: which wording, and a number that stands in it."""

    sheet: Sheets
    wording: Ints
    count: Ints


@dataclass(frozen=True, slots=True)
class Cards:
    """個人番号カード: state 1 applied for, 2 issued, 3 suspended, 4 abolished; `sheet.day` is the last day of validity."""

    sheet: Sheets
    state: Ints
    zeros: Bools
    signature: Ints
    user: Ints


@dataclass(frozen=True, slots=True)
class Names:
    """旧氏 and 通称: which entry brought it, from `sheet.day` until `removed` (NEVER: still shown)."""

    sheet: Sheets
    entry: Ints
    alias: Bools
    removed: Ints


@dataclass(frozen=True, slots=True)
class Measures:
    """支援措置 from `sheet.day` for a year, `provisional` with the day before it, against whom (a made-up name)."""

    sheet: Sheets
    last: Ints
    provisional: Ints
    elsewhere: Ints
    surname: Ints
    given: Ints
    house: Ints
    relation: Ints


@dataclass(frozen=True, slots=True)
class Papers:
    """One place per person for the numbers and facts of the person, and the tables beside the register.

    `zeros_lost`: the old system lost the leading zeros of 個人番号. `code_wrong`: the check digit of 住民票コード is
    wrong (a finding). `origin_code_wrong` marks entries whose 転入前 municipality code has a wrong digit (likewise).
    """

    number: Ints
    zeros_lost: Bools
    code: Ints
    code_wrong: Bools
    origin_code_wrong: Bools
    read: Bools
    pension: Ints
    home: Ints
    home_house: Ints
    district: Ints
    notes: Notes
    cards: Cards
    names: Names
    measures: Measures


def papers(population: People, entries: Entries, shown: Snapshots, streams: Streams) -> Papers:
    """Draw the papers of everybody."""
    draw, count = streams.of("papers"), len(population.persons)
    number = checked_numbers(streams, "kojin", count, 12)
    code = checked_numbers(streams, "juminhyo", count, 11)
    wrong = _few(draw, np.flatnonzero(~population.persons.foreign), count, 300)
    grown = AS_OF - population.persons.births.true_day > 20 * YEAR
    return Papers(
        number=number,
        zeros_lost=(number < 10**11) & chance(draw, 0.5, count),
        code=np.where(wrong, code // 10 * 10 + (code + 1) % 10, code),
        code_wrong=wrong,
        origin_code_wrong=_wrong_origins(entries, shown, draw),
        read=chance(draw, 0.6, count),
        pension=np.where(grown & chance(draw, 0.7, count), draw.integers(10**8, 10**10, count), -1),
        home=draw.choice(len(OTHERS) + 2, size=count, p=(0.01, 0.69, 0.1, 0.08, 0.07, 0.05)) - 1,
        home_house=draw.integers(1, 1_500, count),
        district=draw.integers(1, 60, count),
        notes=_notes(population, entries, streams.of("notes")),
        cards=_cards(population, entries, streams.of("cards")),
        names=_names(entries),
        measures=_measures(population, entries, streams.of("measures")),
    )


def _few(draw: np.random.Generator, pool: Ints, count: int, one_in: int) -> Bools:
    marks = np.zeros(count, np.bool_)
    marks[draw.permutation(pool)[: max(1, len(pool) // one_in)]] = True
    return marks


def _wrong_origins(entries: Entries, shown: Snapshots, draw: np.random.Generator) -> Bools:
    """One stay in five hundred, at least one, of those that began in another municipality of Japan."""
    at = np.arange(len(entries))
    begins = (shown.stay == at) & (shown.origin >= 0) & (shown.origin < len(OTHERS)) & ~entries.deleted
    # The entry before, if deleted, began the stay too.
    return _few(draw, np.flatnonzero(begins), len(entries), 500)[shown.stay]


def _sheets(population: People, person: Ints, day: Ints) -> tuple[Sheets, Ints]:
    """Rows in order of 宛名番号 and day, numbered from 1, and the order that made them so."""
    order = np.lexsort((day, population.persons.order[person]))
    person, day = person[order], day[order]
    at, first = np.arange(len(person)), np.concatenate(([True], np.diff(person) != 0))[: len(person)]
    number = at - np.maximum.accumulate(np.where(first, at, 0)) + 1
    return Sheets(person, number, day), order


def _repeated(draw: np.random.Generator, chosen: Ints, mean: float, most: int) -> Ints:
    return np.repeat(chosen, np.clip(draw.poisson(mean, len(chosen)), 1, most))


def _first_days(population: People, entries: Entries) -> Ints:
    first = np.concatenate(([True], np.diff(entries.person) != 0))
    days = np.zeros(len(population.persons), np.int64)
    days[entries.person[first]] = entries.day[first]
    return days


def _notes(population: People, entries: Entries, draw: np.random.Generator) -> Notes:
    """One person in eight has some; all wordings occur as soon as there are persons enough."""
    person = _repeated(draw, np.flatnonzero(chance(draw, 0.12, len(population.persons))), 1.3, 4)
    day = between(draw, _first_days(population, entries)[person], np.full(len(person), AS_OF))
    sheet, _ = _sheets(population, person, day)
    return Notes(sheet, np.arange(len(person)) % NOTE_KINDS, draw.integers(1, 40, len(person)))


def _cards(population: People, entries: Entries, draw: np.random.Generator) -> Cards:
    """Three in four residents have one, a fifth of them after another that was abolished."""
    latest = np.flatnonzero(entries.latest)
    living = np.zeros(len(population.persons), np.bool_)
    living[entries.person[latest[entries.kind[latest] < Kind.MOVED_AWAY]]] = True
    person = _repeated(draw, np.flatnonzero(living & chance(draw, 0.75, len(living))), 0.6, 3)
    count = len(person)
    sheet, _ = _sheets(population, person, np.zeros(count, np.int64))
    last = np.concatenate((sheet.number[1:] == 1, [True]))[:count]
    state = np.where(last, draw.choice([1, 2, 3], size=count, p=(0.04, 0.94, 0.02)), 4)
    old = between(draw, np.full(count, NUMBERS_FROM + 1_800), np.full(count, AS_OF - 1)) - 200 * (3 - sheet.number)
    day = np.where(state == 4, old, between(draw, np.full(count, AS_OF), np.full(count, AS_OF + 3_600)))
    signs = (state != 1) & chance(draw, 0.9, count)
    return Cards(
        Sheets(sheet.person, sheet.number, np.where(state == 1, NO_DAY, day)),
        state.astype(np.int64),
        chance(draw, 0.5, count),
        np.where(signs, draw.integers(1, 10**9, count), -1),
        np.where(state != 1, draw.integers(1, 10**9, count), -1),
    )


def _names(entries: Entries) -> Names:
    """One row per 旧氏 or 通称 entered, closed by its removal."""
    enters = ((entries.kind == Kind.FORMER_NAME_ENTERED) | (entries.kind == Kind.ALIAS_ENTERED)) & ~entries.deleted
    at = np.flatnonzero(enters)
    ends = np.isin(entries.kind, (Kind.FORMER_NAME_REMOVED, Kind.ALIAS_REMOVED)) & ~entries.deleted
    removed = np.full(entries.person.max() + 1, NEVER)
    removed[entries.person[ends]] = entries.day[ends]
    person = entries.person[at]
    sheet = Sheets(person, np.ones(len(at), np.int64), entries.day[at])
    return Names(sheet, at, entries.kind[at] == Kind.ALIAS_ENTERED, removed[person])


def _measures(population: People, entries: Entries, draw: np.random.Generator) -> Measures:
    """Four persons in a thousand, at least three, some of them for a second year."""
    persons = draw.permutation(np.flatnonzero(AS_OF - population.persons.births.true_day > 20 * YEAR))
    person = persons[: max(3, len(persons) // 250)]
    years = draw.integers(1, 4, len(person))
    start = between(draw, np.full(len(person), AS_OF - 3_000), np.full(len(person), AS_OF - 1_200))
    which = np.repeat(np.arange(len(person)), years)
    inside = np.arange(len(which)) - np.repeat(np.cumsum(years) - years, years)
    day = _years_later(start[which], inside)
    sheet, _ = _sheets(population, person[which], day)
    count = len(which)
    first = sheet.number == 1
    provisional = np.where(first & chance(draw, 0.4, count), sheet.day - draw.integers(1, 30, count), NO_DAY)
    return Measures(
        sheet,
        _years_later(sheet.day, np.ones(count, np.int64)) - 1,
        provisional,
        np.where(chance(draw, 0.2, count), draw.integers(0, len(OTHERS), count), -1),
        draw.integers(0, len(SURNAMES), count),
        draw.integers(0, len(GIVEN_NAMES), count),
        draw.integers(1, 99, count),
        draw.integers(0, 3, count),
    )


def _years_later(days: Ints, years: Ints) -> Ints:
    """The same day of a later year; 29 February becomes 1 March."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    moved = (months + 12 * years).astype("datetime64[D]")
    days = moved + (dates - months.astype("datetime64[D]"))
    return np.asarray(days.astype(np.int64), np.int64)
