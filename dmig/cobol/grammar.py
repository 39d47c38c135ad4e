"""Sentences to entries: the clauses of the data description, in any order."""

from __future__ import annotations

from collections.abc import Callable

from dmig.cobol.dialect import Dialect
from dmig.cobol.faults import Faults
from dmig.cobol.nodes import Entry, Occurs, SignClause, Usage
from dmig.cobol.picture import parse_picture
from dmig.cobol.words import Word

_RENAMES, _ALONE, _CONDITION = 66, 77, 88
_LEVELS = {*range(1, 50), _RENAMES, _ALONE, _CONDITION}
_USAGES = {
    "DISPLAY": Usage.DISPLAY, "DISPLAY-1": Usage.DISPLAY_1, "NATIONAL": Usage.NATIONAL, "INDEX": Usage.INDEX,
    "BINARY": Usage.COMP, "PACKED-DECIMAL": Usage.COMP_3,
}  # fmt: skip
for _word in ("COMP", "COMPUTATIONAL"):
    _USAGES |= {
        _word: Usage.COMP, f"{_word}-1": Usage.COMP_1, f"{_word}-2": Usage.COMP_2, f"{_word}-3": Usage.COMP_3,
        f"{_word}-4": Usage.COMP, f"{_word}-5": Usage.COMP_5, f"{_word}-6": Usage.COMP_6,
    }  # fmt: skip
#: Words that a copybook may have in front of its entries; they tell nothing about records.
_HEADINGS = {"DIVISION", "SECTION"}
_ELSEWHERE = {"COPY", "REPLACE", "EXEC"}


def entries(sentences: list[list[Word]], dialect: Dialect, faults: Faults) -> list[Entry]:
    """The entries of a copybook; a sentence that is none is a fault and is passed over."""
    found = []
    for words in sentences:
        if words[-1].upper in _HEADINGS or words[0].upper in ("FD", "SD"):
            continue
        for one in _split(words, faults):
            entry = _Reader(one, dialect, faults).entry()
            if entry is not None:
                found.append(entry)
    return found


def _split(words: list[Word], faults: Faults) -> list[list[Word]]:
    """Entries that run into one another for want of a period: a level number begins a line."""
    found: list[list[Word]] = [[]]
    for at, word in enumerate(words):
        if at and word.first and _level(word) and at + 1 < len(words) and not _is_number(words[at + 1]):
            faults.add("COB004", words[at - 1].place, word=words[at - 1].text)
            found.append([])
        found[-1].append(word)
    return found


def _is_number(word: Word) -> bool:
    return not word.literal and word.text.isascii() and word.text.isdecimal()


def _level(word: Word) -> int:
    return int(word.text) if _is_number(word) and len(word.text) <= 2 and int(word.text) in _LEVELS else 0


class _Reader:
    """Reads the words of one entry."""

    def __init__(self, words: list[Word], dialect: Dialect, faults: Faults) -> None:
        self._words = words
        self._at = 0
        self._dialect = dialect
        self._faults = faults
        self._clauses: dict[str, Callable[[Entry], None]] = {
            "REDEFINES": self._redefines, "PIC": self._picture, "PICTURE": self._picture, "USAGE": self._usage,
            "SIGN": self._sign, "LEADING": self._sign, "TRAILING": self._sign, "SYNC": self._sync,
            "SYNCHRONIZED": self._sync, "JUST": self._justified, "JUSTIFIED": self._justified, "BLANK": self._blank,
            "OCCURS": self._occurs, "VALUE": self._value, "VALUES": self._value, "RENAMES": self._renames,
            "GLOBAL": self._nothing, "EXTERNAL": self._nothing,
        }  # fmt: skip

    def entry(self) -> Entry | None:
        """The entry, or None when its sentence is none."""
        first = self._take()
        level = _level(first)
        if not level:
            code = "COB006" if first.upper in _ELSEWHERE else "COB005"
            self._faults.add(code, first.place, word=first.text)
            return None
        entry = Entry(level, "", first.place)
        word = self._next()
        if word is None or word.upper in self._clauses or word.upper in _USAGES:
            entry.filler = True
        else:
            self._take()
            entry.name, entry.filler = word.text, word.upper == "FILLER"
        while (word := self._next()) is not None:
            self._clause(entry, word)
        return entry

    def _clause(self, entry: Entry, word: Word) -> None:
        if word.upper in _USAGES:
            entry.usage = _USAGES[self._take().upper]
        elif word.upper in self._clauses:
            self._take()
            self._clauses[word.upper](entry)
        else:
            self._faults.add("COB007", word.place, word=word.text)
            self._at = len(self._words)

    def _next(self) -> Word | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def _take(self) -> Word:
        word = self._words[self._at]
        self._at += 1
        return word

    def _skip(self, *words: str) -> bool:
        """Pass over a word that may stand here."""
        if (word := self._next()) is not None and word.upper in words:
            self._at += 1
            return True
        return False

    def _name(self, clause: str) -> str:
        word = self._next()
        if word is None or word.literal or word.upper in self._clauses:
            place = word.place if word else self._words[-1].place
            self._faults.add("COB008", place, clause=clause)
            return ""
        return self._take().text

    def _number(self, clause: str) -> int:
        word = self._next()
        if word is None or not _is_number(word) or len(word.text) > 9:
            self._faults.add("COB008", word.place if word else self._words[-1].place, clause=clause)
            return 1
        return int(self._take().text)

    def _redefines(self, entry: Entry) -> None:
        entry.redefines = self._name("REDEFINES")

    def _picture(self, entry: Entry) -> None:
        self._skip("IS")
        word = self._next()
        if word is None or word.literal:
            self._faults.add("COB008", word.place if word else self._words[-1].place, clause="PIC")
            return
        self._take()
        found = parse_picture(word.text)
        if isinstance(found, str):
            self._faults.add("COB009", word.place, picture=word.text, reason=found)
        elif found.digits > self._dialect.most_digits:
            self._faults.add("COB010", word.place, picture=word.text, most=self._dialect.most_digits)
        else:
            entry.picture = found

    def _usage(self, entry: Entry) -> None:
        self._skip("IS")
        word = self._next()
        if word is None or word.upper not in _USAGES:
            self._faults.add(
                "COB007", word.place if word else self._words[-1].place, word=word.text if word else "USAGE"
            )
            self._at = len(self._words)
            return
        entry.usage = _USAGES[self._take().upper]

    def _sign(self, entry: Entry) -> None:
        self._at -= 1
        if self._skip("SIGN"):
            self._skip("IS")
        leading = self._skip("LEADING")
        if not leading and not self._skip("TRAILING"):
            self._faults.add("COB008", self._words[self._at - 1].place, clause="SIGN")
        separate = self._skip("SEPARATE")
        if separate:
            self._skip("CHARACTER")
        entry.sign = SignClause(leading, separate)

    def _sync(self, entry: Entry) -> None:
        self._skip("LEFT", "RIGHT")
        entry.sync = True

    def _justified(self, entry: Entry) -> None:
        self._skip("RIGHT")
        entry.justified = True

    def _blank(self, entry: Entry) -> None:
        self._skip("WHEN")
        if not self._skip("ZERO", "ZEROS", "ZEROES"):
            self._faults.add("COB008", self._words[self._at - 1].place, clause="BLANK WHEN ZERO")
        entry.blank_when_zero = True

    def _occurs(self, entry: Entry) -> None:
        place = self._words[self._at - 1].place
        least = most = self._number("OCCURS")
        if self._skip("TO"):
            most = self._number("OCCURS")
        self._skip("TIMES")
        counter, qualifiers = "", []
        if self._skip("DEPENDING"):
            self._skip("ON")
            counter = self._name("DEPENDING ON")
            while self._skip("OF", "IN"):
                qualifiers.append(self._name("DEPENDING ON"))
            least = least if most != least else 0
        while self._skip("ASCENDING", "DESCENDING", "INDEXED"):
            self._skip("KEY")
            self._skip("IS", "BY")
            while (word := self._next()) is not None and not self._begins_clause(word):
                self._take()
        if not 0 <= least <= most or most == 0:
            self._faults.add("COB011", place, least=least, most=most)
            return
        entry.occurs = Occurs(least, most, counter, tuple(qualifiers))

    def _begins_clause(self, word: Word) -> bool:
        return (
            word.upper in self._clauses or word.upper in _USAGES or word.upper in ("ASCENDING", "DESCENDING", "INDEXED")
        )

    def _value(self, entry: Entry) -> None:
        self._skip("IS", "ARE")
        values: list[tuple[str, str]] = []
        self._skip("ALL")
        while (word := self._next()) is not None and not self._begins_clause(word):
            self._take()
            if word.upper in ("THRU", "THROUGH") and values and self._next() is not None:
                values[-1] = (values[-1][0], self._take().text)
            else:
                values.append((word.text, ""))
        if not values:
            self._faults.add("COB008", self._words[self._at - 1].place, clause="VALUE")
        entry.values = tuple(values)

    def _renames(self, entry: Entry) -> None:
        first = self._name("RENAMES")
        last = self._name("RENAMES") if self._skip("THRU", "THROUGH") else ""
        entry.renames = (first, last)

    def _nothing(self, entry: Entry) -> None:
        """Harmless here: it tells who may use the item."""
