"""A bare Textual app of as many widgets as the first screen of ecrtui has: `bare.py COUNT`."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        for number in range(int(sys.argv[1])):
            yield Static(f"widget {number}", markup=False)


if __name__ == "__main__":
    Bare().run()
