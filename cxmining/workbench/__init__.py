"""Linked views of journeys: without a widget (`explore`), in JupyterLab, and in the report, which shares their front end."""

from __future__ import annotations

from cxmining.workbench.explore import Exploration, explore

__all__ = ["Exploration", "explore"]
