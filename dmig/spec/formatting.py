"""The canonical form of declarative CSV files: LF, no byte order mark, least quoting, rows in standard order."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from dmig.model.layout import StandardLayout
from dmig.store.private import written_aside


def canonical(path: Path, layout: StandardLayout) -> str:
    """The text that a file should hold. Only order, quoting, line ends and the byte order mark may differ from it."""
    text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    rows = [next(csv.reader([line]), []) for line in text.split("\n") if line]
    if not rows:
        return ""
    header, body = rows[0], rows[1:]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(sorted(body, key=lambda row: _place(path, layout, dict(zip(header, row, strict=False)))))
    return out.getvalue()


def unformatted(folder: Path, layout: StandardLayout) -> list[Path]:
    """Files of a mapping folder that are not in canonical form."""
    files = [*sorted(folder.glob("*.csv")), *sorted((folder / "code_tables").glob("*.csv"))]
    return [path for path in files if path.read_bytes() != canonical(path, layout).encode()]


def rewrite(path: Path, layout: StandardLayout) -> None:
    """Bring one file into canonical form."""
    text = canonical(path, layout)
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def _place(path: Path, layout: StandardLayout, row: dict[str, str]) -> tuple[int, int, str, int]:
    """Sort key: mapping rows by layout order of their target, intermediates first; steps by group and number."""
    groups = [group.group for group in layout.groups]
    if path.name == "steps.csv":
        return (_index(groups, row.get("group", "")), _number(row.get("n", "")), "", 0)
    group = layout.group(path.stem)
    if group is not None and "target" in row:
        target = row["target"]
        items = [item.item for item in group.items]
        at = -1 if target.startswith("_") else _index(items, target)
        return (at, 0, target if at < 0 else "", _number(row.get("order", "")))
    return (0, 0, "", 0)


def _index(names: list[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
