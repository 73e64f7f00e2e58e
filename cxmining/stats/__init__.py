"""Intervals and tests that several rooms share; each has a published formula and says it.

Where there is too little to know the spread (no value, one value, one customer) the interval is
missing, never of width zero.

Examples
--------
>>> [round(v, 2) for v in mean_interval([4, 5, 3])]
[4.0, 1.52, 6.48, 3]
"""

from __future__ import annotations

from cxmining.stats.folds import deal_folds
from cxmining.stats.intervals import Interval, effective_n, grouped_mean, mean_interval, median_interval, nps, wilson
from cxmining.stats.multiple import benjamini_hochberg
from cxmining.stats.reliability import cronbach_alpha, item_statistics
from cxmining.stats.shares import Design, design_of, net_share, scale_mean, share_interval

__all__ = [
    "Design",
    "Interval",
    "benjamini_hochberg",
    "cronbach_alpha",
    "deal_folds",
    "design_of",
    "effective_n",
    "grouped_mean",
    "item_statistics",
    "mean_interval",
    "median_interval",
    "net_share",
    "nps",
    "scale_mean",
    "share_interval",
    "wilson",
]
