"""Which few touchpoints decide a score: fair credit with intervals, and *no* when the data say no."""

from cxmining.drivers.analysis import DriverAnalysis
from cxmining.drivers.design import RatingFrame
from cxmining.drivers.find import find_drivers
from cxmining.drivers.verdict import Verdict

__all__ = ["DriverAnalysis", "RatingFrame", "Verdict", "find_drivers"]
