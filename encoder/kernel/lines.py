"""The lines of a kernel's tree at which the steps of a variant stand."""

from pathlib import Path

from encoder.kernel.c import text_of
from encoder.kernel.configuration import configuration
from encoder.kernel.drift import CodeLine
from encoder.kernel.placing import place_all
from encoder.kernel.tree import Tree
from encoder.kernel.vocabulary import vocabulary
from encoder.program.variant import PatchedKernel
from encoder.spec.model import Library


def lines_in_tree(library: Library, code: PatchedKernel, folder: Path, config: str) -> dict[tuple[str, str], CodeLine]:
    """By (procedure, label) the line of the first piece of each step that is found, with its statement. Raises
    InputError for a folder that holds no kernel."""
    tree = Tree(folder, configuration(config))
    placed = place_all(code, vocabulary(library, code), lambda place: tree.function(place.file, place.function))
    first = {
        (each.procedure.name, step.step.label): step.sights[0] for each in placed for step in each.steps if step.sights
    }
    return {
        key: CodeLine(place=sight.place, line=sight.spot.token.line, text=text_of(sight.spot.statement.tokens))
        for key, sight in first.items()
    }
