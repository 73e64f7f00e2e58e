"""What all writers share: the stage they write from, files with fixed newlines, and mess."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cxmining.simulate.customers import People
from cxmining.simulate.journeys import World
from cxmining.simulate.mess import Traces
from cxmining.simulate.surveys import Surveys
from cxmining.simulate.texts import Writer

Array = NDArray[Any]
T = TypeVar("T")
Owned = tuple[str, int | str | None]  # a record as it is written, and whose it is

__all__ = ["Owned", "Stage", "card", "doubled", "write_bytes", "write_lines", "write_owned"]


@dataclass(eq=False)
class Stage:
    """The simulated year, the streams to write with, and the natural ids that were handed out."""

    people: People
    world: World
    surveys: Surveys
    rng: np.random.Generator
    writer: Writer
    traces: Traces
    refs: dict[int, str] = field(default_factory=dict)  # contact → call, ticket or message id
    replies: dict[int, list[str]] = field(default_factory=dict)  # contact → further records that belong to it
    unknown: set[str] = field(default_factory=set)  # refs of records that carry nothing to know the customer by
    # per file, in the order of its records: the customer's position, a visitor's first cookie, or nobody
    owners: dict[str, list[int | str | None]] = field(default_factory=dict)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_lines(path: Path, lines: list[str], encoding: str = "utf-8") -> None:
    """Write lines, each ended by a line feed on every system."""
    write_bytes(path, ("\n".join(lines) + "\n").encode(encoding))


def write_owned(stage: Stage, path: Path, name: str, rows: list[Owned], header: list[str] | None = None) -> None:
    """Write records and keep in mind, under the file's `name` in the sample, whose each is."""
    stage.owners[name] = [owner for _, owner in rows]
    write_lines(path, [*(header or ()), *(line for line, _ in rows)])


def doubled(rng: np.random.Generator, lines: list[T], share: float) -> list[T]:
    """Repeat some lines exactly, right behind themselves, as an export that was resumed does."""
    twice = set(np.flatnonzero(rng.random(len(lines)) < share).tolist())
    out: list[T] = []
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
