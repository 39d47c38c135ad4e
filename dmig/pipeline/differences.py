"""Differences that staff accepted: within their scope and before their last day they are counted apart from the gate."""

from __future__ import annotations

from typing import Any

from dmig.model.mapping import AcceptedDifference

USED, UNUSED, EXPIRED, EXCEEDED = "used", "unused", "expired", "exceeded"


def accept_differences(
    differences: list[dict[str, Any]], declared: tuple[AcceptedDifference, ...], as_of: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Differences with how many rows of each are accepted, and the register of what was declared.

    A row that is past its last day, or whose scope holds more rows than it allows, accepts nothing.
    """
    found = [dict(line) for line in differences]
    register = []
    for row in declared:
        own = [line for line in found if _within(row, line) and not line["accepted"]]
        rows = sum(int(line["count"]) for line in own)
        status = EXPIRED if row.expires < as_of else EXCEEDED if rows > row.most else USED if rows else UNUSED
        if status == USED:
            for line in own:
                line["accepted"] = line["count"]
        register.append(
            {"id": row.id, "scope": f"{row.group} {row.item} {row.table} {row.kind}", "reason": row.reason,
             "approver": row.approver, "expires": row.expires, "most": row.most, "used": rows, "status": status}
        )  # fmt: skip
    return found, register


def _within(row: AcceptedDifference, line: dict[str, Any]) -> bool:
    return (
        row.group in ("*", line["group"])
        and (row.item == "*" or row.item in line["item"].split())
        and row.table in ("*", line["table"])
        and row.kind in ("*", line["class"])
    )
