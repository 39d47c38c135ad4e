"""Check digits over columns: the formulas of `dmig.model.check_digits` as expressions, and the converter that asks."""

from __future__ import annotations

import polars as pl

from dmig.converters.contract import ArgSpec, Converter, Output, Request
from dmig.converters.outcome import NEVER, TEXT, Scope
from dmig.model.check_digits import LENGTHS, MAX_LENGTH

#: Kinds whose mismatch refuses the value; the others are migrated as they are and reported.
_BINDING = ("kojin", "hojin", "dantai", "m10w2-1")


def _digit(number: pl.Expr, place: int) -> pl.Expr:
    """The digit at a place from the right, from 0."""
    return number // pl.lit(10**place, dtype=pl.Int64) % 10


def _weighted(number: pl.Expr, weights: list[int]) -> pl.Expr:
    """The sum of digits × weights from the right."""
    return pl.sum_horizontal([_digit(number, place) * weight for place, weight in enumerate(weights)])


def _m11w2_7(number: pl.Expr, base_length: int) -> pl.Expr:
    """The check digit by weights 2 to 7 from the right; 0 where the remainder is 0 or 1."""
    remainder = _weighted(number, [2 + place % 6 for place in range(base_length)]) % 11
    return pl.when(remainder <= 1).then(0).otherwise(11 - remainder)


def _m10w2_1(number: pl.Expr, base_length: int) -> pl.Expr:
    """The check digit by weights 2 and 1 from the right, the digits of each product added, modulo 10."""
    products = [_digit(number, place) * (2 - place % 2) for place in range(base_length)]
    return (10 - pl.sum_horizontal([product // 10 + product % 10 for product in products]) % 10) % 10


def dantai_digit(base: pl.Expr) -> pl.Expr:
    """The sixth digit of a 地方公共団体コード from the text of the five before it; null if that is no number."""
    number = base.cast(pl.Int64, strict=False)
    return (11 - _weighted(number, [2, 3, 4, 5, 6]) % 11) % 10


def valid(kind: str, text: pl.Expr) -> pl.Expr:
    """Whether a number of a kind of `LENGTHS` has its form and the right check digit; false for null."""
    length = LENGTHS[kind]
    form = f"^[0-9]{{{length}}}$" if length else f"^[0-9]{{2,{MAX_LENGTH}}}$"
    number = text.cast(pl.Int64, strict=False)
    base, last = number // 10, number % 10
    if kind == "hojin":
        total = _weighted(number, [1 + place % 2 for place in range(length - 1)])
        right = 9 - total % 9 == _digit(number, length - 1)
    elif kind == "dantai":
        right = (11 - _weighted(base, [2, 3, 4, 5, 6]) % 11) % 10 == last
    elif kind == "m10w2-1":
        right = _m10w2_1(base, MAX_LENGTH - 1) == last
    else:
        right = _m11w2_7(base, (length or MAX_LENGTH) - 1) == last
    return (text.str.contains(form) & right).fill_null(False)


def build_number_checked(request: Request) -> Output:
    """The number itself after its check digit was verified, by `kind`.

    Fault: a wrong form or digit of 個人番号, 法人番号, 団体コード or 保険者番号 (m10w2-1). A mismatch of 住民票コード (its
    formula is not confirmed) or of an existing 宛名番号 (the digit binds new numbers only) is a finding.
    """
    kind = request.arg("kind")
    if kind not in LENGTHS:
        raise ValueError("no such kind of number")
    wrong, scope = ~valid(kind, TEXT), Scope(text=request.sources[0])
    return scope.single(TEXT, wrong) if kind in _BINDING else scope.single(TEXT, NEVER, {"CNV015": wrong})


CONVERTERS = (
    Converter(
        name="number_checked",
        build=build_number_checked,
        args=(ArgSpec("kind", kind="choice", required=True, choices=tuple(LENGTHS)),),
        fault_code="CNV014",
        finding_codes=("CNV015",),
        lossless=True,
        inverse="copy",
        basis="番号法施行規則; 国税庁 法人番号; 総務省 地方公共団体コード; 住民記録 1.0 M11W2-7; 保険者番号等の設定要領",
    ),
)
