"""The catalogue of codes, the diagnostic structure, and the errors that leave a command."""

from dmig.errors.catalogue import Code, catalogue, code
from dmig.errors.diagnostic import Diagnostic, Diagnostics, SpecError
from dmig.errors.failure import DmigError, ExitCode, LawBroken, MismatchFound, UsageFault

__all__ = [
    "Code",
    "Diagnostic",
    "Diagnostics",
    "DmigError",
    "ExitCode",
    "LawBroken",
    "MismatchFound",
    "SpecError",
    "UsageFault",
    "catalogue",
    "code",
]
