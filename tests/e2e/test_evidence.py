"""The evidence of a run: every altered byte is found, and plain commands agree."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import tomllib
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from e2e_support import ROOT, Delivery, call_main, sha256_of
from site_support import OPERATION, PEOPLE, Call, Site, sound
from test_canary import City
from test_real_run import site_with

from dmig.ledger.archive import pack, unpack
from dmig.ledger.evidence_tables import SHEETS
from dmig.ledger.folding import LEAST


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    return partial(call_main, monkeypatch, capsys)


@pytest.fixture(autouse=True)
def no_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DMIG_KEY_PASSPHRASE", "DMIG_SITE_KEY", "DMIG_SITE_KEY_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def site(call: Call, once: Any, tmp_path: Path) -> Site:
    return Site(call, tmp_path / "site", sound(once))


class Exported:
    """The evidence of a run that two persons approved and that was published, and the site that it is of."""

    def __init__(self, call: Call, place: Path, delivery: Delivery) -> None:
        site = Site(call, place / "site", delivery)
        site.gates("approvals = 2\n[max]\n")
        self.run_id = site.dry()
        for name in PEOPLE:
            assert site.approve(name)[0] == 0
        assert site.run()[0] == 0
        self.folder, self.key, self.file = site.folder, site.key, place / "evidence.zip"
        assert export(call, self.folder, self.run_id, self.file)[0] == 0
        self.content = self.file.read_bytes()


def export(call: Call, site: Path, run_id: str, out: Path, *more: str) -> tuple[int, str, str]:
    return call("evidence", "export", "--run", run_id, "--out", out, "--site", site, *more)


@pytest.fixture
def exported(call: Call, once: Any) -> Exported:
    """Only for reading."""

    def make(place: Path) -> Exported:
        return Exported(call, place, sound(once))

    found: Exported = once("evidence exported", make)
    return found


def checked(call: Call, folder: Path, content: bytes, *more: str) -> tuple[int, str]:
    path = folder / "given.zip"
    path.write_bytes(content)
    code, out, err = call("evidence", "verify", path, *more)
    return code, out + err


def test_the_evidence_holds_and_says_by_whom_it_is(exported: Exported, call: Call, tmp_path: Path) -> None:
    code, said = checked(call, tmp_path, exported.content, "--public-key", exported.key)
    assert code == 0
    assert exported.run_id in said
    assert "2 approvals" in said
    assert exported.key in said
    assert checked(call, tmp_path, exported.content, "--head", said.split()[-1])[0] == 0
    assert checked(call, tmp_path, exported.content, "--head", "0" * 64)[0] == 4


def test_the_same_run_gives_the_same_bytes(exported: Exported, call: Call, tmp_path: Path) -> None:
    """Though the ledger has grown by the entry of the first export."""
    again = tmp_path / "again.zip"
    assert export(call, exported.folder, exported.run_id, again)[0] == 0
    assert again.read_bytes() == exported.content
    assert again.stat().st_mode & 0o777 == 0o600


def test_the_chain_reaches_the_hash_on_paper(exported: Exported, call: Call, tmp_path: Path) -> None:
    head = call("ledger", "head", "--site", exported.folder)[1].strip()
    out = tmp_path / "to-head.zip"
    assert export(call, exported.folder, exported.run_id, out, "--head", head)[0] == 0
    assert checked(call, tmp_path, out.read_bytes(), "--head", head)[0] == 0
    code, _, err = export(call, exported.folder, exported.run_id, out, "--head", "f" * 64)
    assert (code, "EVI004" in err) == (2, True)


def test_every_file_of_the_evidence_altered_removed_or_added_is_found(
    exported: Exported, call: Call, tmp_path: Path
) -> None:
    files = unpack(exported.content)
    assert len(files) > 50
    for name, content in files.items():
        for at in {0, len(content) // 2, len(content) - 1}:
            changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            code, said = checked(call, tmp_path, pack(files | {name: changed}))
            assert code == 4, name
            assert name in said or name in ("manifest.csv", "ledger/chain.csv", "keys/site.txt"), said
        assert checked(call, tmp_path, pack({n: c for n, c in files.items() if n != name}))[0] == 4, name
    assert checked(call, tmp_path, pack(files | {"more.csv": b"x"}))[0] == 4
    assert checked(call, tmp_path, pack(files))[0] == 0


def test_every_byte_of_the_zip_is_found(exported: Exported, tmp_path: Path) -> None:
    """Headers, times and directory included; the contents by every 97th byte, so that the test stays short."""
    from dmig.errors import MismatchFound
    from dmig.ledger.evidence import check_evidence

    content = exported.content
    directory = content.index(b"PK\x01\x02")
    places = [*range(0, directory, 97), *range(directory, len(content), 3)]
    assert len(places) > 1000
    for at in places:
        with pytest.raises(MismatchFound):
            check_evidence(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :], "x.zip")
    check_evidence(content, "x.zip")


def manifest_of(files: dict[str, bytes]) -> bytes:
    import hashlib

    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("path", "bytes", "sha256"))
    for name in sorted(set(files) - {"manifest.csv", "manifest.sig"}):
        writer.writerow((name, len(files[name]), hashlib.sha256(files[name]).hexdigest()))
    return text.getvalue().encode()


def test_a_forger_who_makes_the_manifest_anew_is_refused(exported: Exported, call: Call, tmp_path: Path) -> None:
    files = unpack(exported.content)
    forged = files | {"gates.csv": files["gates.csv"].replace(b",0,", b",1,", 1)}
    assert forged["gates.csv"] != files["gates.csv"]
    forged["manifest.csv"] = manifest_of(forged)
    assert checked(call, tmp_path, pack(forged))[0] == 4
    unsigned = {n: c for n, c in forged.items() if not n.startswith("keys/") and n != "manifest.sig"}
    unsigned["manifest.csv"] = manifest_of(unsigned)
    assert checked(call, tmp_path, pack(unsigned))[0] == 4
    assert manifest_of(files) == files["manifest.csv"]


def test_with_a_key_of_the_forgers_own_only_the_known_key_tells(exported: Exported, call: Call, tmp_path: Path) -> None:
    other = Site(call, tmp_path / "other", Delivery(exported.folder / "input" / OPERATION, OPERATION))
    run_id = other.dry()
    out = tmp_path / "other.zip"
    assert export(call, other.folder, run_id, out)[0] == 0
    assert checked(call, tmp_path, out.read_bytes())[0] == 0
    assert checked(call, tmp_path, out.read_bytes(), "--public-key", exported.key)[0] == 4


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 100], ids=["empty", "two bytes", "no zip"])
def test_what_is_no_evidence_is_refused(call: Call, tmp_path: Path, content: bytes) -> None:
    code, said = checked(call, tmp_path, content)
    assert (code, "EVI003" in said) == (4, True)
    code, _, err = call("evidence", "verify", tmp_path / "none.zip")
    assert (code, "EVI003" in err) == (5, True)


@pytest.mark.parametrize("name", ["../out.csv", "/out.csv", "a/../../out.csv"])
def test_a_zip_that_names_other_places_is_refused(exported: Exported, call: Call, tmp_path: Path, name: str) -> None:
    code, said = checked(call, tmp_path, pack(unpack(exported.content) | {name: b"x"}))
    assert (code, "EVI003" in said) == (4, True)


def test_a_compressed_zip_is_refused(exported: Exported, call: Call, tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in unpack(exported.content).items():
            archive.writestr(name, content)
    assert "EVI003" in checked(call, tmp_path, target.getvalue())[1]


def unpacked(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def commands_of(readme: Path) -> list[str]:
    return re.findall(r"^```bash\n(.*?)^```", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    script = f"set -euo pipefail\n{command}"
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False)


def test_the_plain_commands_of_its_readme_hold_and_fail(exported: Exported, call: Call, tmp_path: Path) -> None:
    out = tmp_path / "exact.zip"
    assert export(call, exported.folder, exported.run_id, out, "--exact-counts")[0] == 0
    assert checked(call, tmp_path, out.read_bytes())[0] == 0
    folder = unpacked(out.read_bytes(), tmp_path / "plain")
    hashes, chain, entries, site, approvals, exact = commands_of(folder / "README.md")
    said = [shell(command, folder) for command in (hashes, chain, entries, site, approvals, exact)]
    assert [done.returncode for done in said] == [0] * 6, [done.stderr for done in said]
    head = said[1].stdout.strip()
    assert head in (folder / "README.md").read_text(encoding="utf-8")
    assert head in said[2].stdout
    body = json.loads((folder / "ledger/entries/000001.json").read_text(encoding="utf-8"))
    assert said[5].stdout.split() == ["run_hash", body["run_hash"], "gates_hash", body["gates_hash"]]
    assert body["result_sha256"] == sha256_of(folder / "protected/result.json")
    for path, command in (
        ("tables.csv", hashes),
        ("ledger/chain.csv", chain),
        ("manifest.csv", site),
        ("ledger/entries/000001.txt", site),
        ("approvals/000002.json", approvals),
    ):
        content = (folder / path).read_bytes()
        at = len(content) // 2
        (folder / path).write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert shell(command, folder).returncode != 0, path
        (folder / path).write_bytes(content)


def dicts(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_totals_can_be_computed_again_from_its_tables(exported: Exported) -> None:
    files = unpack(exported.content)
    result = json.loads((exported.folder / "runs" / exported.run_id / "result.json").read_text(encoding="utf-8"))
    excluded = {row["table"]: 0 for row in dicts(files["tables.csv"])}
    for row in dicts(files["exclusions.csv"]):
        excluded[row["table"]] += int(row["records"])
    for row in dicts(files["tables.csv"]):
        rest = sum(int(row[name]) for name in ("refused", "used", "not_used")) + excluded[row["table"]]
        assert int(row["read"]) == rest
    for row in dicts(files["groups.csv"]):
        into, out = ("read", "created", "split"), ("accepted", "rejected", "excluded", "merged")
        assert sum(int(row[name]) for name in into) == sum(int(row[name]) for name in out)
    assert {row["file"]: row["sha256"] for row in dicts(files["outputs.csv"])} == {
        entry["file"]: entry["sha256"] for entry in result["outputs"]
    }
    assert dicts(files["inputs.csv"])[0]["sha256"] == sha256_of(
        exported.folder / "input" / OPERATION / "package" / "JUTOGAI.csv"
    )
    assert all(row["source"] == row["target"] for row in dicts(files["control_totals.csv"]))
    assert len(dicts(files["gates.csv"])) == len(result["gates"])


def test_its_readme_explains_every_file_and_every_column(exported: Exported) -> None:
    files = unpack(exported.content)
    page = files["README.md"].decode()
    for name in SHEETS:
        columns = files[name].decode().splitlines()[0].split(",")
        section = page.split(f"### `{name}`")[1].split("###")[0]
        assert [column for column in columns if f"| `{column}` |" not in section] == [], name
    known = set(re.findall(r"^\| (.*?) \|", page, re.MULTILINE)) | {f"`{name}`" for name in (*SHEETS, "README.md")}
    places = {place for cell in known for place in re.findall(r"`([^`]+)`", cell)}
    assert [name for name in files if not any(name == p or name.startswith(p) for p in places)] == []


def test_it_holds_all_declarations_of_the_plan_and_refuses_others(
    exported: Exported, call: Call, tmp_path: Path
) -> None:
    files = unpack(exported.content)
    assert files[f"declarations/site/mappings/{OPERATION}/package/gates.toml"] == b"approvals = 2\n[max]\n"
    header = tomllib.loads(files[f"declarations/mappings/{OPERATION}/package/mapping.toml"].decode())
    assert f"declarations/schemas/standard/{OPERATION}/{header['layout_version']}/items.csv" in files
    site = tmp_path / "site"
    shutil.copytree(exported.folder, site)
    (site / "mappings" / OPERATION / "package" / "gates.toml").write_text("approvals = 2\n\n[max]\n")
    code, _, err = export(call, site, exported.run_id, tmp_path / "x.zip")
    assert (code, "EVI001" in err, "gates.toml" in err) == (2, True, True)
    assert not (tmp_path / "x.zip").exists()


def test_nothing_is_exported_from_a_ledger_that_does_not_hold(exported: Exported, call: Call, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(exported.folder, site)
    path = site / "runs" / exported.run_id / "result.json"
    path.write_bytes(path.read_bytes() + b"\n")
    code, _, err = export(call, site, exported.run_id, tmp_path / "x.zip")
    assert (code, "LED005" in err) == (4, True)
    assert not (tmp_path / "x.zip").exists()


def small_counts(files: dict[str, bytes], names: tuple[str, ...]) -> dict[str, list[str]]:
    """Cells of breakdowns that show a group of one to nine."""
    found = {
        name: [cell for row in dicts(files[name]) for cell in row.values() if cell.isdigit() and 0 < int(cell) < LEAST]
        for name in names
    }
    return {name: cells for name, cells in found.items() if cells}


def test_no_value_of_a_record_and_no_small_group_is_in_it(call: Call, tmp_path: Path, once: Any) -> None:
    city: City = once("canary city", lambda place: City(place / "city"))
    runs = tmp_path / "runs"
    code, out, _ = call("run", "jumin", "--dry-run", "--input", city.delivery.inputs, "--runs", runs, "--json")
    assert code == 1
    result, zipped = json.loads(out), tmp_path / "evidence.zip"
    assert call("evidence", "export", "--out", zipped, "--runs", runs)[0] == 0
    files = unpack(zipped.read_bytes())
    declared = {name: content for name, content in files.items() if name.startswith("declarations/")}
    assert [n for n, content in declared.items() if content != (ROOT / n.split("/", 1)[1]).read_bytes()] == []
    said = b"".join(content for name, content in files.items() if name not in declared)
    assert city.leaks(said) == set()
    assert city.leaks(said + "鶺鴒鷯鷽コーポ".encode()) != set()
    assert city.leaks(zipped.read_bytes()) <= city.leaks(b"".join(declared.values()))
    breakdowns = ("exclusions.csv", "rejects.csv", "findings.csv")
    assert small_counts(files, breakdowns) == {}
    assert any(0 < counts["root"] < LEAST for counts in result["rejects_by_code"].values())
    folded = json.loads(files["result.json"])
    assert set(folded["rejects_by_code"]) < set(result["rejects_by_code"]) | {"other"}
    assert "protected/result.json" not in files
    assert sum(row["records"] not in ("", "<10") for row in dicts(files["inputs.csv"])) == len(result["inputs"])


def test_a_place_that_cannot_be_written_ends_with_5_and_is_not_entered(
    exported: Exported, call: Call, tmp_path: Path
) -> None:
    before = call("ledger", "head", "--site", exported.folder)
    code, _, err = export(call, exported.folder, exported.run_id, tmp_path / "none" / "evidence.zip")
    assert (code, "ENV003" in err) == (5, True)
    assert call("ledger", "head", "--site", exported.folder) == before
    code, _, err = call("key", "new", "--name", "x", "--out", tmp_path / "none" / "key.pem")
    assert (code, "ENV003" in err) == (5, True)


def test_the_fixture_of_the_real_runs_has_an_approved_plan(call: Call, once: Any, tmp_path: Path) -> None:
    site = site_with(call, tmp_path / "site", sound(once))
    said = call("ledger", "verify", "--site", site)
    assert (said[0], "2 entries, 0 signed" in said[1]) == (0, True)
