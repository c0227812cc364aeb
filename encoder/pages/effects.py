"""What the steps of a recorded schedule have done, by what was recorded of them and the primitives that they call."""

import re

from encoder.base.result import ScheduleStep
from encoder.program.variant import apply_variant
from encoder.spec.model import FlushBody, GraceBody, Library, LoadBody, RegionBody, StoreBody
from encoder.spec.syntax import Step
from encoder.spec.walk import all_steps

FOLDER = re.compile(r".*specs/(?:procedures/)?")
ARROW = " -> "
REGIONS = {"irq": "interrupts off", "rcu": "RCU section"}


class RecordedEffects:
    """The steps of a variant."""

    def __init__(self, library: Library, variant: str) -> None:
        patched = apply_variant(library, variant)
        self.primitives = {each.name: each for each in library.primitives}
        self.inserted = {
            (edit.procedure, step.label)
            for each in patched.chain
            for edit in each.edits
            for step in all_steps(edit.steps)
        }
        self.steps: dict[tuple[str, str], Step] = {
            (procedure.name, step.label): step for procedure in patched for step in all_steps(procedure.steps)
        }

    def patched(self, step: ScheduleStep) -> bool:
        """Whether a variant has inserted it."""
        return (step.procedure, step.label) in self.inserted

    def spec(self, step: ScheduleStep) -> str:
        """Where it is written, `gup_fast/v5.15.yaml:17` in `specs`; "" of a scenario's own step."""
        found = self.steps.get((step.procedure, step.label))
        return f"{FOLDER.sub('', found.span.file)}:{found.span.line}" if found is not None else ""

    def written(self, step: ScheduleStep) -> str | None:
        """What it leaves in its location, as far as the recording says; None where it only reads. Of an interleaving
        a load, too, leaves there what it has read."""
        if not step.location or step.value == "busy":
            return None
        if step.value in ("taken", "released"):
            return "1" if step.value == "taken" else "0"
        before, arrow, after = step.value.partition(ARROW)
        if arrow:
            return after
        return before if step.reads_from is None else None

    def take(self, step: ScheduleStep, held: dict[str, int], *, lock: bool) -> None:
        """Note in `held` what its CPU has now taken or given back. `lock`: the location is one, and a number or a
        bit."""
        before, arrow, after = step.value.partition(ARROW)
        if step.value in ("taken", "released"):
            _add(held, step.location, 1 if step.value == "taken" else -1)
        elif arrow and lock:
            _add(held, step.location, int(after) - int(before))
        elif (region := self._region(step)) is not None:
            _add(held, REGIONS.get(region.kind, region.kind), 1 if region.begin else -1)
        elif change := self._srcu(step):
            _add(held, step.location, change)

    def _srcu(self, step: ScheduleStep) -> int:
        """1 where a section of SRCU begins, by a load of its srcu_struct, -1 where one ends, 0 elsewhere."""
        primitive = self.primitives.get(step.event.partition("(")[0])
        bodies = () if primitive is None else primitive.bodies
        orders = [body.order for _, body in bodies if isinstance(body, LoadBody | StoreBody)]
        return ("srcu-lock" in orders) - ("srcu-unlock" in orders)

    def _region(self, step: ScheduleStep) -> RegionBody | None:
        bodies = self._bodies(step)
        return next((body for body in bodies if isinstance(body, RegionBody)), None)

    def is_section(self, step: ScheduleStep) -> bool:
        """Whether it begins or ends something that others wait for, or waits itself."""
        return any(isinstance(body, RegionBody | FlushBody | GraceBody) for body in self._bodies(step))

    def _bodies(self, step: ScheduleStep) -> list[object]:
        primitive = self.primitives.get(step.event.partition("(")[0])
        return [] if primitive is None or step.location else [body for _, body in primitive.bodies]


def _add(held: dict[str, int], name: str, change: int) -> None:
    held[name] = held.get(name, 0) + change
