"""Comparing re-read source cells with re-read target cells in SQL, block by block; each distinct pair is judged once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import duckdb
import duckdb.sqltypes
import pyarrow as pa

from dmig.stages.reconcile.cross import CodeRows, Pair, agrees
from dmig.stages.reconcile.letters import letters

#: What a comparison may hold before it spills.
SETTINGS = {"memory_limit": "400MB", "threads": 1}
#: So many differing records of one comparison are located.
MOST_RECORDS = 1000
SIGNATURE, FUNCTION = "signature", "function"
#: A private-use character in the source: what stands for it was decided by staff.
PRIVATE_USE = "[\ue000-\uf8ff]"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One proof: target items (ids) against source items (`item`, or `item@1-5` for a piece of its text).

    `kind` signature: `name` is a signature file. `kind` function: the target is a function of the sources; with a
    `name` (`table:part`) it must be the one of that agreed code table. `args` are arguments: `split` of a function,
    others of a signature.
    """

    group: str
    kind: str
    name: str
    targets: tuple[str, ...]
    sources: tuple[str, ...]
    args: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Verdict:
    """What a comparison found in one table: rows compared, rows that differ by class, the records of some of those.

    `pairs` counts, for a function, which target stands for which source codes; `wrong` are those not agreed.
    """

    comparison: Comparison
    table: str
    compared: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    records: list[int] = field(default_factory=list)
    pairs: dict[Pair, int] = field(default_factory=dict)
    wrong: set[Pair] = field(default_factory=set)

    @property
    def differing(self) -> int:
        """Rows that differ."""
        return sum(self.classes.values())

    def add(self, other: Verdict) -> None:
        """What the same comparison found in another block."""
        self.compared += other.compared
        for name, count in other.classes.items():
            self.classes[name] = self.classes.get(name, 0) + count
        for pair, count in other.pairs.items():
            self.pairs[pair] = self.pairs.get(pair, 0) + count
        self.wrong |= other.wrong
        self.records = [*self.records, *other.records][:MOST_RECORDS]


def signature_names() -> frozenset[str]:
    """The signatures that the program has."""
    folder = resources.files("dmig.stages.reconcile").joinpath("signatures")
    return frozenset(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))


def signature_sql(name: str) -> tuple[str, str]:
    """The two expressions of a signature file: over source cells and over target cells."""
    text = resources.files("dmig.stages.reconcile").joinpath("signatures", f"{name}.sql").read_text(encoding="utf-8")
    parts = [part.strip() for part in text.split("-- target") if part.strip()]
    if len(parts) != 2:
        raise ValueError(f"signature {name} needs one expression for each side")
    return parts[0].split("-- source")[-1].strip(), parts[1]


def source_item(source: str) -> str:
    """The legacy item of a source, without the piece that is taken of it."""
    return source.partition("@")[0]


def source_column(item: str) -> str:
    """Column of a block that holds a source item."""
    return f"s.{item}"


def target_column(item: str) -> str:
    """Column of a block that holds a target item."""
    return f"t.{item}"


class Comparer:
    """The comparisons of one group over one connection; `glyphs` are pairs (private-use character, what is written).

    Comparisons with the same signature and as many items are judged in one statement: planning a statement costs as
    much as judging some thousand pairs.
    """

    def __init__(
        self, comparisons: Sequence[Comparison], glyphs: Sequence[tuple[str, str]], tables: dict[str, CodeRows]
    ) -> None:
        self._tables = tables
        self._alike: dict[tuple[object, ...], list[Comparison]] = {}
        for each in comparisons:
            name = each.name if each.kind == SIGNATURE else ""
            shape = (each.kind, name, each.args if each.kind == SIGNATURE else (), len(each.sources), len(each.targets))
            self._alike.setdefault(shape, []).append(each)
        self._connection = duckdb.connect(config=SETTINGS)
        self._connection.execute("set enable_progress_bar = false")
        text = duckdb.sqltypes.VARCHAR
        self._connection.create_function("letters", letters, [text], text, type="arrow", null_handling="special")
        macros = resources.files("dmig.stages.reconcile").joinpath("macros.sql").read_text(encoding="utf-8")
        self._connection.execute(macros)
        self._connection.execute(f"create or replace temp macro glyphs(x) as {_glyphs(glyphs)}")

    def __enter__(self) -> Comparer:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def compare(self, table: str, block: pa.Table) -> list[Verdict]:
        """The verdicts over rows of one legacy table: `record`, a column per source item and per target item.

        Differences are counted, classed and located; of values nothing leaves but codes of functions.
        """
        if not block.num_rows:
            return []
        self._connection.register("block", block)
        found = [
            verdict
            for alike in self._alike.values()
            for verdict in (self._signatures if alike[0].kind == SIGNATURE else self._functions)(
                table, block.num_rows, alike
            )
        ]
        self._connection.unregister("block")
        return found

    def _signatures(self, table: str, rows: int, alike: list[Comparison]) -> list[Verdict]:
        """Every pair of cells is judged; where all are blank both signatures are null (a law of theirs, tested)."""
        left, right = (_expanded(side, alike[0]) for side in signature_sql(alike[0].name))
        # The signature files are part of the program, identifiers are quoted and values literals or parameters.
        self._connection.execute(
            f"create or replace temp table judged as select *, ({left}) as l, ({right}) as r from "  # noqa: S608
            f"(select *, count(*) as n from ({_stacked(alike, without_blanks=True)}) group by all)"
        )
        verdicts = {k: Verdict(each, table, rows) for k, each in enumerate(alike)}
        differing = f"select *, {_class_of(alike[0])} as class from judged where l is distinct from r"  # noqa: S608
        for k, name, count in self._rows(
            f"select k, class, cast(sum(n) as bigint) from ({differing}) group by 1, 2 order by 1, 2"  # noqa: S608
        ):
            verdicts[k].classes[name] = count
        for k, verdict in verdicts.items():
            if verdict.classes:
                self._locate(verdict, f"(select * from judged where k = {k} and l is distinct from r)")  # noqa: S608
        return list(verdicts.values())

    def _functions(self, table: str, rows: int, alike: list[Comparison]) -> list[Verdict]:
        """Every pair of codes is counted and judged."""
        width = len(alike[0].sources)
        verdicts: dict[int, Verdict] = {}
        pairs = self._rows(f"select *, count(*) from ({_stacked(alike, bare=True)}) group by all order by all")  # noqa: S608
        for k, *cells, count in pairs:
            comparison = alike[k]
            verdict = verdicts.setdefault(k, Verdict(comparison, table))
            pair: Pair = (tuple(cells[:width]), tuple(cells[width:]))
            verdict.compared += count
            verdict.pairs[pair] = count
            agreed = self._tables.get(comparison.name.partition(":")[0])
            if agreed is not None and not agrees(
                agreed, comparison.name.partition(":")[2], pair, dict(comparison.args).get("split", "")
            ):
                verdict.classes["code"] = verdict.classes.get("code", 0) + count
                verdict.wrong.add(pair)
        for verdict in verdicts.values():
            if verdict.wrong:
                self._locate_pairs(verdict)
        return list(verdicts.values())

    def _locate_pairs(self, verdict: Verdict) -> None:
        names = [*(f"s{n}" for n in range(len(verdict.comparison.sources))),
                 *(f"t{n}" for n in range(len(verdict.comparison.targets)))]  # fmt: skip
        cells = [[*sources, *targets] for sources, targets in verdict.wrong]
        self._connection.register(
            "wrong", pa.table({name: pa.array([row[n] for row in cells], pa.string()) for n, name in enumerate(names)})
        )
        self._locate(verdict, "wrong", bare=True)
        self._connection.unregister("wrong")

    def _locate(self, verdict: Verdict, differing: str, *, bare: bool = False) -> None:
        """The first records whose cells are among the differing ones."""
        columns = _columns(verdict.comparison, bare=bare)
        same = " and ".join(f"b.{name} is not distinct from j.{name}" for name in columns)
        shown = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
        found = self._rows(
            f"select distinct b.record from (select record, {shown} from block) b join {differing} j on {same} "  # noqa: S608
            f"order by 1 limit {MOST_RECORDS}"
        )
        verdict.records += [int(row[0]) for row in found]

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._connection.execute(sql).fetchall()
        return found


def together(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts of all blocks as one for each comparison and table, in the order in which they first came."""
    found: dict[tuple[Comparison, str], Verdict] = {}
    for verdict in verdicts:
        found.setdefault((verdict.comparison, verdict.table), Verdict(verdict.comparison, verdict.table)).add(verdict)
    for verdict in found.values():
        if verdict.comparison.kind == FUNCTION and not verdict.comparison.name:
            _judge_function(verdict)
    return list(found.values())


def _judge_function(verdict: Verdict) -> None:
    """Without an agreed table: sources that lead to more than one target; the most frequent one is taken as meant."""
    by_source: dict[tuple[str | None, ...], list[tuple[int, Pair]]] = {}
    for pair, count in verdict.pairs.items():
        by_source.setdefault(pair[0], []).append((count, pair))
    for targets in by_source.values():
        for count, pair in sorted(targets, key=lambda entry: -entry[0])[1:]:
            verdict.classes["code"] = verdict.classes.get("code", 0) + count
            verdict.wrong.add(pair)


def quoted(name: str) -> str:
    """An identifier safe for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text safe for SQL."""
    return "'" + text.replace("'", "''") + "'"


def _piece(source: str) -> str:
    """A source as SQL: the cell, or the characters `first-last` of it."""
    item, _, piece = source.partition("@")
    column = quoted(source_column(item))
    if not piece:
        return column
    first, last = (int(number) for number in piece.split("-"))
    return f"substr(trim({column}), {first}, {last - first + 1})"


def _columns(comparison: Comparison, *, bare: bool = False) -> dict[str, str]:
    """`s0`, `s1`, …, `t0`, … and the expressions over the columns of a block."""
    sources = [f"bare({_piece(source)})" if bare else _piece(source) for source in comparison.sources]
    named = {f"s{n}": sql for n, sql in enumerate(sources)}
    return named | {f"t{n}": quoted(target_column(target)) for n, target in enumerate(comparison.targets)}


def _stacked(alike: list[Comparison], *, bare: bool = False, without_blanks: bool = False) -> str:
    """The cells of many comparisons one below the other, numbered by `k`; without the rows that are all blank."""
    selects = []
    for k, each in enumerate(alike):
        columns = _columns(each, bare=bare)
        shown = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
        blank = [f"{sql} = ''" if name.startswith("s") else f"{sql} is null" for name, sql in columns.items()]
        where = f" where not ({' and '.join(blank)})" if without_blanks else ""
        selects.append(f"select {k} as k, {shown} from block{where}")  # noqa: S608
    return " union all ".join(selects)


def _expanded(sql: str, comparison: Comparison) -> str:
    """A signature's expression: its lists of sources and targets written out."""
    sources = [f"s{n}" for n in range(len(comparison.sources))]
    bare = [f"bare({source})" for source in sources]
    lists = {f"{{{name}}}": literal(value) for name, value in comparison.args}
    lists |= {
        "{sources}": ", ".join(sources),
        "{targets}": ", ".join(f"t{n}" for n in range(len(comparison.targets))),
        "{bare sources}": ", ".join(bare),
        "{bare but last}": ", ".join(bare[:-1]) or "null",
        "{last source}": sources[-1] if sources else "null",
        "{last source if two}": sources[-1] if len(sources) > 1 else "cast(null as varchar)",
    }
    for placeholder, expanded in lists.items():
        sql = sql.replace(placeholder, expanded)
    return sql


def _class_of(comparison: Comparison) -> str:
    """What kind of difference two signatures have."""
    items = [f"s{n}" for n in range(len(comparison.sources))]
    era = "length(l) = 8 and length(r) = 8 and substr(l, 5) = substr(r, 5)" if "date" in comparison.name else "false"
    return f"""case
        when r is null then 'blank'
        when l is null then 'unexpected'
        when {era} then 'era'
        when regexp_matches(concat('', {", ".join(items) or "''"}), {literal(PRIVATE_USE)}) then 'glyph'
        when letters(l) = letters(r) then 'width'
        when list_sort(string_split(l, '')) = list_sort(string_split(r, '')) then 'order'
        when abs(try_cast(l as double) - try_cast(r as double)) <= 1 then 'rounding'
        else 'value' end"""


def _glyphs(glyphs: Sequence[tuple[str, str]]) -> str:
    """What staff decided for private-use characters; any other of them is written as the geta mark."""
    replaced = "x"
    for character, written in glyphs:
        replaced = f"replace({replaced}, {literal(character)}, {literal(written)})"
    rest = f"regexp_replace({replaced}, {literal(PRIVATE_USE)}, '〓', 'g')"
    return f"case when regexp_matches(x, {literal(PRIVATE_USE)}) then {rest} else x end"
