"""The page as text: nothing from outside, nothing that runs but what is named, never too large."""

from __future__ import annotations

import base64
import copy
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from report_support import CIRCUMSTANCES, ROOT

from dmig.report import build_report
from dmig.report.page import MOST_BYTES, render_page


class Tags(HTMLParser):
    """All tags of a page, with what stands in style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open = tag

    def handle_endtag(self, tag: str) -> None:
        self.open = ""

    def handle_data(self, data: str) -> None:
        if self.open in ("style", "script"):
            self.inside.append(data)


@pytest.fixture
def page(full: dict[str, Any]) -> str:
    return render_page(build_report(full, CIRCUMSTANCES, "ja"))


def test_policy_names_style_and_script_by_their_hash(page: str) -> None:
    tags = Tags(page)
    [policy] = [
        a["content"] for tag, a in tags.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    style, script = tags.inside
    for kind, text in (("style-src", style), ("script-src", script)):
        wanted = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{wanted}';" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert [tag for tag, _ in tags.tags].count("script") == 1


def test_nothing_is_named_that_lies_outside(page: str) -> None:
    tags = Tags(page)
    named = {(tag, name, value) for tag, attrs in tags.tags for name, value in attrs.items()
             if name in ("src", "href", "srcset", "action", "data", "xlink:href", "poster")}  # fmt: skip
    assert {value[:1] for _, _, value in named if value} == {"#"}
    assert not re.search(r"https?:|@import|url\((?!#)", page)
    assert not [attrs for _, attrs in tags.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    assert {tag for tag, _ in tags.tags} & {"link", "img", "iframe", "object", "embed", "form", "base"} == set()


def test_every_picture_has_a_table_of_its_numbers(page: str) -> None:
    pictures = [a for tag, a in Tags(page).tags if tag == "svg" and a.get("class") == "bars"]
    tables = {a.get("data-key") for tag, a in Tags(page).tags if tag == "table"}
    assert len(pictures) == 2
    assert all(a["aria-label"] for a in pictures)
    assert {"fate", "origin"} <= tables


def test_links_and_labels_lead_somewhere(page: str) -> None:
    tags = Tags(page).tags
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for tag, a in tags if tag == "a" and a.get("href")}
    wanted |= {word for _, a in tags for word in (a.get("aria-labelledby") or "").split()}
    assert len(wanted) > 20
    assert sorted(wanted - set(ids)) == []


@pytest.mark.parametrize(
    "bad", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><b>", "{{ 7*7 }}"]
)
def test_texts_of_a_result_stay_texts(full: dict[str, Any], bad: str) -> None:
    wild = copy.deepcopy(full)
    wild["site"] = wild["system"] = wild["run_id"] = bad
    wild["dispositions"][0]["reason"] = wild["tables"][0]["table"] = bad
    wild["names"]["groups"] = dict.fromkeys(wild["names"]["groups"], bad)
    page = render_page(build_report(wild, CIRCUMSTANCES | {"head": bad}, "ja"))
    before, after = Tags(render_page(build_report(full, CIRCUMSTANCES, "ja"))), Tags(page)
    assert {tag for tag, _ in after.tags} == {tag for tag, _ in before.tags}
    assert bad not in after.inside[0]
    assert "49" not in re.findall(r"<dd>(.*?)</dd>", page)


def test_a_page_that_is_too_large_is_cut_and_says_so(full: dict[str, Any]) -> None:
    large = copy.deepcopy(full)
    large["causes"] = [large["causes"][0] | {"source_name": f"項目{n}"} for n in range(2000)]
    report = build_report(large, CIRCUMSTANCES, "en")
    assert len(render_page(report).encode()) < MOST_BYTES
    assert "The first 500 of 2,000 rows. All rows are in report.xlsx." in render_page(report)
    least = len(render_page(report, limits=(50,)).encode())
    small = render_page(report, most_bytes=least)
    assert len(small.encode()) <= least
    assert "The first 50 of 2,000 rows." in small


def test_the_foot_of_every_sheet_names_run_and_hash(page: str, full: dict[str, Any]) -> None:
    assert f'content: "dmig {full["run_id"]}  SHA-256 5555555555555555…"' in page


def test_templates_go_into_the_wheel() -> None:
    import tomllib

    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "package-data"
    ]["dmig"]
    shipped = {path for pattern in patterns for path in (ROOT / "dmig").glob(pattern)}
    parts = {
        path for path in (ROOT / "dmig/report").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert len(parts) == 4
    assert parts - shipped == set()
