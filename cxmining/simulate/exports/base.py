"""What the writers of exports share: one export in the making, its mess, and what should come of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.simulate import company
from cxmining.simulate.customers import People
from cxmining.simulate.writers.common import Stage, write_bytes

__all__ = ["Export", "Record", "e164", "iso", "uuid"]

Record = dict[str, Any]
STATUSES: Final = ("kept", "rejected", "duplicate", "merged", "context")


@dataclass(eq=False)
class Export:
    """One export: where it goes, what it is made of, and what reading it should give.

    Attributes
    ----------
    counts : dict
        Per file, how many of its records should be kept, rejected, duplicate, merged, context.
    events : list of tuple
        Account (None = nobody can know), UTC seconds or microseconds as the format has them, touchpoint.
    source : dict
        What the study says about the source, beside name, path and format.
    rules : list of tuple
        Conditions and touchpoint, for the study's rules.
    pattern : str
        Of its files, where there are several.
    responses : list of tuple
        Account, UTC seconds, score per metric of the questionnaires that reading should give.
    survey : list of str
        What the study says about the questionnaire.
    """

    name: str
    folder: Path
    stage: Stage
    rng: np.random.Generator
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    events: list[tuple[str | None, float, str]] = field(default_factory=list)
    source: dict[str, Any] = field(default_factory=dict)
    rules: list[tuple[dict[str, str], str]] = field(default_factory=list)
    pattern: str = ""
    responses: list[tuple[str, float, dict[str, int]]] = field(default_factory=list)
    survey: list[str] = field(default_factory=list)

    @property
    def people(self) -> People:
        """The customers."""
        return self.stage.people

    def contacts(self, *channels: int) -> list[Any]:
        """Return the contacts of some channels as named tuples, in order of time."""
        c = self.stage.world.contacts
        rows = c[c["channel"].isin(channels)].sort_values(["utc", "contact"])
        return list(rows.itertuples(index=False, name="Contact"))

    def event(self, who: int | None, utc: float, touchpoint: str) -> None:
        """Say that reading should give this event."""
        self.events.append((None if who is None else self.people.account[who], utc, touchpoint))

    def response(self, who: int, utc: float, *scores: dict[str, int]) -> None:
        """Say that reading should give this questionnaire."""
        self.responses.append((self.people.account[who], utc, {k: v for s in scores for k, v in s.items()}))

    def by_queue(self) -> None:
        """Let the queue say the touchpoint."""
        self.rules += [
            ({"source": self.name, "queue": queue}, intent)
            for queue, intent in zip(company.QUEUES, company.INTENTS, strict=True)
        ]

    def some(self, n: int, share: float, least: int = 1) -> list[int]:
        """Draw positions of `n` things, at least one."""
        return sorted(self.rng.permutation(n)[: max(least, round(share * n))].tolist())

    def muddle(
        self, records: list[Record], older: Callable[[Record], Record] | None = None, share: float = 0.02
    ) -> tuple[list[Any], int]:
        """Deliver some records twice, some also as they were before an update, and all out of order.

        Returns the records and how many of them are duplicates.
        """
        twice = self.some(len(records), share)
        out = [*records, *(records[i] for i in twice)]
        if older is not None:
            late = self.some(len(records), share)
            out += [older(json.loads(json.dumps(records[i]))) for i in late]
        order = self.rng.permutation(len(out)).tolist()
        return [out[i] for i in order], len(out) - len(records)

    def count(self, file: str, **counts: int) -> None:
        """Say what should become of the records of a file."""
        self.counts[file] = {status: counts.get(status, 0) for status in STATUSES}

    def lines(self, file: str, records: list[Any]) -> None:
        """Write JSON lines; text goes in as it is."""
        text = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in records]
        write_bytes(self.folder / file, ("\n".join(text) + "\n").encode())

    def table(self, file: str, rows: list[Record], delimiter: str = ",", head: list[list[str]] | None = None) -> None:
        """Write a table of text."""
        frame = pd.DataFrame(rows, dtype=object)
        body = frame.to_csv(index=False, sep=delimiter, lineterminator="\n", header=head is None)
        above = "".join(
            pd.DataFrame([h]).to_csv(index=False, header=False, sep=delimiter, lineterminator="\n") for h in head or []
        )
        write_bytes(self.folder / file, (above + body).encode())


def iso(utc: float, form: str = "Z") -> str:
    """Write UTC seconds as ISO 8601: ``Z``, ``.000Z`` or, for warehouses, with a space and no zone."""
    text = str(np.datetime64(int(utc), "s"))
    return text.replace("T", " ") if form == "space" else f"{text}{form}"


def e164(number: str) -> str:
    """Write a Dutch number internationally.

    Examples
    --------
    >>> e164("0612345678")
    '+31612345678'
    """
    return f"+31{number[1:]}"


def uuid(rng: np.random.Generator) -> str:
    """Draw an id as most vendors make them."""
    raw = "".join(f"{v:02x}" for v in rng.integers(0, 256, 16).tolist())
    return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}"
