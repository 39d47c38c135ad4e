"""Errors that end a command, and the exit codes of design section 7."""

from __future__ import annotations

from enum import IntEnum

from dmig.errors.catalogue import code


class ExitCode(IntEnum):
    """What a shell or a scheduler sees."""

    PASS = 0
    GATE = 1
    USAGE = 2
    SPEC = 3
    MISMATCH = 4
    ENVIRONMENT = 5
    PROGRAM = 70


#: Over several operations the worst wins, in this order.
SEVERITY = (
    ExitCode.PROGRAM,
    ExitCode.ENVIRONMENT,
    ExitCode.SPEC,
    ExitCode.MISMATCH,
    ExitCode.GATE,
    ExitCode.USAGE,
    ExitCode.PASS,
)


class DmigError(Exception):
    """A fault of the environment (file missing, disk full, server away): exit 5, with its remedy.

    `transient` says whether the same command may succeed later without a change.
    """

    exit_code = ExitCode.ENVIRONMENT

    def __init__(self, code_name: str, *, transient: bool = False, **values: object) -> None:
        self.code = code_name
        self.values = {key: str(value) for key, value in values.items()}
        self.transient = transient
        super().__init__(f"{code_name} {code(code_name).message('en', **self.values)}")

    def render(self, language: str = "ja") -> str:
        """The message and its remedy in one language."""
        row = code(self.code)
        label = "対処" if language == "ja" else "remedy"
        return f"{self.code} {row.message(language, **self.values)}\n    {label}: {row.remedy(language, **self.values)}"


class UsageFault(DmigError):
    """The command was called wrongly, or something it names does not exist: exit 2."""

    exit_code = ExitCode.USAGE


class MismatchFound(DmigError):
    """Hashes or signatures are not what was noted: something was altered since. Exit 4."""

    exit_code = ExitCode.MISMATCH


class LawBroken(Exception):
    """A count law of a step or of conservation does not hold: a fault of the program, exit 70."""
