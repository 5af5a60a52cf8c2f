"""Shell command lines taken apart far enough to see what they run and on what.

Not a shell: quotes, substitutions and separators are understood, control flow is looked through.
"""

from __future__ import annotations

from collections.abc import Iterator

_LEADING = frozenset({"then", "do", "else", "elif", "if", "while", "until", "!", "{", "(", "time", "sudo"})
_SHELLS = frozenset({"sh", "bash", "/bin/sh", "/bin/bash"})
_WORD_LIMIT = 4_096


def joined_commands(text: str, depth: int = 2) -> Iterator[tuple[list[str], str]]:
    """The words of each simple command in a script, in order, and what joins it to the next: `|`, `||`, `&&`, `;`, `&`.

    Quotes are taken off; `$(…)` and variables stay as they are. What `sh -c` runs comes in its place. The operator is
    empty at the end of the text, and where only a parenthesis or the end of a line follows.
    """
    for words, operator in _split(text):
        while words and words[0] in _LEADING:
            words = words[1:]
        if not words:
            continue
        if words[0] in _SHELLS and "-c" in words[1:-1] and depth:
            inner = list(joined_commands(words[words.index("-c") + 1], depth - 1))
            yield from inner[:-1]
            yield from ((last, operator) for last, _ in inner[-1:])
        else:
            yield words, operator


def _split(text: str) -> Iterator[tuple[list[str], str]]:
    words: list[str] = []
    word: str | None = None
    at, end = 0, len(text)
    while at < end:
        char = text[at]
        if char == "&" and ((word or "").endswith(">") or text.startswith("&>", at)):
            word, at = f"{word or ''}&", at + 1  # a redirection: 2>&1, &>file
        elif char in " \t\n;&|()":
            if word is not None:
                words.append(word[:_WORD_LIMIT])
                word = None
            operator = _operator(text, at)
            if char not in " \t" and words:
                yield words, operator
                words = []
            at += max(1, len(operator))
        elif char == "#" and word is None:
            at = _until(text, at, "\n")
        else:
            piece, at = _piece(text, at)
            word = (word or "") + piece
    if word is not None:
        words.append(word[:_WORD_LIMIT])
    if words:
        yield words, ""


def _operator(text: str, at: int) -> str:
    for operator in ("||", "&&", "|&", "|", ";", "&"):
        if text.startswith(operator, at):
            return operator
    return ""


def _piece(text: str, at: int) -> tuple[str, int]:
    """The next part of a word, and the index after it."""
    char = text[at]
    if char == "\\":
        escaped = text[at + 1 : at + 2]
        return ("" if escaped == "\n" else escaped), at + 2
    if char == "'":
        close = _until(text, at + 1, "'")
        return text[at + 1 : close], close + 1
    if char == '"':
        return _double_quoted(text, at + 1)
    if char == "`":
        close = _until(text, at + 1, "`")
        return text[at : close + 1], close + 1
    if text.startswith("$(", at):
        close = closing_parenthesis(text, at + 2)
        return text[at:close], close
    return char, at + 1


def _double_quoted(text: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    while at < len(text) and text[at] != '"':
        if text[at] == "\\":
            parts.append(text[at + 1 : at + 2])
            at += 2
        elif text.startswith("$(", at):
            close = closing_parenthesis(text, at + 2)
            parts.append(text[at:close])
            at = close
        else:
            parts.append(text[at])
            at += 1
    return "".join(parts), at + 1


def closing_parenthesis(text: str, at: int) -> int:
    """The index after the parenthesis that closes the one before `at`."""
    depth = 1
    while at < len(text):
        if text[at] in "()":
            depth += 1 if text[at] == "(" else -1
            if depth == 0:
                return at + 1
        at += 1
    return at


def _until(text: str, at: int, char: str) -> int:
    found = text.find(char, at)
    return len(text) if found < 0 else found
