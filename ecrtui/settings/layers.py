"""One value of what the defaults, the file, the environment and the flags say: the later wins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ecrtui.settings import AuditSettings, CreateDefaults, Settings, Timeouts
from ecrtui.settings.errors import refused
from ecrtui.settings.file import default_path, from_file
from ecrtui.settings.values import PARSERS, parsed, refresh, switch

VARIABLES = {
    "ECRTUI_PROFILE": "profile",
    "ECRTUI_REGION": "regions",
    "ECRTUI_ENDPOINT_URL": "endpoint_url",
    "ECRTUI_READ_ONLY": "read_only",
    "ECRTUI_DEBUG": "debug",
    "ECRTUI_THEME": "theme",
    "ECRTUI_REFRESH": "refresh",
    "ECRTUI_BELL": "bell",
    "ECRTUI_NOTIFY": "notify",
    "ECRTUI_MOUSE": "mouse",
}
"""The setting of each variable of the environment."""
OTHER_VARIABLES = ("ECRTUI_CONFIG", "ECRTUI_DEMO_SPEED")
_SWITCH_WORDS = {"1": True, "true": True, "yes": True, "on": True} | {
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def load(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings. `flags` are values by dotted key (absent: not given); `config` among them is the file."""
    chosen = flags.get("config") or environ.get("ECRTUI_CONFIG")
    path = Path(os.path.expanduser(chosen)) if chosen else default_path(environ)
    places: dict[str, str] = {}
    values = from_file(path, places, required=bool(chosen))
    for layer in (_from_environment(environ, places), _from_flags(flags, places)):
        values.update(layer)
    return _settings(values, places)


def _from_environment(environ: Mapping[str, str], places: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith("ECRTUI_") or name in OTHER_VARIABLES:
            continue
        key = VARIABLES.get(name)
        if key is None:
            _reject_misspelt(name)
        elif text:
            places[key] = f"the variable {name}"
            values[key] = parsed(key, _typed(key, text), places[key])
    return values


def _typed(key: str, text: str) -> Any:
    """What TOML would have given for the text of a variable."""
    if PARSERS[key] is switch:
        return _SWITCH_WORDS.get(text.strip().lower(), text)
    if PARSERS[key] is refresh:
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _reject_misspelt(name: str) -> None:
    """A variable that only looks like one of ours would be ignored silently: `ECRTUI_READONLY`."""
    if close := get_close_matches(name, [*VARIABLES, *OTHER_VARIABLES], n=1, cutoff=0.88):
        raise refused(name, "the environment", "there is no such variable", f"Did you mean {close[0]}?")


def _from_flags(flags: Mapping[str, Any], places: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in flags.items():
        if key in PARSERS:
            places[key] = "the command line"
            values[key] = parsed(key, value, places[key])
    return values


def _settings(values: Mapping[str, Any], places: Mapping[str, str]) -> Settings:
    def table(name: str) -> dict[str, Any]:
        return {key.removeprefix(f"{name}."): value for key, value in values.items() if key.startswith(f"{name}.")}

    top = {key: value for key, value in values.items() if "." not in key}
    return Settings(
        **top,
        naming_rule=values.get("naming.rule"),
        create=_create_defaults(table("create"), places),
        audit=AuditSettings(**table("audit")),
        timeouts=Timeouts(**table("timeouts")),
        keys=MappingProxyType(table("keys")),
        places=MappingProxyType(dict(places)),
    )


def _create_defaults(table: dict[str, Any], places: Mapping[str, str]) -> CreateDefaults:
    """Settings that exclude each other are refused here, as ECR would refuse them at creation."""
    excluding = table.get("mutability", CreateDefaults().mutability).endswith("_WITH_EXCLUSION")
    if not excluding and table.setdefault("exclusions", ()):
        place = places.get("create.exclusions", "")
        raise refused(
            "create.exclusions",
            place,
            f"{table['mutability']} takes no exclusions",
            f"Remove them, or set mutability to {table['mutability']}_WITH_EXCLUSION.",
        )
    if excluding and table.get("exclusions") == ():
        place = places.get("create.exclusions", "")
        raise refused("create.exclusions", place, "there is no filter", "Name a tag, or set mutability to IMMUTABLE.")
    if table.get("kms_key") and table.get("encryption", "AES256") == "AES256":
        place = places.get("create.kms_key", "")
        raise refused("create.kms_key", place, "AES256 uses no key", 'Set encryption to "KMS" too.')
    return CreateDefaults(**table)
