"""The signs by which every picture says what a figure rests on."""

from __future__ import annotations

from typing import Final

__all__ = ["EVIDENCE"]

EVIDENCE: Final = {"measured": "\u25cf", "estimated": "\u25d0", "text": "T", "people": "\u270e", "unknown": "\u25cb"}
"""Kind of evidence to its sign, from what was counted to what nobody knows."""
