"""All built-in converters and legacy types, from explicit lists."""

from __future__ import annotations

from dmig.converters import (
    addresses,
    amounts,
    check_digits,
    code_table,
    dates,
    joining,
    names,
    plain,
    relations,
    widths,
)
from dmig.converters.contract import Registry
from dmig.converters.legacy_dates import LEGACY_DATES
from dmig.converters.legacy_types import LEGACY_TYPES

#: Parts that may be null although the source is filled and nothing failed: no wording for a known date, no building,
#: a shorter chain.
MAY_BE_NULL = {
    "date": ("fushohyoki",),
    "banchi_katagaki": ("katagaki",),
    "relation": ("code2", "code3", "code4"),
}


def builtin() -> Registry:
    """A new registry with everything that the program itself brings."""
    return Registry(
        converters=(
            *plain.CONVERTERS,
            *joining.CONVERTERS,
            *widths.CONVERTERS,
            *names.CONVERTERS,
            *dates.CONVERTERS,
            *addresses.CONVERTERS,
            *amounts.CONVERTERS,
            *relations.CONVERTERS,
            *check_digits.CONVERTERS,
            code_table.CODE,
            code_table.CODE_SOURCE,
        ),
        legacy_types=(*LEGACY_TYPES, *LEGACY_DATES),
    )
