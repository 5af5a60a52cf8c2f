"""Names that may not be what they look like."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from ecrtui.domain.text.visible import shown

_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
_LATIN_LOOKALIKES = frozenset("аеорсухіјѕһԁԛԝҽкмтвнАВЕКМНОРСТУХІЈЅαοινυρκτχΑΒΕΖΗΙΚΜΝΟΡΤΥΧօսոհցյԁıȷ")
_LONGEST = 512
"""Characters of a name that are judged: AWS has no longer ones, and it is asked of every row that is drawn."""


def flagged(raw: str) -> bool:
    """Whether an identifier may not be what it looks like.

    True for invisible and control characters, for forms that Unicode holds equivalent to others (full-width
    and mathematical letters), for alphabets mixed in one name, and for names that only imitate Latin ones.
    """
    if raw.isascii():
        return not raw.isprintable()
    return _odd(raw[:_LONGEST])


@lru_cache(4096)
def _odd(raw: str) -> bool:
    if shown(raw, len(raw)) != raw or unicodedata.normalize("NFKC", raw) != raw:
        return True
    scripts = {_script(character) for character in raw if character.isalpha()} & _ALPHABETS
    foreign = [character for character in raw if character.isalpha() and not character.isascii()]
    return len(scripts) > 1 or (bool(foreign) and _LATIN_LOOKALIKES.issuperset(foreign))


@lru_cache(4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
