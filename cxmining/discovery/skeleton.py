"""Promises that reference journeys already keep: their log skeleton."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.discovery.promises import Promise, answered, answered_next, as_often, never_together, occurs, preceded
from cxmining.engine import Variants
from cxmining.errors import NotEnoughDataError, StudyError, nearest
from cxmining.journeys import Journeys

__all__ = ["RELATIONS", "discover_promises"]

RELATIONS: Final = ("equivalence", "always after", "always before", "never together", "directly follows", "counts")
_CELLS: Final = 20_000_000
"""Variants × touchpoints that are counted: half a gigabyte."""
_PAIRS: Final = 2_000_000_000
"""Variants × pairs of touchpoints that are compared: some 10 s."""

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def discover_promises(
    journeys: Journeys, *, noise: float = 0.0, min_n: int = 10, relations: Iterable[str] = RELATIONS
) -> tuple[Promise, ...]:
    """Return the promises that these journeys keep: the log skeleton (Verbeek 2021) as promises.

    Give it the journeys that went as intended, and hold all others against what it finds.

    Parameters
    ----------
    journeys : Journeys
        The reference.
    noise : float, default 0
        Share of the journeys with a touchpoint that may break a promise about it; 0 up to 1.
    min_n : int, default 10
        A touchpoint in fewer journeys promises nothing: two that met rarely never met together either.
    relations : iterable of str
        Some of ``"equivalence"``, ``"always after"``, ``"always before"``, ``"never together"``,
        ``"directly follows"``, ``"counts"``.

    Returns
    -------
    tuple of Promise
        By relation, then by touchpoint.

    Raises
    ------
    StudyError
        When a parameter is out of range.
    NotEnoughDataError
        When no touchpoint is in `min_n` journeys.

    Examples
    --------
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": ["r1", "r2", "r3"],
    ...         "customer_id": ["c1", "c1", "c2"],
    ...         "timestamp": ["2025-03-01", "2025-03-02", "2025-03-01"],
    ...         "channel": ["mail"] * 3,
    ...         "touchpoint": ["buys", "pays", "buys"],
    ...         "source": ["s"] * 3,
    ...         "seq": [1, 2, 3],
    ...     },
    ... )
    >>> for promise in discover_promises(build_journeys(Dataset(events=events)), min_n=1):
    ...     print(promise)
    'pays' is preceded by 'buys'
    'buys' occurs once
    'pays' occurs at most once
    """
    if not 0 <= noise < 1:
        raise StudyError(f"noise={noise!r} must be 0 or more and below 1")
    if min_n < 1:
        raise StudyError(f"min_n={min_n!r} must be 1 or more")
    wanted = (relations,) if isinstance(relations, str) else tuple(relations)
    for name in wanted:
        if name not in RELATIONS:
            raise StudyError(f"relation {name!r} is unknown; {nearest(str(name), RELATIONS)}")
    variants = journeys._variants[0]
    n, m = len(variants.journeys), len(variants.touchpoints)
    if n * m > _CELLS:
        raise _too_many(m, n)
    found = _Counted(variants)
    often = np.flatnonzero(found.journeys_with >= min_n)
    if not len(often):
        raise NotEnoughDataError(
            f"no touchpoint is in {min_n:,} of the {len(journeys):,} journeys; lower min_n or take more journeys"
        )
    if len(often) ** 2 * n > _PAIRS:
        raise _too_many(len(often), n)
    return tuple(p for relation in RELATIONS if relation in wanted for p in _promises(found, relation, often, noise))


def _too_many(touchpoints: int, variants: int) -> NotEnoughDataError:
    return NotEnoughDataError(
        f"{touchpoints:,} touchpoints in {variants:,} variants are too many to compare all pairs; take the journeys that went "
        "as intended, for example with a filter, or exclude touchpoints"
    )


class _Counted:
    """Counts, first and last positions of touchpoints per variant, as (variants, touchpoints)."""

    def __init__(self, variants: Variants) -> None:
        self.variants = variants
        self.weight = variants.journeys.astype(np.float64)
        n, m = len(self.weight), len(variants.touchpoints)
        length = np.diff(variants.offsets)
        self.row = np.repeat(np.arange(n), length)
        codes = variants.codes.astype(np.int64)
        at = np.arange(len(codes)) - variants.offsets[self.row]
        self.count = np.zeros((n, m), dtype=np.int64)
        np.add.at(self.count, (self.row, codes), 1)
        self.first = np.full((n, m), np.iinfo(np.int64).max)
        self.last = np.full((n, m), -1, dtype=np.int64)
        np.minimum.at(self.first, (self.row, codes), at)
        np.maximum.at(self.last, (self.row, codes), at)
        self.journeys_with = self.weight @ (self.count > 0)

    def followed(self, a: int) -> npt.NDArray[np.int64]:
        """Return how many `a` are directly followed by each touchpoint, per variant."""
        codes = self.variants.codes.astype(np.int64)
        hits = np.flatnonzero((codes[:-1] == a) & (self.row[:-1] == self.row[1:]))
        out = np.zeros_like(self.count)
        np.add.at(out, (self.row[hits], codes[hits + 1]), 1)
        return out


def _promises(found: _Counted, relation: str, often: npt.NDArray[np.integer], noise: float) -> Iterator[Promise]:
    names = found.variants.touchpoints
    if relation == "counts":
        for a in often.tolist():
            low, high = _range(found.count[:, a], found.weight, noise)
            if high is not None:
                yield occurs(names[a], at_least=low or None, at_most=high)
        return
    build: Callable[[str, str], Promise] = {
        "equivalence": as_often,
        "never together": never_together,
        "always after": _by(answered),
        "always before": _by(preceded),
        "directly follows": _by(answered_next),
    }[relation]
    both_ways = relation in ("equivalence", "never together")
    for a in often.tolist():
        share = _share_kept(found, relation, a)
        for b in often.tolist():
            if (
                a != b
                and share[b] >= 1 - noise - 1e-12
                and (not both_ways or (a < b and _mirror(found, relation, a, b, noise)))
            ):
                yield build(names[a], names[b])


def _by(make: Callable[..., Promise]) -> Callable[[str, str], Promise]:
    return lambda what, other: make(what, by=other)


def _mirror(found: _Counted, relation: str, a: int, b: int, noise: float) -> bool:
    return bool(_share_kept(found, relation, b)[a] >= 1 - noise - 1e-12)


def _share_kept(found: _Counted, relation: str, a: int) -> Floats:
    """Return, per other touchpoint, the share of journeys with `a` that keep the relation."""
    has = found.count[:, a] > 0
    own = found.count[has, a][:, None]
    if relation == "equivalence":
        kept = found.count[has] == own
    elif relation == "never together":
        kept = found.count[has] == 0
    elif relation == "always after":
        kept = found.last[has] > found.last[has, a][:, None]
    elif relation == "always before":
        kept = found.first[has] < found.first[has, a][:, None]
    else:
        kept = found.followed(a)[has] == own
    weight = found.weight[has]
    return np.asarray(weight @ kept / weight.sum(), dtype=np.float64)


def _range(count: npt.NDArray[np.integer], weight: Floats, noise: float) -> tuple[int, int | None]:
    """Return the narrowest range of counts around the most frequent one that 1 − noise of the journeys keep."""
    size = np.bincount(count, weights=weight)
    low = high = int(size.argmax())
    held, needed = size[low], (1 - noise) * weight.sum() * (1 - 1e-12)
    while held < needed:
        down = size[low - 1] if low else -1.0
        up = size[high + 1] if high + 1 < len(size) else -1.0
        if up > down:
            high += 1
            held += up
        else:
            low -= 1
            held += down
    return low, high
