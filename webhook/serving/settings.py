"""How the server is set up: flags, and RAYJOB_WEBHOOK_* where a flag is not given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "RAYJOB_WEBHOOK_"


class BadSettings(ValueError):
    """A setting that cannot be; the message names the variable and the flag."""


class Settings(BaseSettings):
    """Where the server listens, and where its certificate lies (tls.crt and tls.key, as the kubelet mounts them)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    host: str = "127.0.0.1"  # a Pod's manifest says 0.0.0.0; nobody else should be heard by accident
    port: Annotated[int, Field(ge=0, le=65535)] = 8443  # 0: any free one, told at start
    cert_dir: Path = Path("/etc/rayjob-webhook/tls")


def settings(**flags: object) -> Settings:
    """The settings in force: each flag that is not None, else its variable, else the default.

    Raises:
        BadSettings: if a value cannot be read as its setting's type or lies out of its range.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        told = [
            _told(str(fault["loc"][0]), fault["msg"]) for fault in error.errors(include_url=False, include_input=False)
        ]
        raise BadSettings("; ".join(told)) from None


def _told(name: str, message: str) -> str:
    return f"--{name.replace('_', '-')} ({PREFIX}{name.upper()}): {message}"
