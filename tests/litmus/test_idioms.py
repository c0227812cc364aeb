"""What people write that is legal all the same: declarations, types, spacing, conditions, the shape of the file."""

import pytest

from tests.litmus.conftest import Ask

TWO = "int *x, int *y"
ALONE = {
    "several variables in one declaration": ("", TWO, "int r0, r1 = 5, *p = x, *q = y; *p = r1; r0 = *q;", r"x=5"),
    "declarations between statements": ("", TWO, "WRITE_ONCE(*x, 1); int r0; r0 = 2; int r1 = *x;", r"0:r1=1"),
    "types": (
        "u64 x; atomic_long_t *y;",
        "volatile int *v, int volatile *w, struct foo *p, int __rcu *q, uint32_t *u, __u8 *b, const long *c, u64 *x",
        "unsigned long r0 = READ_ONCE(*x); unsigned r1 = 1; const int r2 = 2; __s64 r3 = 3; struct foo *r4 = p;",
        r"0:r1=1 /\ 0:r2=2 /\ 0:r3=3 /\ 0:r4=p",
    ),
    "spacing": ("x=1;", "int  *x ,int*y", "\tr0\t=\t1\t;\n\n;;{;}{}", "0:r0=1"),
    "an else belongs to the nearest if": ("", TWO, "if (1) if (0) r0 = 1; else r0 = 2;", "0:r0=2"),
    "reads inside expressions": (
        "x=1; y=2;", TWO, "int r1 = READ_ONCE(*x) + READ_ONCE(*y); if (READ_ONCE(*x)) WRITE_ONCE(*y, *x + 4);",
        r"0:r1=3 /\ y=5",
    ),
    "values that nobody wants": ("x=1;", TWO, "xchg(x, 3); (void)xchg(y, 2); (void)atomic_inc_return(y);", "y=3"),
    "conditional expressions": (
        "", TWO, "r0 = 0 ? 1 : 0 ? 2 : 3; WRITE_ONCE(*x, r0 == 3 ? 1 : 2); r1 = *y ? *x : 7;", r"x=1 /\ 0:r1=7",
    ),
    "parentheses": ("", TWO, "(WRITE_ONCE(*x, 1)); WRITE_ONCE((*y), (2)); *(x) = 3; *(&*x) = *(int *)y;", "x=2"),
    "casts": (
        "", "int *x",
        "r0 = (int)-1; r1 = (void *)x; r2 = (uintptr_t)r1; int64_t r3 = (int64_t) 4; r4 = (struct foo *)(u64)r1;",
        r"0:r0=-1 /\ 0:r2=x /\ 0:r3=4 /\ 0:r4=x",
    ),
    "numbers": ("int x=0x10; y=-3;", TWO, "r0 = -0x2;", r"x=16 /\ x=0x10 /\ y=(-3) /\ 0:r0=-2"),
    "an overflow wraps": ("x=2147483647;", "atomic_t *x", "r0 = atomic_inc_return(x);", "0:r0=-2147483648"),
    "pointers to pointers": (
        "int z=7; int *y=&z; int **x=&y;", "int ***x, int **y",
        "int **r0 = READ_ONCE(*x); int *r1 = *r0; int r2 = READ_ONCE(*r1); WRITE_ONCE(**y, 8);",
        r"0:r0=&y /\ 0:r1=z /\ 0:r2=7 /\ z=8",
    ),
    "rcu pointers": (
        "int *p=y;", "int **p, int *x, int *y",
        "rcu_assign_pointer(*p, x); int *r0 = rcu_dereference(*p); int r1 = *r0; rcu_assign_pointer(*p, &y);",
        r"0:r0=x /\ 0:r1=0 /\ p=&y",
    ),
    "arrays": (
        "int x[]={1,2}; int y=1;", "int x[2], int *y",
        "r0 = READ_ONCE(x[READ_ONCE(*y)]); r1 = *(x + 0); WRITE_ONCE(x[r1 - 1], 9); r2 = &x[1];",
        r"0:r0=2 /\ x[0]=9 /\ 0:r2=&x[1] /\ 0:r2=x[1]",
    ),
    "locks in arrays and behind pointers": (
        "spinlock_t l[2]; spinlock_t *p=&l[1];", "spinlock_t *l, spinlock_t **p, int *x",
        "spin_lock(l); spinlock_t *r0 = READ_ONCE(*p); spin_lock(r0); WRITE_ONCE(*x, 1); spin_unlock(&l[1]);",
        "x=1",
    ),
    "an address of a parameter": (
        "", "atomic_t *v, spinlock_t *l, int *x", "atomic_inc(&v); spin_lock(&l); r0 = smp_load_acquire(&x);", "v=1",
    ),
    "the start": ("int x = 1; ; const int y = 2", TWO, "r0 = 1;", r"x=1 /\ y=2"),
    "registers at the start": ("0:r0=x; int *0:r1=&y; int 0:r2=3; P0:r3=4;", TWO, "*r0 = r2 + r3;", "x=7"),
    "names like keywords": ("", "int *at, int *list, int *exists_x", "*at = 2; *list = 3; in = 4;", r"at=2 /\ 0:in=4"),
    "conjunction binds tighter": ("x=1;", TWO, "r0=1;", r"x=1 \/ y=1 /\ x=2"),
    "conditions": ("x=1;", TWO, "r0=1;", r"not x=2 /\ ~(y=1) /\ [x]=1 /\ *y=0 /\ (x=2 => false) /\ P0:r0=1 /\ true"),
    "nothing to do": ("", TWO, "", r"x=0 /\ y=0 /\ 0:r9=0"),
    "bit operations": (
        "x=7;", "atomic_t *x", "atomic_andnot(2, x); atomic_and(5, x); atomic_or(8, x); atomic_xor(1, x);", "x=12",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ALONE)
def test_alone(ask: Ask, case: str) -> None:
    start, parameters, body, end = ALONE[case]
    text = f"C alone\n\n{{ {start} }}\n\nP0({parameters})\n{{\n{body}\n}}\n\nexists ({end})\n"
    assert ask(text, "sc").result == "Always"
    assert ask(text.replace("\n", "\r\n")).result == "Always"


PLAIN = "C MP+a-b_c[x]\n\n{}\n\nP0(int *x)\n{\n\tr0 = 1;\n}\n\nexists (0:r0=1)\n"
FILES = {
    "as it is": PLAIN,
    "a byte order mark": "\ufeff" + PLAIN,
    "comments before the name": "// SPDX\n(* (* nested *) *)\n/* C no */\n" + PLAIN,
    "what generators write": PLAIN.replace("\n\n{}", '\n"PodWR { Fre"\nGenerator=diy7 (7.56)\nCom=Fr Fr\n{}'),
    "nested comments": PLAIN.replace("P0", "(* a (* P1() { } *) b *)\nP0"),
    "a comment with what looks like one": PLAIN.replace("P0", "(* r1 = (*x) *)\nP0"),
    "comments at the end": PLAIN + "\n(* exists (x=1) *)\n// x\n/* y */\n",
    "no parameters": PLAIN.replace("int *x", "void"),
    "a function's type": PLAIN.replace("P0", "static void P0"),
    "locations without a last semicolon": PLAIN.replace("exists", "locations [x; 0:r0]\nexists"),
    "locations, then filter": PLAIN.replace("exists", "locations [x; 0:r0; x*;]\nfilter (x=0)\nexists"),
    "empty locations": PLAIN.replace("exists", "locations []\nexists"),
    "forall without parentheses": PLAIN.replace("exists (0:r0=1)", "forall 0:r0=1"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_files(ask: Ask, case: str) -> None:
    verdict = ask(FILES[case])
    assert (verdict.name, verdict.result) == ("MP+a-b_c[x]", "Always")


@pytest.mark.parametrize("threads", [1, 6, 11])
def test_threads(ask: Ask, threads: int) -> None:
    writers = "".join(f"P{i}(int *x) {{ WRITE_ONCE(*x, {i + 1}); }}\n" for i in range(threads))
    assert ask(f"C t\n{{}}\n{writers}exists (x={threads})").result == ("Always" if threads == 1 else "Sometimes")
