"""What steps are made of, in the words of the kernel's source."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from encoder.kernel.sources import places_of
from encoder.program.variant import PatchedKernel
from encoder.spec.model import Library, Primitive, Procedure
from encoder.spec.reserved_names import BUILT_IN
from encoder.spec.syntax import Break, Call, Continue, Goto, IfHead, Member, Return, Step
from encoder.spec.walk import blocks, walk

C_TOKEN = re.compile(r"[A-Za-z_]\w*|\d\w*|->|\+\+|--|<<=|>>=|\.\.\.|[<>=!+\-*/%&|^]=|<<|>>|&&|\|\||\S")
WEIGHT = {"code": 40, "value": 4, "access": 20, "jump": 4}
NOISE = frozenset({"READ_ONCE", "WRITE_ONCE", "barrier", "folio_test_large", "hpage_pincount_available"})
"""What is everywhere, and by itself no access to what the model knows."""


@dataclass(frozen=True, slots=True)
class Needle:
    """Something that a step looks for in a function: one of these rows of tokens. `kind`: a call or a piece of C, one
    that only makes a value, an access to a field, or a jump. `says` is what people read."""

    kind: str
    rows: tuple[tuple[str, ...], ...]
    says: str

    @property
    def weight(self) -> int:
        return WEIGHT[self.kind]


def tokens_in(text: str) -> tuple[str, ...]:
    """The tokens of a piece of C."""
    return tuple(C_TOKEN.findall(text))


@dataclass(frozen=True)
class KernelWords:
    """The words of a kernel: for each primitive and procedure those that mean it in the source, and for each field
    those that read or change it."""

    calls: Mapping[str, tuple[str, ...]]
    fields: Mapping[str, tuple[str, ...]]
    meanings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The primitives and procedures that a word of the source may mean."""

    @cached_property
    def known(self) -> frozenset[str]:
        """The words of the source that are accesses to what the model knows."""
        called = {word for word, names in self.meanings.items() if not NOISE.issuperset(names)}
        return frozenset(called.union(*self.fields.values()))

    def needles(self, step: Step) -> tuple[Needle, ...]:
        """What the source has where it has this step, in order; nothing for what only this model does. Functions that
        the step's `source` names behind its first one may be called there in place of what its statement calls."""
        if step.stands_for:
            return tuple(Needle(self._kind(text), (tokens_in(text),), text) for text in step.stands_for)
        found = [*self._called(step.statement)]
        through = tuple((place.function,) for place in places_of(step.stands_in or step.source)[1:])
        if found and through:
            found = [replace(found[0], rows=found[0].rows + through)]
        jump = _jump(step)
        return tuple(jump + found if isinstance(step.statement, Return) else found + jump)

    def _kind(self, text: str) -> str:
        """Whether a piece of C calls something; one that only reads or makes an entry in a variable is a value."""
        words = tokens_in(text)
        called = {word for word, behind in pairwise(words) if behind == "("}
        return "value" if called and called <= set().union(*self.fields.values()) else "code"

    def _called(self, node: object) -> Iterator[Needle]:
        inside: set[int] = set()
        for each in walk(node):
            match each:
                case Call(function=name) if name not in BUILT_IN:
                    inside |= {id(below) for argument in each.arguments for below in walk(argument)}
                    words = self.calls.get(name, (name,))
                    yield Needle("code", tuple((word,) for word in words), name)
                case Member(name=name) if id(each) not in inside and name in self.fields:
                    yield Needle("access", tuple((word,) for word in self.fields[name]), name)
                case _:
                    continue


def _jump(step: Step) -> list[Needle]:
    """The jump that a step ends in, if it does."""
    statement = step.statement.statement if isinstance(step.statement, IfHead) else step.statement
    match statement:
        case Return():
            return [Needle("jump", (("return",), ("goto",)), "return")]
        case Goto(label=label):
            return [Needle("jump", (("goto",), ("return",), ("break",), ("continue",)), f"goto {label}")]
        case Break() | Continue():
            return [Needle("jump", (("goto",), ("break",), ("continue",), ("return",)), "break")]
        case _:
            return []


def vocabulary(library: Library, kernel: PatchedKernel) -> KernelWords:
    """The words of a kernel as released or patched."""
    callables: list[Primitive | Procedure] = [*library.primitives, *kernel.procedures]
    calls = {each.name: tuple(dict.fromkeys(_words(each))) for each in callables}
    own = [member for word in library.types.words for member in word.fields]
    own += [member for struct in kernel.structs for member in struct.fields if not member.const]
    fields = {
        member.name: tuple(tokens_in(text)[0] for text in member.stands_for) for member in own if member.stands_for
    }
    meanings: dict[str, list[str]] = {}
    for name, words in calls.items():
        for word in words:
            meanings.setdefault(word, []).append(name)
    return KernelWords(calls, fields, {word: tuple(names) for word, names in meanings.items()})


def _words(each: Primitive | Procedure) -> Iterable[str]:
    """Its own name, the functions that its source names, and what it stands for."""
    yield each.name
    yield from (place.function for place in places_of(each.source))
    yield from (tokens_in(text)[0] for text in each.stands_for)


def labelled(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps and all below them, in order."""
    for step in steps:
        yield step
        for block in blocks(step):
            yield from labelled(block)
