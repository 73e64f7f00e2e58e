"""The CX map: process and feeling in one picture."""

from cxmining.maps.cx.result import CXMap, cx_map
from cxmining.maps.cx.workshop import Workshop, load_people, read_workshop

__all__ = ["CXMap", "Workshop", "cx_map", "load_people", "read_workshop"]
