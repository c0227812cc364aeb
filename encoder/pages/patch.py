"""The site of one patch that was reviewed: what becomes of the proofs, the draft as a diff, and the schedules."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from encoder import __version__
from encoder.base.result import Question
from encoder.ledger.place import at_place, platforms
from encoder.pages.explorer import SitePage, explorer, variant_diffs
from encoder.pages.site import environment, static
from encoder.render.json import witness_of
from encoder.review.review_object import ReviewObject, VerdictObject
from encoder.spec.load import load_library, read_variant
from encoder.spec.model import Library

STATIC = ("base.css", "report.css", "explorer.css", "explorer.js", "filter.js")


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What was asked of a scenario and property, by platform."""

    scenario: str
    property: str
    cells: dict[str, VerdictObject]


def patch_pages(found: ReviewObject) -> Iterator[tuple[str, str]]:
    """The pages of a review. Raises InputError for a draft that the specs do not take any more."""
    library = load_library()
    draft = None
    if found.draft is not None and found.answer == "a variant":
        draft = read_variant(found.draft.yaml, f"specs/variants/{found.draft.name}.yaml")
        library = replace(library, variants=(*library.variants, draft))
    rows: dict[tuple[str, str], AnswerRow] = {}
    for each in found.verdicts:
        row = rows.setdefault((each.scenario, each.property), AnswerRow(each.scenario, each.property, {}))
        row.cells[each.platform] = each
    yield "index.html", environment().get_template("patch.html.j2").render(
        found=found, rows=list(rows.values()), places=list(platforms()), version=__version__, page_of=page_of,
        diffs=[] if draft is None else variant_diffs(library, draft.name),
    )  # fmt: skip
    for each in found.verdicts:
        if each.witness is not None and draft is not None:
            yield page_of(each), _schedule(library, draft.name, found.base.variant, each)
    yield from ((name, static(name)) for name in STATIC)


def page_of(each: VerdictObject) -> str:
    return f"schedules/{each.scenario}.{each.property}.{each.platform}.html"


def _schedule(library: Library, draft: str, base: str, each: VerdictObject) -> str:
    assert each.witness is not None
    on_base = at_place(Question(scenario=each.scenario, variant=base, property=each.property), each.platform)
    page = SitePage(root="../", alone=True)
    return explorer(replace(on_base, variant=draft), witness_of(each.witness), library, page)
