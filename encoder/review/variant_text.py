"""A draft as the YAML of a variant."""

import re
from collections.abc import Iterator, Sequence

from encoder.program.unparse import unparse
from encoder.review.draft import DraftEdit, Unclear
from encoder.review.patch import Patch
from encoder.review.reading import Reading
from encoder.review.steps import NewStep
from encoder.spec.syntax import Step

PLAIN = re.compile(r"[\w./+-][^#\n]*\Z")
UNSAFE = re.compile(r": |\s#|:\Z|[,\[\]{}\"'`|>%@]")
NAME = re.compile(r"[^\w.+-]+")
KEYS = {"before": "insert", "after": "insert", "replace": "with"}


def variant_name(stem: str) -> str:
    """A name for a variant, from that of a file."""
    return NAME.sub("-", stem).strip("-.+") or "draft"


def variant_text(patch: Patch, reading: Reading, name: str) -> str:
    """The variant that the patch is, as far as it is understood; what is not stands in comments."""
    title = patch.subject or f"what {patch.name} does"
    lines = [f"variant: {name}", f"title: {quoted(title)}"]
    if patch.author:
        lines.append(f"author: {quoted(patch.author)}")
    lines += [f"link: {quoted(patch.name)}", f"base: {reading.base.name}"]
    lines += ["reading: >-", *_folded(_reading(reading))]
    lines += [line for each in reading.unclear for line in _unclear(each)]
    if reading.edits:
        lines += ["edits:", *(line for edit in reading.edits for line in _edit(edit))]
    return "\n".join(lines) + "\n"


def _reading(reading: Reading) -> str:
    places = ", ".join(dict.fromkeys(str(edit.place) for edit in reading.edits))
    drafted = f"Drafted by pinproof review from the changes in {places}" if places else "Drafted by pinproof review"
    return f"{drafted}; not read by anybody yet."


def quoted(text: str) -> str:
    """A scalar as YAML has it."""
    if PLAIN.match(text) and not UNSAFE.search(text) and text == text.strip():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _statement(text: str) -> str:
    """A step's statement: as it is, where YAML takes it as a scalar."""
    safe = not re.search(r": |\s#|:\Z", text) and text[:1] not in "&*!|>%@`\"'[]{},-?"
    return text if safe else quoted(text)


def _folded(text: str) -> Iterator[str]:
    line = " "
    for word in text.split():
        if len(line) + len(word) > 110:
            yield line
            line = " "
        line += f" {word}"
    yield line


def _edit(edit: DraftEdit) -> Iterator[str]:
    yield f"  - in: {edit.procedure}"
    yield f"    {edit.action}: {edit.label}"
    if edit.action in KEYS:
        yield f"    {KEYS[edit.action]}:"
        yield from _steps(edit.steps, " " * 6, edit.source)


def _steps(steps: Sequence[NewStep], indent: str, source: str) -> Iterator[str]:
    for each in steps:
        if each.kept is not None:
            yield from _kept(each.kept, indent)
            continue
        yield f"{indent}- {each.label}: {_statement(each.text)}"
        if source:
            yield f"{indent}  source: {source}"
        for key, value in each.keys:
            yield f"{indent}  {key}: {_statement(value)}"
        for key, block in (("then", each.then), ("else", each.otherwise), ("do", each.body)):
            if block:
                yield f"{indent}  {key}:"
                yield from _steps(block, indent + "    ", source)


def _kept(step: Step, indent: str) -> Iterator[str]:
    """A step of the base, as it is there."""
    yield f"{indent}- {step.label}: {_statement(step.text)}"
    if step.source:
        yield f"{indent}  source: {_statement(step.source)}"
    if step.bound is not None:
        yield f"{indent}  bound: {_statement(unparse(step.bound))}"
    for key, ghosts in (("ghost_first", step.ghost_first), ("ghost_last", step.ghost_last)):
        for each in ghosts:
            yield f"{indent}  {key}: {_statement(f'{unparse(each.target)} = {unparse(each.value)}')}"
    for key, block in (("then", step.then), ("else", step.otherwise), ("do", step.body)):
        if block:
            yield f"{indent}  {key}:"
            for inner in block:
                yield from _kept(inner, indent + "    ")


def _unclear(each: Unclear) -> Iterator[str]:
    """What was not understood, as a comment that says what to write."""
    yield f"# {each.place}, line {each.line}: {each.why}"
    yield from (f"#   was: {line}" for line in each.was)
    yield from (f"#   now: {line}" for line in each.now)
    at = f"`in: {each.procedure}`" if each.procedure else "`in:` the procedures that call it"
    steps = f", at {', '.join(each.labels)}" if each.labels else ", before or after the step where this stands"
    yield f"#   to be written: an edit {at}{steps}; `pinproof show PROCEDURE` has the labels"
