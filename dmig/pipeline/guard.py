"""Settings of the environment that would make checks pass silently: the run refuses to start with them.

Apart from everything that imports pandera, because pandera reads some of them (and may fail on them) at import.
"""

from __future__ import annotations

import os

from dmig.errors import DmigError

#: Variable -> values (lower case) under which checks would be switched off or lose the position of a row.
HARMFUL = {
    "PANDERA_VALIDATION_ENABLED": ("false", "0"),
    "PANDERA_USE_NARWHALS_BACKEND": ("true", "1"),
}
#: The only depth at which data are looked at.
DEPTH, FULL_DEPTH = "PANDERA_VALIDATION_DEPTH", ("", "SCHEMA_AND_DATA")


def refuse_harmful_environment() -> None:
    """`DmigError` ENV004 (exit 5) when a variable switches validation off."""
    for name, harmful in HARMFUL.items():
        if os.environ.get(name, "").lower() in harmful:
            raise DmigError("ENV004", name=name)
    if os.environ.get(DEPTH, "") not in FULL_DEPTH:
        raise DmigError("ENV004", name=DEPTH)
