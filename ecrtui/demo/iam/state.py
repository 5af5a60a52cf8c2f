"""IAM's state: roles, and the policies that are attached to them."""

from __future__ import annotations

from dataclasses import dataclass

from ecrtui.demo.operations import Json


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy of an identity."""

    name: str
    kind: str
    """Where it comes from, in the simulator's words: `role` (inline), `aws-managed`, `user-managed`."""
    statements: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """One role."""

    name: str
    policies: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    """The permissions boundary: what it does not allow, the role may not."""
