"""Cells of bytes to texts, a whole column at once. Nothing is guessed: a code without a character is a fault of its cell."""

from __future__ import annotations

import codecs

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dmig.charset.nouns import (
    LONG,
    UNMAPPED,
    Bytes,
    Charset,
    Faults,
    Kind,
    Shifts,
    Table,
    TextFault,
    TextFinding,
    Trim,
    Units,
)

Flags = npt.NDArray[np.bool_]
#: Rows that are decoded at a time: their columns stay in the processor's cache.
PIECE = 16_384
_PAD = " \u3000"
#: Bytes of a kanji or kana in UTF-8.
_WIDE_BYTES = 3
_LAST_ASCII = 0x7F


def decode_text(charset: Charset, cells: Bytes, trim: Trim) -> tuple[pa.Array, Faults, Faults]:
    """PIC X: texts (n), null where there is a fault; `TextFault` and `TextFinding` (n).

    The shift state begins anew in each cell.
    """
    return _in_pieces(charset, cells, trim, _text_piece)


def decode_double(charset: Charset, cells: Bytes, trim: Trim) -> tuple[pa.Array, Faults, Faults]:
    """PIC N and G: two bytes a character and no shifts; otherwise as `decode_text`."""
    return _in_pieces(charset, cells, trim, _double_piece)


def _in_pieces(charset: Charset, cells: Bytes, trim: Trim, one: object) -> tuple[pa.Array, Faults, Faults]:
    done = [one(charset, cells[at : at + PIECE], trim) for at in range(0, max(len(cells), 1), PIECE)]  # type: ignore[operator]
    if len(done) == 1:
        return done[0]  # type: ignore[no-any-return]
    texts, faults, findings = zip(*done, strict=True)
    return pa.concat_arrays(texts), np.concatenate(faults), np.concatenate(findings)


def _text_piece(charset: Charset, cells: Bytes, trim: Trim) -> tuple[pa.Array, Faults, Faults]:
    if charset.kind is Kind.DOUBLE:
        return _double_piece(charset, cells, trim)
    if charset.single is None:
        raise ValueError(f"{charset.name} has no single-byte codes")
    if charset.kind is Kind.MIXED and charset.shifts and _has_shifts(cells, charset.shifts):
        return _mixed_piece(charset, charset.single, cells, trim)
    nothing = np.zeros(len(cells), np.uint8)
    quick = _quick_single(charset.single, cells, trim)
    if quick is not None:
        return quick, nothing, nothing.copy()
    texts, faults = _plain(charset.single, cells, trim)
    return texts, faults, nothing


def _double_piece(charset: Charset, cells: Bytes, trim: Trim) -> tuple[pa.Array, Faults, Faults]:
    if charset.double is None:
        raise ValueError(f"{charset.name} has no double-byte codes")
    nothing = np.zeros(len(cells), np.uint8)
    if cells.shape[1] % 2:
        return pa.nulls(len(cells), pa.string()), np.full(len(cells), TextFault.HALF_CODE, np.uint8), nothing
    quick = _quick_double(charset.double, cells, trim)
    if quick is not None:
        return quick, nothing, nothing.copy()
    codes = np.ascontiguousarray(cells).view(">u2").astype(np.uint16)
    texts, faults = _plain(charset.double, codes, trim)
    return texts, faults, nothing


def _quick_single(table: Table, cells: Bytes, trim: Trim) -> pa.Array | None:
    """Texts where every byte has a character: blanks are taken off as bytes, then one call decodes all that is left.

    None where there is a byte without one, or a character outside of what that call can do.
    """
    data = np.ascontiguousarray(cells).tobytes()
    if not table.mapping or data.translate(None, table.known):
        return None
    count = len(cells)
    body, own = _stripped(data, np.arange(count + 1, dtype=np.int32) * np.int32(cells.shape[1]), chr(table.blank), trim)
    utf8 = codecs.charmap_decode(body, "strict", table.mapping)[0].encode()
    if len(utf8) != len(body):
        sizes = np.frombuffer(body.translate(table.lengths.tobytes()), np.uint8)
        own = np.concatenate((np.zeros(1, np.int32), np.cumsum(sizes, dtype=np.int32)))[own]
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(own.astype(np.int32)), pa.py_buffer(utf8)])


def _quick_double(table: Table, cells: Bytes, trim: Trim) -> pa.Array | None:
    """As above for double-byte codes. Blanks of two equal bytes are taken off as bytes: no other code of a set that has
    them begins or ends with that byte; a cell that is left with half a code shows where one does.
    """
    count = len(cells)
    data, ends = np.ascontiguousarray(cells).tobytes(), np.arange(count + 1, dtype=np.int32) * np.int32(cells.shape[1])
    if trim is not Trim.NONE:
        if table.blank >> 8 != table.blank & 0xFF or table.blank & 0xFF > _LAST_ASCII:
            return None
        data, ends = _stripped(data, ends, chr(table.blank & 0xFF), trim)
        if (ends & 1).any():
            return None
    units = np.take(table.units, np.frombuffer(data, ">u2").astype(np.uint16))
    if units.size and int(units.max()) >= LONG:
        return None
    utf8 = units.tobytes().decode("utf-16-le").encode()
    if len(utf8) == units.size * _WIDE_BYTES:
        offsets = ends // 2 * _WIDE_BYTES
    else:
        sizes = np.take(table.lengths, np.frombuffer(data, ">u2").astype(np.uint16))
        offsets = np.concatenate((np.zeros(1, np.int32), np.cumsum(sizes, dtype=np.int32)))[ends // 2]
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(utf8)])


def _stripped(data: bytes, ends: npt.NDArray[np.int32], blank: str, trim: Trim) -> tuple[bytes, npt.NDArray[np.int32]]:
    """Cells without blanks around them, one after the other, and where each begins and the last ends.

    Arrow's functions on ASCII look at bytes; these are no UTF-8, and nothing but the trimming sees them as text.
    """
    count = len(ends) - 1
    raw = pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(ends), pa.py_buffer(data)])
    if trim.right:
        raw = pc.ascii_rtrim(raw, blank)
    if trim.left:
        raw = pc.ascii_ltrim(raw, blank)
    kept = np.frombuffer(raw.buffers()[1], np.int32, count + 1)
    if not count or kept[-1] == kept[0]:
        return b"", np.zeros(count + 1, np.int32)
    return raw.buffers()[2].to_pybytes()[kept[0] : kept[-1]], kept - kept[0]


def _plain(table: Table, codes: npt.NDArray[np.uint8] | Units, trim: Trim) -> tuple[pa.Array, Faults]:
    """Codes of one width (n, width) to texts."""
    units = np.take(table.units, codes)
    bad = units == UNMAPPED
    faults = (
        np.where(bad.any(axis=1), TextFault.UNMAPPED, TextFault.NONE).astype(np.uint8)
        if bad.any()
        else np.zeros(len(codes), np.uint8)
    )
    kept = _untrimmed(codes != table.blank, trim)
    if kept is None:
        flat, counts = units.reshape(-1), None
    else:
        flat, counts = units[kept], kept
    lengths = np.take(table.lengths, codes)
    sizes = (lengths if counts is None else np.where(counts, lengths, 0)).sum(axis=1, dtype=np.int64)
    long = np.flatnonzero((units == LONG).any(axis=1) & (faults == 0)) if table.long else np.empty(0, np.int64)
    if not bad.any() and not long.size:
        return _strings(flat.tobytes().decode("utf-16-le").encode(), sizes, faults), faults
    return _mended(table, codes, units, kept, faults, long), faults


def _mended(
    table: Table,
    codes: npt.NDArray[np.uint8] | Units,
    units: Units,
    kept: Flags | None,
    faults: Faults,
    long: npt.NDArray[np.int64],
) -> pa.Array:
    """As above where some rows have faults, or characters of more than one unit; those rows are made one by one."""
    plain = np.where((units == UNMAPPED) | (units == LONG), 0x20, units).astype(np.uint16)
    there = np.ones(units.shape, np.bool_) if kept is None else kept
    aside = faults != 0
    aside[long] = True
    there = there & ~aside[:, None]
    flat = plain[there]
    lengths = np.where(there, np.take(table.lengths, codes), 0).sum(axis=1, dtype=np.int64)
    texts = _strings(flat.tobytes().decode("utf-16-le").encode(), lengths, faults)
    if not long.size:
        return texts
    mine = np.ones(units.shape, np.bool_) if kept is None else kept
    made = ["".join(table.codes[code] for code in codes[row][mine[row]].tolist()) for row in long.tolist()]
    mask = np.zeros(len(codes), np.bool_)
    mask[long] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(made, pa.string()))


def _untrimmed(filled: Flags, trim: Trim) -> Flags | None:
    """Which characters stay, None for all."""
    if trim is Trim.NONE or filled.size == 0:
        return None
    width = filled.shape[1]
    some = np.asarray(filled.any(axis=1))
    places = np.arange(width)
    kept: Flags = np.repeat(some[:, None], width, axis=1)
    if trim.right:
        ends = width - np.argmax(filled[:, ::-1], axis=1)
        kept &= places < ends[:, None]
    if trim.left:
        kept &= places >= np.argmax(filled, axis=1)[:, None]
    return None if kept.all() else kept


def _strings(utf8: bytes, sizes: npt.NDArray[np.int64], faults: Faults) -> pa.Array:
    """A string array over bytes that lie one after the other; null where there is a fault."""
    offsets = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(np.where(faults == 0, sizes, 0) if faults.any() else sizes, out=offsets[1:])
    if int(offsets[-1]) != len(utf8):
        raise RuntimeError("lengths of texts and their bytes do not agree")
    valid = pa.array(faults == 0).buffers()[1] if faults.any() else None
    return pa.Array.from_buffers(pa.string(), len(sizes), [valid, pa.py_buffer(offsets), pa.py_buffer(utf8)])


# Texts with shifts


def _has_shifts(cells: Bytes, shifts: Shifts) -> bool:
    data = np.ascontiguousarray(cells).tobytes()
    return any(data.find(mark[:1]) >= 0 for mark in (*shifts.to_double, shifts.to_single))


def _mixed_piece(charset: Charset, single: Table, cells: Bytes, trim: Trim) -> tuple[pa.Array, Faults, Faults]:
    """Both widths, told apart by shifts: every byte gets its role, then all characters are looked up at once."""
    if charset.double is None or charset.shifts is None:
        raise ValueError(f"{charset.name} has no shifts")
    into, back = _marks(cells, charset.shifts)
    count, width = cells.shape
    places = np.arange(width, dtype=np.int32)
    last_in = np.maximum.accumulate(np.where(into > 0, places + into - 1, -1), axis=1)
    last_out = np.maximum.accumulate(np.where(back > 0, places + back - 1, -1), axis=1)
    double = last_in > last_out
    # A shift of two bytes begins where its first byte stands and counts from its last.
    marks = _covered(into) | _covered(back)
    first = double & ~marks & ((places - last_in) % 2 == 1)
    following = np.zeros(cells.shape, np.uint8)
    following[:, :-1] = cells[:, 1:]
    second = np.zeros(cells.shape, np.bool_)
    second[:, 1:] = first[:, :-1] & double[:, 1:] & ~marks[:, 1:]
    half = first.copy()
    half[:, :-1] &= ~second[:, 1:]
    alone = ~double & ~marks
    codes: Units = (cells.astype(np.uint16) << np.uint16(8)) | following.astype(np.uint16)
    whole = first & ~half
    units: Units = np.full(cells.shape, 0x20, np.uint16)
    units[alone] = single.units[cells[alone]]
    units[whole] = charset.double.units[codes[whole]]
    lengths = np.zeros(cells.shape, np.uint8)
    lengths[alone] = single.lengths[cells[alone]]
    lengths[whole] = charset.double.lengths[codes[whole]]
    there = alone | whole
    faults = np.zeros(count, np.uint8)
    faults[((units == UNMAPPED) & there).any(axis=1)] = TextFault.UNMAPPED
    faults[half.any(axis=1) & (faults == 0)] = TextFault.HALF_CODE
    findings = np.zeros(count, np.uint8)
    findings[_stray(into, back, double)] = TextFinding.STRAY_SHIFT
    findings[double[:, -1] & ~_covered(back)[:, -1]] = TextFinding.UNCLOSED
    findings[faults != 0] = TextFinding.NONE
    texts = _joined(charset, single, cells, codes, alone, units, lengths, there, faults)
    return _trimmed(texts, trim), faults, findings


def _marks(cells: Bytes, shifts: Shifts) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """At the first byte of each shift its length, to double and back; 0 elsewhere."""
    found = []
    for sequences in (shifts.to_double, (shifts.to_single,)):
        length = np.zeros(cells.shape, np.int32)
        for sequence in sequences:
            hit = cells == sequence[0]
            for n, byte in enumerate(sequence[1:], 1):
                hit[:, :-n] &= cells[:, n:] == byte
                hit[:, -n:] = False
            length[hit] = len(sequence)
        found.append(length)
    return found[0], found[1]


def _covered(marks: npt.NDArray[np.int32]) -> Flags:
    covered: npt.NDArray[np.bool_] = np.greater(marks, 0)
    long = marks > 1
    if long.any():
        covered[:, 1:] |= long[:, :-1]
    return covered


def _stray(into: npt.NDArray[np.int32], back: npt.NDArray[np.int32], double: Flags) -> Flags:
    """Rows that shift to where they are."""
    before = np.zeros(double.shape, np.bool_)
    before[:, 1:] = double[:, :-1]
    return np.asarray((((into > 0) & before) | ((back > 0) & ~before)).any(axis=1))


def _joined(
    charset: Charset, single: Table, cells: Bytes, codes: Units, alone: Flags, units: Units, lengths: npt.NDArray[np.uint8],
    there: Flags, faults: Faults,
) -> pa.Array:  # fmt: skip
    long = np.flatnonzero(((units == LONG) & there).any(axis=1) & (faults == 0))
    aside = faults != 0
    aside[long] = True
    plain = there & ~aside[:, None]
    sizes = np.where(plain, lengths, 0).sum(axis=1, dtype=np.int64)
    texts = _strings(units[plain].tobytes().decode("utf-16-le").encode(), sizes, faults)
    if not long.size or charset.double is None:
        return texts
    made = []
    for row in long.tolist():
        parts = [
            single.codes[int(cells[row, at])] if alone[row, at] else charset.double.codes[int(codes[row, at])]
            for at in np.flatnonzero(there[row]).tolist()
        ]
        made.append("".join(parts))
    mask = np.zeros(len(cells), np.bool_)
    mask[long] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(made, pa.string()))


def _trimmed(texts: pa.Array, trim: Trim) -> pa.Array:
    if trim.right:
        texts = pc.utf8_rtrim(texts, _PAD)
    return pc.utf8_ltrim(texts, _PAD) if trim.left else texts
