"""What happened as the memory model counts it, against the encoder's count."""

from encoder.memory import LKMM
from tests.concrete.build import TRUE
from tests.concrete.enumerate import executions
from tests.fuzz.ends import flags
from tests.memory.weak import raised, thread, whole, write, xchg


def test_the_fences_of_a_read_modify_write_are_not_at_its_location() -> None:
    """What mixes accesses is a plain write beside a marked one, not beside a fence."""
    code = thread("a", xchg("x", 2), write("x", 1, "plain"))
    found = [flags(whole("x", TRUE, [code]), LKMM, each) for each in executions(whole("x", TRUE, [code]), {})]
    assert [] in found
    assert all(not each for each in found)
    assert raised("x", TRUE, code) == ()
