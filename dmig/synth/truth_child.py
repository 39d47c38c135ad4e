"""Claims as the standard groups of 児童手当 want them, rendered from the same facts by code of its own."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth import truth_child_items as items
from dmig.synth.births import DAY_UNKNOWN
from dmig.synth.child_claims import PAY_MONTHS, Awards, Claims, Payments, children_of
from dmig.synth.child_homes import Homes
from dmig.synth.child_papers import ChildPapers
from dmig.synth.child_sheets import PAY_COLUMNS, SLOTS, care_days, claim_numbers, pay_days
from dmig.synth.days import NO_DAY
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.tax_income import Earnings
from dmig.synth.truth_forms import in_layout, iso, iso_days, leading_zeros, ones, ten_digits, together, where
from dmig.synth.truth_names import StandardNames
from dmig.synth.truth_tax import standard_addresses, text
from dmig.synth.wording import birth_wordings

_CLASSES = ("3歳未満", "3歳以上小学校修了前", "中学生", "高校生年代", "第3子以降")
_ENDINGS = pl.Series(["01", "02", "03", "04", "05", "06", "99"])


class ChildTruth:
    """Renders claims, children, awards and payments by their places."""

    def __init__(self, source: Register, facts: Earnings, found: Homes, held: Claims) -> None:
        self.source, self.facts, self.found, self.held = source, facts, found, held
        births = source.population.persons.births
        unknown = np.isin(births.shape, DAY_UNKNOWN)
        columns = {"date": iso(births.parts), "unknown": ones(unknown), "wording": birth_wordings(births)}
        self.births, self.names = pl.DataFrame(columns), StandardNames(source)
        self._address, self._number = standard_addresses(source), leading_zeros(claim_numbers(held), 10)
        _, self._last, self._ever = children_of(found, held)

    def keys(self, claim: Ints) -> dict[str, pl.Series]:
        """What every row about a claim begins with."""
        return {"宛名番号": self.of(self.held.person[claim]), "認定番号": self._number.gather(claim)}

    def of(self, person: Ints) -> pl.Series:
        """宛名番号 of persons."""
        return ten_digits(self.source.population.persons.number[person])

    def born(self, person: Ints) -> dict[str, pl.Series]:
        """生年月日 with its companions."""
        births = self.births[person]
        names = ("生年月日", "生年月日_不詳フラグ", "生年月日_不詳表記")
        return dict(zip(names, births.get_columns(), strict=True))

    def jukyusha(self, papers: ChildPapers, at: Ints) -> pl.DataFrame:
        """受給者."""
        rows, held = papers.histories, self.held
        claim, closed = rows.claim[at], rows.closed[at]
        person = held.person[claim]
        entry, employed = self.found.stays.entry[person], self.facts.employer[person] >= 0
        second = 31_000 + claim * 13 % 28_000
        clock = [leading_zeros(part, 2) for part in (second // 3_600, second // 60 % 60, second % 60)]
        last = np.where(closed, held.ended[claim], held.granted[claim])
        columns = {
            **self.keys(claim),
            "履歴番号": text(rows.number[at]),
            "最新フラグ": ones(rows.latest[at]),
            "氏名": self.names.full(entry),
            "氏名_フリガナ": self.names.reading(entry),
            **self.born(person),
            "住所": self._address.gather(self.source.entries.address[entry]),
            "受給者区分": text(np.where(claim % 50 == 9, 4 + claim % 2, 1)),
            "被用者区分": text(np.where(closed & (held.ending[claim] == 2), 3, np.where(employed, 1, 2))),
            "請求年月日": iso_days(held.asked[claim]),
            "認定年月日": iso_days(held.granted[claim]),
            "支給開始年月": iso_days(held.since[claim]),
            "消滅年月日": iso_days(np.where(closed, held.ended[claim], NO_DAY)),
            "消滅事由": where(_ENDINGS.gather(np.maximum(held.ending[claim], 0)), closed),
            "操作者ID": together("JTE", leading_zeros(1 + claim % 9, 3)),
            "操作年月日": iso_days(last),
            "操作時刻": together(clock[0], ":", clock[1], ":", clock[2]),
        }
        return in_layout(columns, items.JUKYUSHA, len(at))

    def jido(self, places: Ints) -> pl.DataFrame:
        """支給要件児童: one row per child."""
        claim, slot = places // SLOTS, places % SLOTS
        child = self.found.slots[slot, self.held.home[claim]]
        entry, every = self.found.stays.entry[child], np.arange(len(places))
        last = self._last[slot, claim]
        parts = [care_days(self.source, self.found, self.held, n, claim, last) for n in range(SLOTS)]
        since, until, why = (np.stack([part[k] for part in parts])[slot, every] for k in range(3))
        columns = {
            **self.keys(claim),
            "連番": text(slot + 1),
            "児童_宛名番号": self.of(child),
            "児童_氏名": self.names.full(entry),
            "児童_フリガナ": self.names.reading(entry),
            "生年月日": self.births["date"].gather(child),
            "続柄": text(np.ones_like(slot)),
            "同居区分": ones(slot >= 0),
            "監護区分": ones(slot >= 0),
            "生計区分": text(np.where(claim % 37 == 3, 2, 1)),
            "児童区分": text(np.where(self._ever[slot, claim], 1, 2)),
            "監護開始年月日": iso_days(since),
            "監護終了年月日": iso_days(until),
            "終了事由": where(text(np.where(why == 4, 9, why + 1)), why >= 0),
        }
        return in_layout(columns, items.JIDO, len(places))

    def kettei(self, rows: Awards, at: Ints) -> pl.DataFrame:
        """認定額."""
        counts, sums = rows.counts()
        counts, sums, claim = counts[:, at], sums[:, at], rows.claim[at]
        columns = {
            **self.keys(claim),
            "決定連番": text(rows.number[at]),
            "決定年月日": iso_days(rows.decided[at]),
            "適用開始年月": iso_days(rows.since[at]),
            "適用終了年月": iso_days(rows.until[at]),
            "給付区分": text(1 + rows.benefit[at]),
            "決定事由": text(1 + rows.reason[at]),
            "支給対象児童数": text(counts.sum(axis=0)),
            **{f"人数_{name}": text(counts[n]) for n, name in enumerate(_CLASSES)},
            **{f"額_{name}": text(sums[n]) for n, name in enumerate(_CLASSES)},
            "月額": text(rows.amount[:, at].sum(axis=0)),
        }
        return in_layout(columns, items.KETTEI, len(at))

    def ketteimeisai(self, rows: Awards, places: Ints) -> pl.DataFrame:
        """児童別の額: one row per child of an award."""
        at, slot = places // SLOTS, places % SLOTS
        claim, order = rows.claim[at], rows.order[slot, at]
        columns = {
            **self.keys(claim),
            "決定連番": text(rows.number[at]),
            "連番": text(slot + 1),
            "適用開始年月": iso_days(rows.since[at]),
            "給付区分": text(1 + rows.benefit[at]),
            "児童_宛名番号": self.of(self.found.slots[slot, self.held.home[claim]]),
            "年齢区分": text(rows.kind[slot, at]),
            "出生順": text(order),
            "出生順区分": text(np.where(order > 2, 2, 1)),
            "月額": text(rows.amount[slot, at]),
        }
        return in_layout(columns, items.KETTEIMEISAI, len(places))

    def shiharai(self, rows: Payments, places: Ints) -> pl.DataFrame:
        """支払: one row per month of payment."""
        at, n = places // PAY_COLUMNS, places % PAY_COLUMNS
        claim, due, meals, off = rows.claim[at], rows.due[n, at], rows.meals[n, at], rows.set_off[n, at]
        columns = {
            **self.keys(claim),
            "支払年": text(rows.year[at]),
            "枝番": text(rows.number[at]),
            "支払月": leading_zeros(np.array(PAY_MONTHS)[n], 2),
            "算定額": text(due),
            "徴収額": where(text(meals), meals != 0),
            "調整額": where(text(off), off != 0),
            "支払額": text(due - meals - off),
            "支払年月日": iso_days(pay_days(rows)[n, at]),
            "支払方法": text(np.where(claim % 19 == 4, 2, 1)),
        }
        return in_layout(columns, items.SHIHARAI, len(places))
