"""Where the AWS files say that a profile logs in: the command for it, and what it writes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Stamp = tuple[tuple[str, int, int], ...]


def login_command(config: Mapping[str, Any], profile: str) -> tuple[str, ...]:
    """What logs a profile in, or the profile that its role begins with; empty where nothing does."""
    profiles, name = config.get("profiles", {}), profile
    for _ in profiles:
        settings = profiles.get(name, {})
        if "sso_session" in settings or "sso_start_url" in settings:
            return ("aws", "sso", "login", "--profile", name)
        if "login_session" in settings:
            return ("aws", "login", "--profile", name)
        name = settings.get("source_profile", name)
    return ()


def stamp() -> Stamp:
    """The files that a login or a new key alters, with times and sizes. Reads the disk."""
    return tuple(_stamps())


def _stamps() -> Iterator[tuple[str, int, int]]:
    for path in sorted(_files()):
        try:
            status = path.stat()
        except OSError:
            continue
        yield str(path), status.st_mtime_ns, status.st_size


def _files() -> Iterator[Path]:
    home = Path("~/.aws").expanduser()
    yield Path(os.environ.get("AWS_CONFIG_FILE", home / "config")).expanduser()
    yield Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE", home / "credentials")).expanduser()
    if token := os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        yield Path(token)
    for cache in (home / "sso" / "cache", home / "login" / "cache"):
        yield from cache.glob("*.json")
