"""Authentication, and the version of Ray that it needs (R35, R96 to R98)."""

from __future__ import annotations

from tests.parity.draft import Draft
from tests.parity.recipe import breach, recipe

UNREADABLE = (
    "nightly",
    "2",
    "2.x",
    "2..52",
    ".2.52",
    "V2.52",
    "vv2.52",
    "v 2.52",
    "+2.52",
    "02.52",
    " ",
    "2.52.0\n",
    "\v2.52",
    f"2.{2**64}",
)

AUTH = ("spec.cluster.auth", "spec.cluster.version")


@recipe(*AUTH, breaks=(breach("R35", since=6),))
def k8s_token_auth(draft: Draft) -> None:
    draft.cluster["rayVersion"] = "2.55.0"
    draft.cluster["authOptions"] = {"mode": "token", "enableK8sTokenAuth": True, "secretName": draft.pick("", "s")}


@recipe(*AUTH, breaks=(breach("R35", since=6),))
def k8s_token_auth_without_tokens(draft: Draft) -> None:
    draft.cluster["authOptions"] = {"enableK8sTokenAuth": True} | draft.pick({}, {"mode": "disabled"})


@recipe(*AUTH, breaks=(breach("R96", since=5),))
def token_auth_without_ray_version(draft: Draft) -> None:
    draft.cluster["authOptions"] = {"mode": "token"}
    draft.leave_out(draft.cluster, "rayVersion", "")


@recipe(*AUTH, breaks=(breach("R97", since=5),))
def token_auth_with_unreadable_ray_version(draft: Draft) -> None:
    draft.cluster["authOptions"] = {"mode": "token", "enableK8sTokenAuth": draft.pick(False, None)}
    draft.cluster["rayVersion"] = draft.pick(*UNREADABLE)


@recipe(*AUTH, breaks=(breach("R98", since=5),))
def token_auth_with_old_ray_version(draft: Draft) -> None:
    draft.cluster["authOptions"] = {"mode": "token", "secretName": "s"}
    draft.cluster["rayVersion"] = draft.pick("2.51.99", "2.6", "0.0", "v1.99.9", " 2.9.0", "2.5.2.0", "2.051")


@recipe(*AUTH)
def token_auth(draft: Draft) -> None:
    draft.cluster["authOptions"] = {"mode": "token", "enableK8sTokenAuth": draft.pick(False, None)}
    draft.cluster["rayVersion"] = draft.pick("2.52.0", "2.52", "2.052", "v2.52.0rc1", "\r\n2.52.x", "3.0.0", "2.52.")


@recipe(*AUTH)
def no_token_auth(draft: Draft) -> None:
    draft.cluster["authOptions"] = draft.pick({}, None, {"mode": "disabled"}, {"mode": "Token"}, {"secretName": "s"})
    draft.cluster["rayVersion"] = draft.pick("", "latest", None, "1.0")
