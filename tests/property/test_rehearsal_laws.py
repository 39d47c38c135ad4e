"""Laws of nights held against each other: causes by sets, whatever was judged; order, windows and gaps by arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dmig.model.rehearsal import Cause, Fingerprint, Night, RehearsalPlan, Rehearsed, Window
from dmig.rehearsal.comparing import compare, missing_nights, over_window_minutes

OPERATIONS = ("jumin", "kojin", "kaigo")
CAUSES = st.builds(
    Cause,
    st.just("x"),
    st.sampled_from(["reject", "blank", "finding", "difference"]),
    st.sampled_from(["A", "B"]),
    st.just("p"),
)
HASHES = st.sampled_from(["1", "2"])


@st.composite
def nights(draw: st.DrawFn, number: int) -> Night:
    ran = []
    for name in OPERATIONS:
        causes = {Cause(name, one.what, one.code, one.place): None for one in draw(st.sets(CAUSES))}
        made_of = Fingerprint("1", draw(HASHES), (("F", draw(HASHES)),), draw(HASHES))
        ran.append(Rehearsed(name, "r", "pass", 0, 1.0, draw(st.booleans()), causes, made_of))
    return Night("p", number, 0.0, 1.0, tuple(ran))


@given(nights(1), nights(2))
def test_every_cause_is_new_resolved_or_recurring_and_nothing_else(before: Night, now: Night) -> None:
    found = compare(before, now)
    old, own = set(before.causes), set(now.causes)
    assert (set(found.new), set(found.resolved), set(found.recurring)) == (own - old, old - own, own & old)
    assert len(found.new) + len(found.recurring) == len(own)
    assert set(found.unjudged) == {one.operation for one in now.operations if not one.judged}


@given(nights(1), nights(2))
def test_what_is_made_of_the_same_must_publish_the_same(before: Night, now: Night) -> None:
    found = compare(before, now)
    for one in now.operations:
        old = before.operation(one.operation)
        assert old is not None
        same = (old.fingerprint.plan, old.fingerprint.inputs) == (one.fingerprint.plan, one.fingerprint.inputs)
        strays = same and old.judged and one.judged and old.fingerprint.outputs != one.fingerprint.outputs
        assert (one.operation in found.strayed) is strays
        if one.judged:
            assert (one.operation in found.changed) is not same


def test_without_a_night_before_every_cause_is_new() -> None:
    cause = Cause("jumin", "reject", "A", "p")
    night = Night("p", 1, 0.0, 1.0, (Rehearsed("jumin", "r", "fail", 1, 1.0, judged=True, causes={cause: 5}),))
    found = compare(None, night)
    assert (found.new, found.resolved, found.recurring, found.same_hashes) == ((cause,), (), (), False)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 3000))
def test_a_night_is_over_its_window_by_the_minutes_behind_its_end(start: int, end: int, began: int, took: int) -> None:
    plan = RehearsalPlan("p", "t", (), Window(start, end))
    night = Night("p", 1, 0.0, took * 60.0, ())
    length = (end - start) % 1440 or 1440
    inside = [minute for minute in range(took) if (began - start) % 1440 + minute < length]
    if (began - start) % 1440 < length:
        assert over_window_minutes(plan, night, began) == took - len(inside)
    else:
        assert over_window_minutes(plan, night, began) == max(1, took)


@given(st.integers(0, 40), st.floats(-0.4, 0.4))
def test_missing_nights_are_counted_by_the_interval(nights_between: int, jitter: float) -> None:
    before = Night("p", 1, 0.0, 1.0, ())
    now = Night("p", 2, (nights_between + 1 + jitter) * 86_400, 1.0, ())
    assert missing_nights(before, now, 24) == nights_between
    assert missing_nights(now, before, 24) == -1
