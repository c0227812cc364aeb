"""The pages as people have them: at a desk and on a phone, by day and by night, with keys and without eyes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext

from encoder.ledger.schedules import SharedSchedule
from encoder.ledger.statement import read
from encoder.pages.explorer import explorer
from tests.pages.browser import WIDTHS, Seen, chromium, needs_chromium
from tests.pages.site import PROOFS, site

pytestmark = [pytest.mark.slow, needs_chromium]
WEAK = "schedules/gup-vs-fork/baseline.writable-while-pinned.arm64.html"
PAGES = (
    *("index.html", "claims.html", "search.html", "history/2020-12-first.html", "claims/gup-vs-fork/baseline.html"),
    *("scenarios/index.html", "scenarios/gup-vs-fork.html", "variants/kara-rmap-seq.html", "procedures/gup_fast.html"),
    *("properties/counts-balance.html", "platforms/arm64.html", "models/lkmm.html", WEAK),
)


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with chromium() as found:
        yield found


def schedule(scenario: str, variant: str, place: str) -> SharedSchedule:
    """A committed schedule that breaks the scenario's first property."""
    wanted = f"{scenario}/{variant}/"
    found = read(PROOFS, scenario).schedules()
    return next(
        each for each in found for name in each.names() if name.startswith(wanted) and name.endswith(f"/{place}")
    )


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of its own: a patched kernel under TSO."""
    path = tmp_path_factory.mktemp("race") / "race.html"
    found = schedule("gup-vs-reclaim", "kara-rmap-seq", "x86")
    path.write_text(explorer(found.breaks[0], found.under(found.breaks[0].model)), "utf-8")
    return path


EVERY = [(width, scheme) for width in WIDTHS for scheme in ("light", "dark")]
MAIN = ("index.html", "claims.html", "race")
"""The pages that are looked at in every way; of the others each width and each scheme."""


@pytest.mark.parametrize(
    ("address", "width", "scheme"),
    [(page, *way) for page in MAIN for way in EVERY]
    + [(page, *way) for page in PAGES if page not in MAIN for way in ((1280, "light"), (390, "dark"))],
)
def test_every_page_is_fit_for_people(
    context: BrowserContext, race: Path, address: str, width: int, scheme: str
) -> None:
    """No errors, nothing wider than the window, contrast and labels as axe wants them."""
    seen = Seen(context, width, scheme)
    seen.open(race if address == "race" else site() / address, "#9" if address in ("race", WEAK) else "")
    assert seen.errors == [] and seen.too_wide() == 0
    found = Axe().run(seen.page).response["violations"]
    told = [
        (each["id"], node["target"], node.get("failureSummary", "")[:300]) for each in found for node in each["nodes"]
    ]
    assert told == []
    seen.page.close()


def current(seen: Seen) -> str | None:
    found = seen.page.locator("[aria-current=step]")
    return found.get_attribute("id") if found.count() else None


def test_keys_buttons_and_slider_step(context: BrowserContext, race: Path) -> None:
    seen = Seen(context)
    page = seen.open(race)
    assert current(seen) is None
    page.keyboard.press("ArrowRight")
    assert current(seen) == "1" and page.url.endswith("#1")
    page.keyboard.press("j")
    assert current(seen) == "2"
    page.click("[data-go=back]")
    assert current(seen) == "1"
    page.keyboard.press("End")
    last = current(seen)
    assert page.locator("#breach.reached").count() == 1 and last == page.get_attribute("#slider", "max")
    page.keyboard.press("r")
    assert page.locator("[aria-current=step].racing").count() == 1
    page.locator("#slider").fill("16")
    assert current(seen) == "16" and page.get_attribute("#slider", "aria-valuetext") == f"step 16 of {last}"
    page.keyboard.press("Home")
    assert seen.errors == []
    page.close()


def test_the_state_is_that_of_the_step(context: BrowserContext, race: Path) -> None:
    seen = Seen(context)
    page = seen.open(race, "#24")
    state = page.locator(".state").inner_text()
    assert "1 pin of 1024 + 3 references" in state and "p.PG_locked, table.ptl" in state
    assert "in the store buffer of CPU1: mm.write_protect_seq = 1" in " ".join(state.split())
    page.keyboard.press("ArrowRight")
    assert page.locator(".row.changed", has_text="pte").locator(".chip.off").count() == 4
    assert page.locator("#said").inner_text().startswith("Step 25, CPU1, ptep_get_and_clear(slot)")
    page.close()


def test_folded_steps_open_on_demand_and_by_their_links(context: BrowserContext, race: Path) -> None:
    seen = Seen(context)
    page = seen.open(race)
    fold = page.locator(".fold button").first
    first = page.locator(".step.quiet:not([hidden])").count()
    assert fold.get_attribute("aria-expanded") == "false"
    fold.click()
    assert fold.get_attribute("aria-expanded") == "true"
    assert page.locator(".step.quiet:not([hidden])").count() > first
    fold.click()
    hidden = page.locator(".step[hidden]").first.get_attribute("id")
    page.goto(f"{race.as_uri()}#{hidden}")
    assert current(seen) == hidden and page.locator(f"[id='{hidden}']").is_visible()
    page.keyboard.press("a")
    assert page.locator(".step[hidden]").count() == 0 and page.get_attribute("#all", "aria-pressed") == "true"
    page.close()


def test_the_cycle_is_drawn_and_can_be_put_away(context: BrowserContext) -> None:
    seen = Seen(context)
    page = seen.open(site() / WEAK)
    assert page.locator(".edges text").all_text_contents() == ["po", "fr", "po", "fr"]
    page.click("#arrows")
    assert page.locator(".edges text").count() == 0
    page.close()


def test_with_the_tab_key_everything_is_reached(context: BrowserContext, race: Path) -> None:
    seen = Seen(context)
    page = seen.open(race)
    reached = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "document.activeElement.id || document.activeElement.dataset.go || document.activeElement.className"
            )
        )
    assert {"skip", "first", "back", "on", "last", "slider", "race", "breach", "all", "arrows", "state live"} <= reached
    page.close()


def test_filters_choose_rows_and_stand_in_the_address(context: BrowserContext) -> None:
    seen = Seen(context)
    page = seen.open(site() / "claims.html")
    rows = page.locator("#claims tbody tr:visible")
    every = rows.count()
    page.select_option("[data-filter=property]", "mapped-while-pinned")
    page.select_option("[data-filter=words]", "refuted")
    page.select_option("[data-filter=place]", "sc")
    some = rows.count()
    assert 0 < some < every and f"{some} of {every}" in page.locator("[data-count]").inner_text()
    assert all("refuted" in text for text in page.locator("#claims tbody tr:visible .cell:visible").all_inner_texts())
    address = page.url
    again = Seen(context)
    again.page.goto(address)
    assert again.page.locator("#claims tbody tr:visible").count() == some
    page.fill("[data-filter=text]", "no such patch")
    assert rows.count() == 0
    assert seen.errors == again.errors == []
    page.close()


def test_search_finds_pages_without_a_server(context: BrowserContext) -> None:
    seen = Seen(context)
    page = seen.open(site() / "index.html")
    page.fill("input[name=q]", "gup_fast recheck_pte")
    page.keyboard.press("Enter")
    page.wait_for_selector("#results a")
    assert "gup_fast" in page.locator("#results a").all_inner_texts()
    page.locator("#results a", has_text="gup_fast").first.click()
    assert page.locator("h1").inner_text() == "gup_fast" and seen.errors == []
    page.close()


def test_from_the_history_to_the_schedule(context: BrowserContext) -> None:
    seen = Seen(context)
    page = seen.open(site() / "index.html")
    page.locator(".history tbody th a").first.click()
    page.locator("table a", has_text="refuted").first.click()
    assert page.locator("#schedule").count() == 1 and "Broken here" in page.inner_text("#breach")
    page.close()


def test_without_scripts_the_schedule_is_there(context: BrowserContext, race: Path) -> None:
    bare = context.browser.new_context(java_script_enabled=False) if context.browser else None
    if bare is None:
        pytest.skip("this context has no browser of its own")
    page = bare.new_page()
    page.goto(race.as_uri())
    assert page.locator(".step:visible").count() > 20
    bare.close()
