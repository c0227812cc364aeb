"""What is not supported is refused by name, where it stands; nothing is read as something else."""

import pytest

from encoder.litmus.decide import decide
from encoder.litmus.read import LitmusReader

BODIES = {
    "while (READ_ONCE(*x)) r0 = 1;": ("4:2", "`while` loops are not supported"),
    "do { r0 = 1; } while (r0);": ("4:2", "`do` loops are not supported"),
    "for (r0 = 0; r0 < 2; r0 = r0 + 1) *x = r0;": ("4:2", "`for` loops are not supported"),
    "goto out;": ("4:2", "`goto` is not supported"),
    "return;": ("4:2", "`return` is not supported"),
    "int r[2];": ("4:6", "local arrays are not supported"),
    "r0 = x->next;": ("4:7", "struct members are not supported"),
    "call_rcu(x);": ("4:2", "`call_rcu` is not supported"),
    "r0 = smp_load_acquire(x, 1);": ("4:7", "`smp_load_acquire` takes 1 argument, not 2"),
    "r0 = smp_mb();": ("4:7", "`smp_mb` has no value"),
    "WRITE_ONCE(*y, 1);": ("4:2", "`y` is no parameter of P0 and has no value"),
    "WRITE_ONCE(*l, 1);": ("4:2", "no shared variable has this address"),
    "spin_lock(3);": ("4:2", "no shared lock has this address"),
    "WRITE_ONCE(r0, 1);": ("4:13", "this is no memory location"),
    "r0 = 3000000000;": ("4:7", "3000000000 does not fit an int"),
    "r0 = r1 / 2;": ("4:10", "the operators `/` and `%` are not supported"),
    "r0 = 7 % 2;": ("4:9", "the operators `/` and `%` are not supported"),
    "r0 += 1;": ("4:5", "compound assignment is not supported"),
    "r0 <<= 1;": ("4:5", "compound assignment is not supported"),
    "r0++;": ("4:4", "`++` and `--` are not supported"),
    "--r0;": ("4:2", "`++` and `--` are not supported"),
    "for (int i = 0; i < 2; i++) { }": ("4:2", "`for` loops are not supported"),
    "while (x--) { }": ("4:2", "`while` loops are not supported"),
    "switch (r0) { case 1: break; }": ("4:2", "`switch` is not supported"),
    "out: r0 = 1;": ("4:2", "labels are not supported"),
    'asm volatile("mfence" ::: "memory");': ("4:2", "`asm` is not supported"),
    'printk("x");': ("4:9", "strings are not supported"),
    "r0 = 'a';": ("4:7", "character constants are not supported"),
    "r0 = 1.5;": ("4:7", "floating-point numbers are not supported"),
    "r0 = 0x1FUL;": ("4:7", "suffixes of numbers are not supported"),
    "r0 = 010;": ("4:7", "octal numbers are not supported"),
    "#define N 1": ("4:2", "preprocessor directives are not supported"),
    "if ((r0 = READ_ONCE(*x))) r1 = 1;": ("4:10", "an assignment inside an expression is not supported"),
    "r0 = 1, r1 = 2;": ("4:8", "a comma here is not supported"),
    "r0 = (typeof(*x))1;": ("4:7", "`typeof` is not supported"),
    "int r0 __attribute__((unused)) = 1;": ("4:9", "`__attribute__` is not supported"),
    "r0 = READ_ONCE(x->next);": ("4:17", "struct members are not supported"),
    "WRITE_ONCE(x[1], 1);": ("4:2", "no shared variable has this address"),
    "r0 = sizeof(r1);": ("4:7", "`sizeof` is not supported"),
    "r0 = (1;": ("4:9", "unexpected `;`"),
    "/* for ever": ("4:2", "a comment that does not end is not supported"),
}
FILES = {
    "AArch64 t\n{}\n": ("1:1", "no litmus test for the kernel's C"),
    "C t\nP0() \n": ("1:1", "no init block"),
    "C t\n{ x = 1; int x = 2; }\nP0(int *x) { }\nexists (x=1)": ("2:10", "first value twice"),
    "C t\n{ int a[2] = {1, 2, 3}; }\nP0(int *a) { }\nexists (a[0]=1)": ("2:3", "more values"),
    "C t\n{ int a[2]; }\nP0(int *a) { }\nexists (a[2]=1)": ("4:9", "no element 2"),
    "C t\n{ 1:r0 = 1; }\nP0(int *a) { }\nexists (a=1)": ("2:3", "no thread P1"),
    "C t\n{}\nP0(int *a) { }\nexists (4:r0=1)": ("4:9", "no thread P4"),
    "C t\n{}\nP1(int *a) { }\nexists (a=1)": ("3:1", "no thread P0"),
    "C t\n{}\nP0(int *a) { }\nP0(int *a) { }\nexists (a=1)": ("3:1", "two threads P0"),
    "C t\n{}\nmain(int *a) { }\nexists (a=1)": ("3:1", "`main` is no thread"),
    "C t\n{ spinlock_t l = 1; }\nP0(spinlock_t *l) { }\nexists (true)": ("2:14", "not free at the start"),
    "C t\n{ x = FOO(1); }\nP0(int *x) { }\nexists (x=1)": ("2:7", "initialiser `FOO`"),
    "C t\n{}\nP0(int *x) { }\n": ("4:1", "not finished"),
    "C t\n{}\nP0(int *x) { }\nexists (x=1)\nexists (x=2)": ("5:1", "unexpected `exists`"),
    "C t\n{}\nP0(int *x) { }\nexists (x=4294967296)": ("4:11", "does not fit an int"),
    "C t\n{ x=4294967296; }\nP0(int *x) { }\nexists (x=1)": ("2:5", "does not fit an int"),
    "C t\n{ int a[]; }\nP0(int *a) { }\nexists (a[0]=1)": ("2:7", "an array without a size"),
    "": ("1:1", "no litmus test for the kernel's C"),
    "C t\n": ("1:1", "no init block"),
    "X86 t\n{}\n P0 ;\nexists (x=1)": ("1:1", "no litmus test for the kernel's C"),
    "\0\x01\ufffd{}": ("1:1", "no litmus test for the kernel's C"),
}


def refused(reader: LitmusReader, text: str, place: str, message: str) -> None:
    verdict = decide(reader, "t.litmus", text, "lkmm", 5)
    assert verdict.result == "Unsupported"
    (problem,) = verdict.problems
    assert message in problem.message
    assert str(problem.span) == f"t.litmus:{place}"


@pytest.mark.parametrize("body", BODIES)
def test_bodies(reader: LitmusReader, body: str) -> None:
    refused(
        reader, f"C t\n{{ spinlock_t l; }}\nP0(int *x, spinlock_t *l) {{\n\t{body}\n}}\nexists (x=1)\n", *BODIES[body]
    )


@pytest.mark.parametrize("text", FILES)
def test_files(reader: LitmusReader, text: str) -> None:
    refused(reader, text, *FILES[text])


WHOLE = """C whole
{ int a[2] = {1, 2}; spinlock_t l; 0:r9 = &a[1]; }
P0(int *a, spinlock_t *l)
{ spin_lock(l); if (READ_ONCE(a[1]) == 2) { int r0 = *r9 + 1; } else r1 = 0x1; spin_unlock(l); }
locations [a[0]; 0:r1]
filter (~0:r0=1)
exists (0:r0=3 /\\ not (0:r9=a \\/ a[0]=-1) (* end *))
"""
PIECES = ("(", ")", "{", "}", "[", ";", ",", "*", "=", "/*", "(*", '"', "while", "%", "int", "1.", "@", "\0", "é")


def test_whatever_is_torn_off_or_put_in(reader: LitmusReader) -> None:
    """There is always a verdict, and a refusal always has a place in the file."""
    texts = [WHOLE[:at] for at in range(0, len(WHOLE), 2)]
    texts += [f"{WHOLE[:at]} {PIECES[at % len(PIECES)]} {WHOLE[at:]}" for at in range(1, len(WHOLE), 2)]
    assert decide(reader, "t.litmus", WHOLE, "lkmm", 5).result == "Always"
    for text in texts:
        verdict = decide(reader, "t.litmus", text, "lkmm", 5)
        assert verdict.result != "Unknown"
        assert all(1 <= problem.span.line <= text.count("\n") + 1 for problem in verdict.problems)
        assert bool(verdict.problems) == (verdict.result == "Unsupported")
