"""What people know of the parties around the customer: kept in ``stakeholders.toml``, laid over the map on each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cxmining.errors import InputError, StudyError, nearest
from cxmining.maps.told import Check, a_level, a_text, read_entries, say_once
from cxmining.repr_html import repr_html

__all__ = ["CUSTOMER", "KINDS", "StakeholderNotes", "load_stakeholders", "write_stakeholder_template"]

KINDS: Final = ("department", "partner", "regulator", "other")
CUSTOMER: Final = "customer"
"""The one in the middle, as ties name it."""
_TEXTS: Final = ("role", "we_do", "they_do")
_LEVELS: Final = ("influence", "interest")


@dataclass(frozen=True, eq=False)
class StakeholderNotes:
    """What people filled in.

    Attributes
    ----------
    fields : DataFrame
        ``name``, ``field`` (kind, role, influence, interest, we_do, they_do), ``text``, ``value`` (of influence and
        interest, 1 to 5), ``by``: a row per person and field.
    ties : DataFrame
        ``name``, ``other``, ``field`` (gives: what `name` does for `other`; gets: the other way round), ``text``, ``by``.
    """

    fields: pd.DataFrame
    ties: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """One row per stakeholder and field: ``said`` (who said what), ``differ`` (whether people disagree)."""
        rows = []
        for (name, field), part in self.fields.groupby(["name", "field"], sort=False):
            said = say_once(list(zip(part["text"], part["by"], strict=True)))
            rows.append((name, field, "; ".join(f"{t} ({b})" for t, b in said), len(said) > 1))
        return pd.DataFrame(rows, columns=["name", "field", "said", "differ"])

    def __repr__(self) -> str:
        names = self.fields["name"].nunique()
        people = len({*self.fields["by"], *self.ties["by"]})
        said = f"{names} stakeholder{'' if names == 1 else 's'}, {people} {'person' if people == 1 else 'people'}"
        return f"StakeholderNotes({said})"

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=repr(self))


def load_stakeholders(path: str | Path) -> StakeholderNotes:
    """Read a ``stakeholders.toml``.

    Each ``[[stakeholder]]`` has ``name`` and ``by`` (who says so), and any of ``kind`` (department, partner, regulator,
    other), ``role``, ``influence`` and ``interest`` (1 low to 5 high), ``we_do`` and ``they_do`` (what we do for them, what
    they do for us). Each ``[[tie]]`` has ``from``, ``to``, ``by`` and what the first ``gives`` the other or ``gets`` from
    it; ``customer`` is the one in the middle. Several people may write about one stakeholder: all of it stays visible.

    Raises
    ------
    InputError
        When it is no TOML, or a key is unknown, missing or of the wrong kind; the message names the entry.
    """
    path = Path(path)
    needed: dict[str, Check] = {"name": a_text, "by": a_text}
    free: dict[str, Check] = {
        "kind": _kind,
        **dict.fromkeys(_TEXTS, a_text),
        **dict.fromkeys(_LEVELS, a_level),
    }
    ends: dict[str, Check] = {"from": a_text, "to": a_text, "by": a_text}
    found = read_entries(path, {"stakeholder": (needed, free), "tie": (ends, {"gives": a_text, "gets": a_text})})
    fields: list[tuple[Any, ...]] = []
    for i, entry in enumerate(found["stakeholder"], start=1):
        if entry["name"].casefold() == CUSTOMER:
            raise InputError(
                f"{path.name}, stakeholder {i}: the customer stands in the middle already; say it in a tie"
            )
        for field in ("kind", *_TEXTS, *_LEVELS):
            if entry.get(field):
                value = float(entry[field]) if field in _LEVELS else float("nan")
                fields.append((entry["name"], field, str(entry[field]), value, entry["by"]))
        fields.append((entry["name"], "there", "", float("nan"), entry["by"]))
    kinds = pd.DataFrame(fields, columns=["name", "field", "text", "value", "by"])
    ties: list[tuple[Any, ...]] = []
    for i, entry in enumerate(found["tie"], start=1):
        if not (entry.get("gives") or entry.get("gets")):
            raise InputError(f"{path.name}, tie {i}: says neither gives nor gets; what does the one do for the other?")
        if entry["from"].casefold() == entry["to"].casefold():
            raise InputError(f"{path.name}, tie {i}: {entry['from']!r} is tied to itself")
        ties += [(entry["from"], entry["to"], f, entry[f], entry["by"]) for f in ("gives", "gets") if entry.get(f)]
    return StakeholderNotes(
        kinds.drop_duplicates(ignore_index=True),
        pd.DataFrame(ties, columns=["name", "other", "field", "text", "by"]).drop_duplicates(ignore_index=True),
    )


def _kind(value: Any) -> str:
    if value not in KINDS:
        raise ValueError(f"{value!r} is no kind; {nearest(str(value), KINDS)}")
    return str(value)


def write_stakeholder_template(there: Sequence[tuple[str, str]], path: str | Path) -> Path:
    """Write a ``stakeholders.toml`` for people to fill in: an entry per stakeholder, given as (name, kind).

    Raises
    ------
    StudyError
        When the file is there: what people wrote is not written over.
    """
    import tomlkit

    path = Path(path)
    if path.exists():
        raise StudyError(f"{path.name} is there already, and people may have filled it in; give another name")
    document = tomlkit.document()
    for line in (
        "Who stands around the customer. Fill in by (your name or team), take away what nobody knows, add who is missing",
        f"(kind: {', '.join(KINDS)}). influence and interest: 1 (low) to 5 (high).",
        'A tie of two: [[tie]] from = "…" to = "…" by = "…" gives = "…" gets = "…"; "customer" is the one in the middle.',
    ):
        document.add(tomlkit.comment(line))
    entries = tomlkit.aot()
    for name, kind in there:
        entry = tomlkit.table()
        for key, value in (("name", name), ("by", "?"), ("kind", kind), *((k, "") for k in _TEXTS)):
            entry.add(key, value)
        for level in _LEVELS:
            entry.add(tomlkit.comment(f"{level} = 3"))
        entries.append(entry)
    document.add("stakeholder", entries)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return path
