"""One small page in a browser, where there is one."""

from pathlib import Path

from encoder.ledger.statement import read
from encoder.pages.explorer import explorer
from tests.pages.browser import Seen, chromium, needs_chromium
from tests.pages.site import PROOFS


@needs_chromium
def test_a_schedule_is_stepped_through(tmp_path: Path) -> None:
    schedule = next(each for each in read(PROOFS, "gup-vs-fork").schedules() if each.witness.cycle)
    path, last = tmp_path / "race.html", len(schedule.witness.schedule)
    path.write_text(explorer(schedule.breaks[0], schedule.under(schedule.breaks[0].model)), "utf-8")
    with chromium() as context:
        seen = Seen(context)
        page = seen.open(path, f"#{last}")
        assert page.locator("[aria-current=step]").get_attribute("id") == str(last)
        assert page.locator("#breach.reached").count() == 1
        page.keyboard.press("ArrowLeft")
        assert page.locator("[aria-current=step]").get_attribute("id") == str(last - 1)
        assert seen.errors == [] and seen.too_wide() == 0
