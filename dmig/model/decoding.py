"""What is wrong in host files, by its code of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostReport:
    """One report about a place of a host file: record from 1, byte of the file from 0, item ("" for the whole record)."""

    code: str
    record: int
    offset_bytes: int
    size_bytes: int
    item: str = ""
