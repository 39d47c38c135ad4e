"""What a delivery of 児童手当 holds: the allowance system's tables, the standard groups, planted faults, expected findings."""

from __future__ import annotations

import numpy as np
import polars as pl

from dmig.synth import truth_child_items as headers
from dmig.synth.child_claims import Awards, Claims, Payments, awards, children_of, claims, payments
from dmig.synth.child_faults import FILES, ITEMS, KOZA, ChildGround, expected, plant
from dmig.synth.child_homes import Homes, homes
from dmig.synth.child_papers import ChildPapers, child_papers
from dmig.synth.child_sheets import children_at, details_at, payments_at
from dmig.synth.content import Content, Sheet
from dmig.synth.package_child import ChildTexts
from dmig.synth.package_child_papers import ChildPaperTexts
from dmig.synth.register import Register, register
from dmig.synth.streams import Ints, Streams
from dmig.synth.tax_income import Earnings, earnings
from dmig.synth.truth_child import ChildTruth
from dmig.synth.truth_child_papers import ChildPaperTruth

Facts = tuple[Register, Earnings, Homes, Claims, Awards, Payments, ChildPapers]


def jidoteate(residents: int, seed: int, fault_rate: float) -> Content:
    """The allowances of the city that `jumin` with the same seed and number of residents describes."""
    source, streams = register(residents, seed), Streams(seed)
    earned = earnings(source.population.persons, streams)
    found = homes(source, earned)
    held = claims(source, found)
    made, paid = awards(found, held), payments(found, held)
    papers = child_papers(source, found, held, streams)
    facts: Facts = (source, earned, found, held, made, paid, papers)
    ground = ChildGround(source, found, held, made, paid, papers, _claims_of(facts))
    faults = plant(ground, streams, fault_rate)
    units = pl.Series(source.population.persons.number).cast(pl.String).str.zfill(10)
    return Content(_legacy(facts), _truth(facts), faults.edits, faults.listing(units), expected(ground))


def _claims_of(facts: Facts) -> tuple[Ints, ...]:
    """The claim of each record of each table in the order of `FILES`; accounts are of recipients, not of claims."""
    _, _, _, held, made, paid, papers = facts
    every = np.arange(len(held))
    spans = (papers.stops.claim, papers.transfers.claim, papers.stays.claim)
    lists = (papers.partners, made.claim, made.claim, paid.claim, papers.reports.claim, papers.incomes.claim)
    return (papers.histories.claim, every, *lists, *spans, np.arange(len(papers.accounts.person)))


def _legacy(facts: Facts) -> list[Sheet]:
    """The tables in the order of `FILES`."""
    source, earned, found, held, made, paid, papers = facts
    old = ChildTexts(source, earned, found, held)
    small = ChildPaperTexts(old, papers)
    renders = (
        lambda at: old.jukyu(papers, at),
        old.jido,
        lambda at: small.haigu(papers.partners[at]),
        lambda at: old.kettei(made, at),
        lambda at: old.meisai(made, at),
        lambda at: old.shiharai(paid, at),
        *(small.genkyo, small.shotoku, small.sashi, small.choshu, small.shisetsu, small.koza),
    )
    places = [np.arange(len(claim)) for claim in _claims_of(facts)]
    return [Sheet(*one) for one in zip(FILES, map(tuple, map(dict.values, ITEMS)), renders, places, strict=True)]


def _truth(facts: Facts) -> list[Sheet]:
    """The standard groups, each row where its record stands in the old system's files."""
    source, earned, found, held, made, paid, papers = facts
    new = ChildTruth(source, earned, found, held)
    small = ChildPaperTruth(new, papers)
    sizes = [np.arange(len(claim)) for claim in _claims_of(facts)]
    children = children_at(children_of(found, held)[0])
    kept, decided = np.flatnonzero(~papers.histories.deleted), np.flatnonzero(~made.deleted)
    groups = (
        ("受給者", headers.JUKYUSHA, lambda at: new.jukyusha(papers, at), kept),
        ("支給要件児童", headers.JIDO, new.jido, children),
        ("配偶者", headers.HAIGUSHA, small.haigusha, papers.partners),
        ("認定額", headers.KETTEI, lambda at: new.kettei(made, at), decided),
        ("児童別の額", headers.KETTEIMEISAI, lambda at: new.ketteimeisai(made, at), details_at(made)),
        ("支払", headers.SHIHARAI, lambda at: new.shiharai(paid, at), payments_at(paid)),
        ("現況届", headers.GENKYO, small.genkyo, sizes[6]),
        ("所得判定", headers.SHOTOKUHANTEI, small.shotoku, sizes[7]),
        ("差止・時効", headers.SASHITOME, small.sashitome, sizes[8]),
        ("徴収・寄附", headers.CHOSHU, small.choshu, sizes[9]),
        ("施設等入所児童", headers.SHISETSU, small.shisetsu, sizes[10]),
        ("支払口座", headers.KOZA, small.koza, sizes[KOZA]),
    )
    return [Sheet(f"jidoteate_{name}.csv", header, render, at) for name, header, render, at in groups]
