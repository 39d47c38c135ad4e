"""Laws of the invented population that hold for every size and seed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dmig.synth.days import AS_OF
from dmig.synth.events import Kind
from dmig.synth.faults import plant
from dmig.synth.findings import has_findings
from dmig.synth.history import history
from dmig.synth.package import PackageTexts
from dmig.synth.package_items import ITEMS
from dmig.synth.register import register
from dmig.synth.streams import Streams, spread_numbers
from dmig.synth.tables import tables
from dmig.synth.truth import TruthTexts
from dmig.synth.truth_items import HEADER

SIZES = st.integers(1, 160)
SEEDS = st.integers(0, 2**40)
ENTRY = (Kind.MOVED_IN, Kind.BORN, Kind.ENTERED_BY_OFFICE)
END = (Kind.DIED, Kind.REMOVED_BY_OFFICE)


@given(SIZES, SEEDS)
@settings(deadline=None, max_examples=60)
def test_entries_of_each_person_are_a_history(residents: int, seed: int) -> None:
    source = register(residents, seed)
    entries, births = source.entries, source.population.persons.births
    first = np.concatenate(([True], np.diff(entries.person) != 0))
    assert sorted(entries.person[first]) == list(range(residents))
    assert int(entries.latest.sum()) == residents
    assert not entries.deleted[entries.latest].any()
    assert np.array_equal(entries.latest, np.concatenate((first[1:], [True])))
    numbers = source.population.persons.number[entries.person]
    assert np.all(np.diff(numbers) >= 0)
    assert np.all(np.diff(entries.day)[~first[1:]] >= 0)
    assert np.all(np.diff(entries.number)[~first[1:]] == 1)
    assert np.all(entries.day >= births.true_day[entries.person])
    assert entries.day.max() <= AS_OF
    assert np.isin(entries.kind[first], ENTRY).all()


@given(SIZES, SEEDS)
@settings(deadline=None, max_examples=60)
def test_kept_entries_are_numbered_and_follow_the_rules_of_a_life(residents: int, seed: int) -> None:
    entries = register(residents, seed).entries
    for person in range(residents):
        mine = np.flatnonzero((entries.person == person) & ~entries.deleted)
        assert entries.sequence[mine].tolist() == list(range(1, len(mine) + 1))
        kinds = entries.kind[mine].tolist()
        assert kinds[0] in ENTRY
        assert not any(kind in END for kind in kinds[:-1])
        for before, after in pairwise(kinds):
            assert (before == Kind.MOVED_AWAY) == (after in ENTRY)


@given(SIZES, SEEDS)
@settings(deadline=None, max_examples=40)
def test_every_entry_can_be_rendered_whole(residents: int, seed: int) -> None:
    source = register(residents, seed)
    every = np.arange(len(source.entries))
    old = PackageTexts(source, Streams(seed)).rows(every)
    assert old.columns == list(ITEMS.values())
    assert old.write_csv().encode("cp932")
    filled = {
        "宛名番号",
        "履歴番号",
        "世帯番号",
        "性別",
        "続柄",
        "番地",
        "住所コード",
        "処理年月日",
        "記載順",
        "操作時刻",
    }
    assert not {name for name in filled if old[name].null_count()}
    assert set(old["生年月日"].str.len_chars()) == set(old["異動年月日"].str.len_chars()) == {7}
    new = TruthTexts(source).rows(every[~source.entries.deleted])
    assert new.columns == list(HEADER)
    filled = {"宛名番号", "住民種別", "氏名", "異動事由", "異動区分", "続柄コード1", "住所_町字コード", "記載順位"}
    assert not {name for name in filled if new[name].null_count()}
    assert not new.select("宛名番号", "個人履歴番号").is_duplicated().any()


@given(SIZES, SEEDS, st.floats(0, 1))
@settings(deadline=None, max_examples=40)
def test_a_unit_carries_at_most_one_fault(residents: int, seed: int, rate: float) -> None:
    source = register(residents, seed)
    events = history(source, Streams(seed))
    taken = has_findings(source, events)
    faults = plant(source, tables(source), events, Streams(seed), rate, taken).frame
    assert faults["person"].is_unique().all()
    assert not taken[faults["person"].to_numpy()].any()
    assert faults.height <= max(1, round(rate * residents))
    assert (faults.height == 0) or rate > 0


@given(st.integers(1, 400), SEEDS)
@settings(deadline=None)
def test_numbers_are_distinct_ascending_and_of_ten_digits(count: int, seed: int) -> None:
    numbers = spread_numbers(Streams(seed).of("test"), count)
    assert len(numbers) == count
    assert np.all(np.diff(numbers) > 0)
    assert numbers.min() >= 1_000
    assert numbers.max() < 10**10
