"""The words of this package, by their short names; they stand in :mod:`cxmining.i18n`."""

from __future__ import annotations

from cxmining.i18n import MEASURE_LABELS as MEASURES
from cxmining.i18n import RULE_LABELS as RULES
from cxmining.i18n import UPWARD_LABELS as METRICS
from cxmining.i18n import between, signed, speaking

__all__ = ["MEASURES", "METRICS", "RULES", "between", "say", "signed"]

say = speaking("experience")
