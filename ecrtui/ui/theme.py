"""Colours, by role, and glyphs.

A cell or a sentence says what it means (`bad`, `muted`), never a colour; the theme says how that looks.
Meaning always has a glyph and a word too, so that it survives without colour. The accent marks the focus,
nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from rich.style import Style
from textual.app import App
from textual.theme import Theme

from ecrtui.domain.text import Shown

Role = Literal["plain", "muted", "good", "warn", "bad", "accent", "name", "number", "strong", "line"]
"""What a piece of text is, for the reader."""

DARK, LIGHT, ANSI = "ecrtui-dark", "ecrtui-light", "ecrtui-ansi"

_DARK = Theme(
    name=DARK,
    primary="#6cb6ff",
    secondary="#6cb6ff",
    accent="#6cb6ff",
    foreground="#d3d7de",
    background="#111418",
    surface="#111418",
    panel="#1b2027",
    success="#86b989",
    warning="#e3bd6d",
    error="#ff7b72",
    variables={"line": "#3d444d", "footer-key-foreground": "#d3d7de"},
)
_LIGHT = Theme(
    name=LIGHT,
    dark=False,
    primary="#0b5fb0",
    secondary="#0b5fb0",
    accent="#0b5fb0",
    foreground="#1f2329",
    background="#fbfbfa",
    surface="#fbfbfa",
    panel="#eceff2",
    success="#2c6a3b",
    warning="#855600",
    error="#b3261e",
    variables={"line": "#c6ccd3", "footer-key-foreground": "#1f2329"},
)
_ANSI = Theme(
    name=ANSI,
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_cyan",
    accent="ansi_cyan",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    variables={
        "line": "ansi_bright_black",
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "block-cursor-background": "ansi_cyan",
        "border": "ansi_cyan",
        "footer-key-foreground": "ansi_default",
    },
)
VARIABLES = {"line": "#6e7681"}
"""Variables of ours that a theme of Textual's does not have: for `App.get_theme_variable_defaults`."""
THEMES: tuple[Theme, ...] = (_DARK, _LIGHT, _ANSI)
_CONFIGURED = {"dark": DARK, "light": LIGHT, "ansi": ANSI, "no-colour": ANSI}
"""Themes by the words of the configuration."""

_MUTED = {DARK: "#8b949e", LIGHT: "#5c646d"}
_LINES = {DARK: "#3d444d", LIGHT: "#c6ccd3"}
_COLOURED: dict[Role, str] = {"good": "success", "warn": "warning", "bad": "error", "accent": "accent"}


def register_themes(app: App[Any], name: str = DARK) -> None:
    """Make our themes known to `app` and put on the one called `name`; without colours the ANSI one."""
    for theme in THEMES:
        app.register_theme(theme)
    wanted = ANSI if app.no_color else name
    if app.is_running:
        app.theme = wanted
        return
    # Before the start nothing is painted: the styles are to be parsed once, with the right colours.
    app.set_reactive(App.theme, wanted)
    app.set_class(app.current_theme.dark, "-dark-mode")
    app.set_class(not app.current_theme.dark, "-light-mode")
    app.stylesheet.set_variables(app.get_css_variables())


def choose_theme(configured: str | None, environ: Mapping[str, str]) -> str:
    """The theme to start with: the configured one (`dark`, `light`, `ansi`, `no-colour`), dark when none is.

    Without colours (NO_COLOR), or on a terminal of few, it is the ANSI one. Ask before the app is made: Textual
    takes NO_COLOR out of the environment.
    """
    if "NO_COLOR" in environ or environ.get("TERM", "") in {"linux", "vt100", "vt220"}:
        return ANSI
    return _CONFIGURED.get(configured or "", DARK)


def role_styles(app: App[Any]) -> Mapping[Role, Style]:
    """How each role looks in the theme that `app` wears now: foreground and weight, no background."""
    return _styles_of(app.theme, _Palette.of(app.current_theme))


class _Palette(NamedTuple):
    """The colours of a theme that roles use, hashable."""

    success: str | None
    warning: str | None
    error: str | None
    accent: str | None

    @classmethod
    def of(cls, theme: Theme) -> _Palette:
        return cls(theme.success, theme.warning, theme.error, theme.accent or theme.primary)


@lru_cache(16)
def _styles_of(name: str, palette: _Palette) -> Mapping[Role, Style]:
    styles: dict[Role, Style] = {
        "plain": Style(),
        "name": Style(),
        "number": Style(),
        "strong": Style(bold=True),
    }
    styles["muted"] = Style(color=_MUTED[name]) if name in _MUTED else Style(dim=True)
    styles["line"] = Style(color=_LINES[name]) if name in _LINES else Style(dim=True)
    for role, member in _COLOURED.items():
        colour: str | None = getattr(palette, member)
        styles[role] = Style(color=colour.removeprefix("ansi_")) if colour else Style(bold=role == "bad")
    return styles


class Glyphs(NamedTuple):
    """The signs that ecrtui draws, each one cell wide."""

    cursor: Shown = Shown("▸")
    resting: Shown = Shown("▹")
    """The cursor of a list that has not the focus."""
    running: Shown = Shown("●")
    ok: Shown = Shown("✓")
    missing: Shown = Shown("✗")
    differs: Shown = Shown("≠")
    warning: Shown = Shown("⚠")
    unknown: Shown = Shown("?")
    marked: Shown = Shown("●")
    new: Shown = Shown("+")
    watched: Shown = Shown("◉")
    waiting: Shown = Shown("·")
    into: Shown = Shown("▸")
    ascending: Shown = Shown("▲")
    descending: Shown = Shown("▼")
    line: Shown = Shown("─")
    thumb: Shown = Shown("┃")
    full: Shown = Shown("▇")
    empty: Shown = Shown("▁")
    spark: Shown = Shown("▁▂▃▄▅▆▇█")
    """Eight levels, lowest first."""


_UNICODE = Glyphs()
_ASCII = Glyphs(
    *map(
        Shown,
        (">", "-", "*", "v", "x", "#", "!", "?", "*", "+", "@", ".", ">", "^", "v", "-", "|", "#", "-", "_.-~=+*#"),
    )
)


def glyphs(unicode: bool = True) -> Glyphs:
    """The signs for a terminal that shows Unicode, or their ASCII counterparts."""
    return _UNICODE if unicode else _ASCII
