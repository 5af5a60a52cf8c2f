"""Cells of CSV: people open such files in a spreadsheet, which carries out what looks like a formula."""

from __future__ import annotations

import sys

from ecrtui.domain.text import Shown, shown

_FORMULA = tuple("=+-@＝＋－＠")
"""Those of full width begin a formula too, where Japanese is spoken."""


def cell(raw: str) -> Shown:
    """A text without what acts, and with an apostrophe before what a spreadsheet would take for a formula.

    The rule is OWASP's for CSV injection; a tab or a line end, which can begin a formula too, is none any more.
    """
    text = shown(raw, sys.maxsize)
    return Shown(f"'{text}") if text.lstrip(" ").startswith(_FORMULA) else text
