"""Amounts that grow with a review: sums of products of how many items it has, and of how many bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

ITERATIONS = 10_000  # of all loops of an expression together: the library's own bound


class Factors(NamedTuple):
    """A product, by how often each factor is in it.

    ``rounds`` are those of loops, of which there are no more than the library's bound, all together.
    """

    rounds: int = 0
    items: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Amount:
    """``terms`` holds how often each product counts: 3·rounds·bytes is ``{Factors(rounds=1, size=1): 3}``."""

    terms: Mapping[Factors, int]

    def __add__(self, other: Amount) -> Amount:
        terms = dict(self.terms)
        for factors, times in other.terms.items():
            terms[factors] = terms.get(factors, 0) + times
        return Amount(MappingProxyType(terms))

    def __mul__(self, other: Amount) -> Amount:
        product = NOTHING
        for one, times in self.terms.items():
            for another, other_times in other.terms.items():
                factors = Factors(*(sum(both) for both in zip(one, another, strict=True)))
                product += Amount(MappingProxyType({factors: times * other_times}))
        return product

    def times(self, times: int) -> Amount:
        """So often this amount."""
        return Amount(MappingProxyType({factors: count * times for factors, count in self.terms.items()}))

    def kept(self) -> Amount:
        """This amount of what loops have made, to be used in others: their bound is not one with that of its own."""
        kept = NOTHING
        for factors, times in self.terms.items():
            kept += Amount(MappingProxyType({Factors(0, factors.items + factors.rounds, factors.size): times}))
        return kept

    def as_rounds(self) -> Amount:
        """This amount of items, as the rounds of a loop over them."""
        rounds = NOTHING
        for factors, times in self.terms.items():
            if factors.size:  # pieces of a text
                rounds += ONE.times(ITERATIONS)
            else:
                rounds += Amount(MappingProxyType({Factors(factors.rounds + factors.items): times}))
        return rounds

    @property
    def power(self) -> int:
        """The highest number of factors in a product: 0 for what is the same for every review."""
        return max((sum(factors) for factors in self.terms), default=0)

    def of(self, items: int, size: int) -> int:
        """The amount for a review of so many items and bytes."""
        return sum(
            times * min(items**factors.rounds, ITERATIONS) * items**factors.items * size**factors.size
            for factors, times in self.terms.items()
        )


NOTHING = Amount(MappingProxyType({}))
ONE = Amount(MappingProxyType({Factors(): 1}))
ROUNDS = Amount(MappingProxyType({Factors(rounds=1): 1}))
ITEMS = Amount(MappingProxyType({Factors(items=1): 1}))
BYTES = Amount(MappingProxyType({Factors(size=1): 1}))
