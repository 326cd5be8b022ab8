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
