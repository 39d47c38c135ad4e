"""`dmig charset`: the catalogue, a site's tables, which codes a file uses."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from click.testing import CliRunner

from dmig.charset.catalogue import charset, names
from dmig.charset.encoding import encode_text
from dmig.cli.main import cli
from dmig.errors import SpecError


def run(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["charset", *map(str, words)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


def test_every_set_is_listed_and_can_be_shown() -> None:
    _, listed = run("list")
    for name in names():
        assert f" {name} " in listed
    _, shown = run("show", "ibm-930")
    assert "455F\tU+" in shown
    assert "81\tU+FF71\tｱ" in shown


def test_a_site_adds_what_the_program_does_not_know(tmp_path: Path) -> None:
    table, data = tmp_path / "ext.tsv", tmp_path / "DATA"
    data.write_bytes(bytes.fromhex("2841a1b0a129"))
    code, before = run("survey", data, "--charset", "jef")
    assert (code, before.splitlines()[1]) == (1, "41A1\t1\t-")
    table.write_text("41A1\tU+4E02\n", encoding="ascii")
    run("add", "jef", table, "--site", tmp_path)
    code, after = run("survey", data, "--charset", "jef", "--site", tmp_path)
    assert (code, after.splitlines()[1]) == (0, "41A1\t1\tU+4E02")


def test_a_faulty_table_is_refused_whole(tmp_path: Path) -> None:
    table = tmp_path / "bad.tsv"
    table.write_text("41A1\tU+4E02\n41A1\tU+4E03\n", encoding="ascii")
    try:
        run("add", "jef", table, "--site", tmp_path)
    except SpecError as refused:
        assert [(one.file, one.line, one.code) for one in refused.diagnostics] == [("bad.tsv", 2, "CHS002")]
    else:
        raise AssertionError("the table was taken")
    assert not (tmp_path / "charsets").exists()


def test_codes_are_counted_as_they_were_written(tmp_path: Path) -> None:
    own = charset("ibm-930")
    matrix, _ = encode_text(own, pl.Series(["山田山", "A山", ""]), 12)
    (tmp_path / "DATA").write_bytes(matrix.tobytes())
    _, told = run("survey", tmp_path / "DATA", "--charset", "ibm-930", "--record-length", "12")
    counts = {row.split("\t")[2]: int(row.split("\t")[1]) for row in told.splitlines()[1:]}
    assert counts == {"U+5C71": 3, "U+7530": 1, "U+0041": 1, "U+0020": 4 + 7 + 12}
