"""Which few touchpoints decide a score: fair credit with intervals, and *no* when the data say no."""

from cxmining.drivers.analysis import DriverAnalysis
from cxmining.drivers.design import RatingFrame
from cxmining.drivers.dominance import Dominance
from cxmining.drivers.find import find_drivers
from cxmining.drivers.scale import ScaleCheck, check_classes
from cxmining.drivers.segments import DriverComparison, compare_drivers
from cxmining.drivers.several import DriversEach, find_drivers_each
from cxmining.drivers.structure import StructureBlock, explain_structure
from cxmining.drivers.verdict import Verdict

__all__ = [
    "Dominance",
    "DriverAnalysis",
    "DriverComparison",
    "DriversEach",
    "RatingFrame",
    "ScaleCheck",
    "StructureBlock",
    "Verdict",
    "check_classes",
    "compare_drivers",
    "explain_structure",
    "find_drivers",
    "find_drivers_each",
]
