"""Everything that is known about one touchpoint, written out: name, figure, and what stands small beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cxmining.i18n import channel_label
from cxmining.i18n import signed as written
from cxmining.maps import words
from cxmining.maps.words import HIDDEN, METRIC_WORDS, MISSING, STAGE_WORDS, known, say

__all__ = ["Facts", "gap_digits", "mixed", "signed"]


def signed(value: float, language: str, digits: int = 1) -> str:
    """Write a difference with its sign.

    Examples
    --------
    >>> signed(0.72, "en"), signed(-1.0, "nl"), signed(0.01, "en")
    ('+0.7', '−1,0', '0.0')
    """
    return written(value, language, digits)


def mixed(mix: str, language: str) -> str:
    """Write the channels of a touchpoint and their shares.

    Examples
    --------
    >>> mixed("phone 42%; fax 8%", "nl"), mixed("phone 42%; fax 8%", "en")
    ('telefoon 42%; fax 8%', 'phone 42%; fax 8%')
    """
    parts = (part.rpartition(" ") for part in mix.split("; "))
    return "; ".join(f"{channel_label(name, language)} {share}" if name else share for name, _, share in parts)


def gap_digits(row: Mapping[str, Any]) -> int:
    """Return how many decimals a gap's interval needs: one that leaves out nothing must not seem to touch it.

    Examples
    --------
    >>> gap_digits({"gap_low": -0.3, "gap_high": -0.04}), gap_digits({"gap_low": -0.3, "gap_high": 0.04})
    (2, 1)
    """
    low, high = row.get("gap_low"), row.get("gap_high")
    if low is None or high is None or not (known(low) and known(high)) or low <= 0 <= high:
        return 1
    return 2 if min(abs(low), abs(high)) < 0.05 else 1


class Facts:
    """The figures of one touchpoint in words; what is hidden and what was never measured get two signs."""

    def __init__(self, row: Mapping[str, Any], language: str, hidden: Collection[tuple[str, str]]) -> None:
        self.row, self.language, self.hidden = row, language, hidden

    def absent(self, column: str) -> str:
        """Return the sign for a figure that is not there."""
        return HIDDEN if (self.row["touchpoint"], column) in self.hidden else MISSING

    def count(self, column: str) -> str:
        """Return a number of something."""
        value: Any = self.row.get(column)
        return words.number(value, self.language) if known(value) else self.absent(column)

    def reach(self) -> str:
        """Return the share of customers who met the touchpoint."""
        value: Any = self.row.get("reach")
        return words.percent(value, self.language) if known(value) else self.absent("reach")

    def level(self, part: str, digits: int = 1, *, difference: bool = False) -> tuple[str, str]:
        """Return a mean, and its interval with n."""
        row, language = self.row, self.language
        mean: Any = row.get(f"{part}_mean")
        if not known(mean):
            return self.absent(f"{part}_mean"), ""
        span = words.interval(row.get(f"{part}_low"), row.get(f"{part}_high"), language, digits)
        count = self.of(f"{part}_n")
        text = signed(mean, language, digits) if difference else words.number(mean, language, digits)
        return text, f"{span} {count}".strip()

    def of(self, column: str) -> str:
        """Return on how many a figure rests, or nothing when that is not known."""
        n: Any = self.row.get(column)
        return f"n = {words.number(n, self.language)}" if known(n) else ""

    def wait(self) -> tuple[str, str]:
        """Return the median wait, the time within which nine in ten were helped, and n."""
        median: Any = self.row.get("wait_median_s")
        slow: Any = self.row.get("wait_p90_s")
        if not known(median):
            return self.absent("wait_median_s"), ""
        more = say("nine_in_ten", self.language, time=words.duration(slow, self.language)) if known(slow) else ""
        return words.duration(median, self.language), " · ".join(t for t in (more, self.of("wait_n")) if t)

    def sourced(self, value: Any, source: Any) -> tuple[str, str]:
        """Return something that was declared or found, and which of the two."""
        if not known(value) or value == "":
            return MISSING, ""
        kinds = ("declared", "mined", "catalogue", "milestone", "proposed")
        return str(value), say(source, self.language) if source in kinds else ""

    def all(self) -> list[tuple[str, str, str]]:
        """Return every fact: name, figure, small print."""
        row, language = self.row, self.language
        metric = row.get("score_metric")
        name = words.named(METRIC_WORDS, metric, language) if known(metric) else say("score", language)
        if known(row.get("score_scale_low")):
            name += f" {row['score_scale_low']:g}–{row['score_scale_high']:g}"
        stage = STAGE_WORDS[row["stage"]][language] if row["stage"] else None
        span = words.interval(row.get("reach_low"), row.get("reach_high"), language, 0, share=True)
        mix = row.get("channel_mix")
        return [
            (say("contacts", language), self.count("events"), ""),
            (say("journeys", language), self.count("journeys"), ""),
            (say("customers", language), self.count("customers"), ""),
            (say("reach", language), self.reach(), span),
            (name, *self.level("score")),
            (say("expected", language), *self.level("expected")),
            (say("gap", language), *self.level("gap", difference=True)),
            (say("sentiment", language), *self.level("sentiment", 2, difference=True)),
            (say("wait", language), *self.wait()),
            (say("owner", language), *self.sourced(row.get("owner"), row.get("owner_source"))),
            (say("stage", language), *self.sourced(stage, row.get("stage_source"))),
            (say("channels", language), mixed(str(mix), language) if known(mix) else self.absent("channel_mix"), ""),
        ]
