"""The ways in which a map goes out; they stand in :mod:`cxmining.figures.drawn`."""

from cxmining.figures.drawn import DrawnMap

__all__ = ["DrawnMap"]
