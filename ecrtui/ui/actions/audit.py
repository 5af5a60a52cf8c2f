"""Writing an audit to a file."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ecrtui.domain.audit.export import FORMATS, SUFFIXES
from ecrtui.domain.audit.report import Report
from ecrtui.domain.audit.words import counted
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import Shown, shown
from ecrtui.ui.actions.saving import write_new
from ecrtui.ui.dialogs.text_input import TextDialog
from ecrtui.ui.widgets.rows import Cell

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_REMEDY = "Choose a new name in a directory that you may write to and that has room."
_FORMAT_WORDS = {"json": "JSON", "csv": "CSV", "sarif": "SARIF 2.1.0", "markdown": "Markdown"}


def save_report(app: EcrtuiApp, report: Report) -> None:
    """Ask for a name, then write the whole report; the format is what the name ends in."""

    def chosen(name: str | None) -> None:
        if not name:
            return
        path = _path(name)
        _write(path, FORMATS[SUFFIXES[path.suffix.lower()]](report, time.time()))
        app.tell(shown(f"saved {counted(len(report.findings), 'finding')} to {path}"))

    own = f"ecrtui-audit-{report.account or 'account'}.sarif"
    dialog = TextDialog(Shown("Save the audit"), Shown("Save"), faults=_faults, notes=_notes, value=shown(own))
    app.push_screen(dialog, chosen)


def _path(name: str) -> Path:
    return Path(name).expanduser().absolute()


def _faults(name: str) -> Sequence[str]:
    path = _path(name)
    if path.suffix.lower() not in SUFFIXES:
        return [f"the name ends in {', '.join(list(SUFFIXES)[:-1])} or {list(SUFFIXES)[-1]}"]
    try:
        return ["there is such a file already"] if path.exists() else []
    except (OSError, ValueError) as error:
        return [str(error)]


def _notes(name: str) -> Sequence[Cell]:
    form = _FORMAT_WORDS[SUFFIXES[_path(name).suffix.lower()]]
    return (Cell(shown(f"writes {form} to {_path(name)}, for you alone"), "muted"),)


def _write(path: Path, text: str) -> None:
    try:
        write_new(path, text)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise AppError(ErrorKind.LOCAL, f"save the audit to {path}", why=why, remedy=_REMEDY) from error
