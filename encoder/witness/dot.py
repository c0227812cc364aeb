"""The event graph of a schedule for graphviz, in herd7's colours; the cycle that no interleaving has is thick."""

from collections.abc import Iterator

from encoder.base.result import ScheduleStep
from encoder.witness.recorded_cycle import WitnessEdge, cycle_of
from encoder.witness.timeline import Moment, Timeline

COLOURS = {
    "po": "black",
    "rf": "red",
    "co": "blue",
    "fr": "#ffa040",
    "wait": "darkgreen",
    "addr": "indigo",
    "data": "indigo",
    "ctrl": "indigo",
}


def dot(found: Timeline, title: str) -> str:
    """The graph: a cluster for each thread, an event a node, po, rf, co and fr between successive events, and the
    dependencies of each."""
    lines = [
        f"digraph {_quoted(title)} {{",
        f"  label={_quoted(title)};",
        '  labelloc="t"; fontname="monospace"; splines=spline; newrank=true;',
        '  node [shape=box, fontname="monospace", fontsize=10, style="rounded"];',
        '  edge [fontname="monospace", fontsize=9];',
    ]
    for number, thread in enumerate(dict.fromkeys(each.step.thread for each in found.moments)):
        lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(thread)}; color=grey;"]
        lines += [f"    {_node(each)}" for each in found.of_thread(thread)]
        lines.append("  }")
    cycle = cycle_of(found.witness)
    lines += [_line(edge, set(cycle)) for edge in dict.fromkeys([*found.edges(), *cycle])]
    lines += [
        f'  s{a} -> s{b} [label="{kind}", color="{COLOURS[kind]}", style=dashed, constraint=false];'
        for a, kind, b in _dependencies(found)
    ]
    return "\n".join([*lines, "}"]) + "\n"


def _node(moment: Moment) -> str:
    step = moment.step
    bold = ', penwidth=2, color="red"' if step.racing else ""
    tint = ', style="rounded,filled", fillcolor="#e6ffec"' if moment.site.patched else ""
    return f"s{step.step} [label={_quoted(_words(step))}{bold}{tint}];"


def _words(step: ScheduleStep) -> str:
    value = f"\n{step.location}: {step.value}" if step.value else ""
    return f"{step.step}: {step.procedure} {step.label}\n{step.event}{value}"


def _line(edge: WitnessEdge, cycle: set[WitnessEdge]) -> str:
    a, kind, b = edge
    thick = ", penwidth=3" if edge in cycle else ""
    weak = "" if kind == "po" else ", constraint=false"
    return f'  s{a} -> s{b} [label="{kind}", color="{COLOURS[kind]}", fontcolor="{COLOURS[kind]}"{thick}{weak}];'


def _dependencies(found: Timeline) -> Iterator[tuple[int, str, int]]:
    for each in found.moments:
        for kind, reads in (("addr", each.address), ("data", each.data), ("ctrl", each.control)):
            yield from ((read, kind, each.step.step) for read in sorted(reads) if read != each.step.step)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
