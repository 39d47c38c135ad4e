"""Rules over sets of rows, and the refusal of whole units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hand.checks import held, rules_of
from hand.columns import Column, Mask, codes_of, filled, is_any, spread, texts_of
from hand.job import REJECT, Job

UNIT = {"setai": "setaibango"}
KEYS = {"juminjoho": "kojinrirekibango", "biko": "bikobango", "setai": ""}


def _broken(keys: np.ndarray, column: Column, kind: str, args: dict[str, str]) -> np.ndarray:
    """The keys of the sets that break a rule."""
    if kind == "one_of":
        hits = pd.Series(is_any(column, [args["value"]])).groupby(keys).sum()
        return hits.index[hits != int(args["count"])].to_numpy()
    if kind == "agree":
        counts = pd.Series(codes_of(column)).groupby(keys).nunique()
        return counts.index[counts > 1].to_numpy()
    number = spread(column, pd.to_numeric(texts_of(column), errors="coerce").to_numpy(float), np.nan)
    sets = pd.Series(number).groupby(keys).agg(["min", "max", "size", "nunique"])
    gap = (sets["min"] != 1) | (sets["max"] != sets["size"]) | (sets["nunique"] != sets["size"])
    return sets.index[gap].to_numpy()


def check_sets(job: Job, frame: pd.DataFrame, known: pd.Index) -> None:
    """Every broken set as a note at its first row; `known` holds the 宛名番号 of 住民情報."""
    unit, number = UNIT.get(job.group, "atenabango"), KEYS.get(job.group, "rirekibango")
    codes = pd.DataFrame({name: codes_of(frame[name].array) for name in (unit, number) if name})
    job.note((codes.duplicated() & (codes[unit] >= 0)).to_numpy(), REJECT, f"{job.group}.key", unit)
    for rule in rules_of(job.group).query("kind in ('unique', 'gapless', 'one_of', 'agree', 'exists')").itertuples():
        args = dict(word.split("=", 1) for word in rule.args.split(";") if word)
        items = rule.items.split()
        key = frame[items[0]].array
        rows = np.flatnonzero(held(frame, args.get("where", "")) & filled(key))
        codes = codes_of(key)
        found = codes[rows]
        if rule.kind == "unique":
            again = pd.Series(found).duplicated(keep=False).to_numpy()
            broken = np.unique(found[again])
        elif rule.kind == "exists":
            # `isin` turns its list into Python texts first; an index is hashed once for all groups.
            broken = np.unique(found[spread(key, known.get_indexer(texts_of(key)) < 0, False)[rows]])
        else:
            broken = _broken(found, frame[items[-1]].array[rows], rule.kind, args)
        at = rows[np.isin(found, broken)]
        mask = np.zeros(len(job), bool)
        mask[at[~pd.Series(codes[at]).duplicated().to_numpy()]] = True
        job.note(mask, rule.outcome, rule.rule, items[-1])


def refused(job: Job, frame: pd.DataFrame) -> Mask:
    """Rows of units in which some row is refused; rows without a unit stand alone."""
    rows = np.zeros(len(job), bool)
    for at, severity, _, _ in job.notes:
        if severity == REJECT:
            rows[at] = True
    unit = codes_of(frame[UNIT.get(job.group, "atenabango")].array)
    bad = np.zeros(unit.max(initial=-1) + 2, bool)
    bad[unit[rows]] = True
    bad[-1] = False
    return rows | bad[unit]


def report(job: Job, gone: Mask) -> pd.DataFrame:
    """The long table: group, table, record, severity, code or rule, item; rows that only follow say `unit`."""
    own = np.zeros(len(job), bool)
    for at, severity, _, _ in job.notes:
        if severity == REJECT:
            own[at] = True
    notes = [*job.notes, (np.flatnonzero(gone & ~own), REJECT, "unit", "")]
    at = np.concatenate([rows for rows, *_ in notes]).astype(np.int64)
    counts = [len(rows) for rows, *_ in notes]
    told = {
        name: pd.Categorical([said[place] for _, *said in notes]).repeat(counts)
        for place, name in enumerate(("severity", "code", "item"))
    }
    return pd.DataFrame({"group": job.group, "table": job.table[at], "record": job.record[at], **told})
