"""The coded log and the reductions over it.

An event log becomes flat arrays once; every figure about journeys is then one or two linear passes.
Each reduction returns a summary that merges with the summary of other customers, in any order.
"""

from cxmining.engine.coded import CodedLog, encode, split_sessions
from cxmining.engine.counts import TouchpointCounts, count_touchpoints, journey_counts
from cxmining.engine.graph import END, START, Graph, count_edges, follow
from cxmining.engine.joins import asof
from cxmining.engine.parquet import encode_arrow, encode_parquet
from cxmining.engine.partitions import Partitions, bucket, summarise
from cxmining.engine.samples import Samples
from cxmining.engine.variants import Variants, count_variants

__all__ = [
    "END",
    "START",
    "CodedLog",
    "Graph",
    "Partitions",
    "Samples",
    "TouchpointCounts",
    "Variants",
    "asof",
    "bucket",
    "count_edges",
    "count_touchpoints",
    "count_variants",
    "encode",
    "encode_arrow",
    "encode_parquet",
    "follow",
    "journey_counts",
    "split_sessions",
    "summarise",
]
