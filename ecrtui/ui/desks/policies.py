"""Lifecycle: what the draft would do, and putting, deleting and restoring policies."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from ecrtui.services.browse import IndexChildren
from ecrtui.services.slices import PolicyKey
from ecrtui.services.state import IDLE, Key, Loading, value_of
from ecrtui.ui.actions.lifecycle import (
    apply_policies,
    delete_policies,
    preview_all,
    preview_by_aws,
    restore_policies,
)
from ecrtui.ui.dialogs.plan import Results
from ecrtui.ui.present.fates import AwsPreviewKey, PreviewKey, Seen, aws_marks
from ecrtui.ui.present.repositories import RepositoryKey

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp
    from ecrtui.ui.screens.lifecycle import LifecycleScreen

_GROUP = "lifecycle"


class PoliciesDesk:
    """Commands on the policies of the chosen repositories."""

    def __init__(self, screen: LifecycleScreen) -> None:
        self._screen = screen
        self._cache = IndexChildren()

    @property
    def _app(self) -> EcrtuiApp:
        return self._screen.ecrtui

    # Previews

    def command_preview(self) -> None:
        """What the draft would do to the chosen repositories."""
        session = self._app.session
        if session is None:
            return
        texts = dict.fromkeys(self._screen.targets.chosen, self._screen.draft.text)

        async def look() -> None:
            await preview_all(self._app, session, texts, self._cache)

        self._start(look)
        self._screen.enter(self._screen.preview if len(texts) == 1 else self._screen.targets)

    def refusal_preview(self) -> str:
        """Why nothing can be previewed."""
        return self._refusal_without_draft()

    def command_aws_preview(self) -> None:
        """AWS's own preview of what was previewed."""
        session, current, seen = self._app.session, self._screen.targets.current, self._seen
        if session is not None and current is not None and seen is not None:
            self._start(partial(preview_by_aws, self._app, session, current, seen))

    def refusal_aws_preview(self) -> str:
        """Ours comes first: the two are compared."""
        return self.refusal_view()

    def command_view(self) -> None:
        """What goes, what stays, what is in use."""
        current = self._screen.targets.current
        aws = None if current is None else value_of(self._app.state.get(AwsPreviewKey(*current)))
        self._screen.preview.next_view(aws_marks(aws) is not None)
        self._app.show_soon()

    def refusal_view(self) -> str:
        """There must be a preview."""
        return "" if self._seen is not None else "there is no preview yet: p makes one"

    @property
    def _seen(self) -> Seen | None:
        """Our preview of the repository under the cursor."""
        current = self._screen.targets.current
        return None if current is None else value_of(self._app.state.get(PreviewKey(*current)))

    # Changes

    def command_apply(self) -> None:
        """Put the draft on the chosen repositories."""
        session = self._app.session
        if session is not None:
            texts = dict.fromkeys(self._screen.targets.chosen, self._screen.draft.text)
            self._start(partial(apply_policies, self._app, session, texts, self._cache, ended=self._changed))

    def refusal_apply(self) -> str:
        """Why nothing can be applied."""
        return self._refusal_without_draft()

    def command_restore(self) -> None:
        """Put back what the last change replaced."""
        session = self._app.session
        if session is not None:
            keys = self._screen.targets.chosen
            self._start(partial(restore_policies, self._app, session, keys, self._cache, self._changed))

    def command_delete(self) -> None:
        """Delete the policies of the chosen repositories."""
        session = self._app.session
        if session is not None:
            keys = [key for key in self._screen.targets.chosen if self._has_policy(key)]
            self._start(partial(delete_policies, self._app, session, keys, self._changed))

    def refusal_delete(self) -> str:
        """There must be a policy."""
        return "" if any(self._has_policy(key) for key in self._screen.targets.chosen) else "no policy is set"

    def _has_policy(self, key: RepositoryKey) -> bool:
        return value_of(self._app.state.get(PolicyKey(*key))) is not None

    def _changed(self, results: Results) -> None:
        self._screen.draft.settle()

    def _refusal_without_draft(self) -> str:
        if self._app.session is None:
            return "no account is open"
        if not self._screen.draft.text.strip():
            return "the draft is empty: T fills it from a template"
        return "" if self._screen.draft.valid else "the draft is not valid: F8 goes to what is wrong"

    # One work at a time

    def stop(self) -> bool:
        """Stop the previews and plans that are being made; False when there are none."""
        busy = any(isinstance(self._app.state.get(key), Loading) for key in self._slices())
        if busy:
            self._app.workers.cancel_group(self._app, _GROUP)
            self._forget_unfinished()
        return busy

    def _slices(self) -> Iterator[Key[Any]]:
        """The previews of all repositories here."""
        for key in self._screen.targets.keys:
            yield PreviewKey(*key)
            yield AwsPreviewKey(*key)

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `work` instead of what ran before."""
        self._forget_unfinished()
        self._app.spawn(work, _GROUP, exclusive=True)

    def _forget_unfinished(self) -> None:
        """What was stopped does not seem to run."""
        session = self._app.session
        if session is not None:
            for key in self._slices():
                if isinstance(self._app.state.get(key), Loading):
                    session.put(key, IDLE)
