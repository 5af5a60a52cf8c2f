"""A few words that wrap: titles, hints and problems of dialogs."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from ecrtui.ui.theme import role_styles
from ecrtui.ui.widgets.rows import Cell


class Sentence(Widget):
    """Words in roles, wrapped to the width; it takes no line while it is empty."""

    DEFAULT_CSS = "Sentence { width: 1fr; height: auto; }"
    ALLOW_SELECT = False

    def __init__(self, *cells: Cell, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self.cells = cells
        self.display = bool(self.text)

    @property
    def text(self) -> str:
        """The words without their roles."""
        return "".join(cell.text for cell in self.cells)

    def show(self, *cells: Cell) -> None:
        """Say something else."""
        if cells != self.cells:
            self.cells = cells
            self.display = bool(self.text)
            self.refresh(layout=True)

    def render(self) -> Text:
        styles = role_styles(self.app)
        return Text.assemble(*((cell.text, styles[cell.role]) for cell in self.cells), overflow="fold")

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()
