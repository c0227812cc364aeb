"""Where the arms of branches end, for the kernel's model: a write is ordered behind the read that decides a branch only
as long as its text is inside an arm.

Each was a wrong proof once.
"""

from dataclasses import replace

import pytest

from encoder.base.result import Question, word
from encoder.program.core import Statement
from encoder.verify.engine import answer
from tests.concrete.build import assign, block, both, cell, equal, leave, never, of, program, thread, var, when
from tests.memory.weak import fence, read, write

ALWAYS = equal(var("r"), var("r"))
LEFT = block(1, when(ALWAYS, [leave(1)]), assign("s", 1))
LEFT_WITHIN = block(1, when(ALWAYS, [when(ALWAYS, [assign("s", 1), leave(1)])]), assign("s", 1))
LEFT_LAST = block(1, when(ALWAYS, [leave(1)]))


@pytest.mark.parametrize("code", [LEFT, LEFT_WITHIN, LEFT_LAST])
@pytest.mark.parametrize(("model", "verdict"), [("sc", "proved"), ("arm64", "proved"), ("lkmm", "refuted")])
def test_arms_end_where_a_block_does(code: Statement, model: str, verdict: str) -> None:
    """No execution gets to the block's end other than by leaving it, but its text does. (Arm orders all writes behind a
    branch.)"""
    reader = thread("a", read("x"), code, write("y"), variables=["r", "s"])
    other = thread("b", read("y"), fence("mb"), write("x"), variables=["r"])
    made = program([cell("x"), cell("y")], reader, other)
    made = replace(made, properties=(never(both(equal(of("a", "r"), 1), equal(of("b", "r"), 1))),))
    asked = Question(scenario="s", variant="v", property="p", model=model)
    assert word(answer(made, asked).verdict) == verdict
