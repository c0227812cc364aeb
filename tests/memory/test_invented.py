"""Models that nobody has built: the encoder asserts all that they ask for, and forbids what the axioms forbid."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.result import Proved, Question, Refuted, Report, Timing, word
from encoder.cli.recorded import Recorded, resolved
from encoder.cli.replay import confirmed
from encoder.explanation.explain import explain
from encoder.memory import LKMM, MODELS, SC, TSO
from encoder.memory.lkmm import Acquire, Once
from encoder.memory.model import Axiom, AxiomKind, AxiomRole, MemoryModel
from encoder.memory.relation import (
    M,
    R,
    Relation,
    W,
    base,
    co,
    coe,
    cross,
    fr,
    fre,
    int_,
    po,
    po_loc,
    rf,
    rfe,
    rmw,
    tag,
)
from encoder.program.core import Const, Ended, Expr, Program, Thread, Var
from encoder.render.reasons import render as explained
from encoder.render.text import render_all
from encoder.verify.engine import answer, ask
from tests.concrete.build import both, cell, equal, lock, never, program, unlock, when
from tests.concrete.enumerate import Candidate, TooMany
from tests.fuzz.aimed import Aimed
from tests.fuzz.ends import End, completes, ends, prefixes
from tests.fuzz.maker import Limits, Maker
from tests.memory.test_models import shape
from tests.memory.test_rcu import ring
from tests.memory.weak import are, fence, possible, problems, rcu, read, thread, write
from tests.memory.weak import rmw as change
from tests.mutation.test_mutants import adding, asked

NOTHING = tag("nothing") >> po


def axiom(name: str, kind: AxiomKind, relation: Relation, role: AxiomRole | None = None) -> Axiom:
    return Axiom(name=name, kind=kind, relation=relation, role=role)


def more(model: MemoryModel, *axioms: Axiom) -> MemoryModel:
    """The model with more axioms, of which nothing else is said."""
    every = (*model.axioms, *axioms)
    return replace(model, name="more", axioms=every, allows_interleavings=False, explorable=None)


def apart(model: MemoryModel) -> MemoryModel:
    """The model with an order that carries nothing: each axiom is asserted by itself."""
    return replace(
        model,
        name="apart",
        order=NOTHING,
        order_axioms=(),
        prop_path=None,
        merges_rmw=False,
        orders_sections=False,
        propagated=None,
    )


inner = axiom("inner", "acyclic", po | rf | fr)
SPLIT = replace(
    SC, name="split", axioms=(inner, *SC.axioms), order=inner.relation, order_axioms=(inner,), merges_rmw=False
)
"""Sequential consistency, of which the order has but a part: no path of it goes along co."""
COHERENT = replace(apart(LKMM), name="coherent", axioms=LKMM.axioms[:2], flags=(), allows_interleavings=False)
"""Coherence and atomicity alone: a lock orders nothing."""

LOADS = axiom("no-load-buffering", "acyclic", po | rf)
STORES = axiom("no-store-buffering", "irreflexive", po >> fr >> po >> fr)
STALE = axiom("no-stale-reads", "irreflexive", rfe >> po >> fre >> po)
OVERWRITTEN = axiom("nothing-read-is-overwritten", "empty", fre >> Once)
ALONE = axiom("nobody-reads-from-another", "empty", rfe)
CYCLE = axiom("own-order", "acyclic", po_loc | rmw | rfe | fre | (W >> po >> R))
INVENTED = {
    "SC in two parts": SPLIT,
    "SC, nothing carried": apart(SC),
    "TSO, nothing carried": apart(TSO),
    "coherence": COHERENT,
    "TSO without store buffering": more(TSO, STORES),
    "LKMM without load buffering": more(LKMM, LOADS),
    "LKMM without stale reads": more(LKMM, STALE),
    "LKMM, reads are of last writes": more(LKMM, OVERWRITTEN),
    "LKMM and an order of its own": more(LKMM, CYCLE),
}
EVERY = pytest.mark.parametrize("model", INVENTED.values(), ids=INVENTED)


# Of all executions: the encoder against the axioms, worked out on each


def all_ends(made: Program, *, complete: bool = False) -> dict[End, list[Candidate]]:
    """The program's executions by their ends, none where there are too many."""
    try:
        return ends(made, 1000, complete=complete, coherent=True)
    except TooMany:
        return {}


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 7), marks=pytest.mark.slow)])
@EVERY
def test_complete_executions_are_those_of_the_axioms(model: MemoryModel, seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(seed)
        made = shape(chance) if seed % 2 else Aimed(chance).program()
        found = all_ends(made, complete=True)
        assert not found or not completes(made, model, found).wrong, seed


@pytest.mark.parametrize("seeds", [range(3), pytest.param(range(3, 5), marks=pytest.mark.slow)])
@EVERY
def test_prefixes_are_those_of_the_axioms(model: MemoryModel, seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(seed)
        made = shape(chance) if seed % 2 else Maker(chance, Limits(symbols=False, shapes=((2, 3),))).program()
        found = all_ends(made)
        few = {what: found[what] for what in chance.sample(list(found), min(40, len(found)))}
        assert not found or not prefixes(made, model, few).wrong, seed


@pytest.mark.parametrize("seeds", [range(6), pytest.param(range(6, 12), marks=pytest.mark.slow)])
def test_each_axiom_of_the_kernels_model_is_asserted_by_itself_if_the_order_does_not_carry_it(seeds: range) -> None:
    """That of RCU too, of sections that are closed."""
    alone = apart(LKMM)
    for seed in seeds:
        made = shape(random.Random(seed))
        found = all_ends(made, complete=True)
        assert not found or not completes(made, alone, found).wrong, seed
    for kinds in ("GS", "GSS", "GGSS"):
        met = are(**{f"t{i}_r": 1 for i in range(len(kinds))})
        names = "abcd"[: len(kinds)]
        assert may(alone, names, met, *ring(kinds)) == may(LKMM, names, met, *ring(kinds)) == (kinds == "GSS")


# Shapes


BUFFERING = thread("a", write("x"), read("y")), thread("b", write("y"), read("x"))
PASSING = thread("a", write("x"), fence("wmb"), write("y")), thread("b", read("y"), read("x", "s"))
LOADING = thread("a", read("x"), write("y")), thread("b", read("y"), write("x"))
OLD, PAST, AHEAD = are(a_r=0, b_r=0), are(b_r=1, b_s=0), are(a_r=1, b_r=1)
SHAPES = {
    "SC in two parts": (SPLIT, COHERENT, OLD, BUFFERING),
    "irreflexive": (more(TSO, STORES), TSO, OLD, BUFFERING),
    "acyclic": (more(LKMM, LOADS), LKMM, AHEAD, LOADING),
    "irreflexive, LKMM": (more(LKMM, STALE), LKMM, PAST, PASSING),
    "empty": (more(LKMM, OVERWRITTEN), LKMM, PAST, PASSING),
    "acyclic, its own order": (more(LKMM, CYCLE), LKMM, OLD, BUFFERING),
}


def may(model: MemoryModel, cells: str, met: Expr, *threads: Thread, locks: str = "") -> bool:
    """Whether the model has a complete execution that ends so."""
    return possible(problems(model, cells, met, threads, locks))


@pytest.mark.parametrize(("model", "weaker", "met", "threads"), SHAPES.values(), ids=SHAPES)
def test_an_axiom_beside_the_order_forbids(
    model: MemoryModel, weaker: MemoryModel, met: Expr, threads: tuple[Thread, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In complete executions and in prefixes, in what is told of a property too, which is refuted under the weaker
    model."""
    assert not may(model, "xy", met, *threads)
    assert may(weaker, "xy", met, *threads)
    assert isinstance(told(model, met, threads, monkeypatch).verdict, Proved)
    assert isinstance(told(weaker, met, threads, monkeypatch).verdict, Refuted)


def told(model: MemoryModel, met: Expr, threads: tuple[Thread, ...], monkeypatch: pytest.MonkeyPatch) -> Report:
    """What the engine says of a property that such an end breaks; a schedule has been replayed."""
    monkeypatch.setitem(MODELS, "invented", model)
    made = program([cell(name) for name in "xy"], *threads)
    made = replace(made, properties=(never(both(met, *(Ended(each.name) for each in threads))),))
    return answer(made, Question(scenario="s", variant="v", property="p", model="invented", checks=True))


def test_an_interleaving_that_a_model_forbids_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """b reads from a, and ends in a section that it has begun then: nobody may look at such schedules."""
    threads = thread("a", write("x")), thread("b", read("x"), when(Var("r"), [rcu(True)]))
    found = [told(model, are(b_r=1), threads, monkeypatch) for model in (LKMM, more(SC, ALONE))]
    assert [word(each.verdict) for each in found] == ["refuted", "proved"]
    assert [each.checks and each.checks.held.status for each in found] == ["found", "none"]


def test_a_lock_excludes_only_where_the_model_says_that_it_orders() -> None:
    first = thread("a", lock("l"), write("x"), write("y"), unlock("l"))
    second = thread("b", lock("l"), read("y"), read("x", "s"), unlock("l"))
    assert not may(LKMM, "xy", PAST, first, second, locks="l")
    assert may(COHERENT, "xy", PAST, first, second, locks="l")


# What a model may not say


def test_a_role_that_an_axiom_has_not_is_refused() -> None:
    for kind, relation, role in (
        ("acyclic", po_loc | rf | fr, "coherence"),
        ("irreflexive", po_loc | rf | fr | co, "coherence"),
        ("empty", rmw & (fre >> co), "atomicity"),
        ("irreflexive", rmw & (fre >> coe), "atomicity"),
    ):
        with pytest.raises(ValueError, match=f"the axiom a is not {role}"):
            axiom("a", kind, relation, role)  # type: ignore[arg-type]


def test_what_contradicts_the_axioms_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot carry no-load-buffering"):
        replace(SC, order_axioms=(LOADS,))
    with pytest.raises(ValueError, match="cannot carry nothing-read-is-overwritten"):
        replace(more(SC, OVERWRITTEN), order_axioms=(OVERWRITTEN,))
    with pytest.raises(ValueError, match="are not all interleavings"):
        replace(TSO, explorable="interleavings")
    with pytest.raises(ValueError, match="are interleavings"):
        replace(SC, allows_interleavings=False)


@pytest.mark.parametrize(
    ("model", "total"),
    [
        (SC, True),
        (SPLIT, True),
        (replace(SC, axioms=(*SC.axioms, LOADS)), True),
        (more(SC, STORES), False),
        (more(SC, OVERWRITTEN), False),
        (more(SC, axiom("plain", "acyclic", po | (W >> po))), False),
        (TSO, False),
        (LKMM, False),
    ],
)
def test_only_interleavings_are_total(model: MemoryModel, total: bool) -> None:
    assert model.total == total


def test_what_cannot_be_asserted_exactly_is_refused() -> None:
    """An acquire that may fail: what it is taken away from depends on the execution."""
    swap = change("z", "q", Const(2), "acquire", "once", when=equal(Var("r"), 1))
    threads = thread("a", read("x"), swap, read("y")), thread("b", write("x"))
    unlike = (po - cross(Acquire, M)) & int_, po - cross(Acquire, M), (M - Acquire) >> po, po - rf
    for relation in unlike:
        for kind in ("acyclic", "irreflexive", "empty"):
            with pytest.raises(ValueError, match="that depends on the execution cannot be taken away"):
                may(more(LKMM, axiom("unlike", kind, relation)), "xyz", OLD, *threads)  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        may(more(LKMM, axiom("unknown", "empty", base("strange"))), "xyz", OLD, *threads)


def test_a_model_that_is_not_coherent_is_refused() -> None:
    for left in (LKMM.axioms[1:], LKMM.axioms[:1]):
        with pytest.raises(ValueError, match="not coherent or not atomic"):
            may(replace(COHERENT, axioms=left), "xy", OLD, *BUFFERING)


# Names


NO_TIME = Timing(load=0, build=0, solve=0, events=0, clauses=0)
OTHERS = {"sc": "qa", "tso": "qbb", "lkmm": "qccc"}


def everything(path: Path, names: Mapping[str, str]) -> list[str]:
    """What is said of a shipped scenario, of store buffering, and of the mutants of a tiny one, under models of these
    names."""
    shipped = Question(scenario="gup-vs-reclaim", variant="baseline", property="", checks=True, unlimited=True)
    reports = [ask(replace(shipped, model=each, opinions=("explorer",))) for each in names.values()]
    for each in reports:
        if isinstance(each.verdict, Refuted):
            witness = each.verdict.witness
            assert confirmed(Recorded(each.question, witness), *resolved(each.question)) == witness
    ended = never(both(OLD, *(Ended(each.name) for each in BUFFERING)))
    made = replace(program([cell(name) for name in "xy"], *BUFFERING), properties=(ended,))
    tiny = Question(scenario="s", variant="v", property="p", checks=True, unlimited=True, opinions=("explorer",))
    reports += [answer(made, replace(tiny, model=each)) for each in names.values()]
    said = [render_all(reports[:3], {}), render_all(reports[3:], {})]
    said += [explained(explain(replace(shipped, model=names["sc"])))]
    said += [repr(replace(each, timing=NO_TIME)) for each in reports]
    return [*said, repr(asked(adding(path / names["tso"]), names["tso"]).results)]


@pytest.fixture
def models() -> Iterator[dict[str, MemoryModel]]:
    """The table of models, put back as it was, its order too."""
    before = dict(MODELS)
    yield MODELS
    MODELS.clear()
    MODELS.update(before)


@pytest.mark.slow
def test_the_name_of_a_model_says_nothing(tmp_path: Path, models: dict[str, MemoryModel]) -> None:
    for name in (*OTHERS, *OTHERS.values()):
        (tmp_path / name).mkdir()
    expected = everything(tmp_path, dict(zip(OTHERS, OTHERS, strict=True)))
    for name, other in OTHERS.items():
        models[other] = replace(models[name], name=other)
    for name in OTHERS:
        del models[name]
    found = everything(tmp_path, OTHERS)
    assert [taken_back(text) for text in found] == [taken_back(text) for text in expected]
    assert "QA" in found[0] and "SC" not in found[1]


def taken_back(text: str) -> str:
    """The text with every model of another name called as it was."""
    for name, other in OTHERS.items():
        text = text.replace(other, name).replace(other.upper(), name.upper())
    return text
