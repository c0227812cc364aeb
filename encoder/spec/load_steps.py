"""Reads the labelled steps of procedures and threads, and the unlabelled ones of primitives."""

from collections.abc import Callable
from dataclasses import replace

from encoder.base.source import Span
from encoder.spec.fields import Fields, NodeReader
from encoder.spec.parse import parse_statement
from encoder.spec.reserved_names import KEYWORDS
from encoder.spec.syntax import Assignment, Empty, ForHead, IfHead, Later, SourceStatement, Step, WhileHead
from encoder.spec.yamltree import Mapping, YamlNode, YamlScalar

STEP_KEYS = (
    *("source", "note", "then", "else", "do", "bound", "ghost_first", "ghost_last", "from"),
    *("stands for", "stands in", "not in source"),
)


def load_steps(
    reader: NodeReader, node: YamlNode, source: str, labels: dict[str, Span], *, script: bool = False
) -> tuple[Step, ...]:
    """A list of labelled steps; `labels` has those of the procedure so far. Steps of a scenario's `script` may have
    other statements in later kernels."""
    return tuple(_step(reader, item, source, labels, script) for item in reader.some_items(node))


def _step(reader: NodeReader, node: YamlNode, source: str, labels: dict[str, Span], script: bool) -> Step:
    entries = reader.entries(node)
    if not entries:
        return _unlabelled(Empty(span=node.span), "", source, node.span)
    label, value = entries[0]
    _check_label(reader, label, labels)
    fields = Fields(reader, entries[1:], f"step `{label.text}`", label.span)
    statement = reader.parse_scalar(value, parse_statement)
    own_source = fields.optional("source", reader.text, source)

    def block(inner: YamlNode) -> tuple[Step, ...]:
        return load_steps(reader, inner, own_source, labels, script=script)

    def ghosts(inner: YamlNode) -> tuple[Assignment, ...]:
        scalars = (inner,) if isinstance(inner, YamlScalar) else reader.items(inner)
        return tuple(reader.assignment(scalar) for scalar in scalars)

    then, otherwise, body = _blocks(fields, statement, block)
    loops = statement is None or isinstance(statement, WhileHead | ForHead)
    head = statement is not None and _is_head(statement)
    text = value.text if isinstance(value, YamlScalar) else ""
    step = Step(
        label=label.text,
        statement=statement or Empty(span=value.span),
        text=" ".join(text.split()),
        source=own_source,
        span=value.span,
        label_span=label.span,
        note=fields.optional("note", reader.text, ""),
        then=then,
        otherwise=otherwise,
        body=body,
        bound=fields.optional("bound", reader.expression, None) if loops else None,
        ghost_first=fields.optional("ghost_first", ghosts, ()),
        ghost_last=fields.optional("ghost_last", ghosts, ()),
        later=fields.optional("from", lambda inner: _later(reader, inner), ()) if script and not head else (),
        stands_for=() if script else fields.optional("stands for", reader.texts, ()),
        stands_in="" if script else fields.optional("stands in", reader.text, ""),
        absent="" if script else fields.optional("not in source", reader.text, ""),
    )
    fields.close()
    return step


def _later(reader: NodeReader, node: YamlNode) -> tuple[Later, ...]:
    """`from: {KERNEL: STATEMENT}`: the step's statement from these kernel versions on."""
    found = []
    for kernel, value in reader.entries(node):
        statement = reader.parse_scalar(value, parse_statement)
        if statement is not None and _is_head(statement):
            reader.refuse("S106", value.span, "a step of a later kernel has no block", expected="a simple statement")
        elif statement is not None:
            text = value.text if isinstance(value, YamlScalar) else ""
            later = Later(kernel=kernel.text, statement=statement, text=" ".join(text.split()), span=value.span)
            found.append(later)
    return tuple(found)


def _is_head(statement: SourceStatement) -> bool:
    """Whether the statement has a block."""
    return isinstance(statement, WhileHead | ForHead) or (isinstance(statement, IfHead) and statement.statement is None)


def _check_label(reader: NodeReader, label: YamlScalar, labels: dict[str, Span]) -> None:
    reader.name(label)
    if label.text in STEP_KEYS:
        reader.refuse(
            "S110", label.span, f"`{label.text}` before the step's label", expected="`label: statement` first"
        )
    elif label.text in KEYWORDS:
        reader.refuse("S110", label.span, f"the keyword `{label.text}` is no label", expected="a label and a colon")
    elif label.text in labels:
        related = (("first here", labels[label.text]),)
        reader.refuse("S110", label.span, f"duplicate label `{label.text}`", related=related)
    labels.setdefault(label.text, label.span)


def _blocks(
    fields: Fields, statement: SourceStatement | None, block: Callable[[YamlNode], tuple[Step, ...]]
) -> tuple[tuple[Step, ...], tuple[Step, ...], tuple[Step, ...]]:
    """The blocks of the statement: then, else, and the body of a loop."""
    match statement:
        case IfHead(statement=None):
            return fields.required("then", block), fields.optional("else", block, ()), ()
        case WhileHead() | ForHead():
            return (), (), fields.required("do", block)
        case None:
            then, otherwise, body = (fields.optional(key, block, ()) for key in ("then", "else", "do"))
            return then, otherwise, body
        case _:
            return (), (), ()


def load_macro(reader: NodeReader, node: YamlNode, source: str) -> tuple[Step, ...]:
    """The statements of a primitive, without labels; a block is a mapping `{"if (…)": [..], else: [..]}`."""
    return tuple(_macro_step(reader, item, source) for item in reader.items(node))


def _macro_step(reader: NodeReader, node: YamlNode, source: str) -> Step:
    if not isinstance(node, Mapping):
        return _macro_line(reader, node, source)
    (head, inner), *rest = reader.entries(node)
    statement = reader.parse_scalar(head, parse_statement)
    fields = Fields(reader, tuple(rest), "this block", head.span)
    body = load_macro(reader, inner, source)

    def block(node: YamlNode) -> tuple[Step, ...]:
        return load_macro(reader, node, source)

    match statement:
        case None:
            fields.optional("else", block, ())
            return _unlabelled(Empty(span=head.span), "", source, head.span)
        case IfHead(statement=None):
            step = replace(_unlabelled(statement, head.text, source, head.span), then=body)
            step = replace(step, otherwise=fields.optional("else", block, ()))
        case WhileHead() | ForHead():
            step = replace(_unlabelled(statement, head.text, source, head.span), body=body)
            step = replace(step, bound=fields.optional("bound", reader.expression, None))
        case _:
            reader.refuse("S106", head.span, "this statement has no block", expected="`if (…)`, `while (…)` or `for …`")
            step = _unlabelled(statement, head.text, source, head.span)
    fields.close()
    return step


def _macro_line(reader: NodeReader, node: YamlNode, source: str) -> Step:
    statement = reader.parse_scalar(node, parse_statement)
    if statement is not None and _is_head(statement):
        reader.refuse("S105", node.span, "this block is empty", expected="a mapping from the head to its statements")
    text = node.text if isinstance(node, YamlScalar) else ""
    return _unlabelled(statement or Empty(span=node.span), text, source, node.span)


def _unlabelled(statement: SourceStatement, text: str, source: str, span: Span) -> Step:
    return Step(label="", statement=statement, text=" ".join(text.split()), source=source, span=span, label_span=span)
