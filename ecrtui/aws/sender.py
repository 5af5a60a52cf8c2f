"""The only way to a call that changes something."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from ecrtui.aws.call import Caller
from ecrtui.aws.raw import readable
from ecrtui.domain.change import ApiCall
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import Identity, Receipt

_TOKENS = ("idempotencyToken", "clientToken", "clientRequestToken")
"""Parameters by which a service recognises a request that it has already carried out."""


class AwsSender:
    """The port `Sender`: refuses everything when read-only."""

    def __init__(
        self,
        caller: Callable[[str, str], Caller],
        signed_only: Callable[[int], AbstractContextManager[None]],
        *,
        read_only: bool,
    ) -> None:
        """Within `signed_only` no other credentials sign than those of that version."""
        self._caller = caller
        self._signed_only = signed_only
        self._read_only = read_only

    async def send(self, region: str, call: ApiCall, identity: Identity) -> Receipt:
        """Send once, signed with the credentials that `identity` holds for; refused when there are others by now.

        Repeated only when the parameters hold an idempotency token.
        """
        what = f"call {call.action}"
        if self._read_only:
            raise AppError(
                ErrorKind.READ_ONLY,
                what,
                where=region,
                why="ecrtui was started read-only",
                remedy="Start it without --read-only (or ECRTUI_READ_ONLY) to change anything.",
            )
        caller = self._caller(call.service, region)
        repeatable = any(call.parameters.get(name) for name in _TOKENS)
        with self._signed_only(identity.credentials):
            members, request_id = await caller.change(call.operation, call.parameters, what, repeatable=repeatable)
        return Receipt(request_id, readable(members, await caller.output_shape(call.operation)))
