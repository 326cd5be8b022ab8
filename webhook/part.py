"""How every part of a policy is written: the base of its models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import orjson
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Part(BaseModel):
    """A part of a policy: camelCase, nothing but what is known, and nothing converted.

    A field's description says what it means; it is what the policy's JSON Schema shows.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, strict=True)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """The part in the JSON values of a policy.

        Raises:
            ValidationError: if they are not what the model says.
        """
        return cls.model_validate_json(orjson.dumps(raw))
