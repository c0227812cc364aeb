"""How far `prove` and `witness` are."""

from collections.abc import Sequence

from encoder.base.result import Progress, Question, Report
from encoder.cli.telling import Stage
from encoder.render.verdict import sentence, where


class Asking:
    """How far a command is that asks questions, several at a time: the answers that there are, and what is being
    decided. Questions that are not among those of the command are about what these are compared with."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions
        self.answers: list[str] = []
        self.stages: dict[Question, Stage] = {}

    def begin(self, question: Question) -> None:
        """This one is asked now."""
        compared = "" if question in self.questions else " (its base)"
        self.stages[question] = Stage(f"{question.scenario}, {question.variant} {where(question)}{compared}")

    def tell(self, question: Question, told: Progress | Report) -> None:
        """How far it is."""
        self.stages[question].tell(told)

    def decided(self, report: Report) -> None:
        """This is the answer."""
        del self.stages[report.question]
        if report.question in self.questions:
            self.answers.append(str(sentence(report)))

    def lines(self) -> list[str]:
        """The answers, and how far the next are, in one line."""
        count = len(self.questions)
        nth = f" ({len(self.answers)} of {count} decided)" if count > 1 else ""
        return [*self.answers, "; ".join(stage.line() for stage in self.stages.values()) + nth]
