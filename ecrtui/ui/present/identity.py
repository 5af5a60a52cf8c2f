"""Who you are, as lines."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui import __version__
from ecrtui.domain.text import Shown, shown
from ecrtui.services.ports import Identity
from ecrtui.services.state import Failed, Loadable, value_of
from ecrtui.store.paths import config_path, journal_path
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.theme import Role
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line


def identity_lines(
    identity: Loadable[Identity],
    *,
    profile: str,
    endpoint: str,
    regions: Sequence[str],
    read_only: bool,
    demo: bool,
) -> tuple[Line, ...]:
    """Profile, account, role, regions, endpoint, whether changes can be sent, and where files are."""
    who = value_of(identity)
    lines = [_line("profile", "none: the embedded account" if demo else profile, "strong")]
    if who is not None:
        lines.append(_line("account", who.account, "strong"))
        lines.append(_line("arn", who.arn))
        if who.user_id:
            lines.append(_line("user id", who.user_id))
    elif isinstance(identity, Failed):
        lines += [(cell,) for cell in explanation(identity.error)]
    else:
        lines.append(_line("account", "asking AWS…", "muted"))
    lines.append(_line("regions", ", ".join(regions) or "none in scope: R chooses"))
    lines.append(_line("endpoint", endpoint or "AWS's own", "warn" if endpoint and not demo else "plain"))
    lines.append(_line("changes", "read-only: none can be sent" if read_only else "are sent once confirmed"))
    lines.append((Cell(Shown("")),))
    journal = "a temporary file: the embedded account is gone with it" if demo else str(journal_path())
    lines.append(_line("journal", journal, "muted"))
    lines.append(_line("config", str(config_path()), "muted"))
    lines.append(_line("ecrtui", __version__, "muted"))
    return tuple(lines)


def _line(label: str, value: str, role: Role = "plain") -> Line:
    return (Cell(shown(f"{label:<10}{value}"), role),)
