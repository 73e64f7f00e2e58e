"""What all writers share: the stage they write from, files with fixed newlines, and mess."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxmining.simulate.customers import People
from cxmining.simulate.journeys import World
from cxmining.simulate.surveys import Surveys
from cxmining.simulate.texts import Writer

Array = NDArray[Any]

__all__ = ["Stage", "card", "doubled", "write_bytes", "write_lines"]


@dataclass(eq=False)
class Stage:
    """The simulated year, the streams to write with, and the natural ids that were handed out."""

    people: People
    world: World
    surveys: Surveys
    rng: np.random.Generator
    writer: Writer
    refs: dict[int, str] = field(default_factory=dict)  # contact → call, ticket or message id
    replies: dict[int, list[str]] = field(default_factory=dict)  # contact → further records that belong to it
    unknown: set[str] = field(default_factory=set)  # refs of records that carry nothing to know the customer by


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_lines(path: Path, lines: list[str], encoding: str = "utf-8") -> None:
    """Write lines, each ended by a line feed on every system."""
    write_bytes(path, ("\n".join(lines) + "\n").encode(encoding))


def doubled(rng: np.random.Generator, lines: list[str], share: float) -> list[str]:
    """Repeat some lines exactly, right behind themselves, as an export that was resumed does."""
    twice = set(np.flatnonzero(rng.random(len(lines)) < share).tolist())
    out: list[str] = []
    for i, line in enumerate(lines):
        out.append(line)
        if i in twice:
            out.append(line)
    return out


def card(p: People, i: int) -> dict[str, str]:
    """Return what a text may say about customer `i`."""
    return {
        "name": f"{p.first[i]} {p.last[i]}",
        "first": p.first[i],
        "account": p.account[i],
        "ean": p.ean[i],
        "postcode": p.postcode[i],
        "phone": p.number[i],
    }
