"""A tree as BPMN 2.0 (with a drawing) and as PNML: the same bytes for the same tree.

Written here and not by pm4py, whose ids are random and whose order is that of memory addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from cxmining.discovery.layout import Box, place
from cxmining.discovery.tree import Kind, Tree

__all__ = ["PetriNet", "petri_net", "to_bpmn", "to_pnml"]

# What XML 1.0 cannot hold, however it is escaped; line breaks would not survive in a name.
_ILLEGAL: Final = re.compile("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


@dataclass
class PetriNet:
    """A workflow net: from place ``p1`` to place ``p2``; a transition without a label is silent."""

    places: list[str] = field(default_factory=list)
    transitions: list[tuple[str, str | None]] = field(default_factory=list)
    arcs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def simplicity(self) -> float:
        """1 / (1 + max(mean arcs per node − 2, 0)), the inverse arc degree (Sánchez-González et al. 2010)."""
        nodes = len(self.places) + len(self.transitions)
        return 1 / (1 + max(2 * len(self.arcs) / nodes - 2, 0))

    def place(self) -> str:
        """Add a place and return its id."""
        self.places.append(f"p{len(self.places) + 1}")
        return self.places[-1]

    def transition(self, sources: list[str], targets: list[str], label: str | None = None) -> None:
        """Add a transition between places."""
        name = f"t{len(self.transitions) + 1}"
        self.transitions.append((name, label))
        self.arcs += [*((s, name) for s in sources), *((name, t) for t in targets)]


def petri_net(tree: Tree) -> PetriNet:
    """Return the workflow net of a tree.

    Examples
    --------
    >>> net = petri_net(Tree(Kind.LOOP, (Tree(Kind.STEP, label="call"), Tree(Kind.SKIP))))
    >>> net.transitions
    [('t1', None), ('t2', 'call'), ('t3', None), ('t4', None)]
    """
    net = PetriNet()
    _grow(net, tree, net.place(), net.place())
    return net


def _grow(net: PetriNet, tree: Tree, source: str, target: str) -> None:
    if tree.kind in (Kind.STEP, Kind.SKIP):
        net.transition([source], [target], tree.label if tree.kind is Kind.STEP else None)
    elif tree.kind is Kind.SEQUENCE:
        between = [source, *(net.place() for _ in tree.children[1:]), target]
        for child, a, b in zip(tree.children, between[:-1], between[1:], strict=True):
            _grow(net, child, a, b)
    elif tree.kind is Kind.CHOICE:
        for child in tree.children:
            _grow(net, child, source, target)
    elif tree.kind is Kind.PARALLEL:
        ends = [(net.place(), net.place()) for _ in tree.children]
        net.transition([source], [a for a, _ in ends])
        for child, (a, b) in zip(tree.children, ends, strict=True):
            _grow(net, child, a, b)
        net.transition([b for _, b in ends], [target])
    else:
        # Own places: in a choice or in another loop, a way back to `source` would be a way out of this loop.
        first, last = net.place(), net.place()
        net.transition([source], [first])
        _grow(net, tree.children[0], first, last)
        _grow(net, tree.children[1], last, first)
        net.transition([last], [target])


def to_pnml(tree: Tree, name: str) -> str:
    """Return the tree's workflow net as PNML, with its initial and final marking."""
    net = petri_net(tree)
    root = ET.Element("pnml", xmlns="http://www.pnml.org/version-2009/grammar/pnml")
    element = ET.SubElement(root, "net", id="net1", type="http://www.pnml.org/version-2009/grammar/pnmlcoremodel")
    _text(element, "name", name)
    page = ET.SubElement(element, "page", id="page1")
    for place_id in net.places:
        node = ET.SubElement(page, "place", id=place_id)
        _text(node, "name", place_id)
        if place_id == "p1":
            _text(node, "initialMarking", "1")
    for transition, label in net.transitions:
        node = ET.SubElement(page, "transition", id=transition)
        _text(node, "name", transition if label is None else label)
        if label is None:
            ET.SubElement(
                node, "toolspecific", tool="ProM", version="6.4", activity="$invisible$", localNodeID=transition
            )
    for i, (source, target) in enumerate(net.arcs, 1):
        ET.SubElement(page, "arc", id=f"a{i}", source=source, target=target)
    marking = ET.SubElement(ET.SubElement(element, "finalmarkings"), "marking")
    for place_id in net.places:
        ET.SubElement(ET.SubElement(marking, "place", idref=place_id), "text").text = str(int(place_id == "p2"))
    return _serialise(root)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(ET.SubElement(parent, tag), "text").text = _clean(text)


def to_bpmn(tree: Tree, name: str) -> str:
    """Return the tree as a BPMN 2.0 process with its drawing, so that any modeller can open it."""
    boxes, flows = place(tree)
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
    for box in boxes:
        node = ET.SubElement(process, box.tag, _node_attributes(box))
        for tag, end in (("incoming", 1), ("outgoing", 0)):
            for flow in flows:
                if flow.ends[end] is box:
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
