"""proofs/survivors.yaml: why mutants that no property notices survive, in people's words."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from encoder.base.errors import InputError, Problem, nearest
from encoder.base.source import Span
from encoder.ledger.mutants import MutantRecord
from encoder.spec.fields import NodeReader
from encoder.spec.yamltree import YamlNode, compose


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivorReason:
    """Patterns of the shell (`*`, `?`, `[…]`) that name mutants, scenarios and variants, and why those survive. `gap`:
    they should not: a property or a scenario is missing."""

    mutants: tuple[str, ...]
    scenarios: tuple[str, ...]
    variant: str
    why: str
    gap: bool
    span: Span

    def fits(self, record: MutantRecord, mutant: str) -> bool:
        wanted = record.wanted
        return (
            _named(mutant, self.mutants)
            and _named(wanted.scenario, self.scenarios)
            and fnmatchcase(wanted.variant, self.variant)
        )


def _named(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def load_explanations(path: Path) -> tuple[SurvivorReason, ...]:
    """The explanations in a file, none where there is no file. Raises InputError with all problems."""
    if not path.is_file():
        return ()
    problems: list[Problem] = []
    reader = NodeReader(problems)
    node = compose(path.read_text("utf-8"), path.as_posix(), problems)
    found: tuple[SurvivorReason, ...] = ()
    if node is not None:
        fields = reader.fields(node, "the survivors")
        found = tuple(_explanation(reader, item) for item in fields.required("survivors", reader.items))
        fields.close()
    if problems:
        raise InputError(problems)
    return found


def _explanation(reader: NodeReader, node: YamlNode) -> SurvivorReason:
    fields = reader.fields(node, "an explanation")
    mutants = tuple(reader.text(item) for item in fields.required("mutants", reader.items))
    scenarios = fields.optional("scenario", reader.texts, ("*",))
    variant = fields.optional("variant", reader.text, "*")
    gap = fields.optional("gap", lambda item: reader.choice(item, ("yes", "no")), "no")
    why = fields.required("why", reader.text)
    fields.close()
    return SurvivorReason(
        mutants=mutants, scenarios=scenarios, variant=variant, why=why, gap=gap == "yes", span=fields.span
    )


def unfitting(explanations: Iterable[SurvivorReason], records: Iterable[MutantRecord]) -> list[Problem]:
    """The problems of patterns that name no survivor."""
    survivors = [(record, mutant) for record in records for mutant in record.survived]
    names = sorted({mutant for _, mutant in survivors})
    problems = []
    for each in explanations:
        for pattern in each.mutants:
            if not any(fnmatchcase(mutant, pattern) and each.fits(record, mutant) for record, mutant in survivors):
                message = f"no mutant that survives is named `{pattern}`"
                near = nearest(pattern, names)
                problems.append(Problem(code="L107", message=message, span=each.span, nearest=near))
    return problems
