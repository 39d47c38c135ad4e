"""Where households live: one typed place per address of a household, from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from dmig.synth.city import BUILDINGS, NO_TOWN, TOWNS
from dmig.synth.days import NEVER
from dmig.synth.events import Moves
from dmig.synth.people import People
from dmig.synth.spells import Spells
from dmig.synth.streams import Bools, Ints, Streams, chance

_DAYS = 1 << 18
_SHIFT = 40_000


class Numbering(IntEnum):
    """How a house number is said: 番地 with a second number, 番 and 号, or 番地 alone."""

    BANCHI_AND_NUMBER = 0
    BAN_GO = 1
    BANCHI = 2


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses in ascending order of (household, first day).

    `town` and `building` are indexes into the city's lists (building -1: none; town NO_TOWN: none). `spaced`
    puts a full-width space between building and room; `glued` says that the old system keeps the building in the
    cell of the house number.
    """

    since: Ints
    town: Ints
    numbering: Ints
    block: Ints
    house: Ints
    building: Ints
    room: Ints
    spaced: Bools
    glued: Bools

    def at(self, household: Ints, day: Ints) -> Ints:
        """Index of the address of each household on each day."""
        return np.searchsorted(self.since, _key(household, day), side="right") - 1


def addresses(population: People, spell: Spells, moved: Moves, streams: Streams) -> Addresses:
    """One address from the day a household came, one from every move, one from coming back."""
    households = np.arange(len(population.households))
    back = households[spell.back < NEVER]
    since = np.sort(
        np.concatenate((_key(households, spell.came), _key(moved.household, moved.day), _key(back, spell.back[back])))
    )
    draw, count = streams.of("address"), len(since)
    building = np.where(chance(draw, 0.45, count), draw.integers(0, len(BUILDINGS), count), -1)
    spaced = (building >= 0) & chance(draw, 0.15, count)
    return Addresses(
        since=since,
        town=np.where(chance(streams.of("no town"), 0.01, count), NO_TOWN, draw.integers(0, len(TOWNS), count)),
        numbering=draw.choice(len(Numbering), size=count, p=(0.5, 0.35, 0.15)),
        block=1 + draw.geometric(0.02, count) % 1_500,
        house=1 + draw.geometric(0.08, count) % 99,
        building=building,
        room=100 * draw.integers(1, 15, count) + draw.integers(1, 20, count),
        spaced=spaced,
        glued=(building >= 0) & ~spaced & chance(draw, 0.2, count),
    )


def _key(household: Ints, day: Ints) -> Ints:
    return household * _DAYS + day + _SHIFT
