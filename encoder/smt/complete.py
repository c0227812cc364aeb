"""Questions about complete executions under any memory model, as litmus tests ask them.

    litmus(graph, model, goals) -> Problems

`goals` names expressions over the final state (`program.core.Final`, `ThreadVar`): for each, is there an allowed
execution in which every thread has ended and the expression holds? `Problems.text(name)` is the whole problem as
SMT-LIB text for a `Session`. Two further goals are always there, `race` (an allowed execution has a data race) and
`mixed` (mixed accesses); where `Problems.goals` has "false" there is nothing to ask.
"""
