"""A fault of the program says no value, whatever its exception holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from e2e_support import (
    SCRIPT,
    call_main,
    python,
)
from test_canary import City, outside


@pytest.fixture
def city(once: Any) -> City:
    found: City = once("canary city", lambda place: City(place / "city"))
    return found


SECRET = "鑢峅麿　椥橸榊鐙"


def bare(text: str) -> Exception:
    return RuntimeError(text)


def with_cause(text: str) -> Exception:
    error = KeyError(text)
    error.__cause__ = ValueError(f"cell {text} of 1234567890")
    error.add_note(f"near {text}")
    return error


def of_polars(text: str) -> Exception:
    return pl.exceptions.InvalidOperationError(f"conversion from `str` to `date` failed for value {text}")


def of_the_disk(text: str) -> Exception:
    return FileNotFoundError(2, "No such file", f"/tmp/{text}.csv")


def of_unicode(text: str) -> Exception:
    return UnicodeEncodeError("cp932", text, 0, 4, text)


@pytest.mark.parametrize(
    ("where", "make"),
    [
        *(("read_pass", make) for make in (bare, with_cause, of_polars, of_the_disk, of_unicode)),
        ("check_pass", with_cause),
        ("reconcile_pass", of_polars),
    ],
)
def test_a_program_fault_shows_no_value(
    city: City, tmp_path: Path, monkeypatch: Any, capsys: Any, make: Any, where: str
) -> None:
    def failing(*arguments: object) -> None:
        name = SECRET
        raise make(name)

    monkeypatch.setattr(f"dmig.pipeline.run.{where}", failing)
    asked = ("run", "jumin", "--dry-run", "--input", city.delivery.inputs, "--runs", tmp_path / "runs")
    code, out, err = call_main(monkeypatch, capsys, *asked)
    assert (code, out) == (70, "")
    assert type(make(SECRET)).__name__ in err
    assert "run.py" in err
    assert city.leaks(err.encode()) == set()
    assert SECRET[:4] not in err
    for file in outside(tmp_path / "runs"):
        assert city.leaks(file.read_bytes()) == set()


def test_a_program_fault_in_a_real_process_shows_no_value(city: City, tmp_path: Path) -> None:
    source = f"""
import sys
import dmig.pipeline.run as pipeline
from dmig.cli.main import main

def failing(*arguments):
    raise ValueError({SECRET!r})

pipeline.shape_pass = failing
sys.argv = ["dmig", "run", "jumin", "--dry-run", "--input", sys.argv[1]]
main()
"""
    done = python(source, city.delivery.inputs, cwd=tmp_path)
    assert done.returncode == 70
    assert b"ValueError" in done.stderr
    assert city.leaks(done.stderr + done.stdout) == set()


def test_the_script_under_test_is_the_installed_one() -> None:
    assert SCRIPT.is_file()


def test_a_panic_of_polars_shows_no_value(tmp_path: Path) -> None:
    source = """
import sys
import dmig.pipeline.run as pipeline
from dmig.cli.main import main
from polars.exceptions import PanicException

def failing(*arguments):
    raise PanicException("called `Option::unwrap()` on 鑢峅麿椥橸")

pipeline.shape_pass = failing
sys.argv = ["dmig", "run", "jumin", "--dry-run"]
main()
"""
    done = python(source, cwd=tmp_path)
    assert "鑢峅麿" not in done.stderr.decode()
    assert done.returncode == 70
