"""Stacked bars: how long each piece is. Drawn by the page itself as SVG, so that a single record can still be seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dmig.report.nouns import Bar, Picture, Segment

#: Length of the longest bar, and the least length of a piece that is not empty, in picture units.
LENGTH = 600.0
LEAST_WIDTH = 4.0
#: One piece as given: look, name, count.
Piece = tuple[str, str, int]


def picture(
    key: str, note: str, legend: Sequence[tuple[str, str]], bars: Iterable[tuple[str, Sequence[Piece]]]
) -> Picture:
    """All bars on one scale: the longest fills the picture."""
    given = [(name, [piece for piece in pieces if piece[2] > 0]) for name, pieces in bars]
    most = max((sum(count for _, _, count in pieces) for _, pieces in given), default=0)
    drawn = tuple(_bar(name, pieces, most) for name, pieces in given)
    seen = {segment.look for bar in drawn for segment in bar.segments}
    return Picture(key, note, tuple(entry for entry in legend if entry[0] in seen), drawn)


def _bar(name: str, pieces: Sequence[Piece], most: int) -> Bar:
    total = sum(count for _, _, count in pieces)
    at, segments = 0.0, []
    for (look, text, count), width in zip(pieces, widths([count for _, _, count in pieces], most), strict=True):
        segments.append(Segment(look, text, count, round(at, 2), round(width, 2)))
        at += width
    return Bar(name, total, tuple(segments))


def widths(counts: Sequence[int], most: int) -> list[float]:
    """Lengths in proportion; a piece below the least length is drawn at it, at the cost of the longest of its bar."""
    if not counts:
        return []
    exact = [LENGTH * count / most for count in counts]
    drawn = [max(width, LEAST_WIDTH) for width in exact]
    longest = max(range(len(counts)), key=lambda at: drawn[at])
    others = sum(drawn) - drawn[longest]
    drawn[longest] = max(LEAST_WIDTH, min(drawn[longest], max(sum(exact), LEAST_WIDTH) - others))
    return drawn
