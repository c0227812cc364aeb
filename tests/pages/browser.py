"""Debian's Chromium, driven by Playwright, with a new profile and nothing asked of any network."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

CHROMIUM = which("chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
WIDTHS = {1280: 800, 390: 844}
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")


@contextmanager
def chromium() -> Iterator[BrowserContext]:
    with TemporaryDirectory() as profile, sync_playwright() as play:
        context = play.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, headless=True, args=FLAGS, offline=True
        )
        yield context
        context.close()


class Seen:
    """A page that is open, with what it has complained of."""

    def __init__(self, context: BrowserContext, width: int = 1280, scheme: str = "light") -> None:
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda asked: self.errors.append(f"not loaded: {asked.url}"))
        self.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    def open(self, path: Path, rest: str = "") -> Page:
        self.page.goto(f"{path.as_uri()}{rest}")
        return self.page

    def too_wide(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))
