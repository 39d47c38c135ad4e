"""What a delivery of 個人住民税 holds: the tax system's tables, the standard groups, planted faults, expected findings."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth import package_tax_items as items
from dmig.synth import truth_tax_items as headers
from dmig.synth.content import Content, Sheet
from dmig.synth.package_tax import TaxTexts
from dmig.synth.package_tax_collect import CollectionTexts
from dmig.synth.package_tax_papers import PaperTexts
from dmig.synth.register import Register, register
from dmig.synth.streams import Ints, Streams
from dmig.synth.tax_assessments import Assessments, assessments
from dmig.synth.tax_faults import FILES, TaxGround, expected, plant
from dmig.synth.tax_income import Earnings
from dmig.synth.tax_papers import TaxPapers, tax_papers
from dmig.synth.tax_sheets import (
    Employers,
    Levies,
    dependants_at,
    documents_at,
    employers,
    filed,
    has_income,
    incomes_at,
    levies,
    pension_months_at,
)
from dmig.synth.truth_tax import TaxTruth
from dmig.synth.truth_tax_collect import CollectionTruth
from dmig.synth.truth_tax_papers import PaperTruth

Facts = tuple[Register, Assessments, Earnings, Employers, Levies, TaxPapers]


def kojin(residents: int, seed: int, fault_rate: float) -> Content:
    """The taxes of the city that `jumin` with the same seed and number of residents describes."""
    source, streams = register(residents, seed), Streams(seed)
    rows, facts = assessments(source, streams)
    firms, levy = employers(facts, streams), levies(rows)
    found: Facts = (source, rows, facts, firms, levy, tax_papers(rows, streams))
    legacy = _legacy(found)
    ground = TaxGround(source, rows, firms, levy, tuple(sheet.at for sheet in legacy))
    faults = plant(ground, streams, fault_rate)
    units = pl.Series(source.population.persons.number).cast(pl.String).str.zfill(10)
    listing = faults.listing(pl.concat([units, pl.Series(units.name, firms.number).cast(pl.String).str.zfill(8)]))
    return Content(legacy, _truth(found), faults.edits, listing, expected(ground))


def _legacy(found: Facts) -> list[Sheet]:
    """The tables in the order of `FILES`."""
    source, rows, facts, firms, levy, papers = found
    old = TaxTexts(source, rows, facts)
    more, beside = CollectionTexts(source, rows, facts, firms, levy, old), PaperTexts(source, rows, papers)
    tables = (
        (items.KIHON_ITEMS, old.kihon, np.arange(len(rows))),
        (items.SHOTOKU_ITEMS, old.shotoku, np.flatnonzero(has_income(rows))),
        (items.KOJO_ITEMS, old.kojo, np.flatnonzero(filed(rows))),
        (items.FUYO_ITEMS, old.fuyo, np.flatnonzero(filed(rows) & (rows.slots >= 0).any(axis=0))),
        (items.ZEI_ITEMS, old.zei, np.flatnonzero(filed(rows))),
        (items.KIBETSU_ITEMS, more.kibetsu, np.flatnonzero(rows.ordinary > 0)),
        (items.TOKUCHO_ITEMS, more.tokucho, np.flatnonzero(rows.monthly > 0)),
        (items.NENTOKU_ITEMS, more.nentoku, pension_months_at(rows)),
        (items.JIGYOSHO_ITEMS, more.jigyosho, np.arange(len(firms))),
        (items.SHIRYO_ITEMS, more.shiryo, documents_at(rows)),
        (items.CHOTEI_ITEMS, more.chotei, np.arange(len(levy))),
        (items.GENMEN_ITEMS, beside.genmen, np.arange(len(papers.reliefs.row))),
        (items.SOFUSAKI_ITEMS, beside.sofusaki, np.arange(len(papers.agents.person))),
        (items.SHOMEI_ITEMS, beside.shomei, np.arange(len(papers.certificates.row))),
        (items.CHOSA_ITEMS, beside.chosa, np.arange(len(papers.inquiries.row))),
    )
    return [Sheet(file, tuple(own.values()), render, at) for file, (own, render, at) in zip(FILES, tables, strict=True)]


def _truth(found: Facts) -> list[Sheet]:
    """The standard groups, each row where its record stands in the old system's files."""
    source, rows, facts, firms, levy, papers = found
    new = TaxTruth(source, rows, facts)
    more, beside = CollectionTruth(source, rows, facts, firms, levy, new), PaperTruth(source, rows, papers)
    kept = ~rows.deleted

    def spread(which: Ints, times: int) -> Ints:
        return (which[:, None] * times + np.arange(times)).ravel()

    months = pension_months_at(rows)
    groups = (
        ("納税義務者", headers.NOZEIGIMUSHA, new.nozeigimusha, np.flatnonzero(kept)),
        ("課税基本", headers.KAZEIKIHON, new.kazeikihon, np.flatnonzero(kept)),
        ("所得・収入", headers.SHOTOKU, new.shotoku, incomes_at(rows)),
        ("所得控除", headers.SHOTOKUKOJO, new.shotokukojo, np.flatnonzero(kept & filed(rows))),
        ("扶養", headers.FUYO, new.fuyo, dependants_at(rows)),
        ("課税標準・税額", headers.ZEIGAKU, new.zeigaku, np.flatnonzero(kept & filed(rows))),
        ("期別（普通徴収）", headers.KIBETSU, more.kibetsu, spread(np.flatnonzero(kept & (rows.ordinary > 0)), 4)),
        ("特別徴収月割", headers.GETSUWARI, more.getsuwari, spread(np.flatnonzero(kept & (rows.monthly > 0)), 12)),
        ("年金特別徴収", headers.NENKINTOKUCHO, more.nenkintokucho, months[kept[months // 6]]),
        ("特別徴収義務者", headers.TOKUBETSUCHOSHUGIMUSHA, more.tokubetsuchoshugimusha, np.arange(len(firms))),
        ("課税資料", headers.KAZEISHIRYO, more.kazeishiryo, documents_at(rows)),
        ("調定", headers.CHOTEI, more.chotei, np.arange(len(levy))),
        ("減免", headers.GENMEN, beside.genmen, np.arange(len(papers.reliefs.row))),
        ("納税管理人・送付先", headers.SOFUSAKI, beside.sofusaki, np.arange(len(papers.agents.person))),
        ("証明発行", headers.SHOMEIHAKKO, beside.shomeihakko, np.arange(len(papers.certificates.row))),
        ("調査", headers.CHOSA, beside.chosa, np.arange(len(papers.inquiries.row))),
    )
    return [Sheet(f"kojin_{name}.csv", header, render, at) for name, header, render, at in groups]
