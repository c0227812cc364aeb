"""`--promote`: what a run has just checked becomes what is committed."""

from collections.abc import Iterable, Mapping

from encoder.base.errors import SelfCheckError
from encoder.base.result import Witness
from encoder.ledger.cache import Cache
from encoder.ledger.folder import Proofs
from encoder.ledger.obligation import Obligation
from encoder.ledger.record import Record
from encoder.ledger.run import Task
from encoder.ledger.scores import Scored
from encoder.ledger.settle import settled
from encoder.program.lookup import property_of
from encoder.spec.fingerprint import Fingerprints
from encoder.spec.model import Library


def promote(proofs: Proofs, library: Library, tasks: Iterable[Task], found: Mapping[str, Record], cache: Cache) -> None:
    """Commit what was found for the obligations of these tasks, by id, and remove what is no longer claimed."""
    by_id = {task.obligation.id: task for task in tasks}
    prints = Fingerprints()

    def breaks(obligation: Obligation, witness: Witness) -> bool:
        return _breaks(by_id[obligation.id], witness)

    for scenario in proofs.scenarios:
        claimed, old = proofs.claims(scenario), proofs.statement(scenario)
        specs = {each.variant: prints.of(scenario, each.variant) for each in claimed}
        new = settled(old, claimed, found, specs, breaks)
        if new != old or any(each.id in found for each in claimed):
            proofs.state(new, library)
    for name in proofs.examples():
        content = cache.certificate(by_id[name].obligation, by_id[name].digest) if name in by_id else None
        if content is not None:
            proofs.show(name, content)
    proofs.score(())
    _finish(proofs, library, prints)


def promote_scores(proofs: Proofs, library: Library, scored: Iterable[Scored]) -> None:
    """Commit these scores, and remove those of what is no longer proved."""
    proofs.score(scored)
    _finish(proofs, library, Fingerprints())


def _finish(proofs: Proofs, library: Library, prints: Fingerprints) -> None:
    proofs.finish(library, prints.of)
    if missing := proofs.unscored():
        names = ", ".join(each.id for each in missing[:3]) + (", …" if len(missing) > 3 else "")
        print(
            f"not scored ({len(missing)}): {names}; survivors.yaml is not checked until `verify --mutants --promote`"
            " has scored them"
        )


def _breaks(task: Task, witness: Witness) -> bool:
    """Whether a schedule breaks the property that a task asks, run again without the solver."""
    from encoder.concrete.rerun import rerun

    try:
        rerun(task.program, property_of(task.program, task.question.property), task.question, witness)
    except SelfCheckError:
        return False
    return True
