"""`ecrtui lifecycle`: the policies of repositories."""

from __future__ import annotations

import click

from ecrtui.headless.invocation import Group
from ecrtui.headless.policyfile import evaluate, validate


@click.group(cls=Group)
def lifecycle() -> None:
    """Lifecycle policies: show, check, preview, put, delete, restore."""


lifecycle.add_command(validate)
lifecycle.add_command(evaluate)
