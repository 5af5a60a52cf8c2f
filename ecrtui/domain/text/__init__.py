"""The text boundary: what a stranger wrote becomes something that can be drawn.

A string from AWS (a name, a tag, a log line, an error) may hold escape sequences, bidirectional overrides,
invisible characters and thousands of combining marks, and no widget of Textual's takes them out. `shown` and
`loglines.log_line` are the only two ways to a `Shown`, which is what our widgets accept. The raw string goes back to
AWS.

Of a `Shown`, `str.isprintable` holds, each character takes the cells that `width` says (as Rich and wcwidth
do), and nothing of the raw string is left out without a visible sign.
"""

from ecrtui.domain.text.layout import Align, fit, fit_middle, shorten_middle, width, wrap
from ecrtui.domain.text.visible import ELLIPSIS, LIMIT, NOTHING, Shown, shown

__all__ = [
    "ELLIPSIS",
    "LIMIT",
    "NOTHING",
    "Align",
    "Shown",
    "fit",
    "fit_middle",
    "shorten_middle",
    "shown",
    "width",
    "wrap",
]
