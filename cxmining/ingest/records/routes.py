"""How a piece of work went from hand to hand inside one event, as two columns that every reader writes alike.

The legs of one call and the groups a ticket went through are merged into one event. Who handed it over to whom, and how
long it lay there, would be lost with them: ``route`` keeps the units in their order, ``route_waits`` how many
seconds each let it wait, ``-`` where nobody knows.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["NEXT", "hops_of", "routes_of"]

NEXT: Final = " > "
"""What stands between two units."""
_UNKNOWN: Final = "-"


def routes_of(work: npt.ArrayLike, unit: pd.Series[Any], wait_s: npt.ArrayLike) -> pd.DataFrame:
    """Write the route of each piece of work that more than one unit held.

    Parameters
    ----------
    work : array-like
        Which piece of work a hold is of; holds of one stand in their order in time.
    unit : Series of str
        Who held it; a hold by nobody who is known is left out. Neighbours that are the same are one.
    wait_s : array-like of float
        Seconds it lay there before somebody took it up.

    Returns
    -------
    DataFrame
        Indexed by `work`: ``route``, ``route_waits``; a piece of work that nobody handed over has no row.

    Examples
    --------
    >>> routes_of([7, 7, 8], pd.Series(["sales", "billing", "sales"]), [5.2, 60.0, 3.0]).loc[7].tolist()
    ['sales > billing', '5s > 60s']
    """
    frame = pd.DataFrame({"work": np.asarray(work), "unit": unit.to_numpy(dtype=object), "wait": np.asarray(wait_s, dtype=float)})  # fmt: skip
    frame = frame.dropna(subset="unit").reset_index(drop=True)
    first = frame["work"].duplicated(keep="first")
    frame = frame[~(first & (frame["unit"] == frame["unit"].shift()))]
    frame = frame[frame["work"].duplicated(keep=False)]
    if not len(frame):
        return pd.DataFrame({"route": pd.Series(dtype="str"), "route_waits": pd.Series(dtype="str")})
    said = frame["wait"].round().map(lambda s: f"{s:.0f}s" if s == s else _UNKNOWN)
    names = frame["unit"].astype("str").str.replace(">", "›", regex=False).str.split().str.join(" ")
    grouped = pd.DataFrame({"work": frame["work"], "route": names, "route_waits": said}).groupby("work", sort=False)
    return grouped.agg(NEXT.join).astype("str")


def hops_of(events: pd.DataFrame) -> pd.DataFrame:
    """Read the routes of events back: one row per unit that held one.

    Returns
    -------
    DataFrame
        ``row`` (position in `events`), ``hop`` (from 0), ``unit``, ``wait_s``; empty where no reader wrote a route.

    Examples
    --------
    >>> events = pd.DataFrame({"route": ["sales > billing", None], "route_waits": ["5s > -", None]})
    >>> hops_of(events).to_numpy().tolist()
    [[0, 0, 'sales', 5.0], [0, 1, 'billing', nan]]
    """
    if "route" not in events:
        return pd.DataFrame({"row": np.zeros(0, np.int64), "hop": np.zeros(0, np.int64), "unit": pd.Series(dtype="str"), "wait_s": np.zeros(0)})  # fmt: skip
    rows = np.flatnonzero(events["route"].notna().to_numpy())
    told = events.iloc[rows]
    units = [str(route).split(NEXT) for route in told["route"]]
    waits = [str(w).split(NEXT) for w in told["route_waits"]] if "route_waits" in told else [[""]] * len(units)
    sizes = np.array([len(u) for u in units], dtype=np.int64)
    at = np.repeat(np.arange(len(rows)), sizes)
    hop = np.arange(len(at)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    # a route and its waits that do not match, as where a label was cut, tell no wait
    given = [w if len(w) == len(u) else [""] * len(u) for u, w in zip(units, waits, strict=True)]
    said = pd.Series([w.removesuffix("s") for some in given for w in some], dtype="object")
    seconds = pd.to_numeric(said, errors="coerce").to_numpy(dtype=float)
    unit = pd.Series([u for some in units for u in some], dtype="str")
    return pd.DataFrame({"row": rows[at], "hop": hop, "unit": unit, "wait_s": seconds})  # fmt: skip
