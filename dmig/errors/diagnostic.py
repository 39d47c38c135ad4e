"""Faults in declarative files: gathered, all at once, each with file and line."""

from __future__ import annotations

from dataclasses import dataclass, field

from dmig.errors.catalogue import code


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One fault in a declarative file. `line` counts from 1; 0 means the file as a whole."""

    file: str
    line: int
    code: str
    values: tuple[tuple[str, str], ...] = ()

    def render(self, language: str = "ja") -> str:
        """`file:line: CODE text` and the remedy on a line of its own."""
        row = code(self.code)
        text = row.message(language, **dict(self.values))
        label = "対処" if language == "ja" else "remedy"
        return f"{self.file}:{self.line}: {self.code} {text}\n    {label}: {row.remedy(language, **dict(self.values))}"

    def as_json(self) -> dict[str, object]:
        """The machine-readable form."""
        row, values = code(self.code), dict(self.values)
        return {
            "file": self.file,
            "line": self.line,
            "code": self.code,
            "ja": row.message("ja", **values),
            "en": row.message("en", **values),
        }


@dataclass(slots=True)
class Diagnostics:
    """A growing list of diagnostics; `stop_if_any` ends the compilation once all passes have spoken."""

    items: list[Diagnostic] = field(default_factory=list)

    def add(self, file: str, line: int, code_name: str, /, **values: object) -> None:
        """Note one fault. Doubles (the same fault found by two passes) are kept once."""
        found = Diagnostic(file, line, code_name, tuple(sorted((k, str(v)) for k, v in values.items())))
        code(code_name).message(**dict(found.values))
        if found not in self.items:
            self.items.append(found)

    def stop_if_any(self) -> None:
        """Raise `SpecError` when a fault stands."""
        if self.items:
            raise SpecError(sorted(self.items))


class SpecError(Exception):
    """Declarative files do not compile. Holds every diagnostic; exit code 3."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__(f"{len(diagnostics)} faults in declarative files")
        self.diagnostics = diagnostics
