"""Whom a part of a policy is for: by namespace, labels, user, operation."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from webhook.part import Part
from webhook.rayjob.syntax import is_label_key, is_label_value

SYSTEM = "system:"  # begins the names of users and groups that Kubernetes makes
SERVICE_ACCOUNT = f"{SYSTEM}serviceaccount:"  # and then NAMESPACE:NAME is how the API server calls one


class Asked(NamedTuple):
    """What a review says about who asks for what; labels are the object's, none where they cannot be read."""

    namespace: str
    operation: str
    username: str = ""
    groups: Sequence[str] = ()
    labels: Mapping[str, str] = MappingProxyType({})


def _label_key(text: str) -> str:
    if not is_label_key(text):
        raise ValueError("must be a label's key: a name of at most 63 characters, perhaps with a DNS subdomain and '/'")
    return text


def _label_value(text: str) -> str:
    if not is_label_value(text):
        raise ValueError("must be a label's value: at most 63 letters, digits, '-', '_' and '.'")
    return text


def _namespace(text: str) -> str:
    if _NAMESPACE.fullmatch(text) is None:  # it would hold for nobody, and its owner would never know
        raise ValueError("must be a namespace's name: small letters, digits and '-', with * and ?")
    return text


def _account(text: str) -> str:
    if _ACCOUNT.fullmatch(text) is None:
        raise ValueError("must be NAMESPACE:NAME of a service account, with * and ?")
    return text


_NAMESPACE = re.compile("[-a-z0-9*?]+")
_ACCOUNT = re.compile("[-a-z0-9*?]+:[-.a-z0-9*?]+")

Glob = Annotated[str, Field(min_length=1, max_length=253)]
Namespace = Annotated[
    str, Field(max_length=63, json_schema_extra={"pattern": f"^{_NAMESPACE.pattern}$"}), AfterValidator(_namespace)
]
Account = Annotated[
    str, Field(max_length=317, json_schema_extra={"pattern": f"^{_ACCOUNT.pattern}$"}), AfterValidator(_account)
]
LabelKey = Annotated[str, AfterValidator(_label_key)]
LabelValue = Annotated[str, AfterValidator(_label_value)]


class LabelOperator(StrEnum):
    """How an expression compares a label."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class LabelExpression(Part):
    """A requirement on one label, as in every label selector of Kubernetes."""

    key: LabelKey = Field(description="The label's key")
    operator: LabelOperator = Field(description="How it is compared")
    values: tuple[LabelValue, ...] = Field(default=(), description="What it is compared with, for In and NotIn")

    @model_validator(mode="after")
    def _takes_its_values(self) -> LabelExpression:
        if (self.operator in (LabelOperator.IN, LabelOperator.NOT_IN)) is not bool(self.values):
            raise ValueError("must have values for In and NotIn, and none for Exists and DoesNotExist")
        return self

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels meets it."""
        if self.operator is LabelOperator.EXISTS:
            return self.key in labels
        if self.operator is LabelOperator.DOES_NOT_EXIST:
            return self.key not in labels
        return (labels.get(self.key) in self.values) is (self.operator is LabelOperator.IN)


class Match(Part):
    """Every condition that is given must hold; of a list, one entry must, so that none is empty.

    A name of a user or a group that begins with a wildcard holds for none of those that begin with ``system:``, which
    Kubernetes keeps for itself: there are service accounts among them, and whoever may create one chooses how its name
    ends. Stars alone hold for everybody.
    """

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    namespaces: tuple[Namespace, ...] = Field(
        default=(), min_length=1, description="Names; `*` stands for any text, `?` for a character"
    )
    match_labels: dict[LabelKey, LabelValue] = Field(default={}, description="Labels that the object must have")
    match_expressions: tuple[LabelExpression, ...] = Field(default=(), description="Requirements on its labels")
    users: tuple[Glob, ...] = Field(default=(), min_length=1, description="Names of users, with `*` and `?`")
    groups: tuple[Glob, ...] = Field(
        default=(), min_length=1, description="Groups of which the user is in one, with `*` and `?`"
    )
    service_accounts: tuple[Account, ...] = Field(
        default=(), min_length=1, description="NAMESPACE:NAME, with `*` and `?`"
    )
    operations: tuple[Literal["CREATE", "UPDATE"], ...] = Field(default=(), min_length=1, description="CREATE, UPDATE")

    @model_validator(mode="after")
    def _says_something(self) -> Match:
        if not self.model_fields_set or not any(getattr(self, name) for name in self.model_fields_set):
            raise ValueError("must name whom it is for: at least one condition")
        return self

    @property
    def label_keys(self) -> frozenset[str]:
        """The labels on which it hangs: what an object's author can change."""
        return frozenset(self.match_labels) | {expression.key for expression in self.match_expressions}

    @property
    def asks_for_user(self) -> bool:
        """Whether it hangs on who asks: what no file says."""
        return bool(self.users or self.groups or self.service_accounts)


@dataclass(frozen=True, slots=True)
class Matcher:
    """A `Match` that is ready to be asked."""

    match: Match
    _namespaces: re.Pattern[str] | None
    _users: re.Pattern[str] | None
    _groups: re.Pattern[str] | None
    _accounts: re.Pattern[str] | None

    @classmethod
    def of(cls, match: Match) -> Matcher:
        """The matcher of what a policy says."""
        accounts = (_glob(SERVICE_ACCOUNT + account) for account in match.service_accounts)
        return cls(
            match,
            _any(map(_glob, match.namespaces)),
            _any(map(_name, match.users)),
            _any(map(_name, match.groups)),
            _any(accounts),
        )

    def holds(self, asked: Asked) -> bool:
        """Whether a review is one of those that are meant."""
        return self.concerns(asked) and self.fits(asked.labels)

    def concerns(self, asked: Asked) -> bool:
        """Whether who asks for what, and where, is meant, whatever the object's labels."""
        match = self.match
        return (
            (self._namespaces is None or self._namespaces.fullmatch(asked.namespace) is not None)
            and (not match.operations or asked.operation in match.operations)
            and (self._users is None or _is_user(self._users, asked.username))
            and (self._accounts is None or _is_account(self._accounts, asked.username))
            and (self._groups is None or any(map(self._groups.fullmatch, asked.groups)))
        )

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is meant."""
        match = self.match
        return match.match_labels.items() <= labels.items() and (
            not match.match_expressions or all(expression.holds(labels) for expression in match.match_expressions)
        )


def _is_user(users: re.Pattern[str], username: str) -> bool:
    # The API server knows everybody, and calls whom it does not know system:anonymous. For a file nobody asks, and
    # nobody is no user, not even of `*`.
    return username != "" and users.fullmatch(username) is not None


def _is_account(accounts: re.Pattern[str], username: str) -> bool:
    # A `*` must not reach over the colon: `ci:*` is every account of ci, not those of a namespace that no one can have.
    return username.count(":") == SERVICE_ACCOUNT.count(":") + 1 and accounts.fullmatch(username) is not None


def _any(expressions: Iterable[str]) -> re.Pattern[str] | None:
    """The expression for what any of these matches; None for none."""
    return _compiled("|".join(expressions))


@lru_cache(maxsize=256)
def _compiled(expression: str) -> re.Pattern[str] | None:
    return re.compile(expression) if expression else None


def _name(text: str) -> str:
    """A glob for names of users and groups as an expression."""
    is_open = text[0] in "*?" and text.strip("*") != ""
    return f"(?!{SYSTEM}){_glob(text)}" if is_open else _glob(text)


def _glob(text: str) -> str:
    """A glob as an expression; brackets have no meaning, since a user's name may hold them."""
    return fnmatch.translate(text.replace("[", "[[]"))
