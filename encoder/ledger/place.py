"""Where something is claimed: on a platform, or of an experiment under a memory model with a kind of flush."""

from dataclasses import replace
from functools import cache

from encoder.base.result import Question
from encoder.memory import MODELS
from encoder.spec.load import document_names, kernel_of
from encoder.spec.load_primitives import FLUSHES
from encoder.spec.model import Platform
from encoder.verify.platforms import all_platforms, on_platform

JOINED = "+"


@cache
def platforms() -> dict[str, Platform]:
    """The platforms by name, strongest first. Raises InputError for wrong specs."""
    return {each.name: each for each in all_platforms()}


@cache
def kernel(variant: str) -> str:
    """The kernel that a variant is a patch of, "" if there is no such variant. Raises InputError for wrong specs."""
    return kernel_of(variant) if variant in document_names("variants") else ""


def place_of(question: Question) -> str:
    """`x86`; of an experiment `tso+ipi`."""
    return question.platform or f"{question.model}{JOINED}{question.flush}"


def rank(place: str) -> tuple[int, str]:
    """A key by which places are sorted: platforms with the strongest first, then experiments."""
    known = list(platforms())
    return (known.index(place) if place in known else len(known)), place


def at_place(question: Question, place: str) -> Question:
    """The question at a place. Raises ValueError for what is none, InputError for wrong specs."""
    if place in platforms():
        return on_platform(question, platforms()[place], kernel(question.variant))
    model, _, flush = place.partition(JOINED)
    if model not in MODELS or flush not in FLUSHES:
        raise ValueError(f"{place} is neither a platform nor a memory model and a kind of flush")
    return replace(question, platform="", model=model, flush=flush)


def name_of(question: Question) -> str:
    """The id of the obligation that asks this: `gup-vs-fork/v6.12/writable-while-pinned/x86`."""
    return "/".join((question.scenario, question.variant, question.property, place_of(question)))


def question_of(name: str, *, depth: int | None = None, loops: int = 4) -> Question:
    """The question that the obligation of this id asks. Raises ValueError for what is none, InputError for wrong
    specs."""
    scenario, variant, asked, place = name.split("/")
    question = Question(scenario=scenario, variant=variant, property=asked, depth=depth, loops=loops)
    return at_place(question, place)
