"""Which functions and variables there are for an expression, and which of Kubernetes' there are not.

Source: pkg/cel/environment/base.go of k8s.io/apiserver for what a ValidatingAdmissionPolicy has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import permutations
from types import MappingProxyType

from cel_expr_python import cel

from webhook.policy.cel.parsed import encoded
from webhook.policy.cel.tree import Node

# The versions are those in which the library does what Kubernetes 1.34 and later do.
_EXTENSIONS = """
extensions:
  - {name: optional, version: 2}
  - {name: strings, version: 2}
  - {name: lists, version: 2}
  - {name: sets}
  - {name: two-var-comprehensions}
"""

ERRORS = (RuntimeError, ValueError, LookupError)  # that the library raises, by the kind of its own error

_NUMBERS = ("int", "uint", "double", "duration")
_ORDERED = (*_NUMBERS, "bool", "timestamp", "string", "bytes")
QUANTITY = "kubernetes.Quantity"

# Kubernetes' own functions, without an implementation: they are checked, and then put into terms of the others
# (`lowering`). The library calls functions that are written in Python, too, but leaks the arguments of each call.
# By name: whether it is called on its first argument; the types of arguments and value of each overload.
_QUANTITIES: Mapping[str, tuple[bool, tuple[str, ...]]] = MappingProxyType(
    {
        "quantity": (False, ("string", QUANTITY)),
        "isQuantity": (False, ("string", "bool")),
        "sign": (False, (QUANTITY, "int")),
        "isGreaterThan": (True, (QUANTITY, QUANTITY, "bool")),
        "isLessThan": (True, (QUANTITY, QUANTITY, "bool")),
        "compareTo": (True, (QUANTITY, QUANTITY, "int")),
        "asApproximateFloat": (True, (QUANTITY, "double")),
        "asInteger": (True, (QUANTITY, "int")),
        "isInteger": (True, (QUANTITY, "bool")),
    }
)

# What Kubernetes has besides, and why it is not here or what to write instead.
MAP_INSERT = "cel.@mapInsert"  # what transformMap and transformMapEntry come down to
MISSING: Mapping[str, str] = MappingProxyType(
    {
        "authorizer": "what a user may do in the cluster is not asked from here",
        "namespaceObject": "a review does not carry it; request.namespace is its name",
        "transformMap": "map() makes a list",
        "lists.range": "loop over the list itself: all(i, item, …) has the index",
        "find": "matches() tells whether there is one",
        "findAll": "matches() tells whether there is one",
        "exists_one": "with two variables it is called existsOne()",
        "unwrapOpt": "write filter(o, o.hasValue()).map(o, o.value())",
        "unwrap": "write filter(o, o.hasValue()).map(o, o.value())",
        "add": "quantities can be compared, and asApproximateFloat() makes numbers of them",
        "sub": "quantities can be compared, and asApproximateFloat() makes numbers of them",
        **dict.fromkeys(("url", "isURL"), "matches() takes a text apart as well"),
        **dict.fromkeys(("ip", "isIP", "cidr", "isCIDR"), "a RayJob has no addresses"),
        **dict.fromkeys(("semver", "isSemver"), "split('.') and int() make numbers of a version"),
        "format": "matches() takes a text's form as well",
    }
)


def checking(variables: Mapping[str, cel.Type]) -> cel.Env:
    """Where expressions are checked that may use these variables, by name ``variables.NAME``, besides the usual."""
    known = dict.fromkeys(("object", "oldObject", "request", "params"), cel.Type.DYN)
    return cel.NewEnv(
        config=cel.NewEnvConfigFromYaml(_EXTENSIONS),
        variables=known | dict(variables),
        extensions=[cel.CelExtension("kubernetes", [_index("indexOf"), _index("lastIndexOf"), *_comparisons()])],
        functions=[*_quantity_functions(), *_list_functions()],
    )


@lru_cache(maxsize=1)
def checking_alone() -> cel.Env:
    """Where expressions are checked that have no variables."""
    return checking({})


@lru_cache(maxsize=1)
def running() -> cel.Env:
    """Where all expressions run."""
    return cel.NewEnv(config=cel.NewEnvConfigFromYaml(_EXTENSIONS))


def succeeds(root: Node) -> bool:
    """Whether what is made of literals only has a value."""
    return bool(running().deserialize(encoded(root)).eval().type() != cel.Type.ERROR)


def _comparisons() -> Iterator[cel.FunctionDecl]:
    """Of numbers of different types, which Kubernetes lets an expression compare, other than for equality."""
    pairs = list(permutations(("int", "uint", "double"), 2))
    for operator in ("_<_", "_<=_", "_>_", "_>=_"):
        overloads = [
            cel.Overload(f"{operator}_{one}_{other}", return_type=cel.Type.BOOL, parameters=[_type(one), _type(other)])
            for one, other in pairs
        ]
        yield cel.FunctionDecl(operator, overloads)


def _index(name: str) -> cel.FunctionDecl:
    """Of texts there is such a function already, to which only an extension can add; it knows no type parameters."""
    overload = f"list_a_{'last_' if name == 'lastIndexOf' else ''}index_of_int"
    parameters = [cel.Type.LIST, cel.Type.DYN]
    return cel.FunctionDecl(
        name, [cel.Overload(overload, return_type=cel.Type.INT, parameters=parameters, is_member=True)]
    )


def _quantity_functions() -> list[cel.FunctionDecl]:
    return [
        _function(name, [([_type(parameter) for parameter in types[:-1]], _type(types[-1]))], is_member=is_member)
        for name, (is_member, types) in _QUANTITIES.items()
    ]


def _list_functions() -> list[cel.FunctionDecl]:
    of = {name: (cel.Type.List(_type(name)), _type(name)) for name in _ORDERED}
    return [
        _function("sum", [([of[name][0]], of[name][1]) for name in _NUMBERS], is_member=True),
        _function("min", [([items], item) for items, item in of.values()], is_member=True),
        _function("max", [([items], item) for items, item in of.values()], is_member=True),
        _function("isSorted", [([items], cel.Type.BOOL) for items, _ in of.values()], is_member=True),
    ]


def _function(name: str, overloads: list[tuple[list[cel.Type], cel.Type]], *, is_member: bool) -> cel.FunctionDecl:
    return cel.FunctionDecl(
        name,
        [
            cel.Overload(f"{name}_{at}", return_type=value, parameters=parameters, is_member=is_member)
            for at, (parameters, value) in enumerate(overloads)
        ],
    )


def _type(name: str) -> cel.Type:
    return cel.Type.AbstractType(name) if name == QUANTITY else getattr(cel.Type, name.upper())
