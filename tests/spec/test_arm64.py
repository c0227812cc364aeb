"""What primitives compile to on arm64, as the specs say it."""

from pathlib import Path

import pytest

from encoder.base.errors import InputError
from encoder.spec.load import load_library
from encoder.spec.model import (
    Arm64Body,
    FenceBody,
    FlushBody,
    GraceBody,
    LoadBody,
    LockBody,
    MacroBody,
    RegionBody,
    RmwBody,
    StoreBody,
)

ACCESS = (LoadBody, StoreBody, RmwBody, LockBody, FenceBody)
SHIPPED = {f"{each.name} {kind}".strip(): body for each in load_library().primitives for kind, body in each.bodies}


def code(name: str) -> tuple[str, str]:
    """The code of a shipped primitive, with and without LSE."""
    body = SHIPPED[name]
    assert isinstance(body, ACCESS) and body.arm64 is not None
    return "; ".join(body.arm64.lse), "; ".join(body.arm64.llsc)


def test_every_event_says_what_it_compiles_to_and_who_says_so() -> None:
    for name, body in SHIPPED.items():
        assert isinstance(body, (*ACCESS, MacroBody, RegionBody, FlushBody, GraceBody))
        if isinstance(body, ACCESS):
            assert body.arm64 is not None and body.arm64.source, name


@pytest.mark.parametrize(
    ("name", "lse", "llsc"),
    [
        ("READ_ONCE", "LDR", "LDR"),
        ("smp_load_acquire", "LDAR", "LDAR"),
        ("smp_rmb", "DMB ISHLD", "DMB ISHLD"),
        ("barrier", "", ""),
        ("atomic_inc", "STADD", "LDXR; STXR"),
        ("atomic_xchg", "SWPAL", "LDXR; STLXR; DMB ISH"),
        ("atomic_fetch_add_acquire", "LDADDA", "LDAXR; STXR"),
        ("atomic_cmpxchg_release", "CASL", "LDXR; CBNZ; STLXR"),
        ("atomic_add_unless", "LDR; CBZ; CASAL", "LDR; CBZ; LDXR; CBNZ; STLXR; DMB ISH"),
        ("set_bit", "STSET", "LDXR; STXR"),
        ("ptep_get_and_clear", "SWP", "LDXR; STXR"),
        ("set_pte_at", "STR", "STR"),
        ("spin_lock", "CASA", "LDAXR; CBNZ; STXR"),
        ("spin_unlock", "STLR", "STLR"),
        ("flush_tlb_mm broadcast", "DSB ISH", "DSB ISH"),
    ],
)
def test_the_kernels_primitives(name: str, lse: str, llsc: str) -> None:
    assert code(name) == (lse, llsc)


def test_full_means_acquire_and_release_or_a_barrier_behind() -> None:
    """As all `mb` operations that return a value do; nothing else has a barrier in a loop."""
    for name, body in SHIPPED.items():
        if isinstance(body, RmwBody) and body.arm64 is not None:
            full = "mb" in (body.read_order, body.write_order)
            assert full == body.arm64.lse[-1].endswith("AL") == (body.arm64.llsc[-1] == "DMB ISH"), name


def loaded(folder: Path, form: str, code: str) -> Arm64Body | None:
    (folder / "primitives").mkdir()
    text = f"primitives:\n  p:\n    params: {{v: int &}}\n    {form}\n    arm64: {code}\n"
    (folder / "primitives" / "it.yaml").write_text(text, "utf-8")
    (found,) = (each for each in load_library(folder).primitives if each.name == "p")
    ((_, body),) = found.bodies
    assert isinstance(body, ACCESS)
    return body.arm64


def test_without_llsc_both_are_alike(tmp_path: Path) -> None:
    found = loaded(tmp_path, 'load: "*v"', "{lse: LDR;  DMB ISH, source: x.h}")
    assert found == Arm64Body(lse=("LDR", "DMB ISH"), llsc=("LDR", "DMB ISH"), source="x.h")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ('load: "*v"', "STR"),
        ('load: "*v"', "LDR; LDR"),
        ('load: "*v"', "ldr"),
        ('load: "*v"', "nothing"),
        ('{store: "*v", value: 1}', "LDADD"),
        ('rmw: "*v"\n    new: 1', "LDXR"),
        ('rmw: "*v"\n    new: 1', "LDR; CBZ; STADD"),
        ('acquire: "*v"', "CAS"),
        ('acquire: "*v"', "LDXR; STXR"),
        ('release: "*v"', "STR"),
        ("fence: mb", "DMB"),
        ("fence: mb", "LDR"),
    ],
)
def test_code_of_another_form_is_refused_with_its_place(tmp_path: Path, form: str, code: str) -> None:
    if form.startswith("{"):
        form = 'store: "*v"\n    value: 1'
    with pytest.raises(InputError) as found:
        loaded(tmp_path, form, f"{{lse: {code}}}")
    problem = next(each for each in found.value.problems if "arm64 code" in each.message)
    assert problem.code == "S107" and problem.span is not None and problem.expected
