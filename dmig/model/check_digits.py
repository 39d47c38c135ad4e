"""Check digits of the numbers that registers carry, one number at a time.

Basis: 地方公共団体コード (総務省, matched with 1,969 published codes); 個人番号 (番号法施行規則); 法人番号 (国税庁);
宛名番号 M11W2-7 (住民記録システム標準仕様書 1.0). The formula of 住民票コード stands in a 告示 whose text was not
found: a mismatch there is a finding, never a fault.
保険者番号, 公費負担者番号 and 事業所番号: M10W2-1 (保険者番号等の設定要領, 検証番号).
"""

from __future__ import annotations

#: Kind -> length with the check digit; 0 is any length from 2 to 18.
LENGTHS = {"dantai": 6, "kojin": 12, "hojin": 13, "juminhyo": 11, "m11w2-7": 0, "m10w2-1": 0}

#: The longest number that is judged: what 64-bit arithmetic holds.
MAX_LENGTH = 18


def m11w2_7_remainder(base: str) -> int:
    """The sum of digits × weights 2 to 7 from the right, cyclic, modulo 11."""
    return sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(base))) % 11


def m11w2_7(base: str) -> int | None:
    """The check digit of a newly numbered 宛名番号; None where the remainder is 1, which the standard leaves open."""
    remainder = m11w2_7_remainder(base)
    if remainder == 1:
        return None
    return 0 if remainder == 0 else 11 - remainder


def m10w2_1(base: str) -> int:
    """The last digit of a 保険者番号 or 事業所番号: weights 2 and 1 from the right, digits of products added, modulo 10."""
    products = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(base)))
    return -sum(product // 10 + product % 10 for product in products) % 10


def dantai(base: str) -> int:
    """The sixth digit of a 地方公共団体コード from the five before it."""
    total = sum(int(digit) * weight for digit, weight in zip(base, (6, 5, 4, 3, 2), strict=True))
    return (11 - total % 11) % 10


def kojin(base: str) -> int:
    """The twelfth digit of a 個人番号 from the eleven before it."""
    remainder = m11w2_7_remainder(base)
    return 0 if remainder <= 1 else 11 - remainder


def hojin(base: str) -> int:
    """The first digit of a 法人番号 from the twelve after it."""
    total = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(base)))
    return 9 - total % 9


def juminhyo(base: str) -> int:
    """The last digit of a 住民票コード from the ten before it, as public generators compute it (unconfirmed)."""
    return kojin(base)


def is_valid(kind: str, number: str) -> bool:
    """Whether a number of a kind of `LENGTHS` has its length, only digits and the right check digit.

    M11W2-7 with remainder 1 passes with the digit 0, the one choice besides leaving the number out.
    """
    if not (number.isascii() and number.isdigit()):
        return False
    length = LENGTHS[kind]
    if len(number) != length if length else not 2 <= len(number) <= MAX_LENGTH:
        return False
    if kind == "hojin":
        return hojin(number[1:]) == int(number[0])
    base, digit = number[:-1], int(number[-1])
    if kind == "m11w2-7":
        return (m11w2_7(base) or 0) == digit
    if kind == "m10w2-1":
        return m10w2_1(base) == digit
    formula = {"dantai": dantai, "kojin": kojin, "juminhyo": juminhyo}[kind]
    return formula(base) == digit
