"""What old runs leave is given back: the stages of nights that need not stay, and the room that a night needs."""

from __future__ import annotations

from pathlib import Path

from dmig.model.rehearsal import RehearsalPlan
from dmig.pipeline.nights import Nights
from dmig.pipeline.run import forget_stages
from dmig.spec.site import Site

#: A night needs what the largest one has left, and a third more; without one so many times its inputs.
SPARE, TIMES_INPUTS = 4 / 3, 8


def forget_nights(runs: Path, nights: Nights, keep: int) -> int:
    """Remove the stages of all but the last `keep` - 1 nights, so that with this one `keep` stay; results stay for good.

    Of how many runs something was removed. A run of a night that stays is never touched.
    """
    finished = nights.finished()
    stay = finished[-(keep - 1) :] if keep > 1 else []
    kept = {one.run_id for night in stay for one in night.operations}
    gone = 0
    for night in finished[: len(finished) - len(stay)]:
        for one in night.operations:
            if one.run_id and one.run_id not in kept and (runs / one.run_id / "protected").is_dir():
                forget_stages(runs / one.run_id)
                gone += 1
    return gone


def room_needed(site: Site, plan: RehearsalPlan, nights: Nights) -> int:
    """Bytes that a night needs."""
    runs, last = site.folder / "runs", nights.last()
    left = sum(_size(runs / one.run_id) for one in last.operations if one.run_id) if last else 0
    if left:
        return int(left * SPARE)
    return TIMES_INPUTS * sum(_size(site.inputs(one.operation)) for one in plan.operations)


def _size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
