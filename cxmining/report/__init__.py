"""One offline page from a run folder: no kernel, no network, no personal data."""

from __future__ import annotations

from cxmining.report.write import write_report

__all__ = ["write_report"]
