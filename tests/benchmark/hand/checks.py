"""The row contract in pandera: what items.csv says of cells, and the rules of rules.csv over one row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from hand import dates, texts
from hand.columns import Column, Mask, Texts, filled, is_any, spread, texts_of
from hand.files import STANDARD, declared
from hand.job import REJECT, Job
from pandera.errors import SchemaErrors

SELECTORS = "[\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]"
DATE_FORM = "^[0-9]{4}-(?:0[0-9]|1[0-2]|[A-D][1-4])-(?:0[0-9]|[12][0-9]|3[01]|A[1-3])$"
FORMS = {
    "X": "^[\x20-\x7e]+$", "N": "^[^\x00-\x09\x0b-\x7f\uff61-\uff9f]+$", "9": "^[0-9]+$", "DATE": DATE_FORM,
    "TIME": "^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$",
}  # fmt: skip
ROW_KINDS = ("required_if", "empty_if", "value_if", "not_after", "check_digit", "required_any", "period_length")


def _fits(digits: int) -> Callable[[Texts], Mask]:
    def judge(found: Texts) -> Mask:
        if (short := found.str.len() <= digits).all():
            return short.to_numpy(bool)
        return (found.str.replace(SELECTORS, "", regex=True).str.len() <= digits).to_numpy(bool)

    return judge


def _form(kind: str, may_be_vague: bool) -> Callable[[Texts], Mask]:
    def judge(found: Texts) -> Mask:
        fits = found.str.contains(FORMS[kind]).to_numpy(bool)
        if kind != "DATE" or may_be_vague:
            return fits
        return fits & ((dates.day_numbers(found) > 0) | found.isin(["0000-01-01", "9999-12-31"]).to_numpy(bool))

    return judge


def _per_text(judge: Callable[[Texts], Mask], name: str) -> pa.Check:
    """A check that judges texts and spreads the answer; a missing cell passes."""

    def check(column: pd.Series) -> pd.Series | bool:
        good = judge(texts_of(column.array))
        return True if good.all() else pd.Series(spread(column.array, good, True), column.index)

    return pa.Check(check, name=name, ignore_na=False)


def _cell_checks(item: Any, codes: dict[str, list[str]]) -> list[pa.Check]:
    checks = [
        _per_text(_form(item.type, item.unknown_date == "○"), "form"),
        _per_text(_fits(int(item.digits)), "max_chars"),
    ]
    if item.code:
        values = codes[item.code]
        checks.append(_per_text(lambda found: found.isin(values).to_numpy(bool), "code"))
    return checks


def _args(text: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in text.split(";") if word)


def held(frame: pd.DataFrame, text: str) -> Mask:
    """`item:value|value item:value`: rows where all items have one of their values."""
    rows = np.ones(len(frame), bool)
    for word in text.split():
        item, values = word.split(":")
        rows &= is_any(frame[item].array, values.split("|"))
    return rows


def _days(column: Column) -> np.ndarray:
    return spread(column, dates.day_numbers(texts_of(column)), 0)


def _period_holds(one: Column, other: Column, args: dict[str, str]) -> Mask:
    first, last = (pd.to_datetime(pd.Series(c.astype("str")), format="%Y-%m-%d", errors="coerce") for c in (one, other))
    ends = first + pd.DateOffset(years=int(args["years"])) + pd.DateOffset(days=int(args["days"]))
    return (first.isna() | last.isna() | (ends == last)).to_numpy()


def _rule_holds(frame: pd.DataFrame, kind: str, items: list[str], args: dict[str, str]) -> Mask:
    columns = [frame[item].array for item in items]
    if kind in ("required_if", "empty_if", "value_if"):
        applies = is_any(frame[args["item"]].array, args["values"].split("|"))
        if kind == "value_if":
            return ~applies | is_any(columns[0], args["expected"].split("|"))
        return ~applies | (filled(columns[0]) if kind == "required_if" else ~filled(columns[0]))
    if kind == "not_after":
        # Only complete dates are compared: unknown parts prove nothing.
        one, other = _days(columns[0]), _days(columns[1])
        return (one == 0) | (other == 0) | (one <= other)
    if kind == "check_digit":
        return spread(columns[0], texts.check_digit(args["number"])(texts_of(columns[0])), True)
    if kind == "required_any":
        return np.logical_or.reduce([filled(column) for column in columns])
    return _period_holds(columns[0], columns[1], args)


def _row_check(frame: pd.DataFrame, rule: dict[str, str]) -> pa.Check:
    """A rule over one row, hung on its first item; the other items are read from the frame."""
    args, items = _args(rule["args"]), rule["items"].split()

    def check(column: pd.Series) -> pd.Series | bool:
        holds = _rule_holds(frame, rule["kind"], items, args)
        if "where" in args:
            holds |= ~held(frame, args["where"])
        if "unless" in args:
            holds |= held(frame, args["unless"])
        return True if holds.all() else pd.Series(holds, column.index)

    return pa.Check(check, name=rule["rule"], ignore_na=False)


def items_of(group: str) -> pd.DataFrame:
    """The items of a group as the layout declares them."""
    return declared(STANDARD / "items.csv").query("group == @group").reset_index(drop=True)


def rules_of(group: str) -> pd.DataFrame:
    """The rules of a group."""
    return declared(STANDARD / "rules.csv").query("group == @group").reset_index(drop=True)


def schema_of(group: str, frame: pd.DataFrame) -> pa.DataFrameSchema:
    """The contract of one group, over this frame."""
    codes = declared(STANDARD / "codes.csv").groupby("code")["value"].agg(list).to_dict()
    by_item: dict[str, list[pa.Check]] = {}
    for rule in rules_of(group).query("kind in @ROW_KINDS").to_dict("records"):
        by_item.setdefault(rule["items"].split()[0], []).append(_row_check(frame, rule))
    columns = {}
    for item in items_of(group).itertuples(index=False):
        checks = _cell_checks(item, codes) if filled(frame[item.romaji].array).any() else []
        checks += by_item.get(item.romaji, [])
        columns[item.romaji] = pa.Column(None, checks, nullable=item.requirement != "必須")
    return pa.DataFrameSchema(columns, strict=True)


def check_rows(job: Job, frame: pd.DataFrame) -> None:
    """Every broken check as a note of the job, but for cells that were reported before."""
    try:
        schema_of(job.group, frame).validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return
    rules = rules_of(job.group).set_index("rule")
    for (item, name), found in cases.groupby(["column", "check"], sort=False):
        rows = np.zeros(len(job), bool)
        rows[found["index"].to_numpy(np.int64)] = True
        judged, severity = {item}, REJECT
        if name in rules.index:
            rule = rules.loc[name]
            judged, severity = {*rule["items"].split(), _args(rule["args"]).get("item", "")}, rule["outcome"]
        for before in judged & set(job.failed):
            rows &= ~job.failed[before]
        job.note(rows, severity, name, item)
