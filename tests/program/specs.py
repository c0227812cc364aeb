"""Tiny spec folders, resolved and run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent, indent

import pytest

from encoder.base.errors import InputError, Problem
from encoder.concrete.explorer.explore import Exploration, explore
from encoder.program.core import EventStatement, Program
from encoder.program.resolve import resolve
from encoder.program.traverse import events
from encoder.spec.load import load_library

TYPES = """
types:
  mm:
    source: tests
    struct: {seq: unsigned, lock: lock}
  page:
    source: tests
    parameters: {extra: int}
    struct: {count: int, flag: bool, next: page *, owner: const mm *, slots: const slot *list}
  pte_t:
    source: tests
    word: {page: page *, present: bool, writable: bool}
  slot:
    source: tests
    struct: {pte: pte_t, mm: const mm *}
constants: {WRITE: 1, BIG: 1024}
ghosts: {seen: page *, section: mm *}
"""

PRIMITIVES = """
primitives:
  READ_ONCE: {params: {x: lvalue}, load: x, order: once}
  WRITE_ONCE: {params: {x: lvalue, value: any}, store: x, value: value, order: once}
  atomic_read: {params: {v: int &}, load: "*v", order: once}
  atomic_add: {params: {i: int, v: int &}, rmw: "*v", new: old + i, order: noreturn}
  atomic_add_return: {params: {i: int, v: int &}, rmw: "*v", new: old + i, result: old + i, order: mb}
  smp_rmb: {params: {}, fence: rmb}
  raw_read:
    params: {s: unsigned &}
    steps: [seq = READ_ONCE(*s), smp_rmb(), return seq]
  bump:
    params: {s: unsigned &}
    steps: [seq = READ_ONCE(*s), "WRITE_ONCE(*s, seq + 1)"]
  positive:
    params: {page: page *}
    steps: ["return atomic_read(&page->count) > 0"]
  spin_lock: {params: {lock: lock &}, acquire: "*lock"}
  spin_trylock: {params: {lock: lock &}, try_acquire: "*lock"}
  spin_unlock: {params: {lock: lock &}, release: "*lock"}
  deferred:
    params: {}
    by flush:
      ipi: {steps: [return false]}
      broadcast: {steps: [return false]}
      deferred: {steps: [return true]}
      deferred-broadcast: {steps: [return true]}
  flush_begin: {params: {mm: mm *}, flush: begin, mm: mm}
"""

OBJECTS = """
m: mm
p: {type: page, owner: m, slots: "[s]"}
q: {type: page, owner: m, extra: 7}
s: {type: slot, mm: m}
s2: {type: slot, mm: m}
"""

HOLDS = {"holds": "finally: true"}


def folder(
    path: Path,
    script: str,
    *,
    locals: str = "",
    second: str = "",
    procedures: Mapping[str, str] | None = None,
    variants: Mapping[str, str] | None = None,
    properties: Mapping[str, str] | None = None,
    objects: str = OBJECTS,
    init: Sequence[str] = (),
    symbols: str = "{}",
    assume: Sequence[str] = (),
    types: str = TYPES,
) -> Path:
    """A spec folder: the thread `cpu0` (role `one`) runs `script`, `cpu1` (role `two`) runs `second` if it is given."""
    root = path / "specs"
    asked = HOLDS if properties is None else properties
    threads = f"cpu0:\n  role: one\n  runs: m\n  locals: {{{locals}}}\n  steps:\n{block(script, 4)}"
    if second:
        threads += f"cpu1:\n  role: two\n  steps:\n{block(second, 4)}"
    scenario = (
        f"scenario: tiny\ntitle: tiny\nobjects:\n{block(objects, 2)}symbols: {symbols}\n"
        f"init:{listed(init)}\nassume:{listed(assume)}\nthreads:\n{block(threads, 2)}properties: [{', '.join(asked)}]\n"
    )
    files = {"types/all.yaml": types, "primitives/all.yaml": PRIMITIVES, "scenarios/tiny.yaml": scenario}
    files["variants/base.yaml"] = "variant: base\ntitle: base\nkernel: v1\n"
    for name, text in (variants or {}).items():
        files[f"variants/{name}.yaml"] = f"variant: {name}\ntitle: {name}\n{dedent(text)}"
    for name, text in (procedures or {}).items():
        name, _, kernel = name.partition("@")
        files[f"procedures/{name}/{kernel or 'v1'}.yaml"] = (
            f"procedure: {name}\nkernel: {kernel or 'v1'}\nsource: mm/tests.c {name}()\n{dedent(text)}"
        )
    for name, text in asked.items():
        files[f"properties/{name}.yaml"] = f"property: {name}\ntitle: {name}\n{dedent(text)}\n"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def block(text: str, width: int) -> str:
    return indent(dedent(text).strip("\n") + "\n", " " * width)


def listed(items: Sequence[str]) -> str:
    return "".join(f'\n  - "{item}"' for item in items) or " []"


def program(path: Path, script: str, *, variant: str = "base", flush: str = "ipi", **parts: object) -> Program:
    """The resolved program of a folder with these parts."""
    return resolve(load_library(folder(path, script, **parts)), "tiny", variant, flush)  # type: ignore[arg-type]


def problems(path: Path, script: str, *, variant: str = "base", **parts: object) -> tuple[Problem, ...]:
    """What is wrong with a folder, when it is resolved."""
    library = load_library(folder(path, script, **parts))  # type: ignore[arg-type]
    with pytest.raises(InputError) as caught:
        resolve(library, "tiny", variant)
    return caught.value.problems


def searched(path: Path, script: str, condition: str, **parts: object) -> Exploration:
    """Every schedule, for the property `finally condition`."""
    made = program(path, script, properties={"holds": f"each: {{t: one}}\nfinally: {condition!r}"}, **parts)
    return explore(made, made.properties[0], loops=4, max_states=20_000)


def always_ends_with(path: Path, script: str, condition: str, **parts: object) -> bool:
    """Whether every schedule comes to an end at which the condition on `t` (cpu0) holds."""
    found = searched(path, script, condition, **parts)
    assert found.fault is None
    assert found.beyond == ()
    return found.complete and found.situation and found.outcome == "safe"


def event_texts(made: Program, thread: int = 0) -> list[str]:
    """What a thread's events are, in the kernel's words."""
    return [event.site.event for event in all_events(made, thread)]


def all_events(made: Program, thread: int = 0) -> list[EventStatement]:
    return list(events(made.threads[thread].body))
