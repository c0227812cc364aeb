"""Names decide nothing: specs whose threads, objects, structs, fields, locals, ghosts, labels and symbols are called
alike have the verdicts of those in which every name is another."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from encoder.base.result import Question, Refuted, Report, word
from encoder.concrete.explorer.explore import explore
from encoder.memory import CHAIN
from encoder.mutation.make import MUTANT
from encoder.mutation.steps import PROBE
from encoder.program.resolve import resolve
from encoder.spec.fields import FILE, NAME
from encoder.spec.load import load_library
from encoder.verify.engine import ask

PLAIN = {
    "thread_a": "postman", "thread_b": "clerk", "object_a": "inbox", "object_b": "outbox", "struct_a": "pile",
    "struct_b": "tray", "field_a": "letters", "field_b": "bills", "pointer": "mine", "register": "found",
    "ghost_a": "seen", "ghost_b": "read", "label": "look", "symbol": "late", "role": "reader", "bound": "t",
}  # fmt: skip
TYPES = """
types:
  {struct_a}: {{source: tests, struct: {{{field_a}: int, {field_b}: int}}}}
  {struct_b}: {{source: tests, struct: {{{field_a}: int, {field_b}: int}}}}
ghosts: {{{ghost_a}: int, {ghost_b}: int}}
"""
PRIMITIVES = "primitives:\n  READ_ONCE: {params: {place: lvalue}, load: place, order: once}\n"
SCENARIO = """
scenario: names
title: two threads that look each at what is its own
objects: {{{object_a}: {struct_a}, {object_b}: {struct_b}}}
symbols: {{{symbol}: 1..2}}
init: [{where} = {symbol}]
threads:
  {thread_a}:
    role: {role}
    locals: {{{pointer}: {struct_a} *}}
    steps:
{first}
  {thread_b}:
    role: {role}
    locals: {{{pointer}: {struct_b} *}}
    steps:
{second}
properties: [nothing-found]
"""
PROPERTY = """
property: nothing-found
title: nobody finds anything
each: {{{bound}: {role}}}
when: {bound}.ended
never: {bound}.{found} != 0
"""
COLLISIONS: tuple[dict[str, str], ...] = (
    {"thread_a": "inbox", "thread_b": "outbox", "struct_a": "inbox", "struct_b": "outbox"},
    {"thread_a": "letters", "thread_b": "bills"},
    {"thread_a": "seen", "thread_b": "read"},
    {"thread_a": "look", "thread_b": "found", "label": "look"},
    {"thread_a": "late", "thread_b": "t"},
    {
        **dict.fromkeys(("thread_a", "object_a", "struct_a", "field_a", "ghost_a", "label", "role"), "x"),
        **dict.fromkeys(("thread_b", "object_b", "struct_b", "field_b", "ghost_b"), "y"),
        "ghost_a": "u", "ghost_b": "v", "symbol": "xy", "bound": "x", "pointer": "x_y", "register": "z",
    },
    {
        "thread_a": "init", "thread_b": "done", "object_a": "final", "object_b": "rf", "struct_a": "init",
        "struct_b": "done", "field_a": "init", "field_b": "true", "pointer": "goal", "register": "reach",
        "ghost_a": "violation", "ghost_b": "lt", "label": "not", "symbol": "start", "role": "before", "bound": "and",
    },
    {"thread_a": "a", "thread_b": "aa", "object_a": "aaa", "object_b": "a", "struct_a": "aa", "field_a": "a"},
)  # fmt: skip


def steps(names: Mapping[str, str], own: str, kind: str) -> str:
    """What a thread does: it looks at an object of its own, or at a field of its own."""
    pointer, look, register = names["pointer"], names["label"], names["register"]
    if kind == "field":
        lines = [f"- {look}: {register} = READ_ONCE({names['object_a']}->{names[f'field_{own}']})"]
    else:
        lines = [f"- again{number}: {pointer} = {names[f'object_{own}']}" for number in range(2)]
        lines.append(f"- {look}: {register} = READ_ONCE({pointer}->{names['field_a']})")
    lines += ["- last: ;", f"  ghost_last: {names['ghost_a']} = {register}"]
    return "\n".join(f"      {line}" for line in lines)


def written(root: Path, names: Mapping[str, str], kind: str, found: str) -> Path:
    """A spec folder under these names."""
    own = f"{names['object_a']}->{names['field_b']}" if kind == "field" else f"{names['object_b']}->{names['field_a']}"
    filled = {
        **names, "where": own, "first": steps(names, "a", kind), "second": steps(names, "b", kind),
        "found": names[found],
    }  # fmt: skip
    files = {
        "types/names.yaml": TYPES.format(**filled), "primitives/names.yaml": PRIMITIVES,
        "scenarios/names.yaml": SCENARIO.format(**filled), "properties/nothing-found.yaml": PROPERTY.format(**filled),
        "variants/plain.yaml": "variant: plain\ntitle: plain\nkernel: v1\n",
    }  # fmt: skip
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text.lstrip(), "utf-8")
    return root


def answered(root: Path, model: str) -> Report:
    return ask(Question(scenario="names", variant="plain", property="", model=model), root)


@pytest.mark.parametrize(
    ("kind", "found", "model"),
    [
        ("object", "register", "lkmm"),
        ("field", "register", "sc"),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (*(("object", "register", model) for model in [*CHAIN][:-1]), ("object", "ghost_a", "lkmm"))
        ),
    ],
)
@pytest.mark.parametrize("collision", COLLISIONS, ids=lambda names: "-".join(dict.fromkeys(names.values())))
def test_threads_that_look_each_at_its_own(
    collision: dict[str, str], kind: str, found: str, model: str, tmp_path: Path
) -> None:
    """The second finds what it looks for, and the first does not: one must not be taken for the other."""
    report = answered(written(tmp_path, PLAIN | collision, kind, found), model)
    assert isinstance(report.verdict, Refuted)
    witness = report.verdict.witness
    assert len(witness.schedule) == 1 and witness.schedule[0].cpu == 1


@pytest.mark.parametrize("collision", COLLISIONS, ids=lambda names: "-".join(dict.fromkeys(names.values())))
def test_the_explorer_tells_them_apart_too(collision: dict[str, str], tmp_path: Path) -> None:
    root = written(tmp_path, PLAIN | collision, "object", "register")
    made = resolve(load_library(root), "names", "plain")
    found = explore(made, made.properties[0], loops=1, max_states=1000, symmetry=True)
    assert (found.outcome, found.schedule) == ("violated", (made.threads[1].name,))


TWINS = """
scenario: names
title: two threads that do the same
objects: {x: x}
threads:
  x:
    role: x
    steps: [x: y = READ_ONCE(x->x)]
  y:
    role: x
    steps: [x: y = READ_ONCE(x->x)]
properties: [nothing-found]
"""


@pytest.mark.parametrize("model", CHAIN)
def test_threads_that_do_the_same_are_asked_about_once(model: str, tmp_path: Path) -> None:
    """Whatever they are called, and wherever they are written."""
    root = written(tmp_path, PLAIN, "object", "register")
    (root / "scenarios/names.yaml").write_text(TWINS.lstrip(), "utf-8")
    (root / "types/names.yaml").write_text("types:\n  x: {source: tests, struct: {x: int}}\n", "utf-8")
    (root / "properties/nothing-found.yaml").write_text(
        "property: nothing-found\ntitle: t\neach: {x: x}\nwhen: x.ended\nnever: x.y != 0\n", "utf-8"
    )
    assert word(answered(root, model).verdict) == "proved"


@pytest.mark.parametrize("made", ["other 2", "end of thread 0", PROBE, "x.v", "r!1", "f#2", "label/f/r"])
def test_what_the_encoder_names_itself_is_no_name_of_a_spec(made: str) -> None:
    """Threads that stand for any number of threads, locations at the end of sections, probes of mutants, terms of
    locations, variables of calls."""
    assert NAME.match(made) is None


@pytest.mark.parametrize("made", [MUTANT, "plain/moved", "a b", "x|y", "x/y", ""])
def test_nor_is_the_name_of_a_variant_that_it_makes_a_files(made: str) -> None:
    assert FILE.match(made) is None
