"""A COBOL compiler as the judge: what it writes in every usage and sign form is what it displays, and what is decoded."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from dmig.cobol.dialect import BinarySizes, Dialect
from dmig.model.host import RecordFormat, RecordRules
from dmig.pipeline.decoding import DecodeAsked, decode_file

pytestmark = pytest.mark.skipif(shutil.which("cobc") is None, reason="GnuCOBOL (cobc) is not installed")


@dataclass(frozen=True)
class Form:
    """One way to declare a number: what stands behind the name, digits before and behind the point."""

    clauses: str
    whole: int
    fraction: int = 0
    signed: bool = True


#: Without SYNC in tables (this compiler puts the slack between occurrences elsewhere than the manuals of hosts say), and
#: without P: version 3.1 of this compiler gives such items the size of all their zeros and writes what is no number.
FORMS = [
    Form("PIC 9(5)", 5, signed=False), Form("PIC S9(5)", 5), Form("PIC S9(3)V99", 3, 2),
    Form("PIC S9(4) SIGN LEADING", 4), Form("PIC S9(4) SIGN IS TRAILING SEPARATE CHARACTER", 4),
    Form("PIC S9(4)V9 SIGN LEADING SEPARATE", 4, 1), Form("PIC 9(18)", 18, signed=False), Form("PIC S9(18)", 18),
    Form("PIC S9(5) COMP-3", 5), Form("PIC S9(6) PACKED-DECIMAL", 6), Form("PIC 9(7)V99 COMP-3", 7, 2, signed=False),
    Form("PIC S9(18) COMP-3", 18), Form("PIC S9(1) COMP-3", 1), Form("PIC S9(31) COMP-3", 31), Form("PIC S9(25)", 25),
    Form("PIC S9(2) COMP", 2), Form("PIC S9(4) COMP", 4), Form("PIC 9(4) BINARY", 4, signed=False),
    Form("PIC S9(9) COMP-4", 9), Form("PIC S9(7)V99 COMP", 7, 2), Form("PIC S9(18) COMP", 18),
    Form("PIC S9(4) COMP-5", 4), Form("PIC 9(9) COMP-5", 9, signed=False), Form("PIC S9(18) COMP-5", 18),
    Form("PIC S9(9) COMP SYNC", 9), Form("PIC S9(4) COMP SYNC", 4),
]  # fmt: skip
EDITED = ["ZZZ,ZZ9.99-", "+9(4).9", "$$$,$$9", "9(8).9(2)", "ZZZ9CR", "99/99/99", "**,**9", "9B9B9"]
FLOATS = ["COMP-1", "COMP-2"]
HEAD = """
IDENTIFICATION DIVISION.
PROGRAM-ID. W.
ENVIRONMENT DIVISION.
INPUT-OUTPUT SECTION.
FILE-CONTROL.
    SELECT F ASSIGN TO "OUT.DAT" ORGANIZATION IS SEQUENTIAL.
DATA DIVISION.
FILE SECTION.
FD F.
"""


def amount(form: Form, draw: random.Random) -> Decimal:
    """A value of the form: nothing, the greatest, or any."""
    digits = form.whole + form.fraction
    number = draw.choice([0, 10**digits - 1, draw.randrange(10**digits)])
    value = Decimal(number) if digits > 20 else Decimal(number).scaleb(-form.fraction)
    return -value if form.signed and draw.random() < 0.5 else value


def copybook() -> str:
    lines = ["01 REC."]
    for n, form in enumerate(FORMS):
        lines.append(f"05 F-{n} {form.clauses}.")
        if n % 7 == 3:
            lines.append("05 FILLER PIC X.")
    lines += [f"05 E-{n} PIC {picture}." for n, picture in enumerate(EDITED)]
    lines += [f"05 D-{n} {usage}." for n, usage in enumerate(FLOATS)]
    lines += ["05 T OCCURS 3.", "10 T-A PIC X(2).", "10 T-B PIC S9(4) COMP.", "10 T-C PIC S9(3) COMP-3."]
    lines += ["05 R-1 PIC X(6).", "05 R-2 REDEFINES R-1 PIC 9(6).", "05 LAST-ONE PIC X(3)."]
    return "\n".join(" " * 7 + line for line in lines) + "\n"


def program(records: list[dict[str, str]], names: list[str]) -> str:
    body = []
    for values in records:
        body.append("MOVE LOW-VALUES TO REC.")
        body += [f"MOVE {value} TO {name}." for name, value in values.items()]
        body.append("WRITE REC.")
        body += [line for name in names for line in displayed(name)]
    main = ["PROCEDURE DIVISION.", "MAIN-PART.", "OPEN OUTPUT F.", *body, "CLOSE F.", "STOP RUN."]
    work = "WORKING-STORAGE SECTION.\n01 PLAIN PIC S9(9)V9(9).\n"
    return HEAD + copybook() + work + "\n".join(main) + "\n"


def displayed(name: str) -> list[str]:
    """Binary numbers are displayed by way of another item: not all their digits would be shown."""
    binary = name.startswith("F-") and FORMS[int(name[2:])].fraction and "COMP" in FORMS[int(name[2:])].clauses
    return [f"MOVE {name} TO PLAIN.", "DISPLAY PLAIN."] if binary else [f"DISPLAY {name}."]


def compiled(tmp_path: Path, text: str, *options: str) -> list[str]:
    (tmp_path / "w.cob").write_text(text, encoding="ascii")
    subprocess.run(["cobc", "-x", "-free", *options, "w.cob"], cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run(["./w"], cwd=tmp_path, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def decoded(tmp_path: Path, dialect: Dialect, records: int) -> list[dict[str, object]]:
    (tmp_path / "REC.cpy").write_text(copybook(), encoding="ascii")
    asked = DecodeAsked(
        tmp_path / "OUT.DAT", tmp_path / "REC.cpy", tmp_path / "OUT.jsonl", "ascii",
        rules=RecordRules(RecordFormat.FIXED), dialect=replace(dialect, double_word_aligned=True),
    )  # fmt: skip
    summary = decode_file(asked)
    assert summary.is_whole, summary.counts
    assert summary.records == records
    return [json.loads(line, parse_float=Decimal) for line in (tmp_path / "OUT.jsonl").read_text().splitlines()]


def cases(count: int) -> list[dict[str, str]]:
    draw = random.Random(7)
    records = []
    for _ in range(count):
        values = {f"F-{n}": format(amount(form, draw), "f") for n, form in enumerate(FORMS)}
        values |= {f"E-{n}": str(draw.randrange(0, 9_999)) for n in range(len(EDITED))}
        values |= {f"D-{n}": format(Decimal(draw.randrange(-64_000, 64_000)) / 64, "f") for n in range(len(FLOATS))}
        for k in (1, 2, 3):
            values |= {f"T-A({k})": f'"A{k}"', f"T-B({k})": str(draw.randrange(-9_999, 9_999)), f"T-C({k})": str(k - 2)}
        records.append(values | {"R-2": str(draw.randrange(10**6)), "LAST-ONE": '"END"'})
    return records


@pytest.mark.parametrize("standard", ["ibm", "default"])
def test_what_a_compiler_writes_is_what_it_displays(tmp_path: Path, standard: str) -> None:
    names = [f"F-{n}" for n in range(len(FORMS))] + [f"E-{n}" for n in range(len(EDITED))]
    names += (
        [f"D-{n}" for n in range(len(FLOATS))] + [f"T-{c}({k})" for k in (1, 2, 3) for c in "ABC"] + ["R-2", "LAST-ONE"]
    )
    records = cases(40)
    shown = compiled(tmp_path, program(records, names), f"-std={standard}")
    assert len(shown) == len(records) * len(names)
    sizes = BinarySizes.FROM_TWO if standard == "ibm" else BinarySizes.FROM_ONE
    for at, record in enumerate(decoded(tmp_path, Dialect(binary_sizes=sizes), len(records))):
        told = dict(zip(names, shown[at * len(names) : (at + 1) * len(names)], strict=True))
        pairs = {name: (value_of(record, name), text) for name, text in told.items()}
        wrong = {name: pair for name, pair in pairs.items() if not same(*pair, name)}
        assert wrong == {}, f"record {at}"


def value_of(record: dict[str, object], name: str) -> object:
    if name.startswith("T-"):
        table = record["T"]
        assert isinstance(table, list)
        return table[int(name[4]) - 1][name[:3].replace("-", "_")]
    return record[name.replace("-", "_")]


def same(value: object, text: str, name: str) -> bool:
    if name.startswith(("E-", "T-A")) or name == "LAST-ONE":
        return value == text.rstrip()
    if name.startswith("D-"):
        return abs(float(str(value)) - float(text)) < 1e-3
    shown = shown_number(text)
    if (
        name.startswith("F-") and FORMS[int(name[2:])].fraction and "." not in text
    ):  # the standard of IBM displays no point
        shown = shown.scaleb(-9 if len(displayed(name)) > 1 else -FORMS[int(name[2:])].fraction)
    return value is not None and Decimal(str(value)) == shown


def shown_number(text: str) -> Decimal:
    """A sign that is stored behind is shown behind."""
    return Decimal(text[-1] + text[:-1] if text[-1] in "+-" else text)


def test_overpunched_letters_of_a_compiler(tmp_path: Path) -> None:
    values = ["-12345", "12345", "0", "-10000", "99999"]
    records = [{**cases(1)[0], "F-1": value} for value in values]
    shown = compiled(tmp_path, program(records, ["F-1"]), "-std=ibm", "-fsign=EBCDIC")
    found = [record["F_1"] for record in decoded(tmp_path, Dialect(), len(records))]
    assert found == [int(value) for value in values] == [shown_number(text) for text in shown]
