"""The words on the pictures, by their short names; they stand in :mod:`cxmining.i18n`."""

from __future__ import annotations

from typing import Any, Final

from cxmining.i18n import CHANNEL_LABELS as CHANNEL_WORDS
from cxmining.i18n import METRIC_LABELS as METRIC_WORDS
from cxmining.i18n import MISSING, STAGE_LABELS, duration, interval, is_missing, named, number, percent, speaking

__all__ = [
    "CHANNEL_WORDS",
    "HIDDEN",
    "METRIC_WORDS",
    "MISSING",
    "STAGE_WORDS",
    "duration",
    "interval",
    "known",
    "named",
    "number",
    "percent",
    "say",
]

HIDDEN: Final = "⊘"
"""Known, and not shown because it is about too few customers."""
STAGE_WORDS: Final = {**STAGE_LABELS, "": {"en": "No stage", "nl": "Geen fase"}}
say = speaking("maps")


def known(value: Any) -> bool:
    """Whether a cell holds something."""
    return not is_missing(value)
