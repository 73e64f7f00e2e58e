"""What a group of journeys is called, made from what marks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from cxmining.i18n import LANGUAGES, channel_label

__all__ = ["feature_words", "label_groups", "touchpoint_words"]

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "mostly": {"en": "mostly {}", "nl": "vooral {}"},
    "often": {"en": "often {}", "nl": "vaak {}"},
    "only": {"en": "only {}", "nl": "alleen {}"},
    "with": {"en": "with {}", "nl": "met {}"},
    "without": {"en": "without {}", "nl": "zonder {}"},
    "repeated": {"en": "repeated {}", "nl": "herhaald {}"},
    "and": {"en": " and ", "nl": " en "},
    "one": {"en": "one group: no stable archetypes", "nl": "één groep: geen stabiele archetypen"},
    "rest": {"en": "the others", "nl": "de overige"},
    "one contact": {"en": "one contact", "nl": "één contact"},
    "more than three contacts": {"en": "many contacts", "nl": "veel contacten"},
    "within a day": {"en": "within a day", "nl": "binnen een dag"},
    "over a week": {"en": "over a week or more", "nl": "langer dan een week"},
    "over a month": {"en": "over a month or more", "nl": "langer dan een maand"},
}
MOSTLY: Final = 0.6
"""Share of a group's events on one channel from which it is called after it."""
PLAIN: Final = 0.15
"""Difference in share from which something marks a group enough to name it."""


def touchpoint_words(catalogue: pd.DataFrame, touchpoints: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return what each touchpoint is called in each language; what has no label keeps its name."""
    known = catalogue.drop_duplicates("touchpoint").set_index("touchpoint")
    words = {}
    for language in LANGUAGES:
        labels = known[f"label_{language}"].dropna().to_dict() if f"label_{language}" in known else {}
        words[language] = {t: str(labels.get(t, t)) for t in touchpoints}
    return words


def label_groups(
    marks: pd.DataFrame, channel_share: pd.DataFrame, k: int, words: Mapping[str, Mapping[str, str]]
) -> dict[str, list[str]]:
    """Return a label per group and language, each group's different from the others'.

    Parameters
    ----------
    marks : DataFrame
        Of :func:`~cxmining.journeys.grouping.marks.mark_groups`.
    channel_share : DataFrame
        Share of the events of each group (row) on each channel (column).
    k : int
        Number of groups.
    words : mapping
        Language → touchpoint → what it is called.
    """
    if k == 1:
        return {language: [_WORDS["one"][language]] for language in LANGUAGES}
    real = marks[(marks["p_adjusted"] < 0.05) & (marks["difference"].abs() >= PLAIN)]
    out = {}
    for language in LANGUAGES:
        labels: list[str] = []
        for g in range(k):
            own = real[real["archetype"] == g + 1]
            parts = _parts(own, channel_share.iloc[g], words[language], language)
            labels.append(next((p for p in parts if p not in labels), f"{parts[-1]} ({g + 1})"))
        out[language] = labels
    return out


def _parts(own: pd.DataFrame, channels: pd.Series, names: Mapping[str, str], language: str) -> list[str]:
    """Return labels for one group, the shortest first: each says more than the one before."""

    def say(key: str, what: str = "") -> str:
        return _WORDS[key][language].format(what)

    more, less = own[own["difference"] > 0], own[own["difference"] < 0]
    met = more[more["kind"] == "touchpoint"]
    again = set(more.loc[(more["kind"] == "repeated") & (more["share"] >= 0.5), "feature"])
    times = more.loc[more["kind"] == "time", "feature"].tolist()
    lead = []
    main = channels.idxmax()
    if channels.max() >= MOSTLY and main in set(more.loc[more["kind"] == "channel", "feature"]) and main != "other":
        lead = [say("mostly", channel_label(str(main), language))]
    ways = more[(more["kind"] == "channel") & (more["difference"] >= 0.25) & (more["feature"] != "other")]
    if not lead and len(ways):
        lead = [say("often", channel_label(str(ways["feature"].iloc[0]), language))]
    strong = met[met["difference"] >= 0.5 * met["difference"].max()]["feature"].tolist() if len(met) else []
    named = [say("repeated", names[t]) if t in again else names[t] for t in met["feature"]]
    count = max(1, min(2, len(strong)))
    single = (
        float(more.loc[more["feature"] == "one contact", "share"].max()) >= 0.8 if "one contact" in times else False
    )
    if named and single and met["share"].iloc[0] >= 0.8:
        first = [say("only", named[0])]
    elif named:
        first = [*lead, say("with", say("and").join(named[:count]))]
    elif len(less[less["kind"] == "touchpoint"]):
        gone = [names[t] for t in less.loc[less["kind"] == "touchpoint", "feature"].tolist()[:2]]
        first = [*lead, say("without", say("and").join(gone))]
    else:
        ways = more[more["kind"] == "edge"]
        first = [*lead, *[say("with", str(t)) for t in ways["feature"].tolist()[:1]]]
    longer = [*first, *[say(t) for t in times[:1]]]
    longest = [*longer, *([say("with", named[count])] if len(named) > count else [])]
    gone = [names[t] for t in less.loc[less["kind"] == "touchpoint", "feature"].tolist()[:1]]
    last = [*longest, *[say("without", t) for t in gone]]
    return [", ".join(p) for p in (first, longer, longest, last) if p] or [say("rest")]


def feature_words(row: Any, names: Mapping[str, str], language: str) -> str:
    """Return what one row of marks is about, in words."""
    if row.kind == "channel":
        return channel_label(row.feature, language)
    if row.kind == "time":
        return _WORDS[row.feature][language]
    if row.kind == "repeated":
        return _WORDS["repeated"][language].format(names[row.feature])
    if row.kind == "edge":
        return str(row.feature)  # two touchpoints; a label may hold an arrow of its own
    return names[row.feature]
