"""What people say of the customers behind a segment: kept in ``personas.toml``, found back in each new delivery.

A segment has a number only as long as the data stay the same. A persona therefore says how its customers behave, in the
words of the log, and belongs to the segment that behaves most like that, if any does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pandas as pd

from cxmining.errors import InputError, StudyError, nearest
from cxmining.maps.told import Check, a_text, read_entries, say_once
from cxmining.repr_html import repr_html
from cxmining.schema import CHANNELS

if TYPE_CHECKING:
    from cxmining.journeys import Personas

__all__ = ["FIELDS", "PersonaNotes", "behaviour_of", "load_personas", "match_personas", "write_persona_template"]

FIELDS: Final = ("context", "ambitions", "goal", "chooses_on")
"""What people add to a segment, besides a name."""
FAR: Final = 0.25
"""A segment further away than this is not the persona's: 0 is the same behaviour, 1 nothing in common."""
RATE: Final = "contacts per year"
_HABITS: Final = {"evening or night": "when", "weekend": "when",
                  "repeat contacts": "again", "switches channel": "again"}  # fmt: skip
_WEIGHTS: Final = {"channel": 1.0, "topic": 1.0, "rate": 0.5, "when": 0.5, "again": 0.5}
"""As where segments are looked for: what about and where weigh most."""


@dataclass(frozen=True, eq=False)
class PersonaNotes:
    """What people filled in.

    Attributes
    ----------
    texts : DataFrame
        ``persona``, ``field`` (context, ambitions, goal, chooses_on), ``text``, ``by``: a row per person and field.
    behaviour : mapping
        Persona → feature → share (0 to 1) or contacts per year: by what it is found back.
    """

    texts: pd.DataFrame
    behaviour: Mapping[str, Mapping[str, float]]

    @property
    def summary(self) -> pd.DataFrame:
        """One row per persona and field: ``said`` (who said what), ``differ`` (whether people disagree)."""
        rows = []
        for (persona, field), part in self.texts.groupby(["persona", "field"], sort=False):
            said = say_once(list(zip(part["text"], part["by"], strict=True)))
            rows.append((persona, field, "; ".join(f"{t} ({b})" for t, b in said), len(said) > 1))
        return pd.DataFrame(rows, columns=["persona", "field", "said", "differ"])

    def __repr__(self) -> str:
        n, people = len(self.behaviour), self.texts["by"].nunique()
        return f"PersonaNotes({n} persona{'' if n == 1 else 's'}, {people} {'person' if people == 1 else 'people'})"

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=repr(self))


def load_personas(path: str | Path) -> PersonaNotes:
    """Read a ``personas.toml``.

    Each ``[[persona]]`` has ``name``, ``by`` (who says so) and any of ``context``, ``ambitions``, ``goal`` and
    ``chooses_on``; one entry of a name has ``behaviour``, by which its segment is found. Several people may
    write about one persona; where they differ, both stand on the card.

    Raises
    ------
    InputError
        When it is no TOML, a key is unknown, missing or of the wrong kind, or a persona has no behaviour or two; the
        message names the entry.
    """
    path = Path(path)
    needed: dict[str, Check] = {"name": a_text, "by": a_text}
    free: dict[str, Check] = {**dict.fromkeys(FIELDS, a_text), "behaviour": _behaviour}
    entries = read_entries(path, {"persona": (needed, free)})["persona"]
    behaviour: dict[str, dict[str, float]] = {}
    rows = []
    for entry in entries:
        own = entry.get("behaviour")
        if own is not None and behaviour.setdefault(entry["name"], own) != own:
            raise InputError(f"{path.name}: persona {entry['name']!r} is given two behaviours; leave one")
        rows += [(entry["name"], f, entry[f], entry["by"]) for f in FIELDS if entry.get(f)]
    for entry in entries:
        if entry["name"] not in behaviour:
            raise InputError(
                f"{path.name}: persona {entry['name']!r} has no behaviour, by which its segment is found back; "
                "cxmining.maps.personas.write_persona_template writes that of each segment"
            )
    texts = pd.DataFrame(rows, columns=["persona", "field", "text", "by"]).astype("str")
    return PersonaNotes(texts.drop_duplicates(ignore_index=True), behaviour)


def _behaviour(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError('expected a table of features, such as { "channel: app" = 0.8, "contacts per year" = 12 }')
    out = {}
    for name, x in value.items():
        kind, _, what = str(name).partition(": ")
        if name != RATE and name not in _HABITS and (kind not in ("channel", "topic") or not what):
            raise ValueError(f"unknown feature {name!r}; {nearest(str(name), [RATE, *_HABITS, *(f'channel: {c}' for c in CHANNELS)])}")  # fmt: skip
        if kind == "channel" and what not in CHANNELS:
            raise ValueError(f"unknown channel {what!r}; {nearest(what, CHANNELS)}")
        if isinstance(x, bool) or not isinstance(x, int | float) or not 0 <= x <= (1e6 if name == RATE else 1):
            raise ValueError(f"{name!r} = {x!r}: expected {'a number from 0' if name == RATE else 'a share from 0 to 1'}")  # fmt: skip
        out[str(name)] = float(x)
    return out


def behaviour_of(profile: pd.DataFrame, segment: int) -> dict[str, float]:
    """Return how a segment behaves, in the words of ``personas.toml``.

    Parameters
    ----------
    profile : DataFrame
        ``Personas.behaviour.profile``.
    segment : int
    """
    own = profile[(profile["segment"] == segment) & (profile["feature_kind"] != "attribute")]
    out = {}
    for kind, name, mean in zip(own["feature_kind"], own["feature"], own["mean"], strict=True):
        key = f"{kind}: {name}" if kind in ("channel", "topic") else str(name)
        if mean == mean and (key == RATE or key in _HABITS or kind in ("channel", "topic")):
            out[key] = float(mean)
    return out


def _apart(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return how far two behaviours are from each other, 0 to 1: Hellinger's distance of where and what about, and habits."""
    parts: dict[str, list[float]] = {}
    for name, a in one.items():
        # a channel that the log does not have was used by nobody; a topic it does not describe may have been
        b = other.get(name, 0.0 if name.startswith("channel: ") else float("nan"))
        if b != b:
            continue
        if name == RATE:
            parts.setdefault("rate", []).append(min(1.0, abs(np.log2((a + 0.5) / (b + 0.5))) / 3) ** 2)
        elif name in _HABITS:
            parts.setdefault(_HABITS[name], []).append((a**0.5 - b**0.5) ** 2)
        else:
            parts.setdefault(name.partition(": ")[0], []).append((a**0.5 - b**0.5) ** 2 / 2)
    compositions = {"channel", "topic"}
    values = {k: min(1.0, sum(v) if k in compositions else sum(v) / len(v)) for k, v in parts.items()}
    weight = sum(_WEIGHTS[k] ** 2 for k in values)
    return (sum(_WEIGHTS[k] ** 2 * v for k, v in values.items()) / weight) ** 0.5 if values else float("nan")


def match_personas(notes: PersonaNotes, found: Personas) -> pd.DataFrame:
    """Give each persona the segment that behaves most like it: at most one each, and none that is far off.

    Returns
    -------
    DataFrame
        One row per persona: ``persona``, ``segment`` (missing where none behaves so), ``distance`` (0 the same, 1 nothing in
        common) to ``nearest``, the segment that is most like it.
    """
    from scipy.optimize import linear_sum_assignment

    names = list(notes.behaviour)
    segments = found.behaviour.summary["segment"].tolist()
    profile = found.behaviour.profile
    away = np.array([[_apart(notes.behaviour[p], behaviour_of(profile, s)) for s in segments] for p in names])
    away = away.reshape(len(names), len(segments))
    # what cannot be is made dearer than any number of pairs that can: a far pair never takes a near one away
    rows, columns = linear_sum_assignment(np.where(away <= FAR, away, 1e6))
    given = {r: c for r, c in zip(rows.tolist(), columns.tolist(), strict=True) if away[r, c] <= FAR}
    out = []
    for i, name in enumerate(names):
        known = np.isfinite(away[i]).any() if len(segments) else False
        near = int(np.nanargmin(away[i])) if known else -1
        at = given.get(i, near)
        out.append(
            {
                "persona": name,
                "segment": segments[given[i]] if i in given else None,
                "distance": float(np.round(away[i, at], 6)) if known else np.nan,
                "nearest": segments[near] if known else None,
            }
        )
    frame = pd.DataFrame(out, columns=["persona", "segment", "distance", "nearest"])
    return frame.astype({"persona": "str", "segment": "Int64", "distance": "float64", "nearest": "Int64"})


def write_persona_template(found: Personas, path: str | Path, language: str = "en") -> Path:
    """Write a ``personas.toml`` for people to fill in: an entry per segment, with the behaviour by which it is found back.

    Parameters
    ----------
    found : Personas
        Of `cx.find_personas`.
    path : path-like
        Must not exist: what people wrote is not written over.
    language : {"en", "nl"}, default "en"
        Of the segments' labels, which stand as a first name.

    Raises
    ------
    StudyError
        When the file is there.
    """
    import tomlkit

    path = Path(path)
    if path.exists():
        raise StudyError(f"{path.name} is there already, and people may have filled it in; give another name")
    document = tomlkit.document()
    document.add(
        tomlkit.comment("Who the customers behind the segments are. Fill in by (your name or team) and the texts.")
    )
    document.add(tomlkit.comment("behaviour is how the segment is found back in new data: leave it as it is."))
    entries = tomlkit.aot()
    for row in cast(Any, found.behaviour.summary.itertuples()):
        entry = tomlkit.table()
        entry.add("name", str(getattr(row, f"label_{language}")))
        entry.add("by", "?")
        for field in FIELDS:
            entry.add(field, "")
        told = tomlkit.table()
        for name, x in behaviour_of(found.behaviour.profile, int(row.segment)).items():
            told.add(name, round(x, 3))
        entry.add("behaviour", told)
        entries.append(entry)
    document.add("persona", entries)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return path
