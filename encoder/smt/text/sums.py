"""Sums of what is added under conditions, as bit-vectors.

What is added is mostly one of a few constants, many times. How often each is added is counted by adders that are as
narrow as the count, and multiplied once: a sum of n numbers of 32 bits would be n adders of 32 bits, a count of n
literals is some 2n of one bit.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from encoder.smt.text.script import extend

BitVector = tuple[str, int]
"""The text of a bit-vector in two's complement, and its width."""
CONSTANT = "(_ bv"
"""How the text of a constant begins."""


def total(always: Iterable[BitVector], selected: Iterable[tuple[str, BitVector]], least: int) -> BitVector:
    """The sum of the numbers that are added always (at least one) and of those that are added where their literals
    hold, modulo two to the power of its width, which is `least` or that of the widest number."""
    parts, literals = list(always), defaultdict[BitVector, list[str]](list)
    for literal, number in selected:
        if number[0].startswith(CONSTANT):
            literals[number].append(literal)
        else:
            parts.append(_where(literal, number))
    width = max([least] + [bits for _, bits in (*parts, *literals)])
    if literals:
        parts.append(_low(_exact_sum([_times(*each) for each in literals.items()]), width))
    return _sum(parts, width), width


def _exact_sum(numbers: Sequence[BitVector]) -> BitVector:
    """The sum, as wide as it may be."""
    width = max(bits for _, bits in numbers) + (len(numbers) - 1).bit_length()
    return _sum(numbers, width), width


def _times(number: BitVector, literals: Sequence[str]) -> BitVector:
    """The number as often as literals hold, as wide as it may be."""
    if len(literals) == 1:
        return _where(literals[0], number)
    (text, width), (count, bits) = number, _count(literals)
    return f"(bvmul {extend(text, width, width + bits)} ((_ zero_extend {width}) {count}))", width + bits


def _count(literals: Sequence[str]) -> BitVector:
    """How many of the literals hold, without a sign."""
    if len(literals) == 1:
        return f"(ite {literals[0]} #b1 #b0)", 1
    middle, width = len(literals) // 2, len(literals).bit_length()
    halves = (_count(half) for half in (literals[:middle], literals[middle:]))
    return f"(bvadd {' '.join(f'((_ zero_extend {width - bits}) {text})' for text, bits in halves)})", width


def _where(literal: str, number: BitVector) -> BitVector:
    """The number where the literal holds, else 0."""
    text, width = number
    return f"(ite {literal} {text} (_ bv0 {width}))", width


def _low(number: BitVector, most: int) -> BitVector:
    """The lowest bits of a number, `most` at most."""
    text, width = number
    return number if width <= most else (f"((_ extract {most - 1} 0) {text})", most)


def _sum(numbers: Sequence[BitVector], width: int) -> str:
    """The sum modulo two to the power of `width`, than which no number is wider."""
    terms = [extend(*each, width) for each in numbers]
    return terms[0] if len(terms) == 1 else f"(bvadd {' '.join(terms)})"
