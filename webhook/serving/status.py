"""The Status object with which Kubernetes' APIs answer what they cannot serve.

Source: Status of k8s.io/apimachinery's meta/v1; the reasons are its StatusReason texts.
"""

from __future__ import annotations

import orjson

REASONS = {
    400: "BadRequest",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    408: "Timeout",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    500: "InternalError",
    503: "ServiceUnavailable",
}


def status(code: int, message: str) -> bytes:
    """A failure as JSON."""
    return orjson.dumps(
        {
            "apiVersion": "v1",
            "kind": "Status",
            "status": "Failure",
            "message": message,
            "reason": REASONS.get(code, "Unknown"),
            "code": code,
        }
    )
