"""python -m tests.bench.solve SPECS SCENARIO VARIANT: one answer, as the JSON of `prove`."""

import sys
from pathlib import Path

from encoder.base.result import Question
from encoder.render.json import render
from encoder.spec.load import properties_of_scenario
from encoder.verify.engine import ask


def main() -> None:
    root, scenario, variant = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    question = Question(
        scenario=scenario, variant=variant, property=properties_of_scenario(scenario, root)[0], timeout=600.0
    )
    sys.stdout.write(render(ask(question, root)))


if __name__ == "__main__":
    main()
