"""What the fixed things of the field are called: stages, channels, metrics, measures, emotions, rules."""

from __future__ import annotations

from typing import Any, Final

from cxmining.i18n.writing import MISSING, check_language, is_missing

__all__ = [
    "CHANNEL_LABELS",
    "DIMENSION_LABELS",
    "ELEMENT_LABELS",
    "EMOTION_LABELS",
    "EVIDENCE_LABELS",
    "MEASURE_LABELS",
    "METRIC_LABELS",
    "MOTIVE_LABELS",
    "OUTCOME_LABELS",
    "PERCEPTION_LABELS",
    "RULE_LABELS",
    "STAGE_LABELS",
    "UPWARD_LABELS",
    "channel_label",
    "emotion_label",
    "metric_label",
    "named",
    "stage_label",
]

Labels = dict[str, dict[str, str]]

STAGE_LABELS: Final[Labels] = {
    "awareness": {"en": "Awareness", "nl": "Ontdekken"},
    "consideration": {"en": "Consideration", "nl": "Overwegen"},
    "purchase": {"en": "Purchase", "nl": "Kopen"},
    "service": {"en": "Service", "nl": "Gebruik en service"},
    "loyalty": {"en": "Loyalty", "nl": "Blijven"},
    "advocacy": {"en": "Advocacy", "nl": "Aanbevelen"},
}
CHANNEL_LABELS: Final[Labels] = {
    **{same: {"en": same, "nl": same} for same in ("mail", "chat", "app", "web", "post", "sms", "social")},
    "phone": {"en": "phone", "nl": "telefoon"},
    "desk": {"en": "desk", "nl": "balie"},
    "survey": {"en": "survey", "nl": "enquête"},
    "other": {"en": "other", "nl": "overig"},
}
METRIC_LABELS: Final[Labels] = {
    "nps": {"en": "NPS", "nl": "NPS"},
    "csat": {"en": "CSAT", "nl": "CSAT"},
    "csat_top2": {"en": "CSAT, share in the top 2", "nl": "CSAT, aandeel in de top 2"},
    "rapportcijfer": {"en": "report mark", "nl": "rapportcijfer"},
    "ces": {"en": "CES", "nl": "CES"},
    "perception": {"en": "perception", "nl": "beleving"},
    "response_rate": {"en": "response rate", "nl": "respons"},
}
UPWARD_LABELS: Final[Labels] = {
    **METRIC_LABELS,
    "ces": {"en": "CES (higher is easier)", "nl": "CES (hoger is makkelijker)"},
}
"""Of metrics where scores were turned such that higher is better."""
MEASURE_LABELS: Final[Labels] = {
    "contacts": {"en": "contacts", "nl": "contacten"},
    "contacts_per_task": {"en": "contacts per task", "nl": "contacten per taak"},
    "repeats": {"en": "repeats within 7 days", "nl": "herhalingen binnen 7 dagen"},
    "wait_s": {"en": "waiting, seconds", "nl": "wachttijd, seconden"},
    "handovers": {"en": "hand-overs", "nl": "doorverbindingen"},
    "channel_switches": {"en": "channel switches", "nl": "wisselingen van kanaal"},
    "days_open": {"en": "days open", "nl": "dagen open"},
}
RULE_LABELS: Final[Labels] = {
    "beyond 3": {"en": "one point beyond the limits (3 SD)", "nl": "één punt buiten de grenzen (3 SD)"},
    "2 of 3": {"en": "2 of 3 beyond 2 SD on one side", "nl": "2 van 3 voorbij 2 SD aan één kant"},
    "4 of 5": {"en": "4 of 5 beyond 1 SD on one side", "nl": "4 van 5 voorbij 1 SD aan één kant"},
    "8 in a row": {"en": "8 in a row on one side of the centre", "nl": "8 op rij aan één kant van het midden"},
}
EMOTION_LABELS: Final[Labels] = {
    "joy": {"en": "joy", "nl": "blijdschap"},
    "satisfaction": {"en": "satisfaction", "nl": "tevredenheid"},
    "surprise": {"en": "surprise", "nl": "verrassing"},
    "frustration": {"en": "frustration", "nl": "frustratie"},
    "confusion": {"en": "confusion", "nl": "verwarring"},
    "worry": {"en": "worry", "nl": "zorg"},
    "anger": {"en": "anger", "nl": "boosheid"},
}
PERCEPTION_LABELS: Final[Labels] = {
    "speed": {"en": "speed", "nl": "snelheid"},
    "friendliness": {"en": "friendliness", "nl": "vriendelijkheid"},
    "relevance": {"en": "relevance", "nl": "relevantie"},
}
ELEMENT_LABELS: Final[Labels] = {
    "support": {"en": "support", "nl": "ondersteuning"},
    "quality": {"en": "quality", "nl": "kwaliteit"},
    "help": {"en": "help", "nl": "hulp"},
    "knowledge": {"en": "knowledge", "nl": "kennis"},
    "competence": {"en": "competence", "nl": "deskundigheid"},
    "advice": {"en": "advice", "nl": "advies"},
    "dedication": {"en": "dedication", "nl": "inzet"},
    "satisfaction": {"en": "satisfaction", "nl": "tevredenheid"},
}
DIMENSION_LABELS: Final[Labels] = {
    "tangibles": {"en": "tangibles", "nl": "tastbaarheden"},
    "reliability": {"en": "reliability", "nl": "betrouwbaarheid"},
    "responsiveness": {"en": "responsiveness", "nl": "bereidwilligheid"},
    "assurance": {"en": "assurance", "nl": "zekerheid"},
    "empathy": {"en": "empathy", "nl": "inlevingsvermogen"},
}
"""Of SERVQUAL."""
MOTIVE_LABELS: Final[Labels] = {
    "cost": {"en": "cost", "nl": "kosten"},
    "problem": {"en": "something fails", "nl": "iets gaat mis"},
    "change": {"en": "a change in life or contract", "nl": "een verandering in leven of contract"},
    "request": {"en": "the company asked for it", "nl": "het bedrijf vroeg erom"},
    "clarity": {"en": "something is not clear", "nl": "iets is niet duidelijk"},
    "service": {"en": "earlier service", "nl": "eerdere dienstverlening"},
}
OUTCOME_LABELS: Final[Labels] = {
    "reached": {"en": "reached", "nl": "bereikt"},
    "partly": {"en": "partly", "nl": "deels"},
    "not reached": {"en": "not reached", "nl": "niet bereikt"},
    "unknown": {"en": "unknown", "nl": "onbekend"},
}
EVIDENCE_LABELS: Final[Labels] = {
    "measured": {"en": "measured", "nl": "gemeten"},
    "from text": {"en": "from text", "nl": "uit tekst"},
    "unknown": {"en": "unknown", "nl": "onbekend"},
}


def stage_label(stage: str | None, language: str) -> str:
    """Return how a stage is called; what has none is ``–``, an unknown one is shown as it is.

    Examples
    --------
    >>> stage_label("purchase", "nl"), stage_label(None, "nl")
    ('Kopen', '–')
    """
    return _label(STAGE_LABELS, stage, language)


def channel_label(channel: str | None, language: str) -> str:
    """Return how a channel is called; what has none is ``–``, an unknown one is shown as it is.

    Examples
    --------
    >>> channel_label("phone", "nl"), channel_label("fax", "nl")
    ('telefoon', 'fax')
    """
    return _label(CHANNEL_LABELS, channel, language)


def metric_label(metric: str | None, language: str) -> str:
    """Return how a metric is called.

    Examples
    --------
    >>> metric_label("rapportcijfer", "en"), metric_label("nps", "nl")
    ('report mark', 'NPS')
    """
    return _label(METRIC_LABELS, metric, language)


def emotion_label(emotion: str | None, language: str) -> str:
    """Return how an emotion is called.

    Examples
    --------
    >>> emotion_label("worry", "nl")
    'zorg'
    """
    return _label(EMOTION_LABELS, emotion, language)


def named(words: Labels, key: Any, language: str) -> str:
    """Return the word for `key`; a key without one is shown as it is recorded, nothing for none."""
    check_language(language)
    return words[key][language] if key in words else ("" if is_missing(key) else str(key))


def _label(words: Labels, name: str | None, language: str) -> str:
    check_language(language)
    if name is None or is_missing(name):
        return MISSING
    return words[name][language] if name in words else str(name)
