"""BPMN 2.0 as XML: its elements, and what of them is supported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from cxmining.discovery.bpmn_net import Node, Process, process_net
from cxmining.discovery.net import PetriNet
from cxmining.errors import InputError

__all__ = ["read_bpmn"]

_TASKS: Final = frozenset(
    ("task", "userTask", "serviceTask", "manualTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask",
     "callActivity")
)  # fmt: skip
_EVENTS: Final = {
    "startEvent": "start", "endEvent": "end", "intermediateCatchEvent": "event", "intermediateThrowEvent": "event",
}  # fmt: skip
_GATEWAYS: Final = {
    "exclusiveGateway": "xor", "eventBasedGateway": "xor", "parallelGateway": "and", "inclusiveGateway": "or",
}  # fmt: skip
_NO_FLOW: Final = frozenset(
    ("documentation", "extensionElements", "ioSpecification", "property", "laneSet", "dataObject",
     "dataObjectReference", "dataStoreReference", "textAnnotation", "association", "group", "category", "monitoring",
     "auditing", "correlationSubscription", "supports", "resourceRole", "performer", "humanPerformer",
     "potentialOwner", "artifact")
)  # fmt: skip
_UNSUPPORTED: Final = {
    "subProcess": "a subprocess; expand it into the process",
    "transaction": "a transaction; expand it into the process",
    "adHocSubProcess": "an ad-hoc subprocess; draw its steps",
    "boundaryEvent": "a boundary event; draw what it leads to as a choice",
    "complexGateway": "a complex gateway; use an exclusive, parallel or inclusive one",
    "standardLoopCharacteristics": "a task that repeats itself; draw the loop",
    "multiInstanceLoopCharacteristics": "a task with several instances; draw the loop",
    "messageFlow": "a message flow between two pools; export the pool of the customer alone",
    "terminateEventDefinition": "an end event that terminates what runs beside it; join the branches before it",
    "compensateEventDefinition": "compensation",
    "cancelEventDefinition": "cancellation",
    "linkEventDefinition": "a link event; draw the flow",
    "eventSubProcess": "an event subprocess",
}  # fmt: skip


def read_bpmn(root: Any, file: str, label_of: Callable[[str | None], str]) -> tuple[PetriNet, str, list[str]]:
    """Return the net of the process in a BPMN file, its name, and notes on what was passed over.

    Raises
    ------
    InputError
        When there is no process or more than one, or an element is not supported.
    """
    processes = [p for p in root.findall("{*}process") if any(_tag(e) in (*_TASKS, *_EVENTS, *_GATEWAYS) for e in p)]
    for flow in root.iter("{*}messageFlow"):
        raise _unsupported(flow, file)
    for sub in root.iter(*(f"{{*}}{tag}" for tag in ("subProcess", "transaction", "adHocSubProcess"))):
        raise _unsupported(sub, file)
    if len(processes) != 1:
        names = ", ".join(repr(p.get("name") or p.get("id") or "?") for p in processes)
        raise InputError(
            f"{file}: holds {len(processes)} processes with steps{f' ({names})' if names else ''}; expected one: export "
            "the pool of the customer alone"
        )
    nodes: dict[str, Node] = {}
    flows: list[Any] = []
    silent: list[str] = []
    for element in processes[0]:
        tag = _tag(element)
        if tag == "sequenceFlow":
            flows.append(element)
            continue
        if tag in _NO_FLOW:
            continue
        if tag not in _TASKS and tag not in _EVENTS and tag not in _GATEWAYS:
            raise _unsupported(element, file)
        name, label = element.get("id"), label_of(element.get("name"))
        if not name or name in nodes:
            raise InputError(f"{file}: {_where(element)} has {'no id' if not name else 'an id that stands twice'}")
        if tag in _TASKS:
            for child in element:
                if _tag(child).endswith("LoopCharacteristics"):
                    raise _unsupported(child, file)
            if not label.strip():
                raise InputError(f"{file}: {_where(element)} has no name; which touchpoint is it?")
            nodes[name] = Node("task", label, _where(element))
        elif tag in _GATEWAYS:
            nodes[name] = Node(_GATEWAYS[tag], "", _where(element))
        else:
            for child in element:
                if _tag(child) in _UNSUPPORTED:
                    raise _unsupported(child, file)
            if label.strip() and _EVENTS[tag] == "event":
                silent.append(label)
            nodes[name] = Node(_EVENTS[tag], "", _where(element))
    process = Process(nodes, [_ends(flow, nodes, file) for flow in flows], file)
    notes = [f"intermediate events are no steps: {', '.join(silent)}"] if silent else []
    title = processes[0].get("name")
    if not title:
        called = root.find("{*}collaboration/{*}participant")
        title = called.get("name") if called is not None else None
    return process_net(process), label_of(title), notes


def _ends(flow: Any, nodes: dict[str, Node], file: str) -> tuple[str, str]:
    ends = flow.get("sourceRef", ""), flow.get("targetRef", "")
    for end, which in zip(ends, ("sourceRef", "targetRef"), strict=True):
        if end not in nodes:
            raise InputError(f"{file}: {_where(flow)} has the {which} {end!r}, which is no node of the process")
    if flow.find("{*}conditionExpression") is not None and nodes[ends[0]].kind in ("task", "event"):
        raise InputError(
            f"{file}: {_where(flow)} leaves a task under a condition, which is not supported; put a gateway behind the task"
        )
    return ends


def _unsupported(element: Any, file: str) -> InputError:
    what = _UNSUPPORTED.get(_tag(element), "not supported in a journey model")
    called = f" {element.get('name')!r}" if element.get("name") else ""
    return InputError(f"{file}: {_where(element)}{called} is not supported: {what}")


def _where(element: Any) -> str:
    return f"<{_tag(element)}> in line {element.sourceline}"


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
