"""Conversions that fail where Kubernetes' own do.

The library's are more lenient: they take blanks around a number or a time, a leap second, and a boolean for a number.
What both take, they read alike; what only Kubernetes takes (``double("0x1p3")``) fails, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from webhook.policy.cel.tree import Call, Constant, Name, Node, bound, call, choice, failing

CHARACTERS = 100  # of a number
INTEGER = "^[-+]?[0-9]+$"
UNSIGNED = "^[0-9]+$"
# A larger exponent may be beyond a double, where Kubernetes fails and the library computes with infinity.
DECIMAL = r"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9][0-9]?)?$"
TIMESTAMP = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,9})?(Z|[-+]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
# Each number has at the most nine places of a fraction: beyond, Kubernetes cuts off and the library rounds.
DURATION = r"^[-+]?(0|([0-9]{1,18}(\.[0-9]{0,9})?(h|m|s|ms|us|ns)|\.[0-9]{1,9}(h|m|s|ms|us|ns))+)$"
LONGEST_HOURS = 2562047  # of a duration: as many as 64 bits hold nanoseconds of; the library's go further

Rewriting = Callable[[Call, Sequence[str], Iterator[str]], Node]
"""Makes another node of a call with the types of its values, and with names that are not used yet."""


def strictly(made: Call) -> Node:
    """The call of `timestamp` or `duration` with a literal as it is tried when a policy is read."""
    return _TIMES[made.function](made, ["string"], iter(("@1", "@2")))


def _read_by(form: str) -> Rewriting:
    """A conversion of a text that has this form, or of a number; anything else fails."""

    def rewritten(made: Call, kinds: Sequence[str], names: Iterator[str]) -> Node:
        if kinds[0] not in ("dyn", "string", "bool"):
            return made
        name = next(names)
        value = Name(name)
        is_text = call("_==_", call("type", value), Name("string"))
        is_boolean = call("_==_", call("type", value), Name("bool"))
        is_short = call("_<=_", call("size", value), Constant(CHARACTERS))
        in_form = call("_&&_", is_short, call("matches", Constant(form), on=value))
        unfit = choice(is_text, call("!_", in_form), is_boolean)
        told = failing(f"what {made.function}() is given has no form that it reads")
        return bound(name, made.args[0], choice(unfit, told, call(made.function, value)))

    return rewritten


def _duration(made: Call, kinds: Sequence[str], names: Iterator[str]) -> Node:
    name = next(names)
    longest = [call("duration", Constant(f"{sign}{LONGEST_HOURS}h")) for sign in ("-", "")]
    fits = call("_&&_", call("_<=_", longest[0], Name(name)), call("_<=_", Name(name), longest[1]))
    told = failing("what duration() is given is too long")
    return bound(name, _read_by(DURATION)(made, kinds, names), choice(fits, Name(name), told))


def _string(made: Call, kinds: Sequence[str], names: Iterator[str]) -> Node:
    """Infinity and what is no number have different names there and here."""
    if kinds[0] not in ("dyn", "double"):
        return made
    name = next(names)
    is_double = call("_==_", call("type", Name(name)), Name("double"))
    is_finite = call("_==_", call("_-_", Name(name), Name(name)), Constant(0.0))
    unfit = call("_&&_", is_double, call("!_", is_finite))
    told = failing("what string() is given is no finite number")
    return bound(name, made.args[0], choice(unfit, told, call("string", Name(name))))


def _unless_literal(rewriting: Rewriting) -> Rewriting:
    """The rewriting where the argument is no literal, which has been tried already."""

    def rewritten(made: Call, kinds: Sequence[str], names: Iterator[str]) -> Node:
        return made if isinstance(made.args[0], Constant) else rewriting(made, kinds, names)

    return rewritten


_TIMES: Mapping[str, Rewriting] = MappingProxyType({"timestamp": _read_by(TIMESTAMP), "duration": _duration})

CONVERSIONS: Mapping[str, Rewriting] = MappingProxyType(
    {name: _unless_literal(rewriting) for name, rewriting in _TIMES.items()}
    | {
        "int": _read_by(INTEGER),
        "uint": _read_by(UNSIGNED),
        "double": _read_by(DECIMAL),
        "string": _string,
    }
)
