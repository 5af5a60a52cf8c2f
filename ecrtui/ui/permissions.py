"""What a session asks about the permissions of a repository."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ecrtui.domain.usage import Usage, UseIndex
from ecrtui.services.browse import load_usage
from ecrtui.services.permissions import PermissionReport
from ecrtui.services.permissions import load_permissions as load_report
from ecrtui.services.slices import PermissionsKey, UsageKey
from ecrtui.services.state import Ready, value_of

if TYPE_CHECKING:
    from ecrtui.ui.session import Session


def load_permissions(session: Session, region: str, name: str, *, fresh: bool = False) -> None:
    """Who may push to a repository and pull from it; `fresh`: nothing that IAM said before."""

    async def ask() -> PermissionReport:
        return await load_report(session.account, region, name, await _uses(session), fresh=fresh)

    session.once(PermissionsKey(region, name), ask)


async def _uses(session: Session) -> UseIndex:
    """What runs in the regions in scope: what is known, and what is still to be asked."""
    known: list[Usage] = []
    unknown: list[str] = []
    for region in session.app.scope:
        slice_ = session.state.get(UsageKey(region))
        if isinstance(slice_, Ready):
            known.append(slice_.value)
        else:
            unknown.append(region)
    asked = await asyncio.gather(*(load_usage(session.account, region) for region in unknown))
    return UseIndex([*known, *(usage for slice_ in asked if (usage := value_of(slice_)) is not None)])
