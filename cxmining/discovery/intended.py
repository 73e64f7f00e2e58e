"""The intended journey: a file of a modeller, a mined model, or the paths that a person writes down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from cxmining.discovery.moves import States, states
from cxmining.discovery.net import PetriNet
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest

if TYPE_CHECKING:
    from cxmining.discovery.model import JourneyModel, ReadModel

__all__ = ["Intended", "Step", "intended_journey"]


@dataclass(frozen=True)
class Step:
    """A step of an intended path, where a touchpoint alone would not do.

    Attributes
    ----------
    touchpoint : str
    optional : bool, default False
        May be left out.
    repeatable : bool, default False
        May be done again directly.

    Examples
    --------
    >>> print(Step("phone: status", optional=True))
    phone: status (optional)
    """

    touchpoint: str
    optional: bool = False
    repeatable: bool = False

    def __str__(self) -> str:
        may = [word for word in ("optional", "repeatable") if getattr(self, word)]
        return f"{self.touchpoint} ({', '.join(may)})" if may else self.touchpoint


_MISSING: Final = ("error", "keep")


@dataclass(frozen=True, eq=False)
class Intended:
    """An intended journey as conformance is checked against it.

    Attributes
    ----------
    name : str
        What it is, for a reader.
    states : States
        Its net, walked through.
    steps : tuple of str
        Its touchpoints; what can only come before another stands before it.
    absent : tuple of str
        Those that do not occur in the log.
    """

    name: str
    states: States
    steps: tuple[str, ...]
    absent: tuple[str, ...] = ()


def intended_journey(
    intended: str | Path | JourneyModel | ReadModel | PetriNet | Sequence[str | Step | Sequence[str | Step]],
    touchpoints: Sequence[str],
    missing: Literal["error", "keep"] = "error",
) -> Intended:
    """Return the intended journey, checked against the touchpoints of a log.

    Parameters
    ----------
    intended : str, Path, JourneyModel, ReadModel, PetriNet or sequence
        A file (BPMN, PNML or PTML), a model, a path (touchpoints and :class:`Step`), or several paths.
    touchpoints : sequence of str
        Those that occur.
    missing : {"error", "keep"}, default "error"
        What to do with an intended touchpoint that does not occur.

    Raises
    ------
    StudyError
        When there is no path, a path has no step, the model cannot reach its end, or has too many states.
    UnknownNameError
        When a touchpoint does not occur; the message names the nearest.

    Examples
    --------
    >>> found = intended_journey([["buys", Step("calls", optional=True), "pays"], ["cancels"]], ["buys", "cancels", "calls", "pays"])
    >>> found.name, found.steps
    ('2 paths', ('buys', 'cancels', 'calls', 'pays'))
    """
    from cxmining.discovery.model import JourneyModel, ReadModel

    if missing not in _MISSING:
        raise StudyError(f"missing={missing!r} is unknown; {nearest(str(missing), _MISSING)}")
    if isinstance(intended, JourneyModel):
        name, net = f"the model ({intended.miner})", intended.net
    elif isinstance(intended, ReadModel):
        name, net = "the model that was read", intended.net
    elif isinstance(intended, PetriNet):
        name, net = "the net", intended
    elif isinstance(intended, (str, Path)):
        from cxmining.discovery.reading import read_model

        net = read_model(intended).net
        name = f"the model in {Path(intended).name}"
    else:
        paths = _paths(intended)
        name = _named(paths[0]) if len(paths) == 1 else f"{len(paths)} paths"
        net = _net(paths)
    if not net.labels:
        raise StudyError(f"{name}: no step has a touchpoint; an intended journey needs at least one")
    known = set(touchpoints)
    absent = tuple(label for label in net.labels if label not in known)
    if absent and missing == "error":
        more = f" (and {len(absent) - 1} more)" if len(absent) > 1 else ""
        raise UnknownNameError(
            f"{name}: the touchpoint {absent[0]!r}{more} does not occur in the journeys; "
            f"{nearest(absent[0], sorted(known))}; or let it stand with missing='keep'"
        )
    if len(absent) == len(net.labels):
        raise NotEnoughDataError(
            f"{name}: not one of its {len(absent)} touchpoints occurs in the journeys; they are called otherwise there"
        )
    walked = states(net)
    return Intended(name, walked, _in_order(walked), absent)


def _paths(intended: Sequence[str | Step | Sequence[str | Step]]) -> list[tuple[Step, ...]]:
    given = list(intended)
    if given and all(isinstance(step, (str, Step)) for step in given):
        given = [given]  # type: ignore[list-item]
    if not given:
        raise StudyError("the intended journey has no path; write one, for example ['buys', 'pays']")
    paths = []
    for i, path in enumerate(given, 1):
        if isinstance(path, (str, Step)):
            raise StudyError(f"path {i} of {len(given)} is the step {str(path)!r} alone; write [{str(path)!r}]")
        steps = tuple(step if isinstance(step, Step) else Step(step) for step in path)
        if not steps:
            raise StudyError(f"path {i} of {len(given)} has no step")
        for step in steps:
            if not isinstance(step.touchpoint, str):
                raise StudyError(
                    f"path {i} of {len(given)}: {step.touchpoint!r} is no touchpoint; expected text or a Step"
                )
        if steps not in paths:
            paths.append(steps)
    return paths


def _named(path: tuple[Step, ...]) -> str:
    if len(path) <= 4:
        return " → ".join(map(str, path))
    return f"{path[0]} → … → {path[-1]}, {len(path)} steps"


def _net(paths: Sequence[tuple[Step, ...]]) -> PetriNet:
    """Return the net of a choice between paths: a chain each."""
    places, transitions, arcs = ["source", "sink"], [], []
    for i, path in enumerate(paths, 1):
        here = "source"
        for k, step in enumerate(path, 1):
            # A step that may repeat needs a place of its own behind it, or it would be a way back into another path.
            last = k == len(path)
            there = "sink" if last and not step.repeatable else f"p{i}.{k}"
            if there != "sink":
                places.append(there)
            ways: list[tuple[str, str, str, str | None]] = [(f"t{i}.{k}", here, there, step.touchpoint)]
            if step.optional:
                ways.append((f"s{i}.{k}", here, there, None))
            if step.repeatable:
                ways.append((f"r{i}.{k}", there, there, step.touchpoint))
            if last and there != "sink":
                ways.append((f"e{i}", there, "sink", None))
            for name, a, b, label in ways:
                transitions.append((name, label))
                arcs += [(a, name), (name, b)]
            here = there
    return PetriNet(tuple(places), tuple(transitions), tuple(arcs), "source", "sink")


def _in_order(net: States) -> tuple[str, ...]:
    """Return the labels so that what can only come before stands before; equals by the order of the net."""
    size = len(net.labels)
    after = np.zeros((size, size), dtype=bool)
    for i in range(size):
        behind = np.zeros(net.n, dtype=bool)
        behind[net.target[net.label == i]] = True
        while True:
            more = net.target[behind[net.source] & ~behind[net.target]]
            if not len(more):
                break
            behind[more] = True
        after[i, net.label[behind[net.source] & (net.label >= 0)]] = True
    for i in range(size):  # Warshall: before by way of another is before
        after |= after[:, i, None] & after[None, i]
    n_before = (after & ~after.T).sum(axis=0)
    there = [i for i in range(size) if (net.label == i).any()]
    first = {i: int(np.flatnonzero(net.label == i)[0]) for i in there}
    return tuple(net.labels[i] for i in sorted(there, key=lambda i: (int(n_before[i]), first[i])))
