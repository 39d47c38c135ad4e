"""No value of a record leaves the protected folder: rare strings put into cells are looked for in everything that is said."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import (
    GENZAI,
    RIREKI,
    call_main,
    deliver,
    dmig,
    request_for,
    run,
)

#: Cells that stay valid: item -> what is put there. Names, readings, addresses of units that are published.
SOUND = {
    "kanji_shimei": "鑢峅麿　椥橸榊鐙",
    "kana_shimei": "ｶﾅﾘｱｱﾊﾄ ﾋﾊﾞﾘｳｿﾞ",
    "banchi": "９８７番地６５　鵄鵑鵈荘",
    "katagaki": "鶺鴒鷯鷽コーポ４０４号",
    "umare_hyoki": "昭和鴛鴦年月日不詳",
}


#: Cells that break a record: what is put there, one record each.
BROKEN: tuple[tuple[str, dict[str, bytes | str]], ...] = (
    ("a name in a code item", {"ido_jiyu": "鴉鵺鵲鶇太郎"}),
    ("a name as a relation", {"zokugara": "鶚鶩鷂鷓花子"}),
    ("a name as a sex", {"seibetsu": "鷙鷦鷭鸚次郎"}),
    ("a name as a state", {"jumin_kbn": "鸛鸞鹵鹹三郎"}),
    ("a name as a flag", {"sakujo_flg": "麁麈麋麌四郎"}),
    ("a name as the key of the unit", {"atena_no": "麕麝麑麒五郎七八"}),
    ("a name as a number", {"rireki_no": "麸麪麩麼六"}),
    ("a name as the key of a household", {"setai_no": "黌黎黏黐某某某某某某"}),
    ("a name as a birthday", {"umare_ymd": "黔黜點黝七"}),
    ("a name as a day", {"ido_ymd": "黠黥黨黯八"}),
    ("an address without a number", {"banchi": "黴黶黷黹無番地"}),
    ("a name too long", {"kanji_shimei": "黻黼黽鼇" * 40}),
    ("a reading with kanji", {"kana_shimei": "鼈鼕鼡鼬ｶﾅ"}),
    ("an unreadable byte", {"kanji_shimei": "鼾齊齒齔".encode("cp932") + b"\xff"}),
    ("a NUL", {"kanji_shimei": "齣齟齠齡".encode("cp932") + b"\x00"}),
    ("a stray quote", {"kanji_shimei": "齦齧齬齪".encode("cp932") + b'"x'}),
    ("too many cells", {"kana_shimei": "齷齲齶龕,龜龠堯槇"}),
    ("a lone carriage return", {"katagaki": "遙瑤凜熙\r亜"}),
    ("half a character", {"katagaki": "纊褜鍈銈".encode("cp932") + b"\x81"}),
)


def pieces(text: str) -> set[str]:
    """All pieces of four characters, in the form of the file and in full width; plain digits and blanks are no proof."""
    found: set[str] = set()
    for form in (text, unicodedata.normalize("NFKC", text), wide(text)):
        found |= {form[at : at + 4] for at in range(len(form) - 3)}
    return {piece for piece in found if not unicodedata.normalize("NFKC", piece).isascii()}


def wide(text: str) -> str:
    """Half-width letters as full-width ones."""
    kana = unicodedata.normalize("NFKC", text)
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in kana)


class City:
    """A delivery full of canaries: where the broken cells stand, and what may be said nowhere."""

    def __init__(self, folder: Path) -> None:
        self.delivery = deliver(folder, 45, 8)
        alive = self.delivery.kept(GENZAI)
        sound, broken = alive[: len(SOUND)], alive[len(SOUND) : len(SOUND) + len(BROKEN)]
        self.units = {self.delivery.unit(GENZAI, record) for record in sound}
        rows = [record.split(b",") for record in self.delivery.records(GENZAI)]
        self.keys = {row[at].decode() for row in rows for at in (0, 2, 16, 17) if row[at]}
        self.canaries: set[str] = set()
        for record, (item, text) in zip(sound, SOUND.items(), strict=True):
            self.delivery.edit(GENZAI, record, **{item: text})
            self.canaries |= pieces(text)
        self.at: dict[str, int] = {}
        for record, (name, cells) in zip(broken, BROKEN, strict=True):
            self.delivery.edit(GENZAI, record, **cells)
            self.at[name] = record
            for text in cells.values():
                shown = text if isinstance(text, str) else text.decode("cp932", errors="ignore")
                self.canaries |= pieces(shown)
        late = self.delivery.kept(RIREKI)[-1]
        self.delivery.edit(RIREKI, late, tennyu_kokugai="丨丶丿乂届")  # an item that is almost always blank
        self.canaries |= pieces("丨丶丿乂届")

    def leaks(self, said: bytes) -> set[str]:
        """Pieces that stand in bytes, in any of the encodings a program may write."""
        found = {key for key in self.keys if key.encode() in said or key.encode("utf-16-le") in said}
        for piece in self.canaries:
            escaped = json.dumps(piece)[1:-1].encode()
            forms = [piece.encode("utf-8"), piece.encode("utf-16-le")]
            forms += [escaped, escaped.upper(), ascii(piece)[1:-1].encode()]
            forms += [piece.encode("cp932")] if encodable(piece) else []
            found |= {piece for form in forms if form in said}
        return found


def encodable(text: str) -> bool:
    try:
        return bool(text.encode("cp932"))
    except UnicodeEncodeError:
        return False


def outside(runs: Path) -> Iterator[Path]:
    """Every file of a runs folder that does not stand in a protected folder."""
    for path in sorted(runs.rglob("*")):
        if path.is_file() and "protected" not in path.relative_to(runs).parts:
            yield path


def unpacked(path: Path) -> bytes:
    """A file's bytes; those of a workbook without the packing that would hide a value."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as parts:
        return b"".join(parts.read(name) for name in parts.namelist())


@pytest.fixture
def city(once: Any) -> City:
    found: City = once("canary city", lambda place: City(place / "city"))
    return found


def test_the_search_finds_a_canary_in_every_encoding(city: City) -> None:
    """The tests below can fail."""
    for text in ("氏名は鑢峅麿　です", "カナリアアハト", "鼈鼕鼡鼬"):
        assert city.leaks(text.encode())
        assert city.leaks(json.dumps({"name": text}).encode())
        assert city.leaks(f"{text!a}".encode())
        assert city.leaks(text.encode("utf-16-le"))
    assert city.leaks("鶺鴒鷯鷽".encode("cp932"))
    assert city.leaks(("key " + min(city.keys)).encode())
    assert not city.leaks("宛名番号 氏名 続柄 番地 20 30 JUKI_GENZAI.csv 漢字4".encode())


def test_sound_canaries_are_published_and_broken_cells_refused(city: City, tmp_path: Path) -> None:
    """They do go through every stage, so that silence means something."""
    ran = run(request_for(city.delivery.inputs, tmp_path / "run"))
    published = "\n".join(",".join(row) for row in ran.csv_rows)
    assert "鑢峅麿　椥橸榊鐙" in published
    assert "鵄鵑鵈荘" in published
    assert "鶺鴒鷯鷽コーポ４０４号" in published
    assert "カナリアアハト　ヒバリウゾ" in published
    roots = ran.reports.filter(pl.col("kind") == "root", pl.col("severity") == "reject", pl.col("table") == "genzai")
    assert set(roots["record"]) == set(city.at.values())
    assert city.units <= {row[0] for row in ran.csv_rows}
    assert city.leaks(json.dumps(ran.result, ensure_ascii=False).encode()) == set()
    for name in ("plan_hash", "as_of"):
        assert ran.result[name]


@dataclass(frozen=True)
class Said:
    """What one call of the console script said, and the folder it was called in."""

    code: int
    out: bytes
    err: bytes
    folder: Path


def called(city: City, folder: Path, *options: str) -> Said:
    asked = ("run", "jumin", "--dry-run", "--input", city.delivery.inputs, "--runs", "runs", *options)
    done = dmig(*asked, cwd=folder)
    return Said(done.returncode, done.stdout, done.stderr, folder)


@pytest.fixture
def plain(once: Any, city: City) -> Said:
    """The console script called once without options; what it stored is only for reading."""
    found: Said = once("canary runs", lambda place: called(city, place))
    return found


@pytest.fixture
def runs(plain: Said) -> Path:
    """A runs folder with one run of the city; only for reading."""
    assert plain.code == 1, plain.err.decode()
    return plain.folder / "runs"


def assert_says_and_stores_no_value(city: City, said: Said) -> None:
    assert said.code == 1, said.err.decode()
    assert city.leaks(said.out) == set()
    assert city.leaks(said.err) == set()
    assert len(said.out) > 1000
    stored = {path.name: unpacked(path) for path in outside(said.folder / "runs")}
    assert {"result.json", "run.json", "state.json", "ledger.sqlite", "report.ja.html", "report.xlsx"} <= set(stored)
    for name, content in stored.items():
        assert city.leaks(content) == set(), name
        assert city.leaks(name.encode()) == set()
    assert [path for path in said.folder.iterdir() if path.name != "runs"] == []


def test_console_script_says_and_stores_no_value(city: City, plain: Said) -> None:
    assert_says_and_stores_no_value(city, plain)


@pytest.mark.parametrize("options", [("--json",), ("--lang", "en"), ("--workers", "2")], ids=" ".join)
def test_so_it_does_with_options(city: City, tmp_path: Path, options: tuple[str, ...]) -> None:
    assert_says_and_stores_no_value(city, called(city, tmp_path, *options))


def test_lists_show_no_value(city: City, runs: Path, monkeypatch: Any, capsys: Any) -> None:
    for asked in (
        ("reject", "list", "--findings", "--cascades", "--limit", "1000"),
        ("ledger", "list"),
        ("ledger", "show"),
        ("ledger", "show", "--json"),
    ):
        code, out, err = call_main(monkeypatch, capsys, *asked, "--runs", runs)
        assert (code, err) == (0, "")
        assert city.leaks(out.encode()) == set()
        assert len(out) > 50


def report_of(runs: Path, record: int) -> int:
    [folder] = [path for path in runs.iterdir() if path.is_dir()]
    reports = pl.read_ipc(folder / "protected" / "judge" / "reports.arrow")
    found = reports.filter(pl.col("table") == "genzai", pl.col("record") == record, pl.col("kind") == "root")
    return int(found["report"][0])


def accesses(runs: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(runs / "ledger.sqlite") as connection:
        found = connection.execute("select at, body from entries where kind = 'access' order by number").fetchall()
    connection.close()
    names = ("user", "command", "run_id", "reason", "count")
    return [(at, *(json.loads(body)[name] for name in names)) for at, body in found]


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_reject_show_and_trace_refuse_without_a_reason(
    city: City, runs: Path, monkeypatch: Any, capsys: Any, reason: str | None
) -> None:
    before = accesses(runs)
    given = () if reason is None else ("--reason", reason)
    report = str(report_of(runs, city.at["a name in a code item"]))
    for asked in (("reject", "show", report), ("trace", "jumin", "--report", report)):
        code, out, err = call_main(monkeypatch, capsys, *asked, "--runs", runs, *given)
        assert (code, out) == (2, "")
        assert "TRC001" in err
        assert city.leaks(err.encode()) == set()
    assert accesses(runs) == before


@pytest.mark.parametrize("name", ["a name in a code item", "an unreadable byte", "a name as the key of the unit"])
def test_reject_show_with_a_reason_shows_the_value_and_is_noted(
    city: City, runs: Path, monkeypatch: Any, capsys: Any, name: str
) -> None:
    before = accesses(runs)
    monkeypatch.setenv("LOGNAME", "shokuin01")
    report = str(report_of(runs, city.at[name]))
    code, out, err = call_main(
        monkeypatch, capsys, "reject", "show", report, "--runs", runs, "--reason", "原因の確認のため"
    )
    assert (code, err) == (0, "")
    cell = next(iter(dict(BROKEN)[name].values()))
    shown = cell if isinstance(cell, str) else cell.decode("cp932", errors="ignore")
    assert shown[:4] in out
    [noted] = accesses(runs)[len(before) :]
    at, user, command, run_id, reason, count = noted
    assert (user, command, reason, count) == ("shokuin01", "reject show", "原因の確認のため", 1)
    assert at.startswith("20")
    assert (runs / run_id).is_dir()
    assert city.leaks((runs / "ledger.sqlite").read_bytes()) == set()


def test_trace_with_a_reason_is_noted_and_leaves_no_value_behind(
    city: City, runs: Path, monkeypatch: Any, capsys: Any
) -> None:
    before = accesses(runs)
    record = city.at["a name as a relation"]
    asked = ("trace", "jumin", "--record", f"genzai:{record}", "--runs", runs, "--reason", "問合せ")
    code, out, err = call_main(monkeypatch, capsys, *asked)
    assert (code, err) == (0, "")
    assert "鶚鶩鷂鷓花子" in out
    [noted] = accesses(runs)[len(before) :]
    assert noted[2] == "trace"
    assert noted[5] == 1
    for path in outside(runs):
        assert city.leaks(path.read_bytes()) == set(), path.name


def test_a_header_that_differs_is_refused_without_quoting_it(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    city = City(tmp_path / "city")
    path = city.delivery.inputs / GENZAI
    header, rest = path.read_bytes().split(b"\r\n", 1)
    path.write_bytes(header.replace("漢字氏名".encode("cp932"), "鑢峅麿椥橸".encode("cp932")) + b"\r\n" + rest)
    asked = ("run", "jumin", "--dry-run", "--input", city.delivery.inputs, "--runs", tmp_path / "runs")
    code, out, err = call_main(monkeypatch, capsys, *asked)
    assert (code, out) == (5, "")
    assert "RED003" in err
    assert city.leaks(err.encode()) == set()
    for file in outside(tmp_path / "runs"):
        assert city.leaks(file.read_bytes()) == set()
