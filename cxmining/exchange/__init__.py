"""Journeys for other tools, and back without loss: a folder of Parquet tables, or one XES log."""

from cxmining.exchange.export import Export
from cxmining.exchange.folder import write_parquet
from cxmining.exchange.reading import read_journeys
from cxmining.exchange.xes import write_xes

__all__ = ["Export", "read_journeys", "write_parquet", "write_xes"]
