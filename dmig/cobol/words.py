"""The words of a copybook: sentences end with a period; pictures are taken as they stand."""

from __future__ import annotations

from dataclasses import dataclass

from dmig.cobol.faults import Faults, Place
from dmig.cobol.source import Text


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its place. `literal`: it stood in quotes, which are taken off. `first`: the first one of its line."""

    text: str
    place: Place
    literal: bool = False
    first: bool = False

    @property
    def upper(self) -> str:
        """The word as COBOL compares it; a literal is no keyword."""
        return "" if self.literal else self.text.upper()


def sentences(text: Text, faults: Faults) -> list[list[Word]]:
    """The words of each sentence."""
    found: list[list[Word]] = []
    words: list[Word] = []
    characters, at, line = text.characters, 0, 0
    while at < len(characters):
        if characters[at] == " " or (characters[at] in ",;" and _blank(characters, at + 1)):
            at += 1
            continue
        word, at, ended = _word(text, at, faults)
        if word is not None:
            first = word.place.line != line
            line = word.place.line
            words.append(Word(word.text, word.place, word.literal, first))
        if ended:
            found.append(words)
            words = []
    if words:
        faults.add("COB004", words[-1].place, word=words[-1].text)
        found.append(words)
    return [one for one in found if one]


def _blank(characters: list[str], at: int) -> bool:
    return at >= len(characters) or characters[at] == " "


def _word(text: Text, at: int, faults: Faults) -> tuple[Word | None, int, bool]:
    """The word that begins here, where it ends, and whether a period closes the sentence behind it."""
    characters, place = text.characters, text.places[at]
    prefix = characters[at].upper() in "XNGZ" and at + 1 < len(characters) and characters[at + 1] in "'\""
    if characters[at] in "'\"" or prefix:
        body, at = _literal(text, at + prefix, faults)
        word = Word(body, place, literal=True)
        ended = at < len(characters) and characters[at] == "." and _blank(characters, at + 1)
        return word, at + ended, ended
    start = at
    while at < len(characters) and characters[at] != " ":
        at += 1
    body = "".join(characters[start:at])
    ended = body.endswith(".")
    body = body.removesuffix(".").rstrip(",;")
    return (Word(body, place) if body else None), at, ended


def _literal(text: Text, at: int, faults: Faults) -> tuple[str, int]:
    characters, quote, start = text.characters, text.characters[at], at
    body: list[str] = []
    at += 1
    while at < len(characters):
        if characters[at] == quote:
            if at + 1 < len(characters) and characters[at + 1] == quote:
                at += 1
            else:
                return "".join(body), at + 1
        body.append(characters[at])
        at += 1
    faults.add("COB002", text.places[start])
    return "".join(body), at
