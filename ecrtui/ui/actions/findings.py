"""Starting scans, and writing findings to a file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.scan import ImageScan
from ecrtui.domain.scan_rows import COMPARED, MEMBERS, FindingRow, as_csv, as_json, record, scan_records
from ecrtui.domain.text import Shown, shown
from ecrtui.services.findings import plan_scan
from ecrtui.services.slices import FindingsKey
from ecrtui.ui.actions.images import image_of
from ecrtui.ui.actions.propose import prepare, propose
from ecrtui.ui.actions.saving import write_new
from ecrtui.ui.dialogs.plan import Results
from ecrtui.ui.dialogs.text_input import TextDialog
from ecrtui.ui.session import Session
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.rows import Cell

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_SUFFIXES = (".json", ".csv")


# Scans


def start_scans(app: EcrtuiApp, subject: Subject, digests: Sequence[str]) -> None:
    """Propose to scan these images of a repository."""
    session = app.session
    found = [image_of(app.state, Subject(subject.region, subject.name, digest)) for digest in digests]
    images = [image for image in found if image is not None]
    if session is not None and images:
        prepare(app, partial(_propose_scans, app, session, subject, images))


async def _propose_scans(app: EcrtuiApp, session: Session, subject: Subject, images: Sequence[Image]) -> None:
    steps = await plan_scan(session.account, subject.region, subject.name, images, cache=session.scans.indexes)
    name = steps[0].change.title if len(steps) == 1 else f"scan {len(steps)} images of {subject.name}"
    notes = [Cell(Shown("Basic scanning: operating system packages, without charge, once a day for each image."))]

    def ended(results: Results) -> None:
        session.scans.look_again(subject.region, subject.name)
        for image in images:
            if session.asked(FindingsKey(subject.region, subject.name, image.digest)):
                session.scans.load_findings(subject.region, subject.name, image)

    propose(app, shown(name[:1].upper() + name[1:]), steps, verb=Shown("Scan"), notes=notes, ended=ended)


# Files


def save_findings(
    app: EcrtuiApp,
    place: tuple[str, str],
    scans: Mapping[str, ImageScan],
    rows: Sequence[FindingRow],
    filter_text: str,
) -> None:
    """Ask for a name, then write these rows; what the suffix says, JSON or CSV.

    `scans` are those of the image and, in a comparison, of the baseline, by digest.
    """
    region, repository = place

    def chosen(name: str | None) -> None:
        if not name:
            return
        path = Path(name).expanduser().absolute()
        if path.suffix.lower() == ".csv":
            compared = any(row.change for row in rows)
            text = as_csv(map(record, rows), COMPARED if compared else MEMBERS)
        else:
            head = {"region": region, "repository": repository, "filter": filter_text or None}
            body = {"scans": scan_records(scans), "findings": [record(row) for row in rows]}
            text = as_json({**head, **body})
        _write(path, text)
        app.tell(shown(f"saved {len(rows):,} findings to {path}"))

    digest = next(iter(scans), "")
    own = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{repository}-{digest[7:19]}-findings") + ".json"
    title, verb = shown(f"Save {len(rows):,} findings"), Shown("Save")
    app.push_screen(TextDialog(title, verb, faults=_faults, notes=_notes, value=shown(own)), chosen)


def _faults(name: str) -> Sequence[str]:
    path = Path(name).expanduser()
    if path.suffix.lower() not in _SUFFIXES:
        return ["the name ends in .json or .csv"]
    return ["there is such a file already"] if path.exists() else []


def _notes(name: str) -> Sequence[Cell]:
    return (Cell(shown(f"writes {Path(name).expanduser().absolute()}"), "muted"),)


def _write(path: Path, text: str) -> None:
    try:
        write_new(path, text)
    except OSError as error:
        why = error.strerror or str(error)
        remedy = "Choose a new name in a directory that you may write to and that has room."
        raise AppError(ErrorKind.LOCAL, f"save the findings to {path}", why=why, remedy=remedy) from error
