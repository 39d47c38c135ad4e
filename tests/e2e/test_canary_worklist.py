"""No value leaves the protected folder by way of a work list: neither what stood there nor what staff typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from e2e_support import call_main
from test_canary import City, outside, pieces, unpacked
from worklist_support import column, edit, fill

#: What staff type: new values that are sound, and reasons that quote a person.
TYPED = {"kanji_shimei": "籬籘籟籠　糘糒糜", "banchi": "９１７番地２９　蠢蠡蠱蠶荘"}
REASON = "本人の申出により麕麛と確認"


@pytest.fixture
def city(once: Any) -> City:
    found: City = once("canary city of the work list", lambda place: City(place / "city"))
    found.canaries |= {piece for text in (*TYPED.values(), REASON) for piece in pieces(text)}
    return found


def decide(row: dict[str, str]) -> dict[str, str] | None:
    """Everything that can be decided is: text items are repaired, findings accepted, the rest typed in."""
    common = {"reason": REASON, "decided_by": "担当", "due": "2026-12-25"}
    if row["※weight"] == "注意":
        return common | {"treatment": "容認"}
    if not row["key"].startswith("["):
        return common | {"treatment": "旧側修正"}
    if row["item"] in TYPED and not row["code"].startswith("RED"):
        return common | {"treatment": "補正", "new_value": TYPED[row["item"]]}
    return common | {"treatment": "手入力"}


def test_no_value_leaves_by_a_work_list(city: City, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    runs, repairs, said = tmp_path / "runs", tmp_path / "repairs.csv", []

    def call(*words: str | Path, wanted: tuple[int, ...] = (0,)) -> str:
        code, out, err = call_main(monkeypatch, capsys, *words, "--runs", runs)
        assert code in wanted, err
        said.append(f"{words[:2]} {out} {err}")
        return out + err

    asked = ("run", "jumin", "--dry-run", "--input", city.delivery.inputs)
    call(*asked, wanted=(1,))
    call("worklist", "export", "--reason", "処置", "--with-number")
    [book] = runs.rglob("worklist.xlsx")
    assert fill(book, decide) > 25
    good = book.read_bytes()

    def damage(sheet: Any) -> None:
        """Values of residents where messages quote a cell."""
        for at, (name, value) in enumerate(
            (("key", "鑢峅麿　椥橸榊鐙"), ("new_value", "=鑢峅麿椥"), ("treatment", TYPED["kanji_shimei"]),
             ("※行", "鶺鴒鷯鷽コーポ４０４号"), ("due", "鼈鼕鼡鼬"), ("item", "９８７番地６５　鵄鵑鵈荘")), start=3,
        ):  # fmt: skip
            sheet.cell(at, column(sheet, name)).value = value
        sheet.cell(2, sheet.max_column + 1).value = TYPED["banchi"]
        sheet.cell(9, column(sheet, "decided_by")).value = 1234567890

    edit(book, damage)
    refused = call("worklist", "import", "--xlsx", book, "--repairs", repairs, wanted=(3,))
    for code in ("SHT002", "SHT009", "SHT010", "SHT016"):
        assert code in refused
    book.write_bytes(good)
    edit(book, lambda sheet: sheet.cell(5, column(sheet, "treatment"), TYPED["kanji_shimei"]))
    assert "WKL001" in call("worklist", "import", "--xlsx", book, "--repairs", repairs, wanted=(3,))
    book.write_bytes(good)
    call("worklist", "import", "--xlsx", book, "--repairs", repairs)
    call("worklist", "approve", "--as", "承認", "--repairs", repairs)
    call(*asked, "--repairs", repairs, wanted=(0, 1))
    call(*asked, "--repairs", repairs, "--json", wanted=(0, 1))
    call("worklist", "tick-off", "--reason", "入力", "--with-number")
    call("ledger", "show", "--json")
    call("reject", "list", "--findings", "--cascades")
    assert any(TYPED["kanji_shimei"][:4] in path.read_text(encoding="utf-8") for path in [repairs])
    assert [words.split(")")[0] for words in said if city.leaks(words.encode())] == []
    files = {path: unpacked(path) for path in outside(runs)}
    assert len(files) > 15
    assert [path.name for path, content in files.items() if city.leaks(content)] == []
    inside = [path for path in runs.rglob("*.xlsx") if "protected" in path.parts]
    assert len(inside) >= 3
    assert all(city.leaks(unpacked(path)) for path in inside)
