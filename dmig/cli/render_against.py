"""The comparison of two runs as text for a terminal: key sets, then differing cells by item and class; no value."""

from __future__ import annotations

from typing import Any

from dmig.cli.render import grid

#: So many places of rows are printed for each line.
MOST_PLACES = 5
CLASSES = {"blank": "空白になった", "unexpected": "値が現れた", "era": "元号", "glyph": "字形", "width": "全角・半角",
           "order": "順序", "rounding": "端数", "code": "コード", "value": "値"}  # fmt: skip
KEYS = {"only_left": "この実行だけ", "only_right": "相手だけ", "doubled_left": "鍵の重なり（この実行）",
        "doubled_right": "鍵の重なり（相手）"}  # fmt: skip
HEADS = {
    "ja": ["グループ", "この実行の行", "相手の行", "比べた行", "相違のある行", *KEYS.values()],
    "en": ["group", "rows here", "rows there", "compared", "differing", "only here", "only there", "doubled here",
           "doubled there"],
}  # fmt: skip
CELLS = {
    "ja": ["グループ", "項目", "種類", "件数", "この実行の記録", "相手の記録"],
    "en": ["group", "item", "class", "count", "records here", "records there"],
}


def render_against(told: dict[str, Any], language: str, *, records: bool) -> str:
    """What differs between two runs; `records`: with the records where it does."""
    ja, groups = language == "ja", told["groups"]
    lines = [f"{told['run_id']} ⇔ {told['against']}", *grid(HEADS[language], [_group(entry) for entry in groups])]
    if cells := [_cell(entry["group"], cell, ja, records) for entry in groups for cell in entry["cells"]]:
        lines += [
            "",
            "相違のある値" if ja else "Differing values",
            *grid(CELLS[language][: 6 if records else 4], cells),
        ]
    found = [
        [entry["group"], KEYS[word] if ja else word.replace("_", " "), _places(entry[word]["rows"])]
        for entry in groups for word in KEYS if records and entry[word]["rows"]
    ]  # fmt: skip
    lines += ["", *grid(["", "", ""], found)] if found else []
    alone = [*([a["run"], a["group"]] for a in told["groups_alone"]),
             *([entry["group"], item] for entry in groups for item in entry["items_alone"])]  # fmt: skip
    altered = [[file["run"], file["file"]] for file in told["files"]]
    for title, rows in (
        ("片方にしかないもの" if ja else "Only on one side", alone),
        ("実行のときと違うファイル" if ja else "Files that are not those of the run", altered),
    ):
        lines += ["", title, *grid(["", ""], rows)] if rows else []
    if told["exit_code"]:
        return "\n".join(
            [*lines, "", f"{'正確な件数と行の場所' if ja else 'Exact counts and places'}: {told['details']}"]
        )
    return "\n".join([*lines, "", "相違はありません" if ja else "No difference"])


def _group(entry: dict[str, Any]) -> list[object]:
    counts = (entry[name] for name in ("left_rows", "right_rows", "compared", "differing"))
    return [entry["group"], *counts, *(entry[word]["count"] for word in KEYS)]


def _cell(group: str, cell: dict[str, Any], ja: bool, records: bool) -> list[object]:
    kind = CLASSES.get(cell["class"], cell["class"]) if ja else cell["class"]
    places = [_places(cell["left"]), _places(cell["right"])] if records else []
    return [group, cell["name"] if ja else cell["item"], kind, cell["count"], *places]


def _places(rows: list[dict[str, Any]]) -> str:
    return " ".join(str(row["record"]) for row in rows[:MOST_PLACES])
