"""One name, the whole chain: project, repository, images, and what runs them; each link ok, broken or unknown.

    PathFacts -> chain -> Chain (parts, links, one headline) -> picture (lines, for people)

Everything is judged by what is known: what could not be read is unknown, never ok and never missing.
"""

from ecrtui.domain.path.chain import (
    LINKS,
    PARTS,
    Chain,
    Check,
    Entry,
    Fact,
    Link,
    LinkKind,
    Mend,
    MendKind,
    Part,
    PartKind,
    Standing,
    Tone,
)
from ecrtui.domain.path.facts import WAITING, PathFacts, Stock, Unread, stock
from ecrtui.domain.path.headline import headline
from ecrtui.domain.path.links import links
from ecrtui.domain.path.parts import parts

__all__ = [
    "LINKS",
    "PARTS",
    "WAITING",
    "Chain",
    "Check",
    "Entry",
    "Fact",
    "Link",
    "LinkKind",
    "Mend",
    "MendKind",
    "Part",
    "PartKind",
    "PathFacts",
    "Standing",
    "Stock",
    "Tone",
    "Unread",
    "chain",
    "stock",
]


def chain(facts: PathFacts) -> Chain:
    """The path that these facts make."""
    made = links(facts)
    return Chain(facts.name, facts.region, headline(facts, made), parts(facts), made)
