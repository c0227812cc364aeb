"""A procedure that nobody calls is checked all the same."""

from encoder.program.alone import mistakes_alone
from encoder.program.variant import apply_variant
from encoder.spec.load import load_library


def test_every_procedure_stands_alone() -> None:
    library = load_library()
    for name in ("baseline", "v6.12"):
        kernel = apply_variant(library, name)
        assert [(each.name, mistakes_alone(library, kernel, each)) for each in kernel.procedures] == [
            (each.name, []) for each in kernel.procedures
        ]
