"""The process tree: blocks of steps in sequence, in choice, side by side, or again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

__all__ = ["Kind", "Tree"]


class Kind(Enum):
    """What a node of a tree does with its children; the values are pm4py's signs."""

    STEP = "step"
    SKIP = "tau"
    SEQUENCE = "->"
    CHOICE = "X"
    PARALLEL = "+"
    LOOP = "*"


@dataclass(frozen=True)
class Tree:
    """A process tree, as a value.

    Attributes
    ----------
    kind : Kind
        A STEP has a `label` and no children, a SKIP neither. A LOOP has two children: what is done, and
        what is done before it is done again.
    children : tuple of Tree
    label : str
        The touchpoint.

    Examples
    --------
    >>> buy, call = Tree(Kind.STEP, label="buy"), Tree(Kind.STEP, label="call")
    >>> print(Tree(Kind.SEQUENCE, (buy, Tree(Kind.CHOICE, (call, Tree(Kind.SKIP))))))
    ->( 'buy', X( 'call', tau ) )
    """

    kind: Kind
    children: tuple[Tree, ...] = ()
    label: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The touchpoints from left to right."""
        return tuple(node.label for node in self.walk() if node.kind is Kind.STEP)

    def walk(self) -> Iterator[Tree]:
        """Yield this node and all below it, from left to right."""
        yield self
        for child in self.children:
            yield from child.walk()

    def __str__(self) -> str:
        if self.kind is Kind.STEP:
            return f"'{self.label}'"
        if self.kind is Kind.SKIP:
            return "tau"
        return f"{self.kind.value}( {', '.join(str(c) for c in self.children)} )"
