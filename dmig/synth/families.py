"""Kinds of household: who lives together, and how old each is beside the head."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from dmig.synth.days import day_of


class Relation(IntEnum):
    """Relation to the head of the household, as a fact; how it is worded or coded is another matter."""

    HEAD = 0
    HUSBAND = 1
    WIFE = 2
    UNREGISTERED_HUSBAND = 3
    UNREGISTERED_WIFE = 4
    CHILD = 5
    FATHER = 6
    MOTHER = 7
    ELDER_BROTHER = 8
    YOUNGER_BROTHER = 9
    ELDER_SISTER = 10
    YOUNGER_SISTER = 11
    GRANDCHILD = 12
    CHILDS_HUSBAND = 13
    CHILDS_WIFE = 14
    KIN = 15
    LODGER = 16
    HUSBANDS_FATHER = 17
    HUSBANDS_MOTHER = 18
    WIFES_FATHER = 19
    WIFES_MOTHER = 20
    GREAT_GRANDCHILD = 21


class Place(NamedTuple):
    """A place in a household: relation if male and if female, sex (0 either, 3 the opposite of `beside`), ages.

    `years` are the least and most years by which the person was born after the head. `joins`: came later than the
    head in part of the households; `own_name`: bears another surname. `beside` counts places back to the partner.
    """

    male: Relation
    female: Relation
    sex: int
    years: tuple[int, int]
    joins: bool = False
    own_name: bool = False
    beside: int = 0


def _fixed(relation: Relation, sex: int, years: tuple[int, int]) -> Place:
    return Place(relation, relation, sex, years, joins=True)


PLACES: dict[str, Place] = {
    "H": Place(Relation.HEAD, Relation.HEAD, 0, (0, 0)),
    "S": Place(Relation.HUSBAND, Relation.WIFE, 3, (-6, 8), joins=True, beside=1),
    "U": Place(
        Relation.UNREGISTERED_HUSBAND, Relation.UNREGISTERED_WIFE, 3, (-6, 8), joins=True, own_name=True, beside=1
    ),
    "C": Place(Relation.CHILD, Relation.CHILD, 0, (20, 42)),
    "K": Place(Relation.CHILD, Relation.CHILD, 0, (20, 30)),
    "W": Place(Relation.CHILDS_HUSBAND, Relation.CHILDS_WIFE, 3, (19, 32), joins=True, beside=1),
    "G": Place(Relation.GRANDCHILD, Relation.GRANDCHILD, 0, (42, 60)),
    "g": Place(Relation.GRANDCHILD, Relation.GRANDCHILD, 0, (42, 46)),
    "L": Place(Relation.GREAT_GRANDCHILD, Relation.GREAT_GRANDCHILD, 0, (64, 72)),
    "F": _fixed(Relation.FATHER, 1, (-35, -20)),
    "M": _fixed(Relation.MOTHER, 2, (-33, -19)),
    "B": _fixed(Relation.ELDER_BROTHER, 1, (-12, -1)),
    "b": _fixed(Relation.YOUNGER_BROTHER, 1, (1, 12)),
    "A": _fixed(Relation.ELDER_SISTER, 2, (-12, -1)),
    "a": _fixed(Relation.YOUNGER_SISTER, 2, (1, 12)),
    "R": Place(Relation.KIN, Relation.KIN, 0, (-20, 20), joins=True, own_name=True),
    "X": Place(Relation.LODGER, Relation.LODGER, 0, (-15, 15), joins=True, own_name=True),
}


class Family(NamedTuple):
    """A kind of household: its places in order (head first), its weight, and years of birth of the head."""

    places: str
    weight: float
    head_born: tuple[int, int] = (1938, 2003)

    @property
    def head_first_day(self) -> int:
        """First day on which the head may be born."""
        return day_of(self.head_born[0], 1, 1)

    @property
    def head_last_day(self) -> int:
        """Last day on which the head may be born."""
        return day_of(self.head_born[1], 12, 31)


_PARENTS, _GRANDPARENTS, _MIDDLE = (1938, 2000), (1932, 1966), (1942, 1990)

FAMILIES = (
    Family("H", 34),
    Family("HS", 18),
    Family("HSC", 12, _PARENTS),
    Family("HSCC", 13, _PARENTS),
    Family("HSCCC", 4, _PARENTS),
    Family("HSCCCC", 0.6, _PARENTS),
    Family("HC", 4, _PARENTS),
    Family("HCC", 2.5, _PARENTS),
    Family("HCCC", 0.5, _PARENTS),
    Family("HF", 0.7, _MIDDLE),
    Family("HM", 1.6, _MIDDLE),
    Family("HSM", 1.2, _MIDDLE),
    Family("HSCFM", 1.0, _MIDDLE),
    Family("HSKWG", 1.0, _GRANDPARENTS),
    Family("HSKWGG", 0.8, _GRANDPARENTS),
    Family("HKG", 0.4, _GRANDPARENTS),
    Family("HKgL", 0.2, (1930, 1945)),
    Family("HB", 0.3, _MIDDLE),
    Family("Hb", 0.3, _MIDDLE),
    Family("HA", 0.3, _MIDDLE),
    Family("Ha", 0.3, _MIDDLE),
    Family("HU", 0.9),
    Family("HUC", 0.4, _PARENTS),
    Family("HR", 0.3),
    Family("HX", 0.6),
)
ALONE = 0
