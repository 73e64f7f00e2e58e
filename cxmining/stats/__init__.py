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

__all__ = [
    "Interval",
    "benjamini_hochberg",
    "deal_folds",
    "effective_n",
    "grouped_mean",
    "mean_interval",
    "median_interval",
    "nps",
    "wilson",
]
