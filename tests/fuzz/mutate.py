"""Files that went wrong: bytes flipped, lines moved, words of the grammar in odd places, what YAML can do."""

import random
from collections.abc import Callable, Sequence

WORDS = (
    "{", "}", "[", "]", "(", ")", ":", ";", ",", "*", "&", "|", ">", "-", "?", "!", "%", "@", "`", "#", '"', "'", "\\",
    "=", "==", "->", "&&", "||", "<<", "+", "/", "...", "---", "if", "else", "for", "while", "goto", "return", "break",
    "in", "then", "do", "bound", "steps", "each", "null", "true", "NULL", "0", "-1", "1e9", "0x", "0xffffffffff",
    "1..0",
    "int", "int *", "struct", "spinlock_t", "exists", "forall", "filter", "locations", "/\\", "\\/", "~", "(*", "*)",
    "//", "P0", "P1", "0:r0", "READ_ONCE(*x)", "spin_lock(l)", "synchronize_rcu()", "__atomic", "é", "\u2028", "\u0085",
    "😀",
)  # fmt: skip
NUMBERS = ("99999999999999999999", "-1", "0", "2147483648", "4294967296", "1" * 5000, "0x" + "f" * 300, "1_000", "08")
BOMBS = (
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "<<: *x\n", "&anchor ", "*alias ", "!!python/object:os.system ",
    "!tag ", "? ", "- - - - ", "%YAML 1.3\n---\n", "--- \n...\n---\n", "key: |\n", "key: >2-\n", "{a: 1, a: 2}\n",
    "\t- x\n",
)  # fmt: skip
MARKS = (
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xfe\xff",
    b"\x00",
    b"\x1b[31m",
    b"\x7f",
    b"\xed\xa0\x80",
    b"\xc3",
    b"\r",
    b"\x0c",
    b"\t",
)
Change = Callable[[random.Random, bytes], bytes]


def mutated(chance: random.Random, text: bytes) -> bytes:
    """One change, or a few."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        text = chance.choice(CHANGES)(chance, text)
    return text


def flip(chance: random.Random, text: bytes) -> bytes:
    place = _place(chance, text)
    return text[:place] + bytes([chance.randrange(256)]) + text[place + 1 :]


def cut(chance: random.Random, text: bytes) -> bytes:
    return text[: _place(chance, text)]


def drop(chance: random.Random, text: bytes) -> bytes:
    place = _place(chance, text)
    return text[:place] + text[place + chance.randint(1, 12) :]


def word(chance: random.Random, text: bytes) -> bytes:
    place = _place(chance, text)
    return text[:place] + chance.choice(WORDS).encode() + text[place + chance.choice((0, 0, 1, 3)) :]


def number(chance: random.Random, text: bytes) -> bytes:
    """A number of the file becomes another."""
    places = [at for at, byte in enumerate(text) if 48 <= byte <= 57] or [_place(chance, text)]
    at = chance.choice(places)
    return text[:at] + chance.choice(NUMBERS).encode() + text[at + 1 :]


def mark(chance: random.Random, text: bytes) -> bytes:
    place = chance.choice((0, _place(chance, text)))
    return text[:place] + chance.choice(MARKS) + text[place:]


def bomb(chance: random.Random, text: bytes) -> bytes:
    lines = text.splitlines(keepends=True) or [b""]
    at = chance.randrange(len(lines))
    return b"".join([*lines[:at], chance.choice(BOMBS).encode(), *lines[at:]])


def deep(chance: random.Random, text: bytes) -> bytes:
    """What nests, nested too deep."""
    opening, closing = chance.choice(
        (("(", ")"), ("[", "]"), ("{", "}"), ("!", ""), ("- ", ""), ("(*", "*)"), ("-", ""))
    )
    depth, place = chance.choice((30, 300, 3000)), _place(chance, text)
    return text[:place] + (opening * depth).encode() + b"x" + (closing * depth).encode() + text[place:]


def long(chance: random.Random, text: bytes) -> bytes:
    place = _place(chance, text)
    return text[:place] + chance.choice((b"x", b" ", b"1 + ", b"x, ", b"\n", b"# ")) * 20_000 + text[place:]


def lines(chance: random.Random, text: bytes) -> bytes:
    """Lines go, come twice, change places, or leave their indentation."""
    every = text.splitlines(keepends=True) or [b""]
    one, other = chance.randrange(len(every)), chance.randrange(len(every))
    match chance.randrange(5):
        case 0:
            del every[one]
        case 1:
            every.insert(other, every[one])
        case 2:
            every[one], every[other] = every[other], every[one]
        case 3:
            every[one] = chance.choice((b" ", b"  ", b"\t")) + every[one]
        case _:
            every[one] = every[one].lstrip()
    return b"".join(every)


def ends(chance: random.Random, text: bytes) -> bytes:
    return chance.choice(
        (text.replace(b"\n", b"\r\n"), text.replace(b"  ", b"\t"), text.rstrip(), text.replace(b"\n", b"\r"))
    )


def coded(chance: random.Random, text: bytes) -> bytes:
    return text.decode("utf-8", "replace").encode(chance.choice(("utf-16", "utf-32", "latin-1", "utf-7")), "replace")


def _place(chance: random.Random, text: bytes) -> int:
    return chance.randrange(len(text) + 1)


CHANGES: Sequence[Change] = (
    flip, cut, drop, drop, word, word, word, number, number, mark, bomb, deep, long, lines, lines, lines, ends, coded,
)  # fmt: skip
