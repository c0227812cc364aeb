"""How far `prove` and `witness` are."""

from collections.abc import Callable, Sequence

from encoder.base.result import Progress, Question, Report
from encoder.cli.telling import Stage
from encoder.render.verdict import sentence, where


class Asking:
    """How far a command is that asks questions one after the other: the answers that there are, and the next."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions
        self.answers: list[str] = []
        self.stage = Stage("")

    def begin(self, question: Question) -> None:
        """This one is asked now."""
        count = len(self.questions)
        nth = f" ({len(self.answers) + 1} of {count})" if count > 1 else ""
        self.stage = Stage(f"{question.scenario}, {question.variant} {where(question)}{nth}")

    def tell(self, look: Callable[[], None], told: Progress | Report) -> None:
        """How far it is; time to look whether that is to be told."""
        self.stage.tell(told)
        look()

    def decided(self, report: Report) -> None:
        """This is the answer."""
        self.answers.append(str(sentence(report)))

    def lines(self) -> list[str]:
        """The answers, and how far the next is."""
        return [*self.answers, self.stage.line()]
