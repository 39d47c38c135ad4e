"""A real browser for tests: Debian's Chromium without a window, spoken to over its own protocol (CDP)."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

FLAGS = (
    "--headless=new", "--remote-debugging-port=0", "--no-first-run", "--disable-background-networking", "--no-sandbox",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-gpu", "--disable-dev-shm-usage",
    "--force-color-profile=srgb", "--hide-scrollbars",
)  # fmt: skip
#: Seconds to wait for the browser, and for one answer of it.
PATIENCE_S = 60.0


def found() -> str | None:
    """The browser's program, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Tab:
    """One tab: commands and what it has reported since."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self.number = 0
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "CSS"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self.socket.recv(PATIENCE_S))
            if said.get("id") == self.number:
                assert "error" not in said, (method, said)
                return dict(said["result"])
            self.events.append(said)

    def open(self, page: Path, width: int = 1280, height: int = 900) -> None:
        """Show a file and wait until it is loaded; what was reported before is forgotten."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.events.clear()
        self.call("Page.navigate", url=page.resolve().as_uri())
        until = time.monotonic() + PATIENCE_S
        while not self.reported("Page.loadEventFired"):
            assert time.monotonic() < until, "the page does not load"
            self.call("Runtime.evaluate", expression="1")
        self.ask("document.fonts.ready.then(() => 1)")

    def reported(self, method: str) -> list[dict[str, Any]]:
        """Parameters of all events of a kind since the page was opened."""
        return [event["params"] for event in self.events if event.get("method") == method]

    def ask(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page."""
        said = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def press(self, key: str, code: int, text: str = "", modifiers: int = 0) -> None:
        """One key, down and up."""
        named = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.call("Input.dispatchKeyEvent", type="keyDown", **named, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def type(self, text: str) -> None:
        """Text into what has the focus."""
        self.call("Input.insertText", text=text)

    def fonts(self, selector: str) -> dict[str, float]:
        """Fonts that draw an element, with the number of glyphs of each."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        used = self.call("CSS.getPlatformFontsForNode", nodeId=node)["fonts"]
        return {font["familyName"]: font["glyphCount"] for font in used}

    def picture(self, place: Path, *, whole: bool = True) -> None:
        """A screenshot of the whole page, or of what is in view."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        options: dict[str, Any] = {"captureBeyondViewport": True, "clip": clip} if whole else {}
        place.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **options)["data"]))

    def paper(self) -> bytes:
        """The page as PDF, on the paper that the page itself asks for."""
        said = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        return base64.b64decode(said["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """A browser with one tab, its profile in `folder`; it is ended with the test."""
    program = found()
    assert program, "no chromium"
    command = [program, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        with connect(tab_address(folder, process), max_size=None, proxy=None) as socket:
            yield Tab(socket)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def tab_address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the first tab listens: the browser writes its port into its profile."""
    until = time.monotonic() + PATIENCE_S
    port_file = folder / "DevToolsActivePort"
    while not (port_file.is_file() and len(port_file.read_text().splitlines()) == 2):
        assert process.poll() is None, "the browser ended"
        assert time.monotonic() < until, "the browser does not start"
        time.sleep(0.05)
    port, path = port_file.read_text().splitlines()
    with connect(f"ws://127.0.0.1:{port}{path}", proxy=None) as whole:
        whole.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
        while "id" not in (said := json.loads(whole.recv(PATIENCE_S))):
            pass
    [page] = [target["targetId"] for target in said["result"]["targetInfos"] if target["type"] == "page"]
    return f"ws://127.0.0.1:{port}/devtools/page/{page}"
