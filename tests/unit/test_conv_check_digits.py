"""Check digits: published vectors, and the expressions against the model."""

from __future__ import annotations

import polars as pl
import pytest

from dmig.converters.check_digits import dantai_digit, valid
from dmig.model import check_digits

#: Numbers that are right, from the notes on check digits: published codes, official samples and one computed each.
RIGHT = {
    "dantai": ["131016", "131041", "016373", "011002", "271004"],
    "kojin": ["123456789018", "345678901234"],
    "hojin": ["1180301018771", "7000012050002"],
    "juminhyo": ["12345678903"],
    "m11w2-7": ["12345678903"],
    "m10w2-1": ["138016", "138040", "01130012", "39131016", "33120015", "131011", "131045", "131128"],
}


@pytest.mark.parametrize(("kind", "number"), [(kind, number) for kind, numbers in RIGHT.items() for number in numbers])
def test_known_numbers_are_right_and_every_other_digit_is_wrong(kind: str, number: str) -> None:
    place = 0 if kind == "hojin" else len(number) - 1
    variants = [number[:place] + digit + number[place + 1 :] for digit in "0123456789"]
    assert [check_digits.is_valid(kind, variant) for variant in variants] == [variant == number for variant in variants]


@pytest.mark.parametrize("kind", check_digits.LENGTHS)
def test_expression_judges_as_the_model(kind: str) -> None:
    length = check_digits.LENGTHS[kind] or 15
    numbers = [str(number * 104_729 * 2_654_435_761 % 10**length).zfill(length) for number in range(1, 4000)]
    odd = ["", "1", "12", "1" * 18, "1" * 19, "１" * length, "x" * length, "-" + "1" * (length - 1), " 1", "00", "10"]
    frame = pl.DataFrame({"number": [*numbers, *odd, None]})
    judged = frame.select(valid(kind, pl.col("number")))["number"].to_list()
    assert judged == [number is not None and check_digits.is_valid(kind, number) for number in frame["number"]]
    assert sum(judged) > 300


@pytest.mark.parametrize("code", RIGHT["dantai"])
def test_digit_of_a_city_code_is_computed(code: str) -> None:
    assert check_digits.dantai(code[:5]) == int(code[5])
    computed = pl.DataFrame({"base": [code[:5]]}).select(dantai_digit(pl.col("base"))).item()
    assert computed == int(code[5])


def test_remainder_one_has_no_digit_and_zero_passes() -> None:
    base = next(str(n) for n in range(10**9, 10**9 + 200) if check_digits.m11w2_7_remainder(str(n)) == 1)
    assert check_digits.m11w2_7(base) is None
    assert check_digits.is_valid("m11w2-7", base + "0")
    assert not check_digits.is_valid("m11w2-7", base + "1")


def test_remainder_zero_gives_zero() -> None:
    base = next(str(n) for n in range(10**9, 10**9 + 200) if check_digits.m11w2_7_remainder(str(n)) == 0)
    assert check_digits.m11w2_7(base) == 0
