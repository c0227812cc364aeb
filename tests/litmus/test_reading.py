"""What the C of a litmus test means, read off verdicts: one thread, so that every model agrees."""

import pytest

from tests.litmus.conftest import Ask

ALONE = {
    "arrays": (
        "int a[3] = {1, 2, 3}; int *p = &a[1];",
        "int *a, int *p",
        "int *q = READ_ONCE(*p); int r1 = READ_ONCE(a[2]); int r2 = *(q - 1); WRITE_ONCE(*(a + 1), r1 + r2);",
        r"0:r1=3 /\ 0:r2=1 /\ a[1]=4 /\ 0:q=&a[1] /\ p=&a[1]",
    ),
    "an address is the value of a name": (
        "x = 3; p = x; int *q = &x; int 0:r9 = x;",
        "int **p, int **q",
        "int *r1 = READ_ONCE(*p); int r2 = *r1; *r9 = r2 + 1;",
        r"0:r1=x /\ 0:r1=0:r9 /\ 0:r2=3 /\ x=4 /\ q=x /\ ~p=q",
    ),
    "casts leave the value": (
        "intptr_t x = y; y = 5;",
        "intptr_t *x",
        "intptr_t r1 = (intptr_t)rcu_dereference(*(intptr_t **)x); int r2 = (int)(1 + READ_ONCE(*(char *)r1));",
        r"0:r2=6",
    ),
    "a parameter without a star names its variable": (
        "int x = 4;",
        "int x",
        "int r0 = READ_ONCE(x); WRITE_ONCE(x, r0 + 1);",
        r"0:r0=4 /\ x=5",
    ),
    "what nothing sets is 0": ("", "int *x", "r2 = r1 + 1; WRITE_ONCE(*x, r2);", r"0:r1=0 /\ x=1 /\ z=0 /\ 0:r7=0"),
    "both arms, else if, and what is skipped": (
        "",
        "int *x",
        "if (r0) *x = 1; else if (!r0 && 2 > 1) { r1 = 7; ; } else r1 = 9;"
        "if (r1 == 7) { r2 = r1 ? -1 : READ_ONCE(*x); }",
        r"x=0 /\ 0:r1=7 /\ 0:r2=-1",
    ),
    "the right side of && is not run in vain": (
        "",
        "atomic_t *v",
        "int r0 = 0 && atomic_inc_return(v); int r1 = 1 || atomic_inc_return(v); int r2 = 5 && atomic_inc_return(v);",
        r"0:r0=0 /\ 0:r1=1 /\ 0:r2=1 /\ v=1",
    ),
    "operators": (
        "",
        "int *x",
        "r0 = (6 & 3 | 8) ^ 1; r1 = 1 << 4 >> 1; r2 = -7 + 2 * 3; r3 = ~0; r4 = 3 <= 2; r5 = 0x10;",
        r"0:r0=11 /\ 0:r1=8 /\ 0:r2=-1 /\ 0:r3=-1 /\ 0:r4=0 /\ 0:r5=16",
    ),
    "a name that is a keyword elsewhere": ("0:continue = 2;", "int *x", "if (continue) continue = 1;", "0:continue=1"),
    "read-modify-writes": (
        "atomic_t v = ATOMIC_INIT(5); atomic_t w = ATOMIC_INIT(0);",
        "atomic_t *v, atomic_t *w",
        "a = atomic_add_unless(v, 2, 5); b = atomic_add_unless(v, 2, 4); c = atomic_fetch_or(6, w);"
        "d = atomic_fetch_andnot(2, w); e = atomic_sub_and_test(4, w); f = atomic_add_negative(-1, w);"
        "g = atomic_cmpxchg(v, 6, 1); h = cmpxchg(v, 7, 2); i = atomic_xchg_release(v, 3); j = atomic_dec_return(v);",
        r"0:a=0 /\ 0:b=1 /\ 0:c=0 /\ 0:d=6 /\ 0:e=1 /\ 0:f=1 /\ 0:g=7 /\ 0:h=7 /\ 0:i=2 /\ 0:j=2 /\ v=2 /\ w=-1",
    ),
    "locks": (
        "spinlock_t l;",
        "spinlock_t *l",
        "spin_lock(l); r0 = spin_is_locked(l); spin_unlock(l); r1 = spin_is_locked(l);",
        r"0:r0=1 /\ 0:r1=0",
    ),
    "implication and inequality": (
        "x = 1;",
        "int *x",
        "r0 = *x;",
        r"(x=2 => false) /\ 0:r0!=2 /\ not (x=0 \/ ~(0:r0=1))",
    ),
}


@pytest.mark.parametrize("case", ALONE)
@pytest.mark.parametrize("model", ["sc", "lkmm"])
def test_alone(ask: Ask, case: str, model: str) -> None:
    start, parameters, body, end = ALONE[case]
    text = f"C alone\n{{ {start} }}\nP0({parameters}) {{ {body} }}\nexists ({end})\n"
    assert ask(text, model).result == "Always"
    assert ask(text.replace("exists (", "exists ~("), model).result == "Never"


TWO = "C two\n{}\nP0(int *x) { WRITE_ONCE(*x, 1); }\nP1(int *x) { r0 = READ_ONCE(*x); }\n"


@pytest.mark.parametrize(
    ("asked", "result"),
    [
        ("exists (1:r0=1)", "Sometimes"),
        ("~exists (1:r0=1)", "Sometimes"),
        ("~exists (1:r0=2)", "Never"),
        ("forall (1:r0=0)", "Sometimes"),
        (r"forall (1:r0=0 \/ 1:r0=1)", "Always"),
        ("forall (1:r0=2);", "Never"),
        ("filter (1:r0=1) exists (1:r0=1)", "Always"),
        ("filter (1:r0=2)\nexists (true)", "Never"),
        ("locations [x; 1:r0;] filter (~1:r0=1) exists 1:r0=1", "Never"),
    ],
)
def test_quantifiers_speak_of_the_proposition(ask: Ask, asked: str, result: str) -> None:
    assert ask(TWO + asked).result == result


COMMENTED = """C "with comments" (* { *)
"Rfe { Fre"
Cycle={ in no place
{ x = 1; (* x = 2; *) // y = { }
}
(* P0 *)
P0(int *x) /* P1() */
{
\t(* between statements *) r0 = (*x); (** again **)
\tr1 = READ_ONCE(* x); /* (* */ r2 = (* x) + 1; // r2 = 5;
}
exists (* P0(int *x) { } *) (0:r0=1 /\\ 0:r1=1 (* 0:r1=2 *) /\\ 0:r2=2) (*no*)
"""


def test_comments(ask: Ask) -> None:
    text = COMMENTED.replace("Cycle={ in no place\n", "")
    assert ask(text).result == "Always"
    assert ask(text).name == "with comments"


def test_the_last_value_of_a_lock_is_flagged_where_something_ends(ask: Ask) -> None:
    text = (
        "C t\n{ spinlock_t l; }\n"
        "P0(spinlock_t *l, int *x) { spin_lock(l); spin_unlock(l); r0 = READ_ONCE(*x); }\nlocations [l]\n"
    )
    assert ask(text + "exists (0:r0=1)").flags == ("lock-final",)
    assert ask(text + "filter (0:r0=1) exists (0:r0=1)").flags == ()


def test_witness_shows_what_happens(ask: Ask) -> None:
    text = TWO.replace("{}", "{ int *x = y; }").replace("1); }", "1); int r5 = 1; }") + "exists (1:r0=y)"
    found = ask(text, witness=True).execution
    assert found is not None
    assert [(a.thread, a.line, a.value, a.source) for a in found.accesses] == [
        ("P0", "line 3", "= 1", ""),
        ("P1", "line 4", "&y", "the start"),
    ]
    assert found.end == (("1:r0", "&y"),)
