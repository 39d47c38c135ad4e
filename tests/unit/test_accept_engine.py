"""Great Expectations by itself: three outcomes told apart, no value kept, no network, imported only where it judges."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dmig.model.layout import CsvDialect
from dmig.stages.accept import Expectation, Unreadable, heading, judge, read_records
from dmig.stages.accept.engine import ITEM_MISSING, NOT_ALL_SEEN, RAISED
from dmig.stages.accept.suites import ANNOUNCED, COLUMNS, IN_SET, REGEX, ROWS

SECRET = "鑢峅麿椥橸"
DIGITS = Expectation(REGEX, {"column": "番号", "regex": "^[0-9]{1,3}\\Z"}, ("番号",), ("g.a.form",))
CODE = Expectation(IN_SET, {"column": "区分", "value_set": ["1", "2", ""]}, ("区分",), ("g.b.code",))
BOTH = Expectation(
    REGEX, {"column": "番号 +1", "regex": r"^(?:[0-9])?(?:\x1f(?:[0-9])?){1}\Z"}, ("番号", "区分"), ("g.a.form", "g.b.form"),
    "^(?:[0-9])?\\Z",
)  # fmt: skip
NAMES = ("番号", "区分")


def batch(numbers: list[str], codes: list[str]) -> pa.Table:
    return pa.table({"番号": pa.array(numbers, pa.large_string()), "区分": pa.array(codes, pa.large_string())})


def test_what_is_as_expected() -> None:
    rows = batch(["1", "22", "333"], ["1", "", "2"])
    for found in (DIGITS, CODE):
        seen = judge(found, NAMES, rows, 3)
        assert (seen.evaluated, seen.unexpected, seen.reason) == (3, 0, "")


def test_what_is_not() -> None:
    rows = batch(["1", "", SECRET, "22\n"], ["1", "3", SECRET, "2"])
    assert (judge(DIGITS, NAMES, rows, 4).unexpected, judge(CODE, NAMES, rows, 4).unexpected) == (3, 2)


def test_items_judged_together_are_told_apart_when_one_fails() -> None:
    rows = batch(["1", "x", "", "2\x1f"], ["1", "3", "yy", ""])
    seen = judge(BOTH, NAMES, rows, 4)
    assert (seen.evaluated, seen.unexpected, dict(seen.faults)) == (4, 3, {"番号": 2, "区分": 1})
    assert judge(BOTH, NAMES, batch(["1", ""], ["", "4"]), 2).unexpected == 0


def test_columns_and_rows_of_the_file() -> None:
    columns = Expectation(COLUMNS, {"column_list": list(NAMES)}, (), ("g.columns",))
    rows = Expectation(ROWS, {"value": {"$PARAMETER": ANNOUNCED}}, (), ("g.rows",))
    found = batch(["1", "2"], ["1", "2"])
    for names, wrong in ((NAMES, 0), (("区分", "番号"), 1), (("番号",), 1), (("番号", "区分", "他"), 1), ((), 1)):
        seen = judge(columns, names, found, 2)
        assert (seen.unexpected > 0 or bool(seen.reason)) == bool(wrong), names
    assert [judge(rows, NAMES, found, announced).unexpected for announced in (2, 1, 3, 0)] == [0, 1, 1, 1]


def test_an_item_that_is_not_there_cannot_be_judged() -> None:
    for found in (DIGITS, BOTH):
        seen = judge(found, ("区分",), batch(["1"], ["1"]).select(["区分"]), 1)
        assert (seen.evaluated, seen.reason) == (0, ITEM_MISSING)


def test_an_expectation_that_the_library_cannot_evaluate(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not raise: it comes back as a result without success, which must not be taken for a failure."""
    broken = Expectation(REGEX, {"column": "番号", "regex": "^(?:(?:a{1,999}){1,999}\\Z"}, ("番号",), ("r",))
    seen = judge(broken, NAMES, batch(["1"], ["1"]), 1)
    assert (seen.evaluated, seen.unexpected, seen.reason) == (0, 0, RAISED)
    import great_expectations.expectations as kinds

    def failing(*arguments: object, **named: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(kinds.ExpectColumnValuesToMatchRegex, "_validate", failing)
    seen = judge(DIGITS, NAMES, batch([SECRET], ["1"]), 1)
    assert (seen.evaluated, seen.unexpected, seen.reason) == (0, 0, RAISED)
    assert SECRET[:4] not in repr(seen)


def test_an_expectation_that_leaves_rows_out_has_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from dmig.stages.accept import engine

    whole = engine._Library.validate
    monkeypatch.setattr(
        engine._Library, "validate", lambda self, found, frame, *more: whole(self, found, frame.head(1), *more)
    )
    assert judge(DIGITS, NAMES, batch(["1", "2"], ["", ""]), 2).reason == NOT_ALL_SEEN


def test_nothing_of_a_value_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from dmig.stages.accept import engine

    said: list[Any] = []
    whole = engine._Library.validate

    def listening(*arguments: Any) -> Any:
        said.append(whole(*arguments))
        return said[-1]

    monkeypatch.setattr(engine._Library, "validate", listening)
    rows = batch([SECRET, SECRET + "1"], [SECRET, ""])
    seen = [judge(found, NAMES, rows, 2) for found in (DIGITS, CODE, BOTH)]
    assert all(one.unexpected for one in seen)
    assert len(said) == 5
    for text in (*(json.dumps(one.to_json_dict(), ensure_ascii=False) for one in said), *map(repr, map(asdict, seen))):
        assert SECRET[:4] not in text
        assert "partial_unexpected_list" not in text or '"partial_unexpected_list": []' in text


def test_positions_are_given_where_rows_are_invented() -> None:
    assert judge(DIGITS, NAMES, batch(["1", "x", "2", ""], [""] * 4), 4, positions=True).rows == (1, 3)


def test_a_shipped_suite_runs_in_the_library_without_us() -> None:
    """What an auditor can do with the file of a group whose items are all judged alone: load it and run it."""
    judge(DIGITS, NAMES, batch(["1"], [""]), 1)  # imports the library, whose own imports warn
    import great_expectations as gx
    import pandas as pd

    path = Path(__file__).resolve().parents[2] / "schemas/standard/jumin/0.1/suites/setai.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    found = gx.ExpectationSuite(**stored)
    for one, entry in zip(found.expectations, stored["expectations"], strict=True):
        assert one.meta == entry["meta"]
        assert one.severity == "critical"
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
    rows = asset.add_batch_definition_whole_dataframe("b")
    names = stored["expectations"][0]["kwargs"]["column_list"]
    for number, cell in (("2", "1"), ("1", "x" * 99)):
        frame = pd.DataFrame(
            [["1", cell, "あ", number][: len(names)], ["2", "2", "い", "3"][: len(names)]], columns=names
        )
        said = rows.get_batch(batch_parameters={"dataframe": frame}).validate(
            found, expectation_parameters={ANNOUNCED: 2}
        )
        assert said.success == (cell == "1"), said.to_json_dict()


def test_no_socket_is_opened_and_nothing_is_left_on_the_disk(tmp_path: Path) -> None:
    source = """
import socket, sys
def refused(*arguments):
    raise AssertionError("network")
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, refused)
socket.getaddrinfo = socket.create_connection = refused
import pyarrow as pa
from dmig.stages.accept import Expectation, judge
found = Expectation("expect_column_values_to_match_regex", {"column": "a", "regex": "^[0-9]\\\\Z"}, ("a",), ("r",))
seen = judge(found, ("a",), pa.table({"a": pa.array(["1", "x"], pa.large_string())}), 2)
assert (seen.evaluated, seen.unexpected, seen.reason) == (2, 1, ""), seen
assert "great_expectations" in sys.modules
"""
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=tmp_path, env=home, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import dmig.cli.main",
        "from dmig.cli.main import main; sys.argv = ['dmig', '--help']; main()",
        "from dmig.cli.main import main; sys.argv = ['dmig', 'check', 'jutogai', '--no-examples']; main()",
        "from dmig.cli.main import main; sys.argv = ['dmig', 'suite', 'build', 'jutogai', '--check']; main()",
        "import dmig.pipeline.session",
    ],
)
def test_the_library_is_not_imported_before_it_judges(source: str, tmp_path: Path) -> None:
    lines = ["import sys", "try:", f"    {source}", "except SystemExit as stop:", "    assert not stop.code",
             "for name in ('great_expectations', 'scipy'): assert name not in sys.modules, name"]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def written(folder: Path, text: str) -> Path:
    path = folder / "file.csv"
    path.write_bytes(text.encode())
    return path


def test_a_heading_is_taken_as_it_stands(tmp_path: Path) -> None:
    path = written(tmp_path, '\ufeff番号,"区,分"\r\n1,\r\n')
    names, start = heading(path, CsvDialect(), ["番号", "区分"])
    assert (names, start) == (("番号", "区,分"), len('\ufeff番号,"区,分"\r\n'.encode()))
    assert heading(written(tmp_path, ""), CsvDialect(), ["番号"]) == ((), 0)
    assert heading(written(tmp_path, "1,2\r\n"), CsvDialect(header=False), ["番号", "区分"]) == (("番号", "区分"), 0)


def test_cells_are_texts_blank_ones_too(tmp_path: Path) -> None:
    path = written(tmp_path, '番号,区分,他\r\n0100,,"a\r\nb"\r\n"",NULL,nan\r\n')
    names, start = heading(path, CsvDialect(), [])
    rows = read_records(path, start, path.stat().st_size, names, ("区分", "番号", "無い"))
    assert rows.to_pydict() == {"区分": ["", "NULL"], "番号": ["0100", ""]}
    assert read_records(path, start, start, names, names).num_rows == 0


def test_a_record_with_other_cells_is_unreadable_and_not_quoted(tmp_path: Path) -> None:
    path = written(tmp_path, f"番号,区分\r\n1,2\r\n{SECRET}\r\n")
    names, start = heading(path, CsvDialect(), [])
    with pytest.raises(Unreadable) as refused:
        read_records(path, start, path.stat().st_size, names, names)
    assert SECRET[:4] not in repr(refused.value) + repr(refused.value.__cause__)
    assert refused.value.__suppress_context__
