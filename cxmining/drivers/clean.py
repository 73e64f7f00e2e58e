"""From a survey as it was exported to ratings without codes: not used, blank, outside the scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.design import RatingFrame
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest

__all__ = ["clean_frame", "from_ratings"]

Scales = Mapping[str, tuple[float, float]]
MAX_GUESSED: Final = 20
"""More numeric columns than this are not taken for touchpoints unless somebody names them."""


def _codes(value: Any) -> list[Any]:
    return [value] if isinstance(value, (str, int, float)) else list(value)


def _column(
    name: str, values: pd.Series, not_used: Sequence[Any], blank: Sequence[Any], scale: tuple[float, float] | None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], int]:
    """Return scores (missing where there is none), whether it was met, and the number of rejected cells."""
    text = values.astype("object")
    given = text.notna().to_numpy() & (text.map(str).str.strip() != "").to_numpy()
    numbers = pd.to_numeric(text.where(given), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    words = text.map(lambda v: v.strip() if isinstance(v, str) else v)

    def coded(codes: Sequence[Any]) -> npt.NDArray[np.bool_]:
        hit = words.isin([c for c in codes if isinstance(c, str)]).to_numpy()
        for code in codes:
            if isinstance(code, (int, float)):
                # A code inside a declared scale is a score of that scale: 6 is a grade where 0 to 10 is asked.
                if scale is not None and scale[0] <= code <= scale[1]:
                    continue
                hit = hit | (numbers == code)
        return np.asarray(hit, dtype=bool)

    unmet, empty = coded(not_used) & given, coded(blank) | ~given
    rejected = ~unmet & ~empty & ~np.isfinite(numbers)
    if scale is not None:
        rejected |= ~unmet & ~empty & ((numbers < scale[0]) | (numbers > scale[1]))
    scores = np.where(unmet | empty | rejected, np.nan, numbers)
    return scores, ~unmet, int(rejected.sum())


def _known(names: Iterable[str], frame: pd.DataFrame, what: str) -> None:
    for name in names:
        if name not in frame.columns:
            raise UnknownNameError(
                f"{what} {name!r} is no column of the frame; {nearest(name, map(str, frame.columns))}"
            )


def _guess(frame: pd.DataFrame, taken: set[str], target: npt.NDArray[np.float64], codes: Sequence[Any]) -> list[str]:
    """Return the columns that may be touchpoints when nobody named them."""
    numeric = [
        str(c)
        for c in frame.columns
        if str(c) not in taken
        and pd.api.types.is_numeric_dtype(frame[c])
        and not pd.api.types.is_bool_dtype(frame[c])
        and frame[c].notna().any()
    ]
    if len(numeric) <= MAX_GUESSED:
        return numeric
    numbers = {c for c in codes if isinstance(c, (int, float))}
    finite = target[np.isfinite(target)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    fitting = []
    for c in numeric:
        values = {float(v) for v in frame[c].dropna().unique()} - numbers
        if len(values) > 2 and min(values) == low and max(values) == high and all(v == int(v) for v in values):
            fitting.append(c)
    hint = ""
    if fitting:
        shown = ", ".join(repr(c) for c in fitting[:25]) + (", …" if len(fitting) > 25 else "")
        hint = f" Those on the target's own scale ({low:g} to {high:g}) are: {shown}."
    raise StudyError(
        f"touchpoints are not named and the frame has {len(numeric)} numeric columns, which cannot all be ratings: "
        f"name them, touchpoints=[…].{hint}"
    )


def _grouped(
    groups: Mapping[str, Sequence[str]] | None, touchpoints: Sequence[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not groups:
        return ()
    seen: dict[str, str] = {}
    result = []
    for label, members in groups.items():
        for name in members:
            if name not in touchpoints:
                raise UnknownNameError(f"group {label!r}: {name!r} is no touchpoint; {nearest(name, touchpoints)}")
            if name in seen:
                raise StudyError(f"touchpoint {name!r} stands in two groups, {seen[name]!r} and {label!r}")
            seen[name] = str(label)
        result.append((str(label), tuple(members)))
    clash = [label for label, _ in result if label in touchpoints and label not in seen]
    if clash:
        raise StudyError(f"group {clash[0]!r} is called like a touchpoint that is not in it; give it another name")
    return tuple(result)


def clean_frame(
    frame: pd.DataFrame,
    target: str,
    *,
    touchpoints: Sequence[str] | None = None,
    controls: Sequence[str] = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    weights: str | Sequence[float] | None = None,
    cluster: str | None = "customer",
    not_used: Any = (),
    blank: Any = (),
    scales: Scales | None = None,
) -> RatingFrame:
    """Take the codes out of a frame of ratings.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent.
    target, touchpoints, controls, groups, weights, cluster, not_used, blank, scales
        As in `find_drivers`.

    Returns
    -------
    RatingFrame
        Scores, who met what, cells rejected per column.

    Raises
    ------
    UnknownNameError
        For a name that is no column.
    StudyError
        For doubled columns, a target among the touchpoints, or columns that cannot be guessed.

    Examples
    --------
    >>> frame = pd.DataFrame({"all": [4, 5, 3, 11], "mail": [6, 0, 3, 2]})
    >>> r = clean_frame(frame, "all", not_used=6, blank=0, scales={"all": (1, 5)})
    >>> r.exposed["mail"].tolist(), r.frame["mail"].tolist(), r.rejected
    ([False, True, True, True], [nan, nan, 3.0, 2.0], {'all': 1})
    """
    doubled = frame.columns[frame.columns.duplicated()]
    if len(doubled):
        raise StudyError(
            f"column {doubled[0]!r} stands in the frame more than once; every column needs a name of its own"
        )
    if not len(frame):
        raise NotEnoughDataError("the frame has no rows: there is nothing to explain")
    frame = frame.rename(columns=str)
    unmet_codes, blank_codes, scales = _codes(not_used), _codes(blank), dict(scales or {})
    _known([target], frame, "target")
    _known(controls, frame, "control")
    _known(scales, frame, "scale of")
    for name, pair in scales.items():
        if len(pair) != 2 or not pair[0] < pair[1]:
            raise StudyError(f"scale of {name!r}: {pair!r} is no (lowest, highest); give two numbers, the lower first")
    customer = cluster if cluster is not None and cluster in frame.columns else None
    if cluster not in (None, "customer"):
        _known([str(cluster)], frame, "cluster")
    taken = {target, *controls, *([customer] if customer else [])}
    if isinstance(weights, str):
        _known([weights], frame, "weights")
        taken.add(weights)
    goal, _, goal_rejected = _column(target, frame[target], unmet_codes, blank_codes, scales.get(target))
    if goal_rejected and not np.isfinite(goal).any():
        first = next(v for v in frame[target] if isinstance(v, str) or pd.notna(v))
        raise StudyError(
            f"target {target!r} holds no score (first value: {first!r}); a score is a number on its scale: "
            "turn words into numbers, two of them into 0 and 1"
        )
    notes: list[str] = []
    if touchpoints is None:
        names = _guess(frame, taken, goal, [*unmet_codes, *blank_codes])
        notes.append(f"touchpoints were not named; taken were the {len(names)} numeric columns: {', '.join(names)}")
    else:
        names = [str(t) for t in _codes(touchpoints)]
        _known(names, frame, "touchpoint")
    if not names:
        raise StudyError("there is no touchpoint to explain the target with; name at least one column of ratings")
    twice = sorted({t for t in names if names.count(t) > 1})
    if twice:
        raise StudyError(f"touchpoint {twice[0]!r} is named more than once")
    if target in names:
        raise StudyError(
            f"{target!r} is the target and a touchpoint: a score cannot explain itself; take it out of one of them"
        )
    if target in controls:
        raise StudyError(f"{target!r} is the target and a control: a score cannot explain itself")
    both = [t for t in names if t in taken]
    if both:
        raise StudyError(
            f"{both[0]!r} is a touchpoint and also a control, the weights or the customer; it can be one of them"
        )

    columns: dict[str, Any] = {target: goal}
    met: dict[str, npt.NDArray[np.bool_]] = {}
    rejected = {target: goal_rejected}
    for name in names:
        columns[name], met[name], rejected[name] = _column(
            name, frame[name], unmet_codes, blank_codes, scales.get(name)
        )
    for name in controls:
        columns[name] = frame[name].to_numpy()
    weight = None
    if weights is not None:
        values = frame[weights] if isinstance(weights, str) else pd.Series(np.asarray(weights))
        if len(values) != len(frame):
            raise StudyError(f"weights: {len(values)} values for {len(frame)} rows; give one per row")
        weight = weights if isinstance(weights, str) else "weight"
        while weight in columns:
            weight += "_"
        columns[weight] = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if customer is not None:
        # Who is not known answers for himself.
        known = frame[customer]
        own = pd.Series([f"(row {i})" for i in range(len(frame))], index=frame.index, dtype="object")
        columns[customer] = known.astype("object").map(str).where(known.notna(), own).to_numpy()
    rejected = {name: count for name, count in rejected.items() if count}
    if rejected:
        notes.append(
            "cells that are no score on their scale were rejected, their rows kept: "
            + ", ".join(f"{name} {count:,}" for name, count in rejected.items())
        )
    return RatingFrame(
        frame=pd.DataFrame(columns),
        exposed=pd.DataFrame(met),
        target=target,
        touchpoints=tuple(names),
        controls=tuple(controls),
        weight=weight,
        customer=customer,
        groups=_grouped(groups, names),
        rejected=rejected,
        notes=tuple(notes),
    )


def from_ratings(
    ratings: Any,
    target: str,
    *,
    touchpoints: Sequence[str] | None = None,
    controls: Sequence[str] = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    weights: str | None = None,
    cluster: str | None = "customer",
) -> RatingFrame:
    """Take ratings that were gathered from journeys: anything with ``frame`` and ``exposed``.

    Parameters
    ----------
    ratings : object
        ``frame`` (one row per response, the score in column ``target`` or in one named like the
        target), ``exposed`` (who met what), ``touchpoints``, ``controls``.
    target, touchpoints, controls, groups, weights, cluster
        As in `find_drivers`.

    Returns
    -------
    RatingFrame
        The same, ready for the design.

    Examples
    --------
    >>> frame = pd.DataFrame({"target": [4.0, 5.0], "mail": [3.0, float("nan")]})
    >>> rated = RatingFrame(frame, pd.DataFrame({"mail": [True, False]}), "csat", ("mail",))
    >>> from_ratings(rated, "csat").target
    'target'
    """
    frame: pd.DataFrame = ratings.frame.reset_index(drop=True)
    exposed: pd.DataFrame = ratings.exposed.reset_index(drop=True)
    stored = str(getattr(ratings, "target", target))
    if target not in (stored, "target") and target != getattr(ratings, "label", None):
        raise UnknownNameError(f"these ratings stand beside the target {stored!r}, not {target!r}")
    column = stored if stored in frame.columns and stored not in ratings.touchpoints else "target"
    if column not in frame.columns:
        raise StudyError(f"the ratings have no column {column!r} with the target's score")
    names = tuple(ratings.touchpoints if touchpoints is None else touchpoints)
    for name in names:
        if name not in ratings.touchpoints:
            raise UnknownNameError(f"{name!r} was not rated; {nearest(name, ratings.touchpoints)}")
    wanted = tuple(controls) or tuple(getattr(ratings, "controls", ()))
    _known(wanted, frame, "control")
    weight = weights or getattr(ratings, "weight", None)
    if weight is None and "weight" in frame.columns and frame["weight"].nunique(dropna=False) > 1:
        weight = "weight"
    customer = cluster if cluster is not None and cluster in frame.columns else getattr(ratings, "customer", None)
    if customer is not None and frame[customer].isna().any():
        own = pd.Series([f"(row {i})" for i in range(len(frame))], index=frame.index, dtype="object")
        frame = frame.assign(**{customer: frame[customer].astype("object").where(frame[customer].notna(), own)})
    return RatingFrame(
        frame=frame,
        exposed=exposed[list(names)].astype(bool),
        target=column,
        touchpoints=names,
        controls=wanted,
        weight=weight,
        customer=customer,
        groups=_grouped(groups, names) or tuple(getattr(ratings, "groups", ())),
        higher_is_better=bool(getattr(ratings, "higher_is_better", True)),
        label=target,
        rejected=dict(getattr(ratings, "rejected", {})),
        notes=tuple(getattr(ratings, "notes", ())),
    )
