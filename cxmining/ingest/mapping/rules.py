"""``rules.toml``: which raw records are which touchpoint.

A list of ``[[rule]]`` tables. All keys but ``touchpoint`` are optional and all must match; the
first rule that matches wins.

================  =============================================================================
key               what is looked at
================  =============================================================================
``channel``       mail, phone, chat, app, web, post, sms, social, desk, survey or other
``direction``     inbound, outbound or internal
``source``        the name of the ``[[source]]`` in the study
``queue``         the queue, group or department that the source names
``status``        as the source writes it: ``answered``, ``person``, ``auto-reply``, ``open`` …
``subject``       pattern: the subject of a mail, ticket or conversation
``topic``         pattern: what the source itself calls the matter: a column mapped to ``topic``,
                  else a wrap-up code, else the tags
``tags``          pattern: tags, joined by commas
``event``         pattern: the name of an event, a page view, a kind of message
``url``           pattern: the address of a page
``text``          pattern: what was written
``label``         pattern: what the touchpoint is called without a rule
``channel_to``    the channel that the event is moved to
``touchpoint``    what the record then is
================  =============================================================================

Patterns are RE2's, searched for in either case, anywhere unless anchored (``^``, ``$``). RE2 knows no
look-around and no back-reference and takes time linear in the text: no pattern can make reading hang.

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

__all__ = [
    "COVERAGE_COLUMNS",
    "EXACT",
    "SEARCHED",
    "Coverage",
    "Rule",
    "apply_rules",
    "load_rules",
    "match_rules",
    "parse_rule",
    "raw_of",
]

EXACT: Final = ("channel", "direction", "queue", "status", "source")
SEARCHED: Final = ("subject", "topic", "event", "url", "tags", "text", "label")
COVERAGE_COLUMNS: Final = ("rule", "says", "touchpoint", "events", "share", "low", "high", "alone")
_CHOICES: Final = {"channel": CHANNELS, "channel_to": CHANNELS, "direction": DIRECTIONS}
# What stands in a column of the same name; everything else rides as raw_<name>.
_PLAIN: Final = {"channel": "channel", "direction": "direction", "queue": "queue", "source": "source", "text": "text",
                 "label": "touchpoint"}  # fmt: skip
_RAW: Final = ("subject", "topic", "event", "url", "status", "tags")
# Where a source says what a record is about, best first.
_TOPICS: Final = ("raw_topic", "wrap_up", "raw_tags")


@dataclass(frozen=True)
class Rule:
    """One rule: what must match, and what the record then is."""

    touchpoint: str
    exact: tuple[tuple[str, str], ...] = ()
    searched: tuple[tuple[str, str], ...] = ()
    channel_to: str | None = None

    def __str__(self) -> str:
        told = [f"{k} = {v!r}" for k, v in self.exact] + [f"{k} ~ {v!r}" for k, v in self.searched]
        return ", ".join(told) or "everything"


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
    return tuple(parse_rule(t, f"{name}, rule {i}") for i, t in enumerate(tables, start=1))


def parse_rule(values: Any, where: str) -> Rule:
    """Make a rule of one table of a file; `where` is named in errors.

    Raises
    ------
    StudyError
        Naming key, value and choices.

    Examples
    --------
    >>> print(parse_rule({"channel": "phone", "topic": "factuur", "touchpoint": "asks about invoice"}, "rule 1"))
    channel = 'phone', topic ~ 'factuur'
    """
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
    return _first(_Columns(events), rules)


def _first(columns: _Columns, rules: Sequence[Rule]) -> np.ndarray[Any, Any]:
    found = np.full(len(columns.events), -1, dtype=np.int64)
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
            values = self._values(key)
            if values is not None:
                codes, unique = pd.factorize(values)
                self._coded[key] = (codes, np.asarray(unique, dtype=object))
            else:
                self._coded[key] = (np.full(len(self.events), -1), np.array([], dtype=object))
        return self._coded[key]

    def _values(self, key: str) -> pd.Series[Any] | None:
        if key != "topic":
            column = _PLAIN.get(key, f"raw_{key}")
            return self.events[column] if column in self.events.columns else None
        there = [self.events[c].astype("str") for c in _TOPICS if c in self.events.columns]
        if not there:
            return None
        best = there[0]
        for other in there[1:]:
            best = best.fillna(other)
        return best

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


def apply_rules(
    events: pd.DataFrame, rules: Sequence[Rule], found: np.ndarray[Any, Any] | None = None
) -> tuple[pd.DataFrame, int]:
    """Give events the touchpoint of the first rule that matches; the others keep their raw label.

    Returns
    -------
    events : DataFrame
        Without the ``raw_…`` columns that rules look at.
    unmatched : int
        How many no rule matched.
    """
    if found is None:
        found = match_rules(events, rules)
    hit = found >= 0
    dropped = [f"raw_{k}" for k in _RAW]
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


def raw_of(events: pd.DataFrame) -> pd.DataFrame:
    """Return what rules look at and no table keeps: subject, topic, event, url, status and tags per ``event_id``.

    Examples
    --------
    >>> raw_of(pd.DataFrame({"event_id": ["r1"], "touchpoint": ["mail"], "raw_subject": ["Vraag"]}))
      event_id subject
    0       r1   Vraag
    """
    named = {f"raw_{k}": k for k in _RAW if f"raw_{k}" in events.columns}
    return events[["event_id", *named]].rename(columns=named)


class Coverage:
    """Counts, rule by rule, what the rules map and what they leave.

    Parameters
    ----------
    rules : sequence of Rule
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.events = 0
        self._won = np.zeros(len(rules), dtype=np.int64)
        self._alone = np.zeros(len(rules), dtype=np.int64)
        self._left: list[str] = []

    def apply(self, events: pd.DataFrame) -> pd.DataFrame:
        """Apply the rules to the events of one source, and count."""
        columns = _Columns(events)
        found = _first(columns, self.rules)
        self.events += len(events)
        self._won += np.bincount(found[found >= 0], minlength=len(self.rules))
        alone = [int((_first(columns, [rule]) == 0).sum()) for rule in self.rules]
        self._alone += np.array(alone, dtype=np.int64)  # of no rule at all, too
        self._left += events.loc[found < 0, "event_id"].tolist()
        return apply_rules(events, self.rules, found)[0]

    def table(self, events: pd.DataFrame) -> pd.DataFrame:
        """Return a row per rule, and behind them one per label that no rule mapped, most frequent first.

        Parameters
        ----------
        events : DataFrame
            Table ``events`` as it became; labels are taken from it, masked.

        Returns
        -------
        DataFrame
            ``rule`` (1-based; missing for what no rule maps), ``says``, ``touchpoint``, ``events`` that the
            rule mapped with their ``share`` of all and its 95% interval (``low``, ``high``), and ``alone``: how
            many it would map if it were the only rule.
        """
        from cxmining.stats import wilson

        rest = events.loc[events["event_id"].isin(self._left), "touchpoint"].value_counts()
        rest = rest.sort_index().sort_values(ascending=False, kind="stable")
        n = np.array([*self._won.tolist(), *rest.tolist()], dtype=np.int64)
        _, low, high, _ = wilson(n, np.full(len(n), max(self.events, 1)))
        return pd.DataFrame(
            {
                "rule": pd.array([*range(1, len(self.rules) + 1), *[None] * len(rest)], dtype="Int64"),
                "says": pd.array([*map(str, self.rules), *["(no rule)"] * len(rest)], dtype="str"),
                "touchpoint": pd.array([*(r.touchpoint for r in self.rules), *map(str, rest.index)], dtype="str"),
                "events": n, "share": n / max(self.events, 1), "low": low, "high": high,
                "alone": pd.array([*self._alone.tolist(), *rest.tolist()], dtype="Int64"),
            },
            columns=list(COVERAGE_COLUMNS),
        )  # fmt: skip

    def notes(self) -> list[str]:
        """Say what no rule maps, and which rules map nothing."""
        if not self.rules:
            return []
        notes = []
        if self._left:
            notes.append(f"{len(self._left):,} of {self.events:,} events match no rule and keep their raw label")
        for i in np.flatnonzero(self._won == 0):
            why = "earlier rules take all it matches" if self._alone[i] else "it matches nothing"
            notes.append(f"rule {i + 1} ({self.rules[i]}) maps no event: {why}")
        return notes
