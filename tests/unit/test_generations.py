"""Where a run's published parts are found, and which row of them is which record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from dmig.pipeline.generations import Places, published

RESULT: dict[str, Any] = {"run_id": "r", "operation": "jumin", "generation": "abc-def", "outputs": []}


def test_the_run_folder_comes_first_then_the_generation(tmp_path: Path) -> None:
    runs = tmp_path / "site" / "runs"
    generation = tmp_path / "site" / "published" / "jumin" / "generations" / "abc-def"
    assert published(runs, RESULT).folder == generation
    own = runs / "r" / "protected" / "write" / "published"
    assert published(runs, {**RESULT, "outputs": []} | {"generation": "abc-def"}).folder == generation
    own.mkdir(parents=True)
    assert published(runs, RESULT).folder == own
    dry = {name: value for name, value in RESULT.items() if name != "generation"}
    assert published(tmp_path, dry).folder == tmp_path / "r" / "protected" / "write" / "published"


def test_parts_and_groups_follow_the_outputs(tmp_path: Path) -> None:
    names = [
        "001.csv",
        "parquet/b/00000.parquet",
        "lineage/b/00000.parquet",
        "parquet/b/00001.parquet",
        "parquet/a/00000.parquet",
    ]
    found = published(tmp_path, RESULT | {"outputs": [{"file": name, "sha256": ""} for name in names]})
    assert found.groups == ["b", "a"]
    assert [path.name for path in found.parts("parquet", "b")] == ["00000.parquet", "00001.parquet"]
    assert [path.parent.name for path in found.parts("lineage", "a")] == []


def test_a_row_leads_to_its_record_over_parts(tmp_path: Path) -> None:
    for number, records in enumerate(([5, 7], [], [9])):
        frame = pl.DataFrame(
            {"table": ["genzai"] * len(records), "record": records}, schema={"table": pl.String, "record": pl.UInt64}
        )
        frame.write_parquet(tmp_path / f"{number:05d}.parquet")
    places = Places(sorted(tmp_path.glob("*.parquet")))
    assert [place["record"] for place in places.told([0, 1, 2])] == ["genzai:5", "genzai:7", "genzai:9"]
    assert [place["row"] for place in places.told([0, 2])] == [1, 3]
