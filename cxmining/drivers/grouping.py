"""Groups that nobody has to write down: touchpoints of one stage, or of one channel, get credit together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, nearest

__all__ = ["groups_by"]

KINDS = ("stage", "channel")


def groups_by(kind: str, lived: Any, touchpoints: Sequence[str]) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """Put touchpoints together by their stage, or by the channel that most of their contacts come over.

    Parameters
    ----------
    kind : {"stage", "channel"}
        Stages are those the journeys were built with.
    lived : Experience
        What knows them.
    touchpoints : sequence of str
        What was rated.

    Returns
    -------
    groups : dict of str to list of str
        By stage or channel, for `find_drivers`; a touchpoint without one is in none and stands for itself.
    notes : tuple of str
        Which touchpoints those are.

    Raises
    ------
    StudyError
        For another kind, and for ratings that know neither stages nor channels.
    NotEnoughDataError
        When no touchpoint has one.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> groups_by("channel", small_example(), ["asks about the bill"])[0]
    {'phone': ['asks about the bill']}
    """
    if kind not in KINDS:
        raise StudyError(f"groups = {kind!r}: expected a mapping of names to touchpoints, or {nearest(kind, KINDS)}")
    journeys = getattr(lived, "journeys", None)
    if journeys is None:
        raise StudyError(
            f"groups = {kind!r}: a table of ratings knows no {kind}s; give what measure_experience returns, or write the "
            "groups down: groups={'billing': ['invoice', 'reminder']}"
        )
    of = _stages(journeys) if kind == "stage" else _channels(journeys)
    groups: dict[str, list[str]] = {}
    alone = []
    for name in touchpoints:
        if name in of:
            groups.setdefault(of[name], []).append(name)
        else:
            alone.append(name)
    if not groups:
        raise NotEnoughDataError(f"groups = {kind!r}: none of {len(touchpoints)} touchpoints has a {kind}")
    named = {f"{label} ({kind})" if label in touchpoints else label: names for label, names in groups.items()}
    notes = (f"without a {kind}, each for itself: {', '.join(alone)}",) if alone else ()
    return named, notes


def _stages(journeys: Any) -> dict[str, str]:
    from cxmining.schema import STAGES

    table = journeys.touchpoints.drop_duplicates("touchpoint")
    known = table[table["stage"].isin(STAGES)]
    return dict(zip(known["touchpoint"].astype(str), known["stage"].astype(str), strict=True))


def _channels(journeys: Any) -> dict[str, str]:
    events: pd.DataFrame = journeys.data.events
    counts = events.groupby(["touchpoint", "channel"], observed=True).size().reset_index(name="n")
    first = counts.sort_values(["touchpoint", "n", "channel"], ascending=[True, False, True], kind="stable")
    first = first.drop_duplicates("touchpoint")
    return dict(zip(first["touchpoint"].astype(str), first["channel"].astype(str), strict=True))
