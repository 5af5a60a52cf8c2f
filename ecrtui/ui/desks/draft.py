"""Lifecycle: writing the draft of a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.domain.lifecycle import template, templates, to_json
from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import PolicyKey
from ecrtui.services.state import value_of
from ecrtui.ui.dialogs.pick import Option, PickDialog
from ecrtui.ui.dialogs.template import TemplateDialog
from ecrtui.ui.present.policies import pretty

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp
    from ecrtui.ui.screens.lifecycle import LifecycleScreen

_STORED = "stored"


class DraftDesk:
    """Commands on the text."""

    def __init__(self, screen: LifecycleScreen) -> None:
        self._screen = screen

    @property
    def _app(self) -> EcrtuiApp:
        return self._screen.ecrtui

    def command_edit(self) -> None:
        """Into the draft."""
        self._screen.enter(self._screen.draft)

    def command_next_problem(self) -> None:
        """To the next thing that is wrong."""
        self._screen.draft.next_problem()

    def refusal_next_problem(self) -> str:
        """There may be none."""
        return "" if self._screen.draft.problems else "nothing is wrong with the draft"

    def command_format(self) -> None:
        """Lay the draft out."""
        if not self._screen.draft.format():
            self._app.tell(Shown("the draft is not valid yet: F8 goes to what is wrong"), good=False)

    def command_templates(self) -> None:
        """Fill the draft."""
        options = [Option(one.id, shown(one.title), shown(one.description)) for one in templates()]
        stored = self._stored_text()
        if stored is not None:
            options.append(
                Option(_STORED, Shown("What is stored now"), Shown("begin again from the policy as it is set"))
            )
        self._app.push_screen(PickDialog(Shown("Fill the draft with"), options), self._template_picked)

    def _template_picked(self, picked: tuple[str, ...] | None) -> None:
        if not picked:
            return
        if picked[0] == _STORED:
            self._fill(pretty(self._stored_text() or ""))
            return
        chosen = template(picked[0])

        def numbered(numbers: dict[str, int] | None) -> None:
            if numbers is not None:
                self._fill(to_json(chosen.policy(numbers)))

        self._app.push_screen(TemplateDialog(chosen), numbered)

    def _fill(self, text: str) -> None:
        self._screen.draft.fill(text)
        self._screen.enter(self._screen.draft)

    def _stored_text(self) -> str | None:
        current = self._screen.targets.current
        stored = None if current is None else value_of(self._app.state.get(PolicyKey(*current)))
        return None if stored is None else stored.text
