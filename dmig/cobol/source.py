"""Lines of a copybook to one run of characters, each with its place: areas cut off, continuations joined, comments gone."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from dmig.cobol.dialect import Dialect, SourceFormat
from dmig.cobol.faults import Faults, Place

_INDICATOR, _TEXT, _END = 7, 8, 72
_TAB = 8
_COMMENTS, _CONTINUES, _DEBUGS, _PLAIN = "*/", "-", "Dd", " "


@dataclass(slots=True)
class Text:
    """Characters with their places; a line end is one blank."""

    characters: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def add(self, character: str, place: Place) -> None:
        """One more character."""
        self.characters.append(character)
        self.places.append(place)

    def drop_blanks(self) -> None:
        """Take blanks off the end, so that a word can go on."""
        while self.characters and self.characters[-1] == " ":
            self.characters.pop()
            self.places.pop()


def joined_text(text: str, free: bool, dialect: Dialect, faults: Faults) -> Text:
    """The text of a copybook in fixed or free format."""
    result = Text()
    quote = ""
    for number, line in enumerate(text.splitlines(), 1):
        quote = _line(result, _columns(line), number, quote, free, dialect, faults)
    return result


def formats(dialect: Dialect) -> tuple[bool, ...]:
    """Whether to read in free format: what is to be tried, in order."""
    if dialect.source_format is SourceFormat.AUTO:
        return (False, True)
    return (dialect.source_format is SourceFormat.FREE,)


def _columns(line: str) -> list[tuple[str, int]]:
    """Characters with the column where each begins."""
    found, column = [], 1
    for character in line:
        if character == "\t":
            found += [(" ", c) for c in range(column, (column - 1) // _TAB * _TAB + _TAB + 1)]
            column = (column - 1) // _TAB * _TAB + _TAB + 1
        elif character != "\x1a":
            found.append((" " if character == "\u3000" else character, column))
            column += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return found


def _line(
    result: Text, line: list[tuple[str, int]], number: int, quote: str, free: bool, dialect: Dialect, faults: Faults
) -> str:
    """Add one line; gives the quote that is open behind it, "" when none is."""
    if free:
        body, indicator = line, _PLAIN
        if next((c for c, _ in line if c != " "), "") == "*":
            return quote
    else:
        indicator = next((c for c, column in line if column == _INDICATOR), _PLAIN)
        body = [(c, column) for c, column in line if _TEXT <= column <= _END]
    if indicator in _COMMENTS or (indicator in _DEBUGS and not dialect.debugging_lines):
        return quote
    if indicator == _CONTINUES:
        body = _continued(result, body, number, quote, faults)
    elif indicator not in (_PLAIN, *_DEBUGS):
        faults.add("COB001", Place(number, _INDICATOR), indicator=indicator)
    elif quote:
        faults.add("COB002", Place(max(number - 1, 1), 1))
        quote = ""
    return _body(result, body, number, quote)


def _continued(
    result: Text, body: list[tuple[str, int]], number: int, quote: str, faults: Faults
) -> list[tuple[str, int]]:
    """What follows of a continued literal stands behind a quote; a continued word goes on without a blank."""
    first = next((at for at, (c, _) in enumerate(body) if c != " "), len(body))
    if result.characters:  # the blank that stood for the line end
        result.characters.pop()
        result.places.pop()
    if not quote:
        result.drop_blanks()
        return body[first:]
    if first < len(body) and body[first][0] == quote:
        return body[first + 1 :]
    faults.add("COB003", Place(number, body[first][1] if first < len(body) else _TEXT), quote=quote)
    return body


def _body(result: Text, body: list[tuple[str, int]], number: int, quote: str) -> str:
    for at, (character, column) in enumerate(body):
        if not quote and character == "*" and at + 1 < len(body) and body[at + 1][0] == ">":
            break
        if character in "'\"" and quote in ("", character):
            quote = "" if quote else character
        result.add(character, Place(number, column))
    result.add(" ", Place(number, body[-1][1] + 1 if body else 1))
    return quote
