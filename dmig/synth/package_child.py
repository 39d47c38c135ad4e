"""Claims as the old allowance system holds them: children and months of payment as columns, codes of its own."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth import package_child_items as items
from dmig.synth.child_claims import PAY_MONTHS, Awards, Claims, Payments, children_of
from dmig.synth.child_homes import MOST, Homes
from dmig.synth.child_papers import ChildPapers
from dmig.synth.child_sheets import care_days, claim_numbers, pay_days
from dmig.synth.days import NO_DAY
from dmig.synth.package import held_births
from dmig.synth.package_forms import day_or_blank, seireki8, time6
from dmig.synth.package_names import KANA_GAPS, KANJI_GAPS, HeldNames
from dmig.synth.package_tax import day, flags, held_addresses, laid_out, yen
from dmig.synth.register import Register
from dmig.synth.streams import Ints
from dmig.synth.tax_income import Earnings
from dmig.synth.texts import digits, gather, joined, only, table
from dmig.synth.wording import birth_wordings

_ENDINGS = table(("01", "02", "03", "04", "05", "06", "99"))
BENEFITS, _REASONS = table(tuple("JTN")), table([f"0{n}" for n in range(1, 7)])
_AGES, _LEAVING = table(("", *"ABCDK")), table(("01", "02", "03", "04", "99"))
_CLASSES = ("3saimiman", "3saiijo", "chugaku", "koko", "daisanshi")


class ChildTexts:
    """Renders claims, children, awards and payments by their places."""

    def __init__(self, source: Register, facts: Earnings, found: Homes, held: Claims) -> None:
        self.source, self.facts, self.found, self.held = source, facts, found, held
        persons = source.population.persons
        self.number, self.names = digits(persons.number, 10), HeldNames(source)
        self.birth, self.wording = held_births(persons.births), birth_wordings(persons.births)
        self._address, self._claim_number = held_addresses(source), digits(claim_numbers(held), 10)
        self._first, self._last, self._ever = children_of(found, held)

    def keys(self, claim: Ints) -> dict[str, pl.Series]:
        """What every row about a claim begins with."""
        person = gather(self.number, self.held.person[claim])
        return {"atena_no": person, "nintei_no": gather(self._claim_number, claim)}

    def jukyu(self, papers: ChildPapers, at: Ints) -> pl.DataFrame:
        """受給者台帳."""
        rows, held = papers.histories, self.held
        claim, closed = rows.claim[at], rows.closed[at]
        person = held.person[claim]
        state = closed & (held.ending[claim] == 2)
        cells = {
            **self.keys(claim),
            "rireki_no": yen(rows.number[at]),
            "sakujo_flg": flags(rows.deleted[at]),
            "saishin_kbn": flags(rows.latest[at]),
            **self.named(person, at),
            "umare_ymd": gather(self.birth, person),
            "umare_hyoki": gather(self.wording, person),
            "jusho": gather(self._address, self.source.entries.address[self.found.stays.entry[person]]),
            "jukyu_kbn": gather(table(("A", "D", "E")), np.where(claim % 50 == 9, 1 + claim % 2, 0)),
            "hiyo_kbn": yen(np.select([state, self.facts.employer[person] >= 0], [3, 1], 2)),
            "seikyu_ymd": day(held.asked[claim]),
            "nintei_ymd": day(held.granted[claim]),
            "kaishi_ymd": day(held.since[claim]),
            "shometsu_ymd": day_or_blank(np.where(closed, held.ended[claim], NO_DAY), at % 2 == 0),
            "shometsu_jiyu": only(gather(_ENDINGS, held.ending[claim]), closed),
            "sosha_id": joined("JTE", digits(1 + claim % 9, 3)),
            "sosa_ymd": seireki8(np.where(closed, held.ended[claim], held.granted[claim])),
            "sosa_time": time6(31_000 + claim * 13 % 28_000),
        }
        return laid_out(cells, items.JUKYU_ITEMS, len(at))

    def named(self, person: Ints, at: Ints, before: str = "", after: str = "_shimei") -> dict[str, pl.Series]:
        """漢字氏名 and カナ氏名 with gaps that differ from row to row."""
        entry = self.found.stays.entry[person]
        letters = gather(self.names.letters, person)
        kanji = self.names.kanji(entry, at % len(KANJI_GAPS)).fill_null(letters)
        return {f"{before}kanji{after}": kanji, f"{before}kana{after}": self.names.kana(entry, at % len(KANA_GAPS))}

    def jido(self, claim: Ints) -> pl.DataFrame:
        """児童: a run of columns for each of six."""
        held, cells = self.held, self.keys(claim)
        there = self._first[:, claim] >= 0
        cells |= {"sakujo_flg": flags(claim < 0), "ninzu": yen(there.sum(axis=0))}
        for slot in range(MOST):
            child = np.maximum(self.found.slots[slot, held.home[claim]], 0)
            since, until, why = care_days(self.source, self.found, held, slot, claim, self._last[slot, claim])
            columns = {
                "no": gather(self.number, child),
                **self.named(child, claim, after=""),
                "umare": gather(self.birth, child),
                "zoku": table(("02",)).new_from_index(0, len(claim)),
                "dokyo": flags(claim >= 0),
                "kango": flags(claim >= 0),
                "seikei": yen(1 + (claim % 37 == 3)),
                "kbn": gather(table(("K", "S")), self._ever[slot, claim].astype(np.int64)),
                "kaishi": day(since),
                "shuryo": day_or_blank(until, claim % 2 == 0),
                "jiyu": gather(_LEAVING, why),
            }
            cells |= {f"c{slot + 1}_{item}": only(column, there[slot]) for item, column in columns.items()}
        return laid_out(cells, items.JIDO_ITEMS, len(claim))

    def kettei(self, rows: Awards, at: Ints) -> pl.DataFrame:
        """額決定."""
        counts, sums = rows.counts()
        counts, sums, claim = counts[:, at], sums[:, at], rows.claim[at]
        cells = {
            **self.keys(claim),
            "ren_no": yen(rows.number[at]),
            "sakujo_flg": flags(rows.deleted[at]),
            "kettei_ymd": day(rows.decided[at]),
            "tekiyo_ymd": day(rows.since[at]),
            "shuryo_ymd": day_or_blank(rows.until[at], claim % 2 == 0),
            "kbn": gather(BENEFITS, rows.benefit[at]),
            "jiyu": gather(_REASONS, rows.reason[at]),
            **{f"nin_{name}": yen(count) for name, count in zip(_CLASSES, counts, strict=True)},
            "nin_kei": yen(counts.sum(axis=0)),
            **{f"gaku_{name}": yen(whole) for name, whole in zip(_CLASSES, sums, strict=True)},
            "getsugaku": yen(sums.sum(axis=0)),
        }
        return laid_out(cells, items.KETTEI_ITEMS, len(at))

    def meisai(self, rows: Awards, at: Ints) -> pl.DataFrame:
        """額決定の児童別明細: four columns for each of six."""
        claim = rows.claim[at]
        cells = {
            **self.keys(claim),
            "ren_no": yen(rows.number[at]),
            "sakujo_flg": flags(rows.deleted[at]),
            "tekiyo_ymd": day(rows.since[at]),
            "kbn": gather(BENEFITS, rows.benefit[at]),
        }
        for slot in range(MOST):
            kind, child = rows.kind[slot, at], self.found.slots[slot, self.held.home[claim]]
            columns = {
                "no": gather(self.number, child),
                "nen": gather(_AGES, kind),
                "jun": yen(rows.order[slot, at]),
                "gaku": yen(rows.amount[slot, at]),
            }
            cells |= {f"d{slot + 1}_{item}": only(column, kind > 0) for item, column in columns.items()}
        return laid_out(cells, items.MEISAI_ITEMS, len(at))

    def shiharai(self, rows: Payments, at: Ints) -> pl.DataFrame:
        """支払: five columns for each month of payment."""
        claim = rows.claim[at]
        cells = self.keys(claim) | {
            "nen": yen(rows.year[at]),
            "eda_no": yen(rows.number[at]),
            "sakujo_flg": flags(at < 0),
            "hoho_kbn": yen(1 + (claim % 19 == 4)),
        }
        days = pay_days(rows)
        for n, month in enumerate(PAY_MONTHS):
            due, meals, off = rows.due[n, at], rows.meals[n, at], rows.set_off[n, at]
            columns = {
                "san": yen(due),
                "cho": only(yen(meals), meals > 0),
                "sei": only(yen(off), off > 0),
                "gaku": yen(due - meals - off),
                "ymd": day(days[n, at]),
            }
            cells |= {f"p{month:02d}_{item}": only(column, rows.there[n, at]) for item, column in columns.items()}
        return laid_out(cells, items.SHIHARAI_ITEMS, len(at))
