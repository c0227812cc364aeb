"""Random properties of random programs."""

from encoder.concrete.interleaving.state import MachineState
from encoder.program.core import At, Ended, Expr, Final, Program, Property
from tests.concrete.build import TRUE, both, equal, final, hold, name, never, of
from tests.fuzz.maker import WORD
from tests.fuzz.values import REGISTERS, Values

CELLS = ("x", "y", "z")


class Asker(Values):
    """Makes one property."""

    def anything(self, made: Program) -> Property:
        """A few parts by chance, the first of them the situation."""
        names = [t.name for t in made.threads]
        parts = [self.part(names) for _ in range(self.chance.choice((1, 2, 2)))]
        if self.sometimes(0.5):
            parts.append(both(*(Ended(t) for t in names)))
        return never(both(*parts[1:]), parts[0] if self.sometimes(0.7) else TRUE)

    def part(self, names: list[str]) -> Expr:
        pick = self.chance.random()
        if pick > 0.92:
            return At(self.chance.choice(names), self.chance.choice(("load", "store", "rmw", "unlock")))
        if pick > 0.86:
            return equal(Final(name(WORD), self.chance.choice("ab")), self.chance.randint(0, 2))
        if pick > 0.5:
            return equal(final(self.chance.choice(CELLS)), self.chance.randint(0, 3))
        return equal(of(self.chance.choice(names), self.chance.choice(REGISTERS)), self.chance.randint(0, 2))

    def whole(self, made: Program, end: MachineState) -> Property:
        """All that holds where every thread has ended like this."""
        threads = zip(made.threads, end.locals, strict=True)
        parts = [part for thread, own in threads for part in hold(thread, own.values)]
        memory = zip(made.cells, end.memory, strict=True)
        parts += [equal(Final(cell.name, ""), word[0]) for cell, word in memory]
        return never(both(*parts), both(*(Ended(thread.name) for thread in made.threads)))

    def about(self, made: Program, end: MachineState, *, whole: bool = False) -> Property:
        """Some of what holds of an end: the `whole`, mostly nearly all, otherwise so little that it holds elsewhere
        too."""
        parts: list[Expr] = []
        for thread, local in zip(made.threads, end.locals, strict=True):
            parts += hold(thread, local.values)
            parts += [Ended(thread.name)] if local.ended and (whole or self.sometimes(0.7)) else []
        for cell, word in zip(made.cells, end.memory, strict=True):
            if cell.name.object in CELLS:
                parts.append(equal(Final(cell.name, ""), word[0]))
        if whole:
            many = len(parts)
        else:
            many = len(parts) - self.chance.randint(0, 2) if self.sometimes(0.7) else self.chance.randint(1, 4)
        chosen = self.chance.sample(parts, many)
        first = self.chance.randint(0, 1)
        return never(both(*chosen[first:]), both(*chosen[:first]))
