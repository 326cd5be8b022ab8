"""What is measured: two endpoints, two sizes, and on each a RayJob that is fine and one that is not."""

from dataclasses import dataclass
from functools import cache

from tests.benchmarks import rayjobs, reviews
from tests.benchmarks.rayjobs import Size


@dataclass(frozen=True, slots=True)
class Case:
    """A review that is sent to an endpoint, and what every answer must say."""

    endpoint: str
    """`validate` or `mutate`."""

    size: Size
    state: str
    body: bytes
    allowed: bool = True
    patched: bool = False

    @property
    def name(self) -> str:
        return f"{self.endpoint}-{self.size}-{self.state}"


@cache
def cases() -> tuple[Case, ...]:
    """Every case, the small ones first."""
    return tuple(
        case
        for size in Size
        for case in (
            Case("validate", size, "valid", reviews.validation(rayjobs.right(size))),
            Case("validate", size, "findings", reviews.validation(rayjobs.wrong(size)), allowed=False),
            Case("mutate", size, "complete", reviews.mutation(rayjobs.right(size))),
            Case("mutate", size, "fills", reviews.mutation(rayjobs.bare(size)), patched=True),
        )
    )


def priced() -> tuple[Case, ...]:
    """The cases with which the cost of policies is measured, and one that even the strict policy lets pass."""
    chosen = ("validate-4k-valid", "validate-4k-findings", "validate-40k-valid", "mutate-4k-fills")
    compliant = Case("validate", Size.LARGE, "compliant", reviews.validation(rayjobs.compliant(), reviews.PIPELINE))
    return (*(case for case in cases() if case.name in chosen), compliant)
