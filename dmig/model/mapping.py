"""A mapping as its files say it: rows with their file and line, nothing resolved yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dmig.model.layout import Parameter
from dmig.model.private_use import private_in, ranges_of


class Missing(StrEnum):
    """What a target gets when none of its rows has a filled source."""

    BLANK = "blank"
    REJECT = "reject"
    FINDING = "finding"


class Bad(StrEnum):
    """What follows when a source or its conversion fails."""

    REJECT = "reject"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: file (relative), line from 1, and the layer (base or the site's name)."""

    file: str
    line: int
    layer: str = "base"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One way to fill one target."""

    group: str
    target: str
    order: int
    when: str
    sources: tuple[str, ...]
    converter: str
    part: str
    args: tuple[tuple[str, str], ...]
    code_table: str
    if_missing: Missing
    if_bad: Bad
    basis: str
    note: str
    place: Place


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a group, in the order of `n`."""

    group: str
    n: int
    step: str
    inputs: tuple[str, ...]
    output: str
    keys: tuple[str, ...]
    args: tuple[tuple[str, str], ...]
    effect: str
    basis: str
    place: Place

    def arg(self, name: str, default: str = "") -> str:
        """An argument's text."""
        return dict(self.args).get(name, default)


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """Tests joined by AND; the lines of one condition are joined by OR."""

    condition: str
    line: str
    item: str
    test: str
    values: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One row of a code table: up to four legacy values to one standard value, within a period."""

    legacy: tuple[str, ...]
    standard: tuple[str, ...]
    valid_from: str
    valid_to: str
    state: str
    decided_by: str
    decided_on: str
    note: str
    place: Place


@dataclass(frozen=True, slots=True)
class CodeTable:
    """A named cross-table from legacy codes to standard codes."""

    name: str
    width: int
    parts: tuple[str, ...]
    rows: tuple[CodeRow, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """A control total: records against rows (`count`), or amounts of source items against those of target items."""

    total: str
    kind: str
    tables: tuple[str, ...]
    source: tuple[str, ...]
    group: str
    target: tuple[str, ...]
    basis: str
    place: Place


@dataclass(frozen=True, slots=True)
class Disposition:
    """A source item that is not mapped, and why."""

    table: str
    item: str
    disposition: str
    reason: str
    decided_by: str
    place: Place


#: How far a private-use character was found to be one of the standard: the same glyph, the same by design, only alike,
#: none, or a code without a glyph. Only the first two are the same character.
SAME_GLYPH = ("字形一致", "デザイン差")
GLYPH_KINDS = (*SAME_GLYPH, "類似", "該当なし", "空き")


#: Where a character stands on its way: not begun, a candidate named, decided by one person, put off, asked for as an
#: addition to the standard; only `agreed` has two persons behind it.
GLYPH_STATES = ("agreed", "open", "candidate", "decided", "held", "requested")
#: Written for a private-use character that nobody has decided: the geta mark.
GETA = "〓"


@dataclass(frozen=True, slots=True)
class Glyph:
    """What is known of one private-use character (外字): the same in which MJ+ character, or written how instead.

    `kind`: how far it was found to be the same (`GLYPH_KINDS`). `decided` is its MJ+ form; `substitute`, within JIS
    X 0213, is kept beside it, and is what is written while it is open or where nothing is the same. `mj` and `mj_plus` name
    the glyph in the MJ and in the site's MJ+ list. `source` is the code of the host (`jef 80A1`) where the row names it;
    `juki` and `koseki` are its codes of 住基ネット and 戸籍統一文字.
    """

    pua: str
    decided: str
    substitute: str
    state: str
    decided_by: str
    decided_on: str
    note: str
    place: Place
    kind: str = ""
    mj: str = ""
    approved_by: str = ""
    approved_on: str = ""
    source: str = ""
    mj_plus: str = ""
    basis: str = ""
    juki: str = ""
    koseki: str = ""

    @property
    def settled(self) -> bool:
        """Whether two persons stand for what is written."""
        return self.state == "agreed"

    @property
    def same(self) -> bool:
        """Whether it is settled as one character of the standard, and becomes that by itself."""
        return self.settled and self.kind in SAME_GLYPH

    @property
    def written(self) -> str:
        """Only what was found to be the same character becomes it."""
        return self.decided if self.same else self.substitute

    @property
    def reduced(self) -> str:
        """What stands for the decided character within JIS X 0213; blank where nothing was declared."""
        return self.substitute if self.same and self.substitute not in (GETA, self.decided) else ""

    @property
    def target(self) -> str:
        """In what the decided character was found: `MJ+`, `MJ`, `UCS`, or blank."""
        return "MJ+" if self.mj_plus else "MJ" if self.mj else "UCS" if self.decided else ""


@dataclass(frozen=True, slots=True)
class PlusGlyph:
    """One glyph of a site's MJ+ list: its name, the text that it is there, what stands for it within JIS X 0213."""

    glyph: str
    text: str
    substitute: str
    place: Place


@dataclass(frozen=True, slots=True)
class Proof:
    """How targets are proved by a second reading.

    `signature` names a file of the reconciliation, for the class `function` an agreed code table and its part
    (`table:part`), for the class `inverse` a converter (for codes `code:table`). A source is a legacy item, or a piece
    of its text (`item@1-5`). `args` holds `split`.
    """

    group: str
    targets: tuple[str, ...]
    proof: str
    signature: str
    sources: tuple[str, ...]
    args: tuple[tuple[str, str], ...]
    reason: str
    place: Place


@dataclass(frozen=True, slots=True)
class AcceptedDifference:
    """Differences that staff accept: where (`*` is any), of which class, at most how many rows, until which day."""

    id: str
    group: str
    item: str
    table: str
    kind: str
    most: int
    reason: str
    approver: str
    expires: str
    place: Place


@dataclass(frozen=True, slots=True)
class ExclusionProof:
    """Which records an exclusion leaves out, said a second time for reconciliation: a closed rule over legacy items."""

    reason: str
    tables: tuple[str, ...]
    kind: str
    items: tuple[str, ...]
    values: tuple[str, ...]
    basis: str
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """All files of one mapping folder, with the site's rows laid over them."""

    operation: str
    system: str
    version: str
    layout_version: str
    owner: str
    status: str
    rows: tuple[MappingRow, ...]
    steps: tuple[StepRow, ...]
    conditions: dict[str, tuple[ConditionLine, ...]]
    code_tables: dict[str, CodeTable]
    totals: tuple[Total, ...]
    dispositions: tuple[Disposition, ...]
    proofs: tuple[Proof, ...]
    differences: tuple[AcceptedDifference, ...]
    glyphs: tuple[Glyph, ...]
    gates: dict[str, int]
    approvals: int = 1
    parameters: tuple[Parameter, ...] = ()
    exclusions: tuple[ExclusionProof, ...] = ()
    mj_plus: tuple[PlusGlyph, ...] = ()

    @property
    def reductions(self) -> dict[str, str]:
        """Characters that are written -> what stands for them within JIS X 0213: of the ledger, then of the MJ+ list."""
        listed = {glyph.text: glyph.substitute for glyph in self.mj_plus if glyph.substitute}
        return listed | {glyph.decided: glyph.reduced for glyph in self.glyphs if glyph.reduced}

    @property
    def agreed(self) -> str:
        """The private-use characters that the loaded MJ+ list gives a meaning, as a set of code points."""
        return ranges_of(character for glyph in self.mj_plus for character in private_in(glyph.text))
