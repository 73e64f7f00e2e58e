"""Models of journeys: mined from weighted variants, measured on them, written for other tools.

pm4py is touched here and nowhere else, and only when a model is mined: importing it takes seconds.
"""

from cxmining.discovery.discovering import discover
from cxmining.discovery.model import JourneyModel, ReadModel
from cxmining.discovery.net import PetriNet, petri_net
from cxmining.discovery.reading import read_model
from cxmining.discovery.selection import ModelSelection, select_model
from cxmining.discovery.stability import EdgeStability, edge_stability
from cxmining.discovery.tree import Tree

__all__ = [
    "EdgeStability",
    "JourneyModel",
    "ModelSelection",
    "PetriNet",
    "ReadModel",
    "Tree",
    "discover",
    "edge_stability",
    "petri_net",
    "read_model",
    "select_model",
]
