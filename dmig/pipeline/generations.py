"""What a stored run has published, wherever it lies by now: Parquet parts and, row by row, where each row came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dmig.errors import DmigError
from dmig.stages.reconcile.keysets import height
from dmig.stages.write import file_sha256

#: Kinds of parts: rows, and which record of which legacy table each was made of.
PARQUET, LINEAGE = "parquet", "lineage"


@dataclass(frozen=True, slots=True)
class Published:
    """What one run has published and where it lies, and the day as of which it was handed over."""

    run_id: str
    folder: Path
    outputs: tuple[dict[str, Any], ...]
    as_of: str = ""

    def parts(self, kind: str, group: str) -> list[Path]:
        """The parts of a group in their order."""
        wanted = f"{kind}/{group}/"
        return [self.folder / str(o["file"]) for o in self.outputs if str(o["file"]).startswith(wanted)]

    @property
    def groups(self) -> list[str]:
        """Groups in the order in which they were written."""
        rows = [str(output["file"]) for output in self.outputs if str(output["file"]).startswith(f"{PARQUET}/")]
        return list(dict.fromkeys(file.split("/")[1] for file in rows))

    def altered(self, groups: Sequence[str]) -> list[dict[str, str]]:
        """Parts that are not as the run noted them; `DmigError` ENV001 when they are gone."""
        found = []
        for output in self.outputs:
            kind, _, rest = str(output["file"]).partition("/")
            if kind not in (PARQUET, LINEAGE) or rest.split("/")[0] not in groups:
                continue
            path = self.folder / str(output["file"])
            if not path.is_file():
                raise DmigError("ENV001", path=str(output["file"]))
            if file_sha256(path) != output["sha256"]:
                found.append({"run": self.run_id, "file": str(output["file"])})
        return found


def published(runs: Path, result: dict[str, Any]) -> Published:
    """The run folder or, where nothing is left in it, the generation of that run."""
    folder = runs / str(result["run_id"]) / "protected" / "write" / "published"
    if not folder.is_dir() and "generation" in result:
        target = runs.parent / "published" / str(result["operation"])
        folder = target / "generations" / str(result["generation"])
    return Published(str(result["run_id"]), folder, tuple(result["outputs"]), str(result.get("as_of", "")))


class Places:
    """Rows of a group by the record they were made of, as `dmig trace --record` takes it."""

    def __init__(self, lineage: Sequence[Path]) -> None:
        self._parts = list(lineage)
        self._starts = np.array(list(accumulate((height(path) for path in lineage), initial=0)), np.int64)

    def told(self, rows: Sequence[int]) -> list[dict[str, Any]]:
        """Row of the published file (from 1, header not counted) and record (`table:number`) of rows given from 0."""
        return [{"row": row + 1, "record": self._record(row)} for row in rows]

    def _record(self, row: int) -> str:
        part = int(np.searchsorted(self._starts, row, side="right")) - 1
        lineage = pl.scan_parquet(self._parts[part]).select("table", "record")
        table, record = lineage.slice(row - int(self._starts[part]), 1).collect().row(0)
        return f"{table}:{record}"
