"""The page in Debian's Chromium, opened from a file as staff do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chrome import Tab, browser, found
from report_support import CIRCUMSTANCES, ROOT

from dmig.report import build_report
from dmig.report.page import render_page

AXE = ROOT / ".venv/browser/node_modules/axe-core/axe.min.js"
PAGES = [(result, language) for result in ("clean", "faults", "full") for language in ("ja", "en")]
WHY = "no chromium on this machine (make test installs it where it may)"
pytestmark = pytest.mark.skipif(found() is None, reason=WHY)
ENTER, SPACE, TAB = ("Enter", 13, "\r"), (" ", 32, " "), ("Tab", 9)


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The page of (result, language)."""
    result, language = request.param
    path = tmp_path / f"report.{language}.html"
    report = build_report(request.getfixturevalue(result), CIRCUMSTANCES, language)
    path.write_text(render_page(report), encoding="utf-8")
    return path


every_page = pytest.mark.parametrize("page", PAGES, indirect=True, ids="-".join)
full_page = pytest.mark.parametrize("page", [("full", "ja")], indirect=True, ids=["full-ja"])
#: Elements that stick out of the page, tables that scroll within their own frame left out.
STICKING_OUT = """[...document.querySelectorAll('main *')].filter(e => !e.closest('.wide') && !e.closest('.apart') &&
  !e.classList.contains('apart') && !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1).length"""


@every_page
@pytest.mark.parametrize("width", [1280, 1920])
def test_nothing_is_asked_for_said_or_sticking_out(tab: Tab, page: Path, width: int) -> None:
    tab.open(page, width)
    assert [said["request"]["url"] for said in tab.reported("Network.requestWillBeSent")] == [page.resolve().as_uri()]
    assert tab.reported("Log.entryAdded") + tab.reported("Runtime.exceptionThrown") == []
    assert tab.reported("Runtime.consoleAPICalled") == []
    assert tab.ask("document.documentElement.scrollWidth") == width
    assert tab.ask(STICKING_OUT) == 0
    assert tab.ask("document.documentElement.lang") == page.suffixes[0][1:]


@full_page
def test_the_policy_stops_what_is_not_ours(tab: Tab, page: Path) -> None:
    """The test above can fail: a foreign script and style are refused, and the browser says so."""
    wild = page.with_name("wild.html")
    wild.write_text(page.read_text(encoding="utf-8").replace("</body>", "<script>window.foreign = 1</script>"
                    "<p style='color:red'>x</p><img src='https://127.0.0.1:9/x.png'></body>"), encoding="utf-8")  # fmt: skip
    tab.open(wild)
    assert tab.ask("window.foreign === undefined")
    assert len([said for said in tab.reported("Log.entryAdded") if said["entry"]["level"] == "error"]) >= 3


@every_page
def test_japanese_is_drawn_with_a_japanese_font(tab: Tab, page: Path) -> None:
    tab.open(page)
    for selector in (
        "h1",
        ".verdict h2",
        ".part h2",
        "#t-fate + .note",
        "table[data-key=origin] tbody td",
        ".bars .name",
    ):
        fonts = tab.fonts(selector)
        assert fonts, selector
        assert [name for name in fonts if not re.search("CJK|Noto|Gothic|DejaVu|IPA|Takao", name)] == [], selector
    assert any("CJK" in name or "Gothic" in name for name in tab.fonts("table[data-key=origin] tbody td"))
    widths = tab.ask("""(() => { const c = document.createElement('canvas').getContext('2d');
      c.font = '40px ' + getComputedStyle(document.body).fontFamily;
      const drawn = s => { c.canvas.width = c.canvas.height = 60; c.font = '40px ' + getComputedStyle(document.body).fontFamily;
        c.fillText(s, 5, 45); return [...c.getImageData(0, 0, 60, 60).data].reduce((a, b) => a + b, 0); };
      return ['住', '民', '記', '録'].map(drawn).concat(drawn('\\u{10FFFD}')); })()""")
    assert len(set(widths)) == 5  # tofu would be the same box four times


def state(tab: Tab, key: str, column: int) -> dict[str, Any]:
    """Texts of a column in the order shown, and what its heading says of the order."""
    found: dict[str, Any] = tab.ask(f"""(() => {{ const t = document.querySelector('table[data-key="{key}"]');
      return {{cells: [...t.tBodies[0].rows].filter(r => !r.hidden).map(r => r.cells[{column}].textContent),
      sort: t.tHead.rows[0].cells[{column}].getAttribute('aria-sort')}} }})()""")
    return found


def focus(tab: Tab, selector: str) -> None:
    assert tab.ask(f"(() => {{ const e = document.querySelector('{selector}'); e.focus(); "
                   "return document.activeElement === e })()")  # fmt: skip


@full_page
def test_tables_are_sorted_with_the_keyboard(tab: Tab, page: Path) -> None:
    tab.open(page)
    before = state(tab, "fate", 1)
    assert before["sort"] is None
    focus(tab, "table[data-key=fate] th:nth-child(2) button")
    tab.press(*ENTER)
    up = state(tab, "fate", 1)
    numbers = [int(cell.replace(",", "")) for cell in up["cells"]]
    assert (up["sort"], numbers) == ("ascending", sorted(numbers))
    tab.press(*SPACE)
    down = state(tab, "fate", 1)
    assert (down["sort"], down["cells"]) == ("descending", [f"{n:,}" for n in sorted(numbers, reverse=True)])
    tab.press(*TAB)
    tab.press(*ENTER)
    assert (state(tab, "fate", 1)["sort"], state(tab, "fate", 2)["sort"]) == (None, "ascending")
    assert sorted(down["cells"]) == sorted(before["cells"])


@full_page
def test_few_is_sorted_between_nothing_and_ten(tab: Tab, page: Path) -> None:
    tab.open(page)
    focus(tab, "table[data-key=codes] th:nth-child(6) button")
    tab.press(*ENTER)
    assert state(tab, "codes", 5)["cells"] == ["0", "<10", "10", "10", "120"]


@full_page
def test_tables_are_filtered_with_the_keyboard(tab: Tab, page: Path) -> None:
    tab.open(page)
    place = "div.filter:has(+ .wide table[data-key=by_item]) input"
    every = len(state(tab, "by_item", 0)["cells"])
    focus(tab, place)
    tab.type("ｎｒｍ００６ 根本")  # width and case make no difference, words are looked for one by one
    shown = state(tab, "by_item", 0)["cells"]
    assert 0 < len(shown) < every
    assert set(shown) == {"NRM006"}
    said = tab.ask(
        "document.querySelector('div.filter:has(+ .wide table[data-key=by_item]) [role=status]').textContent"
    )
    assert said == f"{len(shown)} / {every} 行"
    tab.ask(f"(() => {{ const e = document.querySelector('{place}'); e.value = ''; "
            "e.dispatchEvent(new Event('input')) })()")  # fmt: skip
    assert len(state(tab, "by_item", 0)["cells"]) == every


@full_page
def test_without_script_every_row_is_there_and_no_dead_control(tab: Tab, page: Path) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(page)
        counts = tab.ask("[document.querySelectorAll('button, input').length, "
                         "document.querySelectorAll('table[data-key=fate] tbody tr').length]")  # fmt: skip
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)
    assert counts == [0, 8]


@every_page
def test_it_prints_on_a4_within_the_margins(tab: Tab, page: Path) -> None:
    tab.open(page)
    paper = tab.paper()
    sheets = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert 6 <= sheets <= 24
    assert {tuple(round(float(n)) for n in box.split()) for box in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", paper)} == {
        (0, 0, 595, 842)
    }
    tab.call("Emulation.setEmulatedMedia", media="print")
    try:
        tab.open(page, 680)  # 180 mm between the margins, in pixels of 1/96 inch
        over = tab.ask("""[...document.querySelectorAll('main table, main figure, main .hashes')].filter(
          e => e.getBoundingClientRect().right > 681).map(e => e.dataset.key || e.className)""")
        assert over == []
        assert tab.ask("getComputedStyle(document.querySelector('nav')).display") == "none"
        assert tab.ask("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    finally:
        tab.call("Emulation.setEmulatedMedia", media="")


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core in the environment (make test installs it where it may)")
@every_page
def test_it_is_accessible(tab: Tab, page: Path) -> None:
    """Contrast, names, roles, order of headings, tables: no violation of WCAG 2.2 A and AA or of good practice."""
    tab.open(page)
    tab.ask("document.querySelectorAll('details').forEach(e => { e.open = true })")
    tab.call("Runtime.evaluate", expression=AXE.read_text(encoding="utf-8"))
    said = tab.ask("axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(r => JSON.stringify("
                   "[r.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 150))]), "
                   "r.passes.length, r.incomplete.map(v => v.id)]))")  # fmt: skip
    violations, passes, incomplete = json.loads(said)
    assert violations == []
    assert set(incomplete) <= {"color-contrast"}
    assert passes > 20
