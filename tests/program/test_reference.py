"""Random scripts: the resolved program ends as the syntax says, run step by step."""

from textwrap import indent

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from encoder.concrete.explorer.explore import explore
from encoder.program.core import BOOL, Arith, CellName, Const, Ended, Expr, Final, Instance, Op, Property, ThreadVar
from encoder.program.fold import conjunction, negation
from encoder.program.resolve import resolve
from encoder.spec.load import load_library
from tests.program.reference import Reference, TooLong
from tests.program.specs import folder
from tests.program.wellformed import check

LOCALS = ("a", "b", "c")
ROUNDS = 3
HELPER = """
params: {x: int, y: int, row: "int[]", p: page *, q: page *}
returns: int
locals: {a: int}
steps:
"""
TRIPLE = """
params: {x: int, p: page *, q: page *}
returns: int
locals: {k: int}
steps:
  - early: if (x == 2) return k
  - k: k = x + READ_ONCE(q->count)
  - loop: for i in 0 .. 2
    do:
      - more: k = k + atomic_add_return(1, &q->count)
      - enough: if (k > 7) break
      - skip: if (k & 1) continue
      - odd: k = k + 1
  - done: return k
"""


@st.composite
def expressions(draw, depth=2, names=LOCALS, calls=True):
    inner = expressions(depth - 1, names, calls) if depth else None
    kinds = ["number", "name", "name", "element", "load"]
    if depth:
        kinds += ["binary", "binary", "logic", "logic", "not", "choose", "index", "rmw"] + ["call"] * calls
    match draw(st.sampled_from(kinds)):
        case "number":
            return str(draw(st.integers(0, 4)))
        case "name":
            return draw(st.sampled_from(names))
        case "element":
            return f"row[{draw(st.integers(0, 1))}]"
        case "index":
            return f"row[({draw(inner)}) & 1]"
        case "load":
            return draw(st.sampled_from(["READ_ONCE(p->count)", "q->count"]))
        case "binary":
            operator = draw(st.sampled_from(["+", "-", "*", "&", "|", "^", "==", "!=", "<", "<=", ">", ">="]))
            return f"({draw(inner)} {operator} {draw(inner)})"
        case "logic":
            return f"({draw(inner)} {draw(st.sampled_from(['&&', '||']))} {draw(inner)})"
        case "not":
            return f"{draw(st.sampled_from('!-'))}({draw(inner)})"
        case "choose":
            return f"({draw(inner)} ? {draw(inner)} : {draw(inner)})"
        case "rmw":
            return f"atomic_add_return({draw(inner)}, &{draw(st.sampled_from('pq'))}->count)"
        case "call":
            if draw(st.booleans()):
                return f"triple({draw(inner)}, p, q)"
            return f"helper({draw(inner)}, {draw(inner)}, row, p, q)"


@st.composite
def blocks(draw, labels, depth=2, loop=False, names=LOCALS, calls=True, value=False):
    """Lines of YAML; `labels` numbers the steps."""
    lines = []
    own = []
    for _ in range(draw(st.integers(1, 4 if depth == 2 else 2))):
        label = f"s{len(labels)}"
        labels.append(label)
        own.append((label, len(lines)))
        expression = expressions(2, names, calls)
        kinds = ["assign", "assign", "element", "store", "exit"] + ["if", "if", "for", "while"] * (depth > 0)
        kind = draw(st.sampled_from(kinds))
        inner = blocks(labels, depth - 1, loop or kind in ("for", "while"), names, calls, value) if depth else None
        match kind:
            case "assign":
                lines.append(f"- {label}: {draw(st.sampled_from(names))} = {draw(expression)}")
            case "element":
                lines.append(f"- {label}: row[({draw(expression)}) & 1] = {draw(expression)}")
            case "store":
                lines.append(f"- {label}: {draw(st.sampled_from('pq'))}->count = {draw(expression)}")
            case "exit":
                leave = draw(st.sampled_from(["return", "goto"] + ["break", "continue"] * loop))
                leave = f"goto @{label}" if leave == "goto" else leave
                leave = f"return {draw(expression)}" if leave == "return" and value else leave
                lines.append(f"- {label}: if ({draw(expression)}) {leave}")
            case "if":
                lines += [f"- {label}: if ({draw(expression)})", "  then:", *nested(draw(inner))]
                if draw(st.booleans()):
                    lines += ["  else:", *nested(draw(inner))]
            case "for":
                bound = draw(st.one_of(st.integers(0, 3).map(str), expression))
                first = draw(st.integers(0, 1))
                name = f"i{label}"
                lines += [f"- {label}: for {name} in {first} .. {bound}", "  do:", *nested(draw(inner))]
            case "while":
                lines += [f"- {label}: while ({draw(expression)})", f"  bound: {ROUNDS}", "  do:", *nested(draw(inner))]
    return resolved_gotos(draw, lines, own)


def nested(lines):
    return [f"    {line}" for line in lines]


def resolved_gotos(draw, lines, own):
    """Give gotos of this block a later label of it; those that have none wait for the block around."""
    result = []
    for position, line in enumerate(lines):
        if "goto @" in line:
            later = [label for label, start in own if start > position]
            if later and draw(st.booleans()):
                line = f"{line[: line.index('@')]}{draw(st.sampled_from(later))}"
        result.append(line)
    return result


def text(lines):
    """Gotos that found no label become `;`; what YAML might misread is quoted."""
    result = []
    for line in lines:
        head, _, rest = line.partition(": ")
        if "goto @" in rest:
            rest = rest[: rest.index("goto @")].replace("if (", "a = (", 1).rstrip()
        result.append(f'{head}: "{rest}"' if head.lstrip().startswith("- ") else line)
    return "\n".join(result)


def ends(names, memory):
    """The property that the thread has not ended so."""
    expected = {name: names[name] for name in LOCALS} | {f"row.{i}": value for i, value in enumerate(names["row"])}
    holds: Expr = Ended("cpu0")
    for name, value in expected.items():
        holds = conjunction(holds, Arith(Op.EQ, ThreadVar("cpu0", name), Const(value), BOOL))
    for page in "pq":
        cell = CellName(page, "count")
        holds = conjunction(holds, Arith(Op.EQ, Final(cell, ""), Const(memory[str(cell)]), BOOL))
    instance = Instance(binding=(), situation=Ended("cpu0"), violation=negation(holds), text="")
    return Property(name="same", title="", text="", instances=(instance,))


SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, phases=[Phase.generate])


@settings(SETTINGS, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_resolved_script_ends_as_its_syntax_says(tmp_path_factory, data):
    script = text(data.draw(blocks([])))
    helper = text(data.draw(blocks([], 1, names=("x", "y", "a"), calls=False, value=True)))
    start = {"p.count": data.draw(st.integers(0, 3)), "q.count": data.draw(st.integers(0, 3))}
    root = folder(
        tmp_path_factory.mktemp("spec"),
        script,
        locals='a: int, b: int, c: int, row: "int[2]"',
        procedures={"helper": f"{HELPER}{indent(helper, '  ')}\n  - end: return x - a\n", "triple": TRIPLE},
        init=[f"{page}->count = {start[f'{page}.count']}" for page in "pq"],
    )
    library = load_library(root)
    names = {"a": 0, "b": 0, "c": 0, "row": [0, 0], "p": "p", "q": "q"}
    reference = Reference({procedure.name: procedure for procedure in library.procedures}, ROUNDS, start)
    try:
        reference.run(library.scenarios[0].threads[0].steps, names)
    except TooLong:
        assume(False)
    program = resolve(library, "tiny", "base")
    check(program)
    found = explore(program, ends(names, reference.memory), loops=ROUNDS, max_states=10_000)
    assert found.fault is None and found.beyond == ()
    assert found.outcome == "safe" and found.situation, (script, helper, names, reference.memory)
