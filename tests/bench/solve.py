"""python -m tests.bench.solve SPECS SCENARIO VARIANT MODEL: one answer, as the JSON of `prove`."""

import sys
from pathlib import Path

from encoder.base.garbage import look_rarely
from encoder.base.result import Question
from encoder.render.json import render
from encoder.spec.load import properties_of_scenario
from encoder.verify.engine import ask


def main() -> None:
    look_rarely()  # as the command does
    root, (scenario, variant, model) = Path(sys.argv[1]), sys.argv[2:]
    question = Question(
        scenario=scenario, variant=variant, property=properties_of_scenario(scenario, root)[0], model=model,
        timeout=600.0,
    )  # fmt: skip
    sys.stdout.write(render(ask(question, root)))


if __name__ == "__main__":
    main()
