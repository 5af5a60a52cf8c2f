"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click


def pairs(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> Mapping[str, str]:
    """`K=V` options as a mapping; the value may be empty and may hold further `=`."""
    found: dict[str, str] = {}
    for value in values:
        key, separator, text = value.partition("=")
        if not key or not separator:
            raise click.BadParameter("write it as KEY=VALUE.", context, parameter)
        if key in found:
            raise click.BadParameter(f"{key} is there twice.", context, parameter)
        found[key] = text
    return found
