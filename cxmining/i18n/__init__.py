"""How figures are written and what is said, in English and Dutch: the one place for words.

:mod:`~cxmining.i18n.writing` writes numbers, dates and durations; :mod:`~cxmining.i18n.labels` names the fixed
things of the field; :mod:`~cxmining.i18n.messages` holds every sentence, in rooms under :mod:`~cxmining.i18n.catalogue`;
:mod:`~cxmining.i18n.notes` says notes, which results keep in English, in another language.
"""

from __future__ import annotations

from cxmining.i18n.labels import (
    CHANNEL_LABELS,
    DIMENSION_LABELS,
    ELEMENT_LABELS,
    EMOTION_LABELS,
    EVIDENCE_LABELS,
    MEASURE_LABELS,
    METRIC_LABELS,
    MOTIVE_LABELS,
    OUTCOME_LABELS,
    PERCEPTION_LABELS,
    RULE_LABELS,
    STAGE_LABELS,
    UPWARD_LABELS,
    channel_label,
    emotion_label,
    metric_label,
    named,
    stage_label,
)
from cxmining.i18n.messages import CATALOGUE, say, speaking
from cxmining.i18n.notes import is_known, translate
from cxmining.i18n.writing import (
    LANGUAGES,
    MISSING,
    between,
    check_language,
    counted,
    date,
    duration,
    interval,
    is_missing,
    number,
    percent,
    signed,
)

__all__ = [
    "CATALOGUE",
    "CHANNEL_LABELS",
    "DIMENSION_LABELS",
    "ELEMENT_LABELS",
    "EMOTION_LABELS",
    "EVIDENCE_LABELS",
    "LANGUAGES",
    "MEASURE_LABELS",
    "METRIC_LABELS",
    "MISSING",
    "MOTIVE_LABELS",
    "OUTCOME_LABELS",
    "PERCEPTION_LABELS",
    "RULE_LABELS",
    "STAGE_LABELS",
    "UPWARD_LABELS",
    "between",
    "channel_label",
    "check_language",
    "counted",
    "date",
    "duration",
    "emotion_label",
    "interval",
    "is_known",
    "is_missing",
    "metric_label",
    "named",
    "number",
    "percent",
    "say",
    "signed",
    "speaking",
    "stage_label",
    "translate",
]
