"""What a segment of customers is called, made from what marks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import pandas as pd

from cxmining.i18n import LANGUAGES, channel_label

__all__ = ["behaviour_words", "label_segments"]

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "one": {"en": "one group: no stable segments", "nl": "één groep: geen stabiele segmenten"},
    "rest": {"en": "the others", "nl": "de overige"},
    "mostly": {"en": "mostly {}", "nl": "vooral {}"},
    "more": {"en": "more {}", "nl": "meer {}"},
    "less": {"en": "less {}", "nl": "minder {}"},
    "higher": {"en": "{} higher", "nl": "{} hoger"},
    "lower": {"en": "{} lower", "nl": "{} lager"},
    "contacts per year": {"en": "contacts per year", "nl": "contacten per jaar"},
    "self-service": {"en": "self-service", "nl": "selfservice"},
    "evening or night": {"en": "evening or night", "nl": "avond of nacht"},
    "weekend": {"en": "weekend", "nl": "weekend"},
    "repeat contacts": {"en": "repeat contacts", "nl": "herhaalde contacten"},
    "switches channel": {"en": "switches channel", "nl": "wisselt van kanaal"},
    "many": {"en": "many contacts", "nl": "veel contacten"},
    "few": {"en": "few contacts", "nl": "weinig contacten"},
    "none": {"en": "no contact of their own", "nl": "geen eigen contact"},
}


def behaviour_words(kind: str, name: str, names: Mapping[str, str], language: str) -> str:
    """Return what a feature is called; `names` are the touchpoints' labels in this language."""
    if kind == "channel":
        return channel_label(name, language)
    if kind == "topic":
        return names.get(name, name)
    return _WORDS[name][language] if kind != "attribute" and name in _WORDS else name


def label_segments(
    kind: str, profile: pd.DataFrame, k: int, words: Mapping[str, Mapping[str, str]]
) -> dict[str, list[str]]:
    """Return a label per segment and language, each segment's different from the others'.

    Parameters
    ----------
    kind : {"behaviour", "attributes"}
        Behaviour is named after behaviour, attributes after attributes.
    profile : DataFrame
        Of :func:`~cxmining.journeys.grouping.profile.profile_segments`.
    k : int
    words : mapping
        Language → touchpoint → what it is called.
    """
    if k == 1:
        return {language: [_WORDS["one"][language]] for language in LANGUAGES}
    own = profile[(profile["feature_kind"] == "attribute") == (kind == "attributes")]
    real = own[(own["p_adjusted"] < 0.05) & (own["effect"].abs() >= 0.2)]
    out = {}
    for language in LANGUAGES:
        labels: list[str] = []
        for g in range(k):
            rows = real[real["segment"] == g + 1]
            silent = own[(own["segment"] == g + 1) & (own["feature"] == "contacts per year") & (own["mean"] == 0)]
            said = [_WORDS["none"][language]] if len(silent) else _parts(rows, words[language], language)
            tries = [", ".join(said[:n]) for n in range(2, len(said) + 1)] or [", ".join(said)]
            labels.append(next((t for t in tries if t not in labels), f"{tries[-1]} ({g + 1})"))
        out[language] = labels
    return out


def _parts(rows: pd.DataFrame, names: Mapping[str, str], language: str) -> list[str]:
    """Return what there is to say of a segment: where it is mainly, then what it is more than others, then less."""
    lead: list[tuple[float, str]] = []
    more: list[str] = []
    less: list[str] = []
    for row in cast(Any, rows.itertuples()):
        words = behaviour_words(str(row.feature_kind), str(row.feature), names, language)
        up = float(row.difference) > 0
        if row.feature_kind == "channel" and up and row.mean >= 0.5 and row.feature != "other":
            lead.append((-float(row.mean), _WORDS["mostly"][language].format(words)))
        elif row.feature_kind == "self-service":
            continue  # the channels say it already
        else:
            (more if up else less).append(_said(row, words, up, language))
    said = [*[text for _, text in sorted(lead)[:1]], *more, *less[:2]]
    return list(dict.fromkeys(said)) or [_WORDS["rest"][language]]


def _said(row: Any, words: str, up: bool, language: str) -> str:
    if row.feature == "contacts per year":
        return _WORDS["many" if up else "few"][language]
    if row.feature_kind == "attribute":
        if ": " not in row.feature:
            return _WORDS["higher" if up else "lower"][language].format(words)
        return words if up else _WORDS["less"][language].format(words)
    if row.feature_kind == "topic" and up:
        return words
    return _WORDS["more" if up else "less"][language].format(words)
