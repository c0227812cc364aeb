"""A certificate as a file: what was written is read again, the same bytes each time; nothing else is read at all."""

import gzip
from dataclasses import replace

import pytest

from encoder.certificate.file import HEAD, Certificate, QueryProof, read_certificate, write_certificate

SQUARE = [[4, 5], [1, 2], [1, -2], [4], [-1, 3], [-1, -3]]
CORE = ((1, 2), (1, -2), (-1, 3), (-1, -3))
PART = QueryProof(
    goal="|goal.violation|", problem="whole", cnf="ab12", core=(1, 2, 4, 5), clauses=CORE, lemmas=((1,), ())
)
CERTIFICATE = Certificate(
    obligation="a/b/c/sc",
    parts=(replace(PART, cycles=((4, 7, 31), (2, 5))), replace(PART, goal="|goal.fault|", problem="relaxed")),
)
CORRUPT = write_certificate(CERTIFICATE)[:12] + b"\xff" * 60
TEXT = f"""{HEAD}
obligation a/b/c/sc
query |goal.violation| of the whole problem
cycles 2
4 7 31
2 5
cnf ab12
core 1 1 2 1
1 2
1 -2
-1 3
-1 -3
lemmas 2
1

query |goal.fault| of the relaxed problem
cnf ab12
core 1 1 2 1
1 2
1 -2
-1 3
-1 -3
lemmas 2
1

"""


def test_what_is_written_is_read() -> None:
    content = write_certificate(CERTIFICATE)
    assert gzip.decompress(content).decode() == TEXT
    assert content == write_certificate(CERTIFICATE)
    assert read_certificate(content) == CERTIFICATE
    assert read_certificate(write_certificate(replace(CERTIFICATE, parts=()))).parts == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (HEAD, "pinproof certificate 1", "line 1: `pinproof certificate 2` is missing"),
        ("obligation", "claim", "line 2: `obligation` is missing"),
        ("of the whole problem", "", "line 3: `of the whole problem` is missing"),
        ("cnf ab12", "ab12", "line 7: `cnf` is missing"),
        ("core 1 1", "core 1 x", "line 8: no numbers"),
        ("lemmas 2", "lemmas two", "line 13: no numbers"),
        ("lemmas 2", "lemmas 2 3", "line 13: not one number of lemmas"),
        ("lemmas 2", "lemmas 20", "line 16: no numbers"),
        ("\n1\n", "\n1 0\n", "line 15: a line before here has the literal 0"),
        ("\n-1 3\n", "\n-1 0 3\n", "line 12: a line before here has the literal 0"),
        ("\n-1 3\n", "\n", "line 12: no numbers"),
        ("of the relaxed problem\ncnf ab12\n", "of the relaxed problem\n", "line 17: `cnf` is missing"),
        ("\n1\n\n", "\n1\n", "line 15: no numbers"),
    ],
)
def test_what_is_no_certificate(old: str, new: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        read_certificate(gzip.compress(TEXT.replace(old, new).encode()))


@pytest.mark.parametrize(
    "content", [b"", b"garbage", gzip.compress(b"\xff\n", mtime=0), write_certificate(CERTIFICATE)[:-9], CORRUPT]
)
def test_what_is_no_file(content: bytes) -> None:
    with pytest.raises(ValueError):
        read_certificate(content)


def test_the_core_and_the_lemmas_are_what_counts() -> None:
    assert PART.fault(SQUARE) == ""
    assert (
        replace(PART, core=(1, 2, 4), clauses=CORE[:3]).fault(SQUARE) == "lemma 2 does not follow by unit propagation"
    )
    assert replace(PART, core=(1, 2, 4, 6)).fault(SQUARE) == "it names clauses that do not exist"
    assert replace(PART, core=(-1, 2, 4, 5)).fault(SQUARE) == "it names clauses that do not exist"
    assert replace(PART, lemmas=((-1,), ())).fault(SQUARE) == ""
    assert replace(PART, lemmas=((),)).fault(SQUARE) == "lemma 1 does not follow by unit propagation"
    assert replace(PART, lemmas=()).fault(SQUARE) == "the empty clause does not follow from the 0 lemmas"
    assert (
        replace(PART, lemmas=((1, 10**12),)).fault(SQUARE) == "its lemmas have variables that its clauses do not have"
    )
    assert PART.fault([[-4, 5], *SQUARE[1:]]) == ""


def test_what_it_is_of_is_what_its_clauses_say() -> None:
    others = "its clauses are not those that it names"
    assert PART.fault([*SQUARE[:-1], [-1, 3]]) == others
    assert replace(PART, clauses=CORE[:3]).fault(SQUARE) == others
    assert PART.core_fault() == ""
    assert replace(PART, clauses=(*CORE[:3], (-1, 3))).core_fault() == "lemma 2 does not follow by unit propagation"
