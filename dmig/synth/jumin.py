"""What a delivery of 住民記録 holds: the old system's tables, the standard groups, planted faults, expected findings."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth.content import Content, Sheet
from dmig.synth.events import Kind
from dmig.synth.faults import plant
from dmig.synth.findings import expected_findings, has_findings
from dmig.synth.history import history
from dmig.synth.package import PackageTexts
from dmig.synth.package_items import BIKO_ITEMS, CARD_ITEMS, IDO_ITEMS, ITEMS, MEISHO_ITEMS, SHIEN_ITEMS
from dmig.synth.package_sheets import SheetTexts
from dmig.synth.register import register
from dmig.synth.streams import Streams
from dmig.synth.tables import FILES, GENZAI, JOKYO, RIREKI, tables
from dmig.synth.truth import TruthTexts
from dmig.synth.truth_items import BIKO, CARD, HEADER, IDORIREKI, MEISHORIREKI, SETAI, SHIENSOCHI
from dmig.synth.truth_sheets import SheetTruth


def jumin(residents: int, seed: int, fault_rate: float) -> Content:
    """The delivery of `residents` 宛名番号, those moved away and dead included."""
    source, streams = register(residents, seed), Streams(seed)
    where, events = tables(source), history(source, streams)
    entries, papers = source.entries, source.papers
    old, sheets = PackageTexts(source, streams), SheetTexts(source, events)
    extra = (papers.measures.sheet, papers.names.sheet, papers.notes.sheet, papers.cards.sheet)
    shien, meisho, biko, card = (np.arange(len(sheet)) for sheet in extra)
    registers = [Sheet(FILES[n], tuple(ITEMS.values()), old.rows, where.entries[n]) for n in (GENZAI, RIREKI, JOKYO)]
    legacy = [
        *registers,
        Sheet(FILES[3], tuple(IDO_ITEMS.values()), sheets.ido, np.arange(len(events))),
        Sheet(FILES[4], tuple(SHIEN_ITEMS.values()), sheets.shien, shien),
        Sheet(FILES[5], tuple(MEISHO_ITEMS.values()), sheets.meisho, meisho),
        Sheet(FILES[6], tuple(BIKO_ITEMS.values()), sheets.biko, biko),
        Sheet(FILES[7], tuple(CARD_ITEMS.values()), sheets.card, card),
    ]
    kept = np.concatenate([where.entries[table] for table in (GENZAI, JOKYO, RIREKI)])
    kept = kept[~entries.deleted[kept]]
    present = where.entries[GENZAI]
    new = TruthTexts(source)
    groups = SheetTruth(source, events, present[entries.kind[present] < Kind.MOVED_AWAY])
    truth = [
        Sheet("001_住民情報.csv", HEADER, new.rows, kept),
        Sheet("001_世帯.csv", SETAI, groups.setai, np.arange(groups.households)),
        Sheet("001_異動履歴.csv", IDORIREKI, groups.idorireki, np.flatnonzero(events.sequence > 0)),
        Sheet("001_支援措置対象者.csv", SHIENSOCHI, groups.shiensochi, shien),
        Sheet("001_旧氏・通称履歴.csv", MEISHORIREKI, groups.meishorireki, meisho),
        Sheet("001_備考.csv", BIKO, groups.biko, biko),
        Sheet("001_個人番号カード.csv", CARD, groups.kojinbangocard, card),
    ]
    faults = plant(source, where, events, streams, fault_rate, has_findings(source, events))
    units = pl.Series(source.population.persons.number).cast(pl.String).str.zfill(10)
    listing, findings = faults.listing(FILES, units), expected_findings(source, where, events)
    return Content(legacy, truth, faults.edits, listing, findings, faults.each())
