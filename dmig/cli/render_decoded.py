"""What `dmig decode` says: counts and places, never values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import click

from dmig.cobol.layout import Segment
from dmig.errors import code
from dmig.model.host import LengthRule, RecordFormat
from dmig.pipeline.decoding import DecodeSummary

FORMATS = [one.value for one in RecordFormat]
_LENGTH = re.compile(r"(?P<item>[^:=+,]+)(?:[+](?P<plus>[0-9]+)|:(?P<kinds>[^:=,]+=[0-9]+(?:,[^:=,]+=[0-9]+)*))?")
_RULE = re.compile(r"([^:=]+):([^=]+)=([^:=]+)")


def segment(context: click.Context, option: click.Parameter, given: Sequence[str]) -> tuple[Segment, ...]:
    """Rules as they are typed: ITEM:VALUE[,VALUE]=REDEFINE."""
    found = []
    for text in given:
        rule = _RULE.fullmatch(text)
        if rule is None:
            raise click.BadParameter("ITEM:VALUE[,VALUE]=REDEFINE", context, option)
        item, values, redefine = (part.strip() for part in rule.groups())
        found.append(Segment(item, tuple(value.strip() for value in values.split(",")), redefine))
    return tuple(found)


def length(context: click.Context, option: click.Parameter, given: str | None) -> LengthRule | None:
    """The length of records of format L as it is typed: ITEM[+BYTES], or ITEM:VALUE=BYTES[,VALUE=BYTES]."""
    if (context.params.get("recfm") == RecordFormat.BY_ITEM.value) != bool(given):
        raise click.BadParameter("--recfm L --length ITEM[+BYTES] | ITEM:VALUE=BYTES[,…]", context, option)
    if not given:
        return None
    told = _LENGTH.fullmatch(given)
    if told is None:
        raise click.BadParameter("ITEM[+BYTES] | ITEM:VALUE=BYTES[,VALUE=BYTES]", context, option)
    pairs = [pair.split("=") for pair in (told["kinds"] or "").split(",") if pair]
    return LengthRule(told["item"], tuple((value, int(size)) for value, size in pairs), int(told["plus"] or 0))


def summary_lines(summary: DecodeSummary, file: str, lang: str) -> Iterator[str]:
    """The result: records, then each kind of fault with how often, then the first places."""
    ja = lang == "ja"
    yield f"{file}: {summary.records:,} 件を書きました" if ja else f"{file}: {summary.records:,} records written"
    if summary.lost_bytes:
        yield f"記録でないバイト {summary.lost_bytes:,}" if ja else f"{summary.lost_bytes:,} bytes are no record"
    for (name, item), count in sorted(summary.counts.items()):
        yield f"  {name} {item or '-'}: {count:,}  {code(name).message(lang)}"
    for place in summary.places:
        if ja:
            yield f"    {place.record} 件目 バイト {place.offset_bytes:,}（{place.size_bytes}） {place.item or '-'} {place.code}"
        else:
            yield f"    record {place.record} byte {place.offset_bytes:,} ({place.size_bytes}) {place.item or '-'} {place.code}"
