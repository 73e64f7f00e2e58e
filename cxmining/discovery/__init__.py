"""Models of journeys: mined from weighted variants, measured on them, written for other tools.

pm4py is touched here and nowhere else, and only when a model is mined: importing it takes seconds.
"""

from cxmining.discovery import promises
from cxmining.discovery.conformance import Conformance, check_conformance
from cxmining.discovery.discovering import discover
from cxmining.discovery.intended import Step
from cxmining.discovery.model import JourneyModel, ReadModel
from cxmining.discovery.net import PetriNet, petri_net
from cxmining.discovery.promise_report import PromiseReport, check_promises
from cxmining.discovery.reading import read_model
from cxmining.discovery.selection import ModelSelection, select_model
from cxmining.discovery.skeleton import discover_promises
from cxmining.discovery.stability import EdgeStability, edge_stability
from cxmining.discovery.tree import Tree

__all__ = [
    "Conformance",
    "EdgeStability",
    "JourneyModel",
    "ModelSelection",
    "PetriNet",
    "PromiseReport",
    "ReadModel",
    "Step",
    "Tree",
    "check_conformance",
    "check_promises",
    "discover",
    "discover_promises",
    "edge_stability",
    "petri_net",
    "promises",
    "read_model",
    "select_model",
]
