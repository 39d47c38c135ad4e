"""No private-use character leaves but those of a loaded MJ+ list; and what is written in MJ+ is kept in JIS X 0213 too."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from e2e_support import JUTOGAI, Ran, copy_library, deliver, records_of, request_for, rows_of, run

from dmig.cli.main import cli
from dmig.converters.registry import builtin
from dmig.errors import SpecError
from dmig.model.mapping import Place, PlusGlyph
from dmig.pipeline.accept_pass import Accepted, accept_pass
from dmig.pipeline.context import Context
from dmig.pipeline.gaiji import opened, survey
from dmig.pipeline.gates import judge, verdict
from dmig.pipeline.selftest import self_test
from dmig.pipeline.suites import shipped_suites
from dmig.pipeline.tasks import Workers
from dmig.spec.mapping import Layer

#: Planted: record, legacy item, text. Of plane 16, of plane 15, in an item of codes, of the basic plane.
NAME, HOUSE = "山田　\U00100000子", "見本荘\U000f0001"
PLANTED = (
    (1, "kanji_shimei", NAME),
    (2, "katagaki", HOUSE),
    (3, "sosha_id", "\U00100001"),
    (4, "kanji_shimei", "山田　\ue0ff子"),
)
PLUS = "glyph,code,substitute,note\nGJ000001,U+100000,花,\nGJ000002,U+9089,,\n"
CSV = "031_住登外者宛名基本情報.csv"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """A delivery in UTF-8, which can hold such characters, and a request for a run of it."""
    place = tmp_path_factory.mktemp("private")
    library = copy_library(place / "library")
    layout = library / "schemas" / "legacy" / "package" / "jutogai" / "layout.toml"
    layout.write_text(layout.read_text(encoding="utf-8").replace('"cp932"', '"utf-8"'), encoding="utf-8")
    delivery = deliver(place / "city", 60, 5, operation="jutogai")
    for record, item, text in PLANTED:
        delivery.edit(JUTOGAI, record, **{item: text.encode()})
    for path in delivery.inputs.glob("*.csv"):
        planted = {text.encode() for _, _, text in PLANTED}
        cells = [cell if cell in planted else cell.decode("cp932").encode() for cell in path.read_bytes().split(b",")]
        path.write_bytes(b",".join(cells))
    records_of.cache_clear()

    def request(folder: Path, *, site: Path | None = None, **options: Any) -> Any:
        layers = (Layer("site", site / "mappings" / "jutogai" / "package", site),) if site else ()
        return request_for(
            delivery.inputs, folder, library=library, operation="jutogai", accept=True, site=layers, **options
        )

    return request


def site_with_list(folder: Path, text: str = PLUS) -> Path:
    (folder / "glyphs").mkdir(parents=True)
    (folder / "glyphs" / "mj_plus.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def without(asked: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run(asked(tmp_path_factory.mktemp("without") / "run"))


@pytest.fixture(scope="module")
def under_a_list(asked: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Ran:
    place = tmp_path_factory.mktemp("under")
    return run(asked(place / "run", site=site_with_list(place / "site")))


def refused(ran: Ran) -> set[tuple[int, str, str]]:
    """Record, code and target item of what refuses by itself."""
    said = ran.reports.filter(severity="reject", kind="root").select("record", "code", "target_item")
    return set(said.iter_rows())


def test_a_character_that_nobody_agreed_on_refuses_its_record_whatever_item_holds_it(without: Ran) -> None:
    assert refused(without) == {
        (1, "GLY010", "shimei"),
        (2, "GLY010", "jusho_katagaki"),
        (3, "CHK002", "sosashaid"),  # the form of the item admits nothing beyond ASCII
    }
    written = (without.published / CSV).read_text(encoding="utf-8")
    assert not [c for c in written if 0xE000 <= ord(c) <= 0xF8FF or ord(c) >= 0xF0000]
    assert "〓子" in written  # of the basic plane: what the ledger says, and a finding
    assert without.result["findings_by_code"]["NRM020"] == 1
    assert (without.result["status"], without.result["exit_code"]) == ("fail", 1)


def test_a_provisional_code_is_valid_under_the_loaded_list_only(without: Ran, under_a_list: Ran) -> None:
    assert refused(under_a_list) == {(2, "GLY010", "jusho_katagaki"), (3, "CHK002", "sosashaid")}
    assert NAME in (under_a_list.published / CSV).read_text(encoding="utf-8")
    assert under_a_list.outcome.plan.plan_hash != without.outcome.plan.plan_hash
    accepted = [line for line in under_a_list.result["acceptance"]["expectations"] if line["status"] != "passed"]
    assert accepted == []
    counts = {gate["gate"]: gate["count"] for gate in under_a_list.result["gates"]}
    assert (counts["differences"], counts["rejects"], counts["glyphs"]) == (0, 2, 1)


def test_the_check_is_counted_with_the_rows_that_it_judged(without: Ran) -> None:
    rows = {rule["rule"]: rule["rows"] for rule in without.result["rules"]}
    items = without.outcome.plan.groups[0].group.items
    texts = [item.item for item in items if item.type == "N"]
    assert len(texts) > 10
    assert {rows[f"jutogaikihon.{item}.private_use"] for item in texts} == {60}
    [line] = [e for e in without.result["acceptance"]["expectations"] if e["expectation"] == "no_private_use"]
    assert (line["status"], line["evaluated"], line["unexpected"]) == ("passed", len(without.csv_rows) - 1, 0)
    assert set(line["rules"]) == {f"jutogaikihon.{item}.private_use" for item in texts}


def test_the_self_test_plants_it_in_every_item(without: Ran, under_a_list: Ran) -> None:
    for ran in (without, under_a_list):
        tested = self_test(ran.outcome.plan, shipped_suites(ran.request.library, ran.outcome.plan.layout))
        own = [entry for entry in tested["engines"] if entry["rule"].endswith(".private_use")]
        assert len(own) > 10 and all(entry["fired"] for entry in own)


def read_again(ran: Ran, folder: Path, change: Callable[[bytes], bytes]) -> Accepted:
    """The acceptance of the run's file after a change behind its back."""
    published = folder / "published"
    published.mkdir()
    (published / CSV).write_bytes(change((ran.published / CSV).read_bytes()))
    context = Context(ran.outcome.plan, builtin, folder / "run", {})
    suites = shipped_suites(ran.request.library, ran.outcome.plan.layout)
    return accept_pass(context, Workers(1, lambda: None, ()), ran.outcome.outputs, published, folder / "accept", suites)


@pytest.mark.parametrize("character", ["\ue000", "\uf8ff", "\U000f0000", "\U00100000", "\U0010fffd"])
def test_what_was_written_is_looked_through_again(without: Ran, tmp_path: Path, character: str) -> None:
    accepted = read_again(without, tmp_path, lambda content: content.replace("〓".encode(), character.encode()))
    own = [line for line in accepted.expectations if line["expectation"] == "no_private_use"]
    at_fault = {line["item"]: line["unexpected"] for line in own}
    header, rows = without.csv_rows[0], without.csv_rows[1:]
    assert at_fault == {
        name: count for at, name in enumerate(header) if (count := sum("〓" in row[at] for row in rows))
    }  # fmt: skip
    assert at_fault and {line["status"] for line in own} == {"failed"}
    gates = judge(dataclasses.replace(without.outcome, accepted=accepted))
    assert verdict(gates)[1] == 1
    assert character not in json.dumps(accepted.expectations, ensure_ascii=False)


def test_even_a_heading_is_looked_at_and_what_the_list_has_is_let_pass(under_a_list: Ran, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    damaged = read_again(
        under_a_list, tmp_path / "one", lambda content: content.replace(b"\r\n", "\ue000\r\n".encode(), 1)
    )
    assert [
        e["status"] for e in damaged.expectations if e["expectation"] == "expect_table_columns_to_match_ordered_list"
    ] == ["failed"]
    sound = read_again(under_a_list, tmp_path / "two", lambda content: content)
    assert {e["status"] for e in sound.expectations} == {"passed"}


def test_both_forms_are_kept(under_a_list: Ran) -> None:
    """By the characters of each cell, from the published file and the ledger's own rows."""
    folder = under_a_list.request.library.root / "mappings" / "jutogai" / "package"
    with (folder / "glyphs.csv").open(encoding="utf-8", newline="") as source:
        pairs = {row["decided"]: row["substitute"] for row in csv.DictReader(source) if row["state"] == "agreed"}
    pairs["\U00100000"] = "花"
    header, *rows = rows_of(under_a_list.published / CSV)
    expected = []
    for row in rows:
        for name, cell in zip(header, row, strict=True):
            other = cell
            for character in sorted(pairs, key=len, reverse=True):
                other = other.replace(character, pairs[character])
            if other != cell:
                expected.append([row[header.index("宛名番号")], name, cell, other, "○"])
    kept = rows_of(under_a_list.published / "substitutes" / CSV)
    assert kept[0] == ["宛名番号", "項目", "文字情報基盤", "JIS X 0213", "すべて代替"]
    assert kept[1:] == expected and len(expected) > 2
    assert [NAME, "山田　花子"] in [line[2:4] for line in expected]
    entry = next(o for o in under_a_list.result["outputs"] if o["file"] == f"substitutes/{CSV}")
    assert entry["records"] == len(expected)
    assert (under_a_list.published / "substitutes" / CSV).stat().st_mode & 0o777 == 0o600


def dmig(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def test_a_survey_counts_what_stands_beyond_the_basic_plane_too(asked: Callable[..., Any], tmp_path: Path) -> None:
    request, runs = asked(tmp_path / "unused"), str(tmp_path / "runs")
    words = ("--library", str(request.library.root), "--input", str(request.inputs), "--as-of", "2026-10-01")
    assert dmig("run", "jutogai", "--dry-run", "--runs", runs, *words).exit_code == 1
    told = dmig("gaiji", "survey", "--runs", runs)
    assert told.exit_code == 1
    found = {line["code"]: line for line in csv.DictReader(told.stdout.splitlines(), delimiter="\t")}
    for code, item in (("100000", "kanji_shimei"), ("F0001", "katagaki"), ("E0FF", "kanji_shimei")):
        assert (found[code]["state"], found[code]["records"], found[code]["items"]) == (
            "unknown",
            "<10",
            f"jutogai.{item}",
        )
    # Under the site's list the first of them means something.
    stored, ledger = opened(tmp_path / "runs", "latest")
    listed = PlusGlyph("GJ000001", "\U00100000", "花", Place("mj_plus.csv", 2))
    states = {entry.code: entry for entry in survey(stored, dataclasses.replace(ledger, mj_plus=(listed,)))}
    assert states["100000"].told()[2:7] == ("listed", "", "GJ000001", "\U00100000", "花")
    assert states["100000"].settled and not states["F0001"].settled
    book = tmp_path / "glyphs.xlsx"
    exported = dmig("gaiji", "export", "jutogai", "--xlsx", str(book), "--run", "latest", "--runs", runs, *words[:2])
    assert exported.exit_code == 0
    codes = [row[1].value for row in openpyxl.load_workbook(book)["glyphs"].iter_rows(min_row=3)]
    assert "E0FF" in codes and "100000" not in codes


def test_a_clerk_loads_the_list_fills_substitutes_and_sees_what_stays_open(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert dmig("init", str(site), "--name", "見本市", "--code", "990019", "--kind", "city").exit_code == 0
    (tmp_path / "list.csv").write_text(PLUS, encoding="utf-8")
    loaded = dmig("gaiji", "add-list", str(tmp_path / "list.csv"), "--site", str(site))
    assert loaded.exit_code == 0 and "2 文字、暫定の符号 1、代替文字あり 1" in loaded.stdout
    folder = site / "mappings" / "jutogai" / "package"
    folder.mkdir(parents=True, exist_ok=True)
    columns = (
        (Path(__file__).parents[2] / "mappings/jutogai/package/glyphs.csv").read_text(encoding="utf-8").split("\n")[0]
    )
    with (folder / "glyphs.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns.split(","), restval="", lineterminator="\n")
        writer.writeheader()
        agreed = {"state": "agreed", "decided_by": "甲", "approved_by": "乙", "class": "字形一致"}
        writer.writerow(
            {"src_encoding": "jef", "src_code": "80A1", **agreed, "decided": "邉\U000e011f", "mj": "MJ026193"}
        )
        writer.writerow({"pua": "E101", **agreed, "decided": "𠮷", "mj": "MJ030001"})
        writer.writerow({"pua": "E102", **agreed, "decided": "\U00100000", "mj_plus": "GJ000001"})
    content = [
        {"MJ文字図形名": "MJ026193", "JIS包摂規準・UCS統合規則": [{"JIS X 0213": "1-78-21", "UCS": "U+9089"}]},
        {
            "MJ文字図形名": "MJ030001",
            "読み・字形による類推": [
                {"JIS X 0213": "1-21-40", "UCS": "U+5409"},
                {"JIS X 0213": "1-16-1", "UCS": "U+4E9C"},
            ],
        },
    ]
    (tmp_path / "map.json").write_text(json.dumps({"content": content}, ensure_ascii=False), encoding="utf-8")
    words = ("gaiji", "substitutes", "jutogai", "--map", str(tmp_path / "map.json"), "--site", str(site))
    before = (folder / "glyphs.csv").read_bytes()
    shown = dmig(*words)
    assert shown.exit_code == 1 and (folder / "glyphs.csv").read_bytes() == before
    assert "several alike: E101" in shown.stdout and "JIS包摂規準UCS統合規則: 1" in shown.stdout
    assert shown.stdout.startswith("表の順 / order of tables: JIS包摂規準UCS統合規則 > 民二5202号")
    assert dmig(*words, "--write").exit_code == 0
    with (folder / "glyphs.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    assert [(row["substitute"], row["substitute_basis"]) for row in rows] == [
        ("邉", "JIS包摂規準UCS統合規則"), ("", ""), ("", ""),
    ]  # fmt: skip
    assert dmig(*words).exit_code == 0  # nothing more to fill
    status = dmig("gaiji", "status", "--site", str(site))
    assert "MJ+ 1" in status.stdout


def test_a_site_may_declare_the_order_of_tables(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert dmig("init", str(site), "--name", "見本市", "--code", "990019", "--kind", "city").exit_code == 0
    (tmp_path / "map.json").write_text(
        json.dumps(
            {
                "content": [
                    {"MJ文字図形名": "MJ000001", "辞書類等による関連字": [{"JIS X 0213": "1-16-1", "UCS": "U+4E9C"}]}
                ]
            }
        ),
        encoding="utf-8",
    )
    words = ("gaiji", "substitutes", "jutogai", "--map", str(tmp_path / "map.json"), "--site", str(site))
    settings = (site / "dmig.toml").read_text(encoding="utf-8")
    (site / "dmig.toml").write_text(
        settings + '\n[glyphs]\nreduction_order = "辞書類等による関連字"\n', encoding="utf-8"
    )
    assert dmig(*words).stdout.startswith("表の順 / order of tables: 辞書類等による関連字\n")
    (site / "dmig.toml").write_text(settings + '\n[glyphs]\nreduction_order = "どこかの表"\n', encoding="utf-8")
    wrong = dmig(*words)
    assert isinstance(wrong.exception, SpecError)
    assert [fault.code for fault in wrong.exception.diagnostics] == ["SPC007"]
