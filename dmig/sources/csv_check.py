"""Judge and decode records, a chunk at a time: the structure by numpy, the text by the codec."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dmig.sources.csv_rules import CR, LF, QUOTE, Bytes, CsvRules, Fault, Flags, Offsets

Faults = npt.NDArray[np.uint8]

#: What Python's cp932 gives for the single bytes 80, A0, FD, FE and FF, which are no characters of cp932.
_SILENT = ("\x80", "\uf8f0", "\uf8f1", "\uf8f2", "\uf8f3")


def judge(chunk: Bytes, starts: Offsets, sizes: Offsets, alone: Flags, rules: CsvRules) -> Faults:
    """Find the structural fault of each record (0 = none); `starts` count from the chunk's start.

    The chunk holds whole records from its first to its last byte. Where a record has several faults the one with the
    smallest number stands, so the rules are applied from the largest to the smallest.
    """
    faults = np.zeros(len(starts), np.uint8)
    lf, cr, quotes, delimiters = chunk == LF, chunk == CR, chunk == QUOTE, chunk == rules.delimiter
    if alone.any():
        # Their odd quotes would turn the parity of everything behind them.
        quotes &= ~np.repeat(alone, sizes)
    inside: Flags = np.bitwise_xor.accumulate(quotes.view(np.uint8)).view(np.bool_)
    outside = ~inside

    def mark(places: Flags, fault: Fault) -> None:
        if places.any():
            faults[np.searchsorted(starts, np.flatnonzero(places), side="right") - 1] = fault

    if not rules.breaks_allowed:
        mark((lf | cr) & inside, Fault.LINE_BREAK)
    counts = np.add.reduceat((delimiters & outside).view(np.uint8), starts, dtype=np.uint32)
    faults[counts != rules.columns - 1] = Fault.COLUMNS
    mark(_lone_cr(cr & outside, lf), Fault.LONE_CR)
    mark(_bad_quotes(quotes, inside, delimiters | lf, cr), Fault.QUOTES)
    faults[alone] = Fault.QUOTES
    mark(chunk == 0, Fault.NUL)
    faults[lf[starts] | (cr[starts] & (sizes == 2) & lf[starts + sizes - 1])] = Fault.EMPTY_LINE
    faults[sizes > rules.max_record_bytes] = Fault.TOO_LONG
    return faults


def _lone_cr(cr: Flags, lf: Flags) -> Flags:
    lone = cr.copy()
    lone[:-1] &= ~lf[1:]
    return lone


def _bad_quotes(quotes: Flags, inside: Flags, borders: Flags, cr: Flags) -> Flags:
    """Quotes that open elsewhere than at the start of a cell, or close elsewhere than at its end.

    A doubled quote is seen as a close with a quote behind it, then an open with a quote before it.
    """
    neighbour = borders | quotes
    before = np.ones_like(quotes)
    before[1:] = neighbour[:-1]
    after = np.ones_like(quotes)
    after[:-1] = (neighbour | cr)[1:]
    bad: Flags = quotes & ~np.where(inside, before, after)
    return bad


def decode(data: bytes, sizes: Offsets, charset: str) -> tuple[bytes, Flags]:
    """Decode whole records strictly to UTF-8; gives the bytes of the good ones and a mask of the undecodable ones."""
    good = _to_utf8(data, charset)
    if good is not None:
        return good, np.zeros(len(sizes), np.bool_)
    # Somewhere in this chunk a record does not decode: find which, one by one.
    ends = np.cumsum(sizes).tolist()
    pieces = [_to_utf8(data[start:end], charset) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    bad = np.fromiter((piece is None for piece in pieces), np.bool_, len(pieces))
    return b"".join(piece for piece in pieces if piece is not None), bad


def _to_utf8(data: bytes, charset: str) -> bytes | None:
    """UTF-8 bytes of a text, or None when it is not strict text of the charset."""
    try:
        text = data.decode(charset)
    except UnicodeDecodeError:
        return None
    if charset == "utf-8":
        return data
    return None if any(character in text for character in _SILENT) else text.encode()
