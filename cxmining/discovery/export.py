"""A tree as BPMN 2.0 (with a drawing) and a net as PNML: the same bytes for the same model.

Written here and not by pm4py, whose ids are random and whose order is that of memory addresses.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final
from xml.etree import ElementTree as ET

from cxmining.discovery.layered import place_net
from cxmining.discovery.layout import Box, Flow, place
from cxmining.discovery.net import PetriNet
from cxmining.discovery.tree import Kind, Tree

__all__ = ["net_to_bpmn", "to_bpmn", "to_pnml", "to_ptml"]

# What XML 1.0 cannot hold, however it is escaped; line breaks would not survive in a name.
_ILLEGAL: Final = re.compile("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


def to_pnml(net: PetriNet, name: str) -> str:
    """Return a net as PNML, with its initial and final marking."""
    root = ET.Element("pnml", xmlns="http://www.pnml.org/version-2009/grammar/pnml")
    element = ET.SubElement(root, "net", id="net1", type="http://www.pnml.org/version-2009/grammar/pnmlcoremodel")
    _text(element, "name", name)
    page = ET.SubElement(element, "page", id="page1")
    for place_id in net.places:
        node = ET.SubElement(page, "place", id=place_id)
        _text(node, "name", place_id)
        if place_id == net.source:
            _text(node, "initialMarking", "1")
    for transition, label in net.transitions:
        node = ET.SubElement(page, "transition", id=transition)
        _text(node, "name", transition if label is None else label)
        if label is None:
            ET.SubElement(
                node, "toolspecific", tool="ProM", version="6.4", activity="$invisible$", localNodeID=transition
            )
    for i, ((source, target), weight) in enumerate(Counter(net.arcs).items(), 1):
        arc = ET.SubElement(page, "arc", id=f"a{i}", source=source, target=target)
        if weight > 1:
            _text(arc, "inscription", str(weight))
    marking = ET.SubElement(ET.SubElement(element, "finalmarkings"), "marking")
    for place_id in net.places:
        ET.SubElement(ET.SubElement(marking, "place", idref=place_id), "text").text = str(int(place_id == net.sink))
    return _serialise(root)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(ET.SubElement(parent, tag), "text").text = _clean(text)


def to_bpmn(tree: Tree, name: str) -> str:
    """Return the tree as a BPMN 2.0 process with its drawing, so that any modeller can open it."""
    return _bpmn(*place(tree), name)


def net_to_bpmn(net: PetriNet, name: str) -> str:
    """Return the net as a BPMN 2.0 process with its drawing.

    A place where ways part or meet is an exclusive gateway, a transition that takes or gives several tokens a
    parallel one. Where a transition takes from a place that others take from too, the gateway chooses earlier than
    the net does: what runs to its end is the same, but a run may get stuck.
    """
    return _bpmn(*place_net(net), name)


def _bpmn(boxes: list[Box], flows: list[Flow], name: str) -> str:
    di, dc, dd = (
        f"http://www.omg.org/spec/{part}" for part in ("BPMN/20100524/DI", "DD/20100524/DC", "DD/20100524/DI")
    )
    root = ET.Element(
        "definitions",
        {
            "xmlns": "http://www.omg.org/spec/BPMN/20100524/MODEL",
            "xmlns:bpmndi": di,
            "xmlns:omgdc": dc,
            "xmlns:omgdi": dd,
            "id": "definitions",
            "targetNamespace": "urn:cxmining",
        },
    )
    process = ET.SubElement(root, "process", id="process", name=_clean(name), isExecutable="false")
    plane = ET.SubElement(
        ET.SubElement(root, "bpmndi:BPMNDiagram", id="diagram"), "bpmndi:BPMNPlane", id="plane", bpmnElement="process"
    )
    at: tuple[dict[str, list[Flow]], dict[str, list[Flow]]] = {}, {}
    for flow in flows:
        for end in (0, 1):
            at[end].setdefault(flow.ends[end].id, []).append(flow)
    for box in boxes:
        node = ET.SubElement(process, box.tag, _node_attributes(box))
        for tag, end in (("incoming", 1), ("outgoing", 0)):
            for flow in at[end].get(box.id, ()):
                ET.SubElement(node, tag).text = flow.id
        shape = ET.SubElement(plane, "bpmndi:BPMNShape", id=f"{box.id}_shape", bpmnElement=box.id)
        bounds = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        ET.SubElement(shape, "omgdc:Bounds", {key: f"{value:g}" for key, value in bounds.items()})
    for flow in flows:
        source, target = flow.ends
        ET.SubElement(process, "sequenceFlow", id=flow.id, sourceRef=source.id, targetRef=target.id)
        edge = ET.SubElement(plane, "bpmndi:BPMNEdge", id=f"{flow.id}_edge", bpmnElement=flow.id)
        for x, y in flow.points:
            ET.SubElement(edge, "omgdi:waypoint", x=f"{x:g}", y=f"{y:g}")
    return _serialise(root)


_PTML: Final = {Kind.SEQUENCE: "sequence", Kind.CHOICE: "xor", Kind.PARALLEL: "and", Kind.LOOP: "xorLoop"}


def to_ptml(tree: Tree, name: str) -> str:
    """Return the tree as PTML, ProM's and pm4py's format for process trees.

    There a loop has a third child, what is done when it is left: a skip, as pm4py writes it.
    """
    root = ET.Element("ptml")
    process = ET.SubElement(root, "processTree", id="tree", name=_clean(name), root="n1")
    edges: list[tuple[str, str]] = []
    todo = [("", tree)]
    n = 0
    while todo:
        parent, node = todo.pop()
        n += 1
        if parent:
            edges.append((parent, f"n{n}"))
        if node.kind is Kind.STEP:
            ET.SubElement(process, "manualTask", id=f"n{n}", name=_clean(node.label))
        elif node.kind is Kind.SKIP:
            ET.SubElement(process, "automaticTask", id=f"n{n}", name="")
        else:
            ET.SubElement(process, _PTML[node.kind], id=f"n{n}", name="")
            children = (*node.children, Tree(Kind.SKIP)) if node.kind is Kind.LOOP else node.children
            todo += [(f"n{n}", child) for child in reversed(children)]
    for i, (source, target) in enumerate(edges, 1):
        ET.SubElement(process, "parentsNode", id=f"e{i}", sourceId=source, targetId=target)
    return _serialise(root)


def _node_attributes(box: Box) -> dict[str, str]:
    attributes = {"id": box.id}
    if box.label:
        attributes["name"] = _clean(box.label)
    if box.direction:
        attributes["gatewayDirection"] = box.direction
    return attributes


def _clean(text: str) -> str:
    return _ILLEGAL.sub(" ", text)


def _serialise(root: ET.Element) -> str:
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
