"""Files that ship with the package."""

from __future__ import annotations

from pathlib import Path, PurePath

_PACKAGE = Path(__file__).resolve().parent


def styles_dir() -> Path:
    """The folder of the Textual CSS: the wheel's copy, else the checkout's."""
    packaged = _PACKAGE / "styles"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "styles"


def style_paths(*names: str) -> list[str | PurePath]:
    """The paths of these style sheets, for Textual's `CSS_PATH`: absolute, since relative ones follow the class."""
    return [styles_dir() / f"{name}.tcss" for name in names]
