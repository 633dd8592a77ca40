"""The tree as a picture: an icicle of bars, each as wide as what it stands for. Positions only, no words."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from goals.tree.selectors import PERSON, Node

# Of a wide window, and of a phone, where the wide picture would be cut.
WIDTH, NARROW, ROW, LEAST, LETTER = 1000, 320, 34, 3, 7
TONES = {
    "ahead": "good", "achieved": "good", "on track": "good", "at risk": "warn", "off track": "bad", "overdue": "bad",
}  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """One node as a rectangle; `label` is cut to what fits, "" where nothing does."""

    node: Node
    x: str
    y: int
    width: str
    label: str
    text_x: str
    tone: str


@dataclass(frozen=True)
class Icicle:
    """The bars and the size of the picture."""

    bars: list[Bar]
    height: int
    width: int


def icicle(root: Node, width: int = WIDTH) -> Icicle | None:
    """Return the picture of a tree, so many pixels wide; None where nothing can be summed."""
    if _size(root) <= 0 or not root.children:
        return None
    bars = list(_bars(root, Decimal(0), Decimal(width), 0))
    return Icicle(bars, max(bar.y for bar in bars) + ROW, width)


def _bars(node: Node, x: Decimal, width: Decimal, depth: int) -> Iterator[Bar]:
    """Yield a node and what stands below it. Children that are more than their parent share its width."""
    if width < LEAST:
        return
    letters = int(width) // LETTER - 1
    label = node.name if len(node.name) <= letters else node.name[: max(0, letters - 1)] + "…" if letters > 2 else ""
    tone = TONES.get(node.pace, "person" if node.kind == PERSON else "unit")
    yield Bar(node, f"{x:.1f}", depth * ROW, f"{width - 1:.1f}", label, f"{x + 5:.1f}", tone)
    sizes = [_size(child) for child in node.children]
    whole = max(_size(node), sum(sizes, Decimal(0)))
    scale = width / whole if whole > 0 else Decimal(0)
    for child, size in zip(node.children, sizes, strict=True):
        part = size * scale
        yield from _bars(child, x, part, depth + 1)
        x += part


def _size(node: Node) -> Decimal:
    """Return what a node's bar is as wide as: what it stands for, never below 0.

    Where the viewer doesn't see that (a unit without a goal, with people of others in it), the bars that they do see
    below it decide: the picture says no more than the tree, and no bar vanishes with its parent's number.
    """
    if node.stands_for is not None:
        return max(node.stands_for, Decimal(0))
    return sum((_size(child) for child in node.children), Decimal(0))
