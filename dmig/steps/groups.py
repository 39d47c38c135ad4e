"""Steps that make one row of many, or many of one: collapse, parents, expand."""

from __future__ import annotations

import polars as pl

from dmig.converters.contract import ArgSpec
from dmig.model.mapping import StepRow
from dmig.steps.contract import CREATED, ROW, TABLE, TIMES, StepCall, StepFinding, StepKind, StepResult, mask

#: Why a row without a key has no parent.
NO_KEY = "鍵なし"
#: How the values of an item become one. `agree`: the common value; where they differ none, and a finding.
RULES = ("agree", "first", "last", "sum", "min", "max", "join")


def item_rules(text: str) -> list[tuple[str, str]]:
    """`item:rule item:rule` -> pairs; a missing rule means `agree`."""
    return [(item, rule or "agree") for item, _, rule in (word.partition(":") for word in text.split())]


def _aggregate(item: str, rule: str) -> pl.Expr:
    cell = pl.col(item)
    number = cell.cast(pl.Decimal(38, 0), strict=False)
    by_rule = {
        "agree": pl.when(cell.drop_nulls().n_unique() <= 1).then(cell.drop_nulls().first()),
        "first": cell.drop_nulls().first(),
        "last": cell.drop_nulls().last(),
        "sum": pl.when(cell.is_not_null().any()).then(number.sum().cast(pl.String)),
        "min": cell.min(),
        "max": cell.max(),
        "join": pl.when(cell.is_not_null().any()).then(cell.drop_nulls().str.join("　")),
    }
    return by_rule[rule].alias(item)


def _made(call: StepCall, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, tuple[StepFinding, ...]]:
    """One row per key in ascending order of the keys, its members, findings where `agree` did not hold."""
    keys, rules = list(call.row.keys), item_rules(call.row.arg("items"))
    masks = [name for name in rows.columns if name.startswith("!") and name[1:] in {*keys, *(i for i, _ in rules)}]
    grouped = rows.lazy().group_by(keys, maintain_order=True)
    made = (
        grouped.agg(
            *(_aggregate(item, rule) for item, rule in rules),
            *(pl.col(name).any().alias(name) for name in masks),
            *((pl.col(item).drop_nulls().n_unique() > 1).alias(f"?{item}") for item, rule in rules if rule == "agree"),
            pl.len().cast(pl.String).alias("__members"),
        )
        .sort(keys, nulls_last=True)
        .with_row_index(ROW)
        .with_columns(pl.lit(CREATED, pl.UInt8).alias(TABLE), pl.col(ROW).cast(pl.UInt32))
        .collect()
    )
    members = (
        rows.select(*keys, pl.col(TABLE).alias("member_table"), pl.col(ROW).alias("member_row"))
        .join(made.select(*keys, ROW), on=keys, how="left", nulls_equal=True, maintain_order="left")
        .select(ROW, "member_table", "member_row")
    )
    findings = tuple(
        StepFinding("STP006", made.filter(pl.col(f"?{item}")).select(TABLE, ROW), item)
        for item, rule in rules
        if rule == "agree"
    )
    kept = [name for name in made.columns if not name.startswith("?")]
    return made.select(kept), members, findings


def _collapse(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """Rows that share the keys become one, item by item as declared."""
    made, members, findings = _made(call, inputs[0])
    merged = inputs[0].height - made.height
    return StepResult(rows=made.drop("__members"), merged=merged, members=members, findings=findings)


def _parents(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """One new row per distinct key; every row with a key is a member of one, the others leave with a finding."""
    rows, keys = inputs[0], list(call.row.keys)
    known = rows.filter(pl.all_horizontal(pl.col(key).is_not_null() for key in keys))
    lost = rows.filter(pl.any_horizontal(pl.col(key).is_null() for key in keys)).select(TABLE, ROW)
    made, members, findings = _made(call, known)
    return StepResult(
        rows=made.rename({"__members": call.row.arg("members", "members")}),
        created=made.height,
        merged=known.height,
        excluded={NO_KEY: lost.height} if lost.height else {},
        fates=lost.with_columns(pl.lit(NO_KEY).alias("reason")),
        members=members,
        findings=(*findings, *_without_key(rows, keys)),
    )


def _without_key(rows: pl.DataFrame, keys: list[str]) -> tuple[StepFinding, ...]:
    """Rows without a key: refused where the key cannot be read, a finding where it is blank."""
    masks = [pl.col(mask(key)) for key in keys if mask(key) in rows.columns]
    unreadable = pl.any_horizontal(*masks) if masks else pl.lit(False)
    lost = rows.filter(pl.any_horizontal(pl.col(key).is_null() for key in keys))
    return (
        StepFinding("STP008", lost.filter(unreadable).select(TABLE, ROW), keys[0], rejects=True),
        StepFinding("STP008", lost.filter(~unreadable).select(TABLE, ROW), keys[0]),
    )


def item_sets(row: StepRow) -> list[tuple[str, list[str]]]:
    """`label:item item|label:item item` -> the sets in order."""
    sets = []
    for part in row.arg("sets").split("|"):
        label, _, items = part.partition(":")
        sets.append((label, items.split()))
    return sets


def _expand(call: StepCall, inputs: list[pl.DataFrame]) -> StepResult:
    """Each row becomes one row per set of items; sets that are empty leave only when that is declared.

    They leave before anything is repeated, and the sets' own items stay behind unless a later step reads them: a table
    with twenty sets of columns would otherwise be held four hundred times over.
    """
    rows, row = inputs[0].with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("__at")), call.row
    into, sets = row.arg("into").split(), item_sets(call.row)
    own = {item for _, items in sets for item in items} - (call.later if call.later is not None else set(rows.columns))
    others = [name for name in rows.columns if name.removeprefix("!") not in own]
    drops = row.arg("empty", "keep") != "keep"
    pieces, gone = [], pl.repeat(0, rows.height, dtype=pl.UInt16, eager=True)
    for number, (label, items) in enumerate(sets):
        named = list(zip(items, into, strict=True))
        kept = rows
        if drops:
            masks = [pl.col(mask(item)) for item in items if mask(item) in rows.columns]
            empty = pl.all_horizontal(pl.col(items).is_null()) & ~pl.any_horizontal(*masks, pl.lit(False))
            is_empty = rows.select(empty.alias("empty")).to_series()
            kept, gone = rows.filter(~is_empty), gone + is_empty.cast(pl.UInt16)
        pieces.append(
            kept.select(
                *(name for name in others if name not in into and name.removeprefix("!") not in into),
                pl.lit(label).alias(row.arg("label")),
                *(pl.col(item).alias(name) for item, name in named),
                *(pl.col(mask(item)).alias(mask(name)) for item, name in named if mask(item) in rows.columns),
                pl.lit(number, pl.UInt16).alias("__set"),
            )
        )
    spread = pl.concat(pieces).sort("__at", "__set", maintain_order=True).drop("__at", "__set")
    split = rows.height * (len(sets) - 1)
    if not drops:
        return StepResult(rows=spread, split=split)
    left = rows.select(TABLE, ROW, pl.lit("空の組").alias("reason"), gone.alias(TIMES)).filter(pl.col(TIMES) > 0)
    return StepResult(rows=spread, split=split, excluded={"空の組": int(gone.cast(pl.UInt64).sum())}, fates=left)


def _item_names(row: StepRow) -> tuple[str, ...]:
    return tuple(item for item, _ in item_rules(row.arg("items")))


COLLAPSE = StepKind(
    name="collapse",
    apart=True,
    run=_collapse,
    law="in = out + merged",
    args=(ArgSpec("items"),),
    needs_keys=True,
    reads=lambda row: (*row.keys, *_item_names(row)),
    gives=lambda row: (*row.keys, *_item_names(row)),
    makes_rows=True,
)
PARENTS = StepKind(
    name="parents",
    apart=True,
    run=_parents,
    law="in + created = out + merged + excluded (each row in with a key is a member of one row out)",
    args=(ArgSpec("items"), ArgSpec("members")),
    needs_keys=True,
    reads=lambda row: (*row.keys, *_item_names(row)),
    gives=lambda row: (*row.keys, *_item_names(row), row.arg("members", "members")),
    makes_rows=True,
)
EXPAND = StepKind(
    name="expand",
    apart=True,
    run=_expand,
    law="in + split = out + excluded",
    args=(
        ArgSpec("sets", required=True),
        ArgSpec("into", required=True),
        ArgSpec("label", required=True),
        ArgSpec("empty", "choice", choices=("keep", "drop")),
    ),
    reads=lambda row: (*row.keys, *(item for _, items in item_sets(row) for item in items)),
    gives=lambda row: (row.arg("label"), *row.arg("into").split()),
    repeats_rows=True,
    spreads=lambda row: len(item_sets(row)),
)
