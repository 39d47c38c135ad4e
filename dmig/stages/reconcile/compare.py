"""Comparing re-read source cells with re-read target cells in SQL, block by block; each distinct pair is judged once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

import duckdb
import duckdb.sqltypes
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dmig.stages.reconcile.classes import PRIVATE_USE, class_sql
from dmig.stages.reconcile.cross import CodeRows, Pair, agrees
from dmig.stages.reconcile.letters import letters
from dmig.stages.reconcile.pairs import Coded, Combinations, chosen, coded, combinations

#: What a comparison may hold before it spills.
SETTINGS = {"memory_limit": "400MB", "threads": 1}
#: So many differing records of one comparison are located.
MOST_RECORDS = 1000
SIGNATURE, FUNCTION = "signature", "function"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One proof: target items (ids) against source items (`item`, or `item@1-5` for a piece of its text).

    `kind` signature: `name` is a signature file. `kind` function: the target is a function of the sources; with a
    `name` (`table:part`) it must be the one of that agreed code table. `args` are arguments: `split` of a function,
    others of a signature. With `by` (a target item) and `labels` the sources are one: in each row that whose label,
    in the order of `labels`, stands in the published row's item `by`.
    """

    group: str
    kind: str
    name: str
    targets: tuple[str, ...]
    sources: tuple[str, ...]
    args: tuple[tuple[str, str], ...] = ()

    @property
    def by(self) -> str:
        """The target item that says which of the sources a row was made of; blank where all of them count."""
        return dict(self.args).get("by", "")

    @property
    def labels(self) -> list[str]:
        """What that item says for each of the sources."""
        return dict(self.args).get("labels", "").split("|")

    @property
    def width(self) -> int:
        """How many source cells a row has."""
        return 1 if self.by else len(self.sources)

    @property
    def read_targets(self) -> tuple[str, ...]:
        """Target items that it reads."""
        return tuple(dict.fromkeys((*self.targets, *filter(None, [self.by]))))


@dataclass(slots=True)
class Verdict:
    """What a comparison found in one table: rows compared, rows that differ by class, the records of some of those.

    `pairs` counts, for a function, which target stands for which source codes; `wrong` are those not agreed. `apart`
    counts rows that a comparison of its kind says nothing about, `repaired` those whose source staff corrected.
    """

    comparison: Comparison
    table: str
    compared: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    records: list[int] = field(default_factory=list)
    pairs: dict[Pair, int] = field(default_factory=dict)
    wrong: set[Pair] = field(default_factory=set)
    apart: int = 0
    repaired: int = 0

    @property
    def differing(self) -> int:
        """Rows that differ."""
        return sum(self.classes.values())

    def add(self, other: Verdict) -> None:
        """What the same comparison found in another block."""
        self.compared += other.compared
        self.apart += other.apart
        self.repaired += other.repaired
        for name, count in other.classes.items():
            self.classes[name] = self.classes.get(name, 0) + count
        for pair, count in other.pairs.items():
            self.pairs[pair] = self.pairs.get(pair, 0) + count
        self.wrong |= other.wrong
        self.records = [*self.records, *other.records][:MOST_RECORDS]


@lru_cache(maxsize=1)
def words(glyphs: tuple[tuple[str, str], ...]) -> duckdb.DuckDBPyConnection:
    """A connection that knows the words of the signatures; one for all blocks that a process compares."""
    connection = duckdb.connect(config=SETTINGS)
    connection.execute("set enable_progress_bar = false")
    text = duckdb.sqltypes.VARCHAR
    connection.create_function("letters", letters, [text], text, type="arrow", null_handling="special")
    connection.execute(resources.files("dmig.stages.reconcile").joinpath("macros.sql").read_text(encoding="utf-8"))
    connection.execute(f"create or replace temp macro glyphs(x) as {_glyphs(glyphs)}")
    return connection


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
    """The comparisons of one group; `glyphs` are pairs (private-use character, what is written).

    Each distinct combination of cells is judged once; comparisons with the same signature and as many items in one
    statement, because planning a statement costs as much as judging some thousand combinations.
    """

    def __init__(
        self, comparisons: Sequence[Comparison], glyphs: Sequence[tuple[str, str]], tables: dict[str, CodeRows]
    ) -> None:
        self._tables = tables
        self._functions = [each for each in comparisons if each.kind == FUNCTION]
        self._alike: dict[tuple[object, ...], list[Comparison]] = {}
        for each in comparisons:
            if each.kind == SIGNATURE:
                shape = (each.name, each.args, each.width, len(each.targets))
                self._alike.setdefault(shape, []).append(each)
        self._connection = words(tuple(glyphs))

    def compare(self, table: str, block: pa.Table) -> list[Verdict]:
        """The verdicts over rows of one legacy table: `record`, a column per source item and per target item.

        Differences are counted, classed and located; of values nothing leaves but codes of functions.
        """
        if not block.num_rows:
            return []
        cells = {name: coded(block.column(name)) for name in block.column_names if name != "record"}
        records = block.column("record").to_numpy()
        found = [self._function(table, records, each, _combined(each, cells)) for each in self._functions]
        for alike in self._alike.values():
            found += self._signatures(table, records, alike, [_combined(each, cells) for each in alike])
        return found

    def _signatures(
        self, table: str, records: npt.NDArray[Any], alike: list[Comparison], combined: list[Combinations]
    ) -> Iterator[Verdict]:
        """Every combination is judged; where all are blank both signatures are null (a law of theirs, tested)."""
        self._connection.register("asked", _asked(alike[0], combined))
        left, right = (_expanded(side, alike[0]) for side in signature_sql(alike[0].name))
        # The signature files are part of the program; their arguments are written as literals.
        judged = f"select *, ({left}) as l, ({right}) as r from asked where not ({_all_blank(alike[0])})"  # noqa: S608
        differing = self._connection.execute(
            f"select k, number, {_class_of(alike[0])} from ({judged}) where l is distinct from r"  # noqa: S608
        ).fetchall()
        self._connection.unregister("asked")
        for k, each in enumerate(alike):
            verdict = Verdict(each, table, records.size)
            own = [(int(number), str(name)) for of, number, name in sorted(differing) if of == k]
            for number, name in own:
                verdict.classes[name] = verdict.classes.get(name, 0) + int(combined[k].counts[number])
            if own:
                verdict.records += _located(records, combined[k], [number for number, _ in own])
            yield verdict

    def _function(
        self, table: str, records: npt.NDArray[Any], comparison: Comparison, combined: Combinations
    ) -> Verdict:
        """Every combination of codes is counted and judged."""
        width, wrong = comparison.width, []
        verdict = Verdict(comparison, table, records.size)
        agreed = self._tables.get(comparison.name.partition(":")[0])
        cells = zip(*(column.to_pylist() for column in combined.cells), strict=True)
        for number, (codes, count) in enumerate(zip(cells, combined.counts.tolist(), strict=True)):
            pair: Pair = (tuple(_bare(code) for code in codes[:width]), tuple(codes[width:]))
            verdict.pairs[pair] = verdict.pairs.get(pair, 0) + count
            if agreed is not None and not agrees(
                agreed, comparison.name.partition(":")[2], pair, dict(comparison.args).get("split", "")
            ):
                verdict.classes["code"] = verdict.classes.get("code", 0) + count
                verdict.wrong.add(pair)
                wrong.append(number)
        if wrong:
            verdict.records += _located(records, combined, wrong)
        return verdict


def _combined(comparison: Comparison, cells: dict[str, Coded]) -> Combinations:
    """The distinct combinations of the cells of a comparison: sources, then targets."""
    sources = [_taken(source, cells) for source in comparison.sources]
    if comparison.by:
        sources = [chosen(cells[target_column(comparison.by)], comparison.labels, sources)]
    return combinations([*sources, *(cells[target_column(target)] for target in comparison.targets)])


def _taken(source: str, cells: dict[str, Coded]) -> Coded:
    """The cells of a source, or the characters `first-last` of them."""
    item, _, piece = source.partition("@")
    whole = cells[source_column(item)]
    if not piece:
        return whole
    first, last = (int(number) for number in piece.split("-"))
    return whole.piece(first, last)


def _asked(like: Comparison, combined: Sequence[Combinations]) -> pa.Table:
    """The combinations of comparisons that are alike: `k` of the comparison, `number`, `s0`, …, `t0`, … by place."""
    names = [*(f"s{n}" for n in range(like.width)), *(f"t{n}" for n in range(len(like.targets)))]
    sizes = [each.counts.size for each in combined]
    columns = {
        "k": np.repeat(np.arange(len(sizes)), sizes),
        "number": np.concatenate([np.arange(size) for size in sizes]),
    }
    cells = [pa.concat_arrays(place) for place in zip(*(each.cells for each in combined), strict=True)]
    return pa.table(columns | dict(zip(names, cells, strict=True)))


def _located(records: npt.NDArray[Any], combined: Combinations, numbers: list[int]) -> list[int]:
    """The first records whose cells are among some combinations."""
    found: list[int] = np.unique(records[combined.rows(numbers)])[:MOST_RECORDS].tolist()
    return found


def _bare(code: str | None) -> str | None:
    return (code or "").strip(" \u3000") or None


def together(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts of all blocks as one for each comparison and table, in the order in which they first came.

    They are taken one by one: a large city has hundreds of blocks with dozens of verdicts each.
    """
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


def literal(text: str) -> str:
    """A text safe for SQL."""
    return "'" + text.replace("'", "''") + "'"


def _all_blank(comparison: Comparison) -> str:
    """That a combination has no filled cell."""
    sources = [f"s{n} = ''" for n in range(comparison.width)]
    return " and ".join([*sources, *(f"t{n} is null" for n in range(len(comparison.targets)))])


def _expanded(sql: str, comparison: Comparison) -> str:
    """A signature's expression: its lists of sources and targets written out."""
    sources = [f"s{n}" for n in range(comparison.width)]
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
    items = [f"s{n}" for n in range(comparison.width)]
    return class_sql("l", "r", dates="date" in comparison.name, glyphs=items)


def _glyphs(glyphs: Sequence[tuple[str, str]]) -> str:
    """What staff decided for private-use characters; any other of them is written as the geta mark."""
    replaced = "x"
    for character, written in glyphs:
        replaced = f"replace({replaced}, {literal(character)}, {literal(written)})"
    rest = f"regexp_replace({replaced}, {literal(PRIVATE_USE)}, '〓', 'g')"
    return f"case when regexp_matches(x, {literal(PRIVATE_USE)}) then {rest} else x end"
