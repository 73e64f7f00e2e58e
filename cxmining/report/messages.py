"""The report's sentences, by their keys; they stand in :mod:`cxmining.i18n`."""

from __future__ import annotations

from cxmining.i18n import CATALOGUE, speaking

__all__ = ["MESSAGES", "say"]

MESSAGES = CATALOGUE["report"]
say = speaking("report")
