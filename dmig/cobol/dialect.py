"""The choices that compilers and sites make, and that a copybook does not tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class SourceFormat(Enum):
    """Where the text of a line stands. AUTO: fixed where that can be read without a fault, otherwise free."""

    FIXED = "fixed"
    FREE = "free"
    AUTO = "auto"


class BinarySizes(Enum):
    """Bytes of COMP by digits: 2, 4, 8 as on IBM hosts; or 1 as well, for up to two digits."""

    FROM_TWO = "2-4-8"
    FROM_ONE = "1-2-4-8"


class Odo(Enum):
    """OCCURS DEPENDING ON: a slot of the greatest size, or what follows moves up."""

    FIXED = "fixed"
    SHIFTING = "shifting"


@dataclass(frozen=True, slots=True)
class Dialect:
    """Settings of one copybook. `most_digits` of a picture: 18, or 31 where the compiler is told to."""

    source_format: SourceFormat = SourceFormat.AUTO
    binary_sizes: BinarySizes = BinarySizes.FROM_TWO
    odo: Odo = Odo.FIXED
    most_digits: int = 31
    double_word_aligned: bool = False
    national_bytes: int = 2
    debugging_lines: bool = False
