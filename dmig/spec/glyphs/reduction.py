"""The reduction map (MJ縮退マップ): what stands for an MJ glyph within JIS X 0213, by which table.

It is no function: of 35,851 names with a target 7,167 have several, in ten tables of unlike weight. So the order of the
tables is declared, each choice tells the table that it comes from, and what one table leaves open stays open.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dmig.errors import DmigError
from dmig.spec.glyphs.mj_list import NAME
from dmig.spec.glyphs.tables import is_database
from dmig.spec.glyphs.texts import texts_of

#: Of the circular 民一2842号: characters that look alike and are others. What stands there is no target in any table.
OTHERS = "民一2842号通達別表_誤字俗字正字一覧表_別字"
#: The declared order where a site has none of its own: what the standard itself unifies, then what the family register's
#: circulars say, then the immigration notice, then dictionaries, last what is only alike. The sample program that the
#: list's maker published for one-to-one conversion goes the same way as far as the notice.
ORDER = (
    "JIS包摂規準UCS統合規則",
    "民二5202号通知別表_正字俗字等対照表",
    "戸籍統一文字情報_親字正字",
    "民一2842号通達別表_誤字俗字正字一覧表_無印",
    "民一2842号通達別表_誤字俗字正字一覧表_俗字",
    "法務省告示582号別表第四_一",
    "法務省告示582号別表第四_二",
    "辞書類等による関連字",
    "読み字形による類推",
)
TABLES = (*ORDER, OTHERS)
TITLE = "MJ縮退マップ"
_PREFIX = "mjsm_"
_NOTES = ("参考情報", NAME)


@dataclass(frozen=True, slots=True)
class Target:
    """One target of one table; `rank` is its 順位 or ホップ数 there, 0 where the table has neither."""

    table: str
    text: str
    x0213: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for a glyph: `text` blank where the first table that speaks of it names several alike (`others`)."""

    text: str
    table: str
    others: int = 0


def choose(targets: Sequence[Target], order: Sequence[str] = ORDER) -> Choice | None:
    """The target by the declared order of tables, within a table the best rank; None where no table of the order has one."""
    barred = {target.text for target in targets if target.table == OTHERS}
    for table in order:
        own = [target for target in targets if target.table == table and (target.text not in barred or table == OTHERS)]
        if own:
            best = min(target.rank for target in own)
            texts = {target.text for target in own if target.rank == best}
            different = len({target.text for target in targets if target.table != OTHERS})
            return Choice(texts.pop() if len(texts) == 1 else "", table, different - 1)
    return None


def read_reduction(path: Path) -> dict[str, list[Target]]:
    """Targets by MJ name, of the map in its JSON form or of an SQLite file (tables `mjsm_*`).

    `DmigError` RED001, RED007, GLY012 where there is no such file, or it is no such map.
    """
    found: dict[str, list[Target]] = {}
    try:
        for name, target in _database(path) if is_database(path) else _json(path):
            found.setdefault(name, []).append(target)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, sqlite3.Error):
        raise DmigError("GLY012", file=path.name, what=TITLE) from None
    except OSError:
        raise DmigError("RED007", file=path.name) from None
    if not found:
        raise DmigError("GLY012", file=path.name, what=TITLE)
    return found


def _database(path: Path) -> Iterator[tuple[str, Target]]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        names = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
        for table in TABLES:
            if _PREFIX + table not in names:
                continue
            for row in connection.execute(f'select * from "{_PREFIX}{table}"'):  # noqa: S608
                rank = next((row[name] for name in ("順位", "ホップ数") if name in row.keys()), 0)  # noqa: SIM118
                yield str(row[NAME]), Target(table, str(row["縮退UCS"]), str(row["縮退X0213"]), int(rank or 0))


def _json(path: Path) -> Iterator[tuple[str, Target]]:
    for entry in json.loads(path.read_text(encoding="utf-8-sig"))["content"]:
        for rule, targets in entry.items():
            for target in targets if rule not in _NOTES else ():
                yield entry[NAME], _target(rule, target)


def _target(rule: str, target: Mapping[str, Any]) -> Target:
    """A target as the JSON form has it; its table is named as the database names it. `ValueError` for an unknown one."""
    words = [target.get("種別") or rule, target.get("表") or target.get("付記")]
    table = "_".join(filter(None, words)).replace(" ", "_").replace("・", "")
    if table not in TABLES:
        raise ValueError(table)
    digits = re.sub("[^0-9]", "", str(target.get("順位") or target.get("ホップ数") or "0"))
    [text] = texts_of(target["UCS"])
    return Target(table, text, str(target["JIS X 0213"]), int(digits or 0))
