"""Two runs compared by primary key through the command: what differs, where, and nothing of the values."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from e2e_support import GROUPS, JUTOGAI, Delivery, call_main, cells_in, deliver, items_in, records_in

from dmig.pipeline.session import Asked, open_session

GROUP = "jutogaikihon"
#: Cells of a record that are changed: the new text, the item of the result, the class of the difference.
CHANGES = {
    "kana_shimei": ("ﾍﾞﾂｼﾞﾝ ﾊﾅｺ", "shimei_yomigana", "value"),
    "seibetsu": ("9", "seibetsu", "code"),
    "katagaki_kana": ("ﾍﾞﾂﾉｶﾅ", "jusho_katagaki_furigana", ""),
}


def migrated(delivery: Delivery, runs: Path) -> str:
    """A dry run without acceptance, through the session that the command opens; its run id."""
    session = open_session(Asked(delivery.operation, inputs=delivery.inputs, runs=runs, workers=1, as_of="2026-10-01"))
    session = replace(session, request=replace(session.request, accept=False))
    return str(session.run()["run_id"])


def two_runs(once: Any) -> tuple[Path, str, str, Delivery]:
    """One delivery as it is, and one with twelve records changed, the first record gone and the last one new."""

    def make(place: Path) -> tuple[Path, str, str, Delivery]:
        before = deliver(place / "before", 60, 3, operation="jutogai")
        shutil.copytree(before.folder, place / "after")
        after = Delivery(place / "after", "jutogai")
        for record in range(2, 14):
            after.edit(JUTOGAI, record, **{item: text for item, (text, _, kind) in CHANGES.items() if kind})
        path = after.inputs / JUTOGAI
        found = list(records_in(path.read_bytes()))
        del found[1]
        path.write_bytes(b"\r\n".join(found) + b"\r\n")
        runs = place / "runs"
        return runs, migrated(before, runs), migrated(after, runs), before

    found: tuple[Path, str, str, Delivery] = once("two runs", make)
    return found


def against(monkeypatch: Any, capsys: Any, runs: Path, *arguments: str) -> tuple[int, str, str]:
    return call_main(monkeypatch, capsys, "reconcile", "--runs", str(runs), *arguments)


def test_a_run_does_not_differ_from_itself(once: Any, monkeypatch: Any, capsys: Any) -> None:
    runs, one, _, _ = two_runs(once)
    code, said, _ = against(monkeypatch, capsys, runs, "--run", one, "--against", one)
    assert code == 0
    assert "相違はありません" in said
    code, said, _ = against(monkeypatch, capsys, runs, "--run", one, "--against", one, "--json", "--group", GROUP)
    [group] = json.loads(said)["groups"]
    assert (code, group["same"], group["compared"], group["cells"]) == (0, True, group["left_rows"], [])
    assert group["compared"] > 20


def test_every_difference_is_counted_classed_and_located(once: Any, monkeypatch: Any, capsys: Any) -> None:
    runs, one, other, before = two_runs(once)
    code, said, _ = against(monkeypatch, capsys, runs, "--run", one, "--against", other, "--json")
    told = json.loads(said)
    [group] = told["groups"]
    assert code == told["exit_code"] == 4
    assert (group["only_left"]["count"], group["only_right"]["count"]) == ("<10", 0)
    assert group["only_left"]["rows"] == [{"row": 1, "record": "jutogai:1"}]
    assert group["differing"] == 12
    found = {cell["item"]: cell for cell in group["cells"]}
    assert {"shimei_yomigana", "seibetsu"} <= set(found)
    kana = found["shimei_yomigana"]
    assert kana["count"] == 12
    assert [place["record"] for place in kana["left"]] == [f"jutogai:{n}" for n in range(2, 14)]
    assert [place["record"] for place in kana["right"]] == [f"jutogai:{n}" for n in range(1, 13)]
    assert kana["class"] == "value" and found["seibetsu"]["class"] == "code"
    shown = against(monkeypatch, capsys, runs, "--run", one, "--against", other, "--records")[1]
    assert "jutogai:2" in shown and "この実行だけ" in shown
    assert "jutogai:2" not in against(monkeypatch, capsys, runs, "--run", one, "--against", other)[1]
    values = [cell.decode("cp932") for record in before.records(JUTOGAI)[:15] for cell in cells_in(record)[:4]]
    assert not [value for value in (*values, "ﾍﾞﾂｼﾞﾝ", "ベツジン") if len(value) > 3 and value in said + shown]


def test_exact_counts_stand_in_the_protected_folder_alone(once: Any, monkeypatch: Any, capsys: Any) -> None:
    runs, one, other, _ = two_runs(once)
    code, said, _ = against(monkeypatch, capsys, runs, "--run", one, "--against", other, "--lang", "en")
    assert code == 4
    details = runs / one / "protected" / f"against-{other}.json"
    assert f"{one}/protected/against-{other}.json" in said
    assert details.stat().st_mode & 0o777 == 0o600
    [group] = json.loads(details.read_text(encoding="utf-8"))["groups"]
    assert group["only_left"]["count"] == 1
    assert not (details.parent / "against").exists()


def test_a_record_that_differs_can_be_traced(once: Any, monkeypatch: Any, capsys: Any) -> None:
    runs, one, _, before = two_runs(once)
    arguments = (
        "trace",
        "jutogai",
        "--record",
        "jutogai:2",
        "--run",
        one,
        "--runs",
        str(runs),
        "--reason",
        "相違の確認",
    )
    code, said, _ = call_main(monkeypatch, capsys, *arguments)
    assert code == 0
    assert before.unit(JUTOGAI, 2) in said


def test_the_other_way_round_the_sides_change_places(once: Any, monkeypatch: Any, capsys: Any) -> None:
    runs, one, other, _ = two_runs(once)
    said = [json.loads(against(monkeypatch, capsys, runs, "--run", a, "--against", b, "--json")[1])["groups"][0]
            for a, b in ((one, other), (other, one))]  # fmt: skip
    assert said[0]["only_left"] == said[1]["only_right"]
    assert [(c["item"], c["count"], c["left"]) for c in said[0]["cells"]] == [
        (c["item"], c["count"], c["right"]) for c in said[1]["cells"]
    ]


def test_a_part_that_was_altered_or_is_gone_is_said(once: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    runs, one, other, _ = two_runs(once)
    shutil.copytree(runs, tmp_path / "runs")
    parts = tmp_path / "runs" / one / "protected" / "write" / "published" / "parquet" / GROUP
    shutil.copy(runs / other / "protected/write/published/parquet" / GROUP / "00000.parquet", parts / "00000.parquet")
    code, said, _ = against(monkeypatch, capsys, tmp_path / "runs", "--run", one, "--against", other)
    assert code == 4 and f"parquet/{GROUP}/00000.parquet" in said
    (parts / "00000.parquet").unlink()
    code, _, errors = against(monkeypatch, capsys, tmp_path / "runs", "--run", one, "--against", other)
    assert code == 5 and "ENV001" in errors


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [(["--against", "20000101T000000-000000"], "RUN002"), (["--against", "{one}", "--group", "nothing"], "RUN005"),
     (["--against", "{jumin}"], "RUN011")],
)  # fmt: skip
def test_wrong_use_is_named(
    once: Any, monkeypatch: Any, capsys: Any, tmp_path: Path, arguments: list[str], wanted: str
) -> None:
    runs, one, _, _ = two_runs(once)
    shutil.copytree(runs, tmp_path / "runs")
    jumin = ""
    if wanted == "RUN011":
        jumin = migrated(deliver(tmp_path / "jumin", 10, 3), tmp_path / "runs")
    asked = [word.format(one=one, jumin=jumin) for word in arguments]
    code, _, errors = against(monkeypatch, capsys, tmp_path / "runs", "--run", one, *asked)
    assert code == 2 and wanted in errors


def test_the_items_of_the_test_are_there() -> None:
    assert set(CHANGES) <= set(items_in(JUTOGAI))
    assert GROUP in GROUPS["jutogai"]
