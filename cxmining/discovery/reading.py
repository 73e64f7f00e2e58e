"""Models from files: BPMN, PNML and PTML, of cxmining and of other tools."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

from cxmining.discovery.blocks import as_tree
from cxmining.discovery.bpmn_file import read_bpmn
from cxmining.discovery.model import ReadModel
from cxmining.discovery.net import PetriNet, petri_net
from cxmining.discovery.tree import Kind, Tree
from cxmining.errors import InputError, StudyError

__all__ = ["label_of", "read_model"]

_MOST_BYTES: Final = 64 << 20
"""No model that a person has seen has a tenth of this."""
_INVISIBLE: Final = "$invisible$"
_KINDS: Final = {"sequence": Kind.SEQUENCE, "xor": Kind.CHOICE, "and": Kind.PARALLEL, "xorLoop": Kind.LOOP}
_BREAKS: Final = re.compile(r"\s*[\r\n\t]\s*")


def read_model(path: str | Path) -> ReadModel:
    """Read a model that cxmining, or another tool, has written.

    Parameters
    ----------
    path : str or Path
        A BPMN 2.0, PNML or PTML file; which one, its root element says.

    Returns
    -------
    ReadModel
        With the language of the file: what it allows. Where its blocks are closed, as a tree too.

    Raises
    ------
    InputError
        When the file cannot be read, is none of these formats, is damaged, or says something that a net cannot
        (subprocesses, boundary events, inhibitor arcs …): the message names element and line.

    Notes
    -----
    *BPMN*: tasks of all kinds, exclusive, parallel, inclusive (where each split has its join) and event-based gateways,
    start, intermediate and end events, which are no steps. Several end events that are reached side by side end the
    journey together. *PNML*: places, transitions, weighted arcs and markings; without a final marking the one place
    that nothing leaves. *PTML*: all of ProM's nodes but the inclusive choice.

    Examples
    --------
    >>> import tempfile
    >>> net = PetriNet(("i", "o"), (("t", "call"),), (("i", "t"), ("t", "o")), "i", "o")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "model.pnml"
    ...     _ = file.write_text(net.to_pnml("calls"), encoding="utf-8")
    ...     model = read_model(file)
    >>> model
    ReadModel('calls' from model.pnml: process tree, 1 touchpoint)
    >>> model.net == net
    True
    """
    file = Path(path)
    root = _xml(file)
    kind = root.tag.rpartition("}")[2]
    notes: list[str] = []
    tree: Tree | None
    try:
        if kind == "definitions" and "BPMN" in root.tag:
            net, name, notes = read_bpmn(root, file.name, label_of)
            tree = as_tree(net)
        elif kind == "pnml":
            net, name = _pnml(root, file.name)
            tree = as_tree(net)
        elif kind == "ptml":
            tree, name = _ptml(root, file.name)
            net = petri_net(tree)
        else:
            raise InputError(
                f"{file.name}: is XML but no model: its root is <{kind}>; expected BPMN (<definitions>), <pnml> or <ptml>"
            )
    except StudyError as problem:
        raise InputError(f"{file.name}: {problem}") from None
    if not net.labels:
        raise InputError(f"{file.name}: the model has no step with a name")
    return ReadModel(net, tree, "; ".join(notes), name or file.stem, file.name)


def label_of(text: str | None) -> str:
    """Return a name as one line; modellers break long ones.

    Examples
    --------
    >>> label_of("asks about  "+chr(10)+"invoice")
    'asks about invoice'
    """
    text = text or ""
    return _BREAKS.sub(" ", text).strip() if _BREAKS.search(text) else text


def _xml(file: Path) -> Any:
    """Parse a file that may be hostile: no entity, no DTD, no network, no depth or size without bound."""
    from lxml import etree

    try:
        size = file.stat().st_size
        if size > _MOST_BYTES:
            raise InputError(f"{file.name}: has {size >> 20:,} MiB; a model has less than {_MOST_BYTES >> 20}")
        with file.open("rb") as stream:
            context = etree.iterparse(
                stream, events=("start",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
                remove_comments=True, remove_pis=True,
            )  # fmt: skip
            root = None
            for _, element in context:
                if root is None:
                    root = element
                    if element.getroottree().docinfo.internalDTD is not None:
                        raise InputError(f"{file.name}: declares a DTD, which no model needs; refused")
    except OSError as problem:
        raise InputError(f"{file.name}: cannot be read: {problem.strerror or problem}") from None
    except etree.XMLSyntaxError as problem:
        raise InputError(f"{file.name}: is no well-formed XML: {problem.msg}; export it again") from None
    if root is None:
        raise InputError(f"{file.name}: is empty")
    return root


def _where(element: Any) -> str:
    return f"<{element.tag.rpartition('}')[2]}> in line {element.sourceline}"


def _text(element: Any, tag: str) -> str | None:
    """Return the text of a labelled element: ``<tag><text>…`` or ``<tag><value>…``."""
    for word in ("text", "value"):
        found = element.find(f"{{*}}{tag}/{{*}}{word}")
        if found is not None:
            return found.text or ""
    return None


def _number(element: Any, tag: str, file: str, missing: int) -> int:
    text = _text(element, tag)
    if text is None or not text.strip():
        return missing
    try:
        n = int(text.rpartition(",")[2])  # PIPE writes "Default,1"
    except ValueError:
        n = -1
    if not 0 <= n <= 1_000:
        raise InputError(f"{file}: {_where(element)} has the {tag} {text.strip()!r}; expected a number, 0 to 1,000")
    return n


def _pnml(root: Any, file: str) -> tuple[PetriNet, str]:
    nets = root.findall("{*}net")
    if len(nets) != 1:
        raise InputError(f"{file}: holds {len(nets)} nets; expected one")
    net = nets[0]
    places: list[str] = []
    transitions: list[tuple[str, str | None]] = []
    initial: dict[str, int] = {}
    same: dict[str, str] = {}
    arcs: list[Any] = []
    for element in net.iter("{*}place", "{*}transition", "{*}arc", "{*}referencePlace", "{*}referenceTransition"):
        tag = element.tag.rpartition("}")[2]
        if element.getparent().tag.rpartition("}")[2] not in ("net", "page"):
            continue  # a place of the final marking
        name = element.get("id")
        if tag == "arc":
            arcs.append(element)
        elif name is None:
            raise InputError(f"{file}: {_where(element)} has no id")
        elif tag.startswith("reference"):
            same[name] = element.get("ref", "")
        elif tag == "place":
            places.append(name)
            initial[name] = _number(element, "initialMarking", file, 0)
        else:
            invisible = any(_INVISIBLE in tool.get("activity", "") for tool in element.findall("{*}toolspecific"))
            label = label_of(_text(element, "name"))
            transitions.append((name, None if invisible or not label.strip() else label))
    nodes = {*places, *(t for t, _ in transitions)}
    pairs: list[tuple[str, str]] = []
    for arc in arcs:
        kind = arc.find("{*}type")
        other = arc.find("{*}arctype")
        said = kind.get("value") if kind is not None else _text(arc, "arctype") if other is not None else None
        if said not in (None, "normal"):
            raise InputError(f"{file}: {_where(arc)} is of type {said!r}; only plain arcs are supported")
        ends = [_resolved(arc.get(end), same) for end in ("source", "target")]
        for end, which in zip(ends, ("source", "target"), strict=True):
            if end not in nodes:
                raise InputError(
                    f"{file}: {_where(arc)} has the {which} {arc.get(which)!r}, which is no node of the net"
                )
        pairs += [(ends[0], ends[1])] * _number(arc, "inscription", file, 1)
    return PetriNet.marked(places, transitions, pairs, initial, _final(net, places, pairs, file)), label_of(
        _text(net, "name")
    )


def _resolved(name: str | None, same: dict[str, str]) -> str:
    seen = set()
    while name in same and name not in seen:
        seen.add(name)
        name = same[name]
    return name or ""


def _final(net: Any, places: list[str], arcs: list[tuple[str, str]], file: str) -> dict[str, int]:
    markings = net.findall("{*}finalmarkings/{*}marking")
    if len(markings) > 1:
        raise InputError(f"{file}: {_where(markings[1])} is a second final marking; only one is supported")
    if markings:
        found: Counter[str] = Counter()
        for place in markings[0].findall("{*}place"):
            name = place.get("idref") or place.get("id") or ""
            if name not in places:
                raise InputError(f"{file}: {_where(place)} names {name!r}, which is no place of the net")
            text = place.findtext("{*}text") or "0"
            if not text.strip().isdigit():
                raise InputError(f"{file}: {_where(place)} holds {text.strip()!r} tokens; expected a number")
            found[name] += int(text)
        if found.total():
            return dict(found)
    leaving = {a for a, _ in arcs}
    ends = [p for p in places if p not in leaving]
    if len(ends) != 1:
        raise InputError(
            f"{file}: states no final marking and has {len(ends)} places that nothing leaves; expected one such place, "
            "or <finalmarkings>"
        )
    return {ends[0]: 1}


def _ptml(root: Any, file: str) -> tuple[Tree, str]:
    process = root.find("{*}processTree")
    if process is None:
        raise InputError(f"{file}: holds no <processTree>")
    nodes: dict[str, Any] = {}
    children: dict[str, list[str]] = {}
    for element in process:
        tag = element.tag.rpartition("}")[2]
        if tag == "parentsNode":
            children.setdefault(element.get("sourceId", ""), []).append(element.get("targetId", ""))
        elif tag in _KINDS or tag in ("manualTask", "automaticTask"):
            nodes[element.get("id", "")] = element
        else:
            raise InputError(
                f"{file}: {_where(element)} is not supported; expected {', '.join([*_KINDS, 'manualTask'])} or automaticTask"
            )
    used: set[str] = set()

    def grow(name: str, depth: int) -> Tree:
        if name not in nodes:
            raise InputError(f"{file}: a <parentsNode> or the root names {name!r}, which is no node")
        if name in used or depth > 200:
            problem = "has two parents" if name in used else "lies deeper than 200 levels"
            raise InputError(f"{file}: {_where(nodes[name])} {problem}; a process tree has no such node")
        used.add(name)
        element = nodes[name]
        tag = element.tag.rpartition("}")[2]
        if tag == "manualTask":
            label = label_of(element.get("name"))
            return Tree(Kind.STEP, label=label) if label.strip() else Tree(Kind.SKIP)
        if tag == "automaticTask":
            return Tree(Kind.SKIP)
        below = tuple(grow(child, depth + 1) for child in children.get(name, ()))
        if tag != "xorLoop":
            if not below:
                raise InputError(f"{file}: {_where(element)} has no children")
            return below[0] if len(below) == 1 else Tree(_KINDS[tag], below)
        if len(below) not in (2, 3):
            raise InputError(f"{file}: {_where(element)} has {len(below)} children; a loop has 2, or 3 with its exit")
        loop = Tree(Kind.LOOP, below[:2])
        return Tree(Kind.SEQUENCE, (loop, below[2])) if below[2:] not in ((), (Tree(Kind.SKIP),)) else loop

    return grow(process.get("root", ""), 0), label_of(process.get("name"))
