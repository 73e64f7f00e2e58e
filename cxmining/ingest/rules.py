"""``rules.toml``: which raw records are which touchpoint.

A list of ``[[rule]]`` tables. All keys but ``touchpoint`` are optional and all must match; the
first rule that matches wins. ``channel``, ``direction``, ``queue``, ``status`` and ``source`` are
compared as they are; ``subject``, ``event``, ``url``, ``text`` and ``tags`` are RE2 patterns that
are searched for, in either case. ``channel_to`` moves the event to another channel.

.. code-block:: toml

   [[rule]]
   channel = "phone"
   queue = "facturen"
   touchpoint = "asks about invoice"
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.schema import CHANNELS, DIRECTIONS

__all__ = ["EXACT", "SEARCHED", "Rule", "apply_rules", "load_rules", "match_rules"]

EXACT: Final = ("channel", "direction", "queue", "status", "source")
SEARCHED: Final = ("subject", "event", "url", "tags", "text")
_CHOICES: Final = {"channel": CHANNELS, "channel_to": CHANNELS, "direction": DIRECTIONS}
# What stands in a column of the same name; everything else rides as raw_<name>.
_PLAIN: Final = ("channel", "direction", "queue", "source", "text")


@dataclass(frozen=True)
class Rule:
    """One rule: what must match, and what the record then is."""

    touchpoint: str
    exact: tuple[tuple[str, str], ...] = ()
    searched: tuple[tuple[str, str], ...] = ()
    channel_to: str | None = None


def load_rules(path: Path, name: str) -> tuple[Rule, ...]:
    """Read a rules file.

    Parameters
    ----------
    path : Path
    name : str
        The path as the study writes it, for messages.

    Raises
    ------
    StudyError
        Naming rule, key, value and choices.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"rules = {name!r}: there is no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StudyError(f"{name}: is not TOML: {error}") from None
    extra = sorted(set(values) - {"rule"})
    if extra:
        raise StudyError(f"{name}: unknown key {extra[0]!r}; a rules file is a list of [[rule]] tables")
    tables = values.get("rule", [])
    if not isinstance(tables, list):
        raise StudyError(f"{name}: 'rule' must be a list; write [[rule]] with double brackets")
    return tuple(_rule(t, f"{name}, rule {i}") for i, t in enumerate(tables, start=1))


def _rule(values: Any, where: str) -> Rule:
    known = ("touchpoint", "channel_to", *EXACT, *SEARCHED)
    if not isinstance(values, dict):
        raise StudyError(f"{where}: must be a table")
    for key, value in values.items():
        if key not in known:
            raise StudyError(f"{where}: unknown key {key!r}; {nearest(key, known, 5)}")
        if not isinstance(value, str) or not value:
            raise StudyError(f"{where}: {key} = {value!r}: expected text")
        if key in _CHOICES and value not in _CHOICES[key]:
            raise StudyError(f"{where}: {key} = {value!r}: expected one of {', '.join(_CHOICES[key])}")
    if "touchpoint" not in values:
        raise StudyError(f"{where}: says no touchpoint")
    searched = tuple((k, values[k]) for k in SEARCHED if k in values)
    for key, pattern in searched:
        _compile(pattern, f"{where}: {key}")
    return Rule(
        values["touchpoint"], tuple((k, values[k]) for k in EXACT if k in values), searched, values.get("channel_to")
    )


def _compile(pattern: str, where: str) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.array([""], type=pa.large_string()), pattern, ignore_case=True)
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0].removeprefix("Invalid regular expression: ")
        raise StudyError(
            f"{where} = {pattern!r}: is no RE2 pattern ({reason}); look-arounds and back-references are not available"
        ) from None


def match_rules(events: pd.DataFrame, rules: Sequence[Rule]) -> np.ndarray[Any, Any]:
    """Return, per event, the position of the first rule that matches it; -1 for none.

    Examples
    --------
    >>> frame = pd.DataFrame({"channel": ["phone", "mail"], "raw_subject": [None, "Uw Factuur"]})
    >>> match_rules(frame, [Rule("pays", (), (("subject", "factuur"),)), Rule("calls", (("channel", "phone"),))]).tolist()
    [1, 0]
    """
    found = np.full(len(events), -1, dtype=np.int64)
    columns = _Columns(events)
    for i, rule in enumerate(rules):
        hit = found < 0
        for key, value in rule.exact:
            if not hit.any():
                break
            hit &= columns.equal(key, value)
        for key, pattern in rule.searched:
            if not hit.any():
                break
            hit = columns.search(key, pattern, hit)
        found[hit] = i
    return found


class _Columns:
    """Columns coded once, so that a rule looks at each distinct value once."""

    def __init__(self, events: pd.DataFrame) -> None:
        self.events = events
        self._coded: dict[str, tuple[np.ndarray[Any, Any], Any]] = {}

    def _code(self, key: str) -> tuple[np.ndarray[Any, Any], Any]:
        if key not in self._coded:
            column = key if key in _PLAIN else f"raw_{key}"
            if column in self.events.columns:
                codes, unique = pd.factorize(self.events[column])
                self._coded[key] = (codes, np.asarray(unique, dtype=object))
            else:
                self._coded[key] = (np.full(len(self.events), -1), np.array([], dtype=object))
        return self._coded[key]

    def equal(self, key: str, value: str) -> np.ndarray[Any, Any]:
        codes, unique = self._code(key)
        at = np.flatnonzero(unique == value)
        return codes == at[0] if len(at) else np.zeros(len(codes), dtype=bool)

    def search(self, key: str, pattern: str, among: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import pyarrow as pa
        import pyarrow.compute as pc

        codes, unique = self._code(key)
        wanted = np.unique(codes[among])
        wanted = wanted[wanted >= 0]
        verdict = np.zeros(len(unique) + 1, dtype=bool)  # the last is code -1: missing matches nothing
        if len(wanted):
            texts = pa.array(unique[wanted].tolist(), type=pa.large_string())
            verdict[wanted] = pc.match_substring_regex(texts, pattern, ignore_case=True).to_numpy(zero_copy_only=False)
        return np.asarray(among & verdict[codes], dtype=bool)


def apply_rules(events: pd.DataFrame, rules: Sequence[Rule]) -> tuple[pd.DataFrame, int]:
    """Give events the touchpoint of the first rule that matches; the others keep their raw label.

    Returns
    -------
    events : DataFrame
        Without the ``raw_…`` columns that rules look at.
    unmatched : int
        How many no rule matched.
    """
    found = match_rules(events, rules)
    hit = found >= 0
    dropped = [f"raw_{k}" for k in ("subject", "event", "url", "status", "tags")]
    events = events.drop(columns=[c for c in dropped if c in events.columns])
    if hit.any():
        names = np.array([r.touchpoint for r in rules], dtype=object)
        moved = np.array([r.channel_to for r in rules], dtype=object)
        touchpoint = events["touchpoint"].to_numpy(dtype=object).copy()
        touchpoint[hit] = names[found[hit]]
        channel = events["channel"].to_numpy(dtype=object).copy()
        to = np.full(len(events), None, dtype=object)
        to[hit] = moved[found[hit]]
        channel = np.where(pd.notna(to), to, channel)
        events = events.assign(
            touchpoint=pd.Series(touchpoint, index=events.index, dtype="str"),
            channel=pd.Series(channel, index=events.index, dtype="str"),
        )
    return events, int((~hit).sum())
