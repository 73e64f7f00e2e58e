"""How customers choose: at each branch what they chose between, and what, known beforehand, goes with the choice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine import END
from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.journeys.build import Journeys
from cxmining.journeys.choosing.grounds import Ground, grounds_at, known_before, usable_attributes
from cxmining.journeys.choosing.model import Logit, Spread, deviance_test, fit, marginal, separated, skill
from cxmining.journeys.choosing.result import Choices
from cxmining.journeys.scored import Scored, journeys_of
from cxmining.stats import benjamini_hochberg, grouped_mean

__all__ = ["Choices", "choices"]

OTHER: Final = "(other)"
MOST_OPTIONS: Final = 7
MOST_DECISIONS: Final = 50_000
PER_COEFFICIENT: Final = 5
"""Customers per coefficient of the model: with fewer its tests find what is not there."""
FOLDS: Final = 5

Floats = npt.NDArray[np.float64]


class _Branch(NamedTuple):
    name: str
    at: Ints
    option: Ints
    options: tuple[str, ...]
    customer: Ints


def choices(
    source: Journeys | Scored,
    at: str | Iterable[str] | None = None,
    *,
    attributes: str | Iterable[str] | None = None,
    fewest: int = 20,
    level: float = 0.95,
    seed: int = 1,
) -> Choices:
    """Find what customers chose between after each touchpoint, and what known beforehand goes with the choice.

    A branch is a touchpoint with at least two next steps, leaving among them, that `fewest` customers each took.
    Grounds are attributes of the customer, the channel and the wait at the touchpoint, the longest wait before it,
    the local time of day and day, which contact of the journey it is, how long since the start, and whether it was
    met before. Per branch one multinomial logit; each ground is tested against the model without it, at the design
    effect of customers (Rao and Scott 1984; Lumley and Scott 2014); the false discovery rate is held over all
    branches and grounds together (Benjamini and Hochberg 1995). Effects are average marginal effects with intervals
    clustered by customer.

    Parameters
    ----------
    source : Journeys or Scored
    at : str or iterable of str, optional
        Branches; default all.
    attributes : str or iterable of str, optional
        Of the customers; default those with 2 to 12 values; ``()``: none. They count as known beforehand, also where
        the customer file is of a later day.
    fewest : int, default 20
        Customers an option needs; rarer ones are pooled into ``(other)``. A level of a ground needs half as many.
    level : float, default 0.95
        Of confidence; a ground is shown at a false discovery rate of one minus it.
    seed : int, default 1
        Of the folds, and of the draw where a branch has more than 50,000 decisions.

    Returns
    -------
    Choices

    Raises
    ------
    UnknownNameError
        When a touchpoint of `at`, or an attribute, does not occur.
    NotEnoughDataError
        When there is no branch, or one of `at` is none.
    StudyError
        When a number makes no sense.

    Notes
    -----
    A ground goes with a choice; it need not be its cause. What follows need not be the customer's doing: see
    `inbound` in `branches`.

    Examples
    --------
    >>> from cxmining.ingest import from_frame
    >>> from cxmining.journeys import build_journeys
    >>> rows = [(f"c{i:03}", s) for i in range(120) for s in (("buy", "call") if i % 3 else ("buy",))]
    >>> frame = pd.DataFrame(rows, columns=["customer", "step"])
    >>> frame["time"] = pd.date_range("2025-01-01", periods=len(frame), freq="h", tz="UTC")
    >>> data = from_frame(frame, customer="customer", touchpoint="step", timestamp="time")
    >>> found = choices(build_journeys(data))
    >>> found.branches[["touchpoint", "option", "n"]].values.tolist()
    [['buy', 'call', 80], ['buy', '(end)', 40]]
    """
    if not 0.5 <= level < 1 or fewest < 2:
        raise StudyError(
            f"level={level}, fewest={fewest}: a level from 0.5 to below 1 and at least 2 customers are needed"
        )
    journeys = journeys_of(source)
    known = known_before(journeys, usable_attributes(journeys.data.customers, attributes))
    usable, notes = _followed(journeys)
    branches = _branches(journeys, usable, at, fewest, seed)
    rng = np.random.default_rng(seed)
    rows: dict[str, list[pd.DataFrame]] = {"summary": [], "branches": [], "grounds": [], "tests": []}
    for branch in branches:
        for name, frame in _judged(journeys, branch, known, fewest, level, rng).items():
            rows[name].append(frame)
    tables = {name: pd.concat(frames, ignore_index=True) for name, frames in rows.items()}
    tests, grounds, summary = tables["tests"], tables["grounds"], tables["summary"]
    tests["q"] = benjamini_hochberg(tests["p"])
    tests["shown"] = tests["q"] <= 1 - level + 1e-12
    q = tests.set_index(["touchpoint", "ground"])[["q", "shown"]]
    grounds = grounds.join(q, on=["touchpoint", "ground"])
    hits = tests[tests["shown"]].sort_values("p").groupby("touchpoint")["ground"].agg("; ".join)
    summary["grounds"] = pd.Series([hits.get(t, "") for t in summary["touchpoint"]], dtype="str")
    order = [
        "touchpoint", "n", "customers", "options", "most_taken", "share", "skill", "skill_low", "skill_high",
        "can_be_told", "grounds",
    ]  # fmt: skip
    return Choices(
        summary[order], tables["branches"], grounds, tests, level, str(journeys.notion), journeys.chain,
        (*notes, *_notes(tests, tables["branches"], branches)),
    )  # fmt: skip


def _followed(journeys: Journeys) -> tuple[npt.NDArray[np.bool_], list[str]]:
    """Tell after which events it is known what followed: not in the last gap before the log ends."""
    log = journeys.log
    gap = journeys.notion.gap_us
    if gap is None:
        return np.ones(len(log), dtype=bool), ["a journey that still goes on when the log ends counts as ended"]
    last = int(journeys.data.events["timestamp"].max().to_datetime64().astype("datetime64[us]").astype(np.int64))
    usable = log.time <= last - gap
    left = int((~usable).sum())
    if not left:
        return usable, []
    said = f"{left:,} decision{'s' * (left != 1)} within {journeys.notion.gap} of the end of the log left out: "
    return usable, [said + "what followed is not known yet"]


def _branches(
    journeys: Journeys, usable: npt.NDArray[np.bool_], at: str | Iterable[str] | None, fewest: int, seed: int
) -> list[_Branch]:
    log = journeys.log
    names = list(log.touchpoints)
    wanted = None if at is None else [at] if isinstance(at, str) else list(at)
    for name in wanted or []:
        if name not in names:
            raise UnknownNameError(f"at: no touchpoint {name!r} in these journeys; {nearest(str(name), names)}")
    last = np.zeros(len(log), dtype=bool)
    last[log.offsets[1:] - 1] = True
    following = np.append(log.touchpoint[1:], 0).astype(np.int64)
    following[last] = len(names)
    ids = pd.factorize(journeys.table["customer_id"], sort=True)[0]
    customer = ids[log.journey]
    found = []
    touchpoint = log.touchpoint.astype(np.int64)
    events = np.bincount(touchpoint[usable], minlength=len(names))
    codes = np.argsort(-events, kind="stable") if wanted is None else [names.index(n) for n in dict.fromkeys(wanted)]
    for code in codes:
        here = np.flatnonzero((touchpoint == code) & usable)
        branch = _options(names, int(code), here, following[here], customer[here], fewest, seed)
        if branch is not None:
            found.append(branch)
        elif wanted is not None:
            raise NotEnoughDataError(
                f"{names[code]!r} is no branch: fewer than two next steps were taken by {fewest} customers or more"
            )
    if not found:
        raise NotEnoughDataError(
            f"there is no branch: no touchpoint has two next steps that {fewest} customers each took; lower fewest"
        )
    return found


def _options(
    names: list[str], code: int, at: Ints, following: Ints, customer: Ints, fewest: int, seed: int
) -> _Branch | None:
    if len(at) > MOST_DECISIONS:
        # Whole customers are drawn, so that what clusters stays together.
        rng = np.random.default_rng([seed, code])
        people, size = np.unique(customer, return_counts=True)
        pick = rng.permutation(len(people))
        drawn = np.isin(customer, people[pick[np.cumsum(size[pick]) <= MOST_DECISIONS]])
        at, following, customer = at[drawn], following[drawn], customer[drawn]
    customer = np.unique(customer, return_inverse=True)[1] if len(customer) else customer
    frame = pd.DataFrame({"option": following, "customer": customer})
    sizes = frame.groupby("option")["customer"].agg(["size", "nunique"])
    common = sizes[sizes["nunique"] >= fewest].sort_values("size", ascending=False, kind="stable")
    if len(common) < 2:
        return None
    kept = common.index[:MOST_OPTIONS].tolist()
    labels = [*names, END]
    option = pd.Series(following).map({c: i for i, c in enumerate(kept)}).fillna(len(kept)).to_numpy(dtype=np.int64)
    options = [labels[c] for c in kept]
    rest = option == len(kept)
    if rest.any():
        options.append(OTHER)
    return _Branch(names[code], at, option, tuple(options), customer)


def _judged(
    journeys: Journeys, branch: _Branch, known: dict[str, pd.Series], fewest: int, level: float,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    shares = _shares(journeys, branch, level)
    grounds, same = grounds_at(known, branch.at, branch.customer, max(fewest // 2, 2))
    people = int(branch.customer.max()) + 1
    y, options = _modelled(branch, shares, grounds, people)
    grounds, dropped = _affordable(grounds, len(options), people)
    x, columns = _design(grounds)
    n = len(y)
    told = (np.nan, np.nan, np.nan)
    rows, effects = [], []
    if grounds:
        full = fit(x, y, len(options))
        spread = Spread.of(full, x, y, branch.customer)
        for ground in grounds:
            mine = columns[ground.name]
            rows.append(_tested(branch, ground, full, spread, mine, x, y))
            effects.append(_effects(branch, ground, full, spread.covariance, mine, x, options, level))
        told = skill(full, spread, x, y, branch.customer, FOLDS, level, rng)
        rows[-1]["separated"] = separated(full)
    for name, why in [*((g, "does not vary") for g in same), *((g, "too few customers") for g in dropped)]:
        rows.append({"touchpoint": branch.name, "ground": name, "p": np.nan, "why": why})
    top = shares.iloc[0]
    summary = pd.DataFrame(
        {
            "touchpoint": [branch.name], "n": [n], "customers": [people], "options": [len(branch.options)],
            "most_taken": [top["option"]], "share": [top["share"]],
            "skill": [told[0]], "skill_low": [told[1]], "skill_high": [told[2]], "can_be_told": [bool(told[1] > 0)],
        }
    )  # fmt: skip
    tests = pd.DataFrame(rows, columns=_TESTS)
    empty = pd.DataFrame(columns=_EFFECTS)
    return {
        "summary": summary, "branches": shares, "tests": tests,
        "grounds": pd.concat(effects, ignore_index=True) if effects else empty,
    }  # fmt: skip


_TESTS: Final = [
    "touchpoint", "ground", "levels", "options", "statistic", "df", "design_effect", "p", "unknown", "pooled", "separated", "why",
]  # fmt: skip
_EFFECTS: Final = [
    "touchpoint", "ground", "level", "reference", "option", "effect", "low", "high", "n", "customers",
]  # fmt: skip


def _shares(journeys: Journeys, branch: _Branch, level: float) -> pd.DataFrame:
    n = len(branch.at)
    log = journeys.log
    inbound = np.full(n, np.nan)
    following = np.minimum(branch.at + 1, len(log) - 1)
    direction = journeys.data.events["direction"].iloc[log.rows[following]].astype("object").to_numpy()
    known = ~pd.isna(direction)
    inbound[known] = (direction[known] == "inbound").astype(float)
    rows = []
    for k, name in enumerate(branch.options):
        took = branch.option == k
        frame = pd.DataFrame({"g": 0, "took": took.astype(float), "who": branch.customer})
        mean = grouped_mean(frame, "g", "took", cluster="who", level=level).iloc[0]
        mine = inbound[took]
        some = ~np.isnan(mine)
        rows.append(
            {
                "touchpoint": branch.name, "option": name, "n": int(took.sum()),
                "customers": len(np.unique(branch.customer[took])), "share": mean["mean"],
                "low": max(mean["low"], 0.0), "high": min(mean["high"], 1.0),
                "inbound": np.nan if name == END or not some.any() else float(mine[some].mean()),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _modelled(branch: _Branch, shares: pd.DataFrame, grounds: list[Ground], people: int) -> tuple[Ints, list[str]]:
    """Return the options the model tells apart: as many as there are customers for, the rarest pooled."""
    columns = 1 + sum(len(g.levels) - 1 for g in grounds)
    room = max(people // (PER_COEFFICIENT * columns), 1) + 1
    options = [o for o in branch.options if o != OTHER]
    apart = min(len(options), max(room, 2))
    if apart == len(options) and OTHER not in branch.options:
        return branch.option, list(branch.options)
    apart = min(apart, max(room - 1, 1))
    return np.minimum(branch.option, apart), [*options[:apart], OTHER]


def _affordable(grounds: list[Ground], options: int, people: int) -> tuple[list[Ground], list[str]]:
    kept: list[Ground] = []
    dropped = []
    columns = 1
    for ground in grounds:
        more = len(ground.levels) - 1
        if (columns + more) * (options - 1) * PER_COEFFICIENT <= people:
            kept.append(ground)
            columns += more
        else:
            dropped.append(ground.name)
    return kept, dropped


def _design(grounds: list[Ground]) -> tuple[Floats, dict[str, Ints]]:
    """Return dummies against each reference, without those that others already say, and whose they are."""
    if not grounds:
        return np.ones((0, 1)), {}
    n = len(grounds[0].code)
    x = [np.ones(n)]
    columns: dict[str, list[int]] = {}
    basis = np.ones((n, 1)) / np.sqrt(n)
    for ground in grounds:
        columns[ground.name] = []
        for k in range(1, len(ground.levels)):
            dummy = (ground.code == k).astype(float)
            rest = dummy - basis @ (basis.T @ dummy)
            rest -= basis @ (basis.T @ rest)
            norm = np.linalg.norm(rest)
            if norm < 1e-6 * np.linalg.norm(dummy):
                columns[ground.name].append(-1)
                continue
            basis = np.column_stack([basis, rest / norm])
            columns[ground.name].append(len(x))
            x.append(dummy)
    return np.column_stack(x), {k: np.array(v, dtype=np.int64) for k, v in columns.items()}


def _tested(
    branch: _Branch, ground: Ground, full: Logit, spread: Spread, mine: Ints, x: Floats, y: Ints
) -> dict[str, Any]:
    own = mine[mine >= 0]
    row: dict[str, Any] = {
        "touchpoint": branch.name, "ground": ground.name, "levels": len(ground.levels),
        "options": full.beta.shape[0] + 1, "unknown": ground.unknown, "pooled": ground.pooled, "p": np.nan, "why": "",
    }  # fmt: skip
    if not len(own):
        return {**row, "why": "said by other grounds"}
    rest = np.setdiff1d(np.arange(x.shape[1]), own)
    k, p = full.beta.shape
    kept = (np.arange(k)[:, None] * p + rest).ravel()
    curvature = spread.information[np.ix_(kept, kept)]
    smaller = fit(x[:, rest], y, k + 1, start=full.beta[:, rest], curvature=curvature)
    statistic, df, effect, p_value = deviance_test(full, smaller, own, spread)
    return {**row, "statistic": statistic, "df": df, "design_effect": effect, "p": p_value, "separated": False}


def _effects(
    branch: _Branch, ground: Ground, full: Logit, covariance: Floats, mine: Ints, x: Floats, options: list[str],
    level: float,
) -> pd.DataFrame:  # fmt: skip
    from scipy.special import stdtrit

    t = float(stdtrit(max(int(branch.customer.max()), 1), 0.5 + level / 2))
    parts = []
    for k, column in enumerate(mine, start=1):
        if column < 0:
            continue
        # Over the decisions at the level: no other asks the model about what does not occur, such as a first contact
        # long after the start.
        at = ground.code == k
        there = x[at]
        back = there.copy()
        back[:, mine[mine >= 0]] = 0
        effect, error = marginal(full, covariance, there, back)
        parts.append(
            pd.DataFrame(
                {
                    "touchpoint": branch.name, "ground": ground.name, "level": ground.levels[k],
                    "reference": ground.levels[0], "option": options, "effect": 100 * effect,
                    "low": 100 * (effect - t * error), "high": 100 * (effect + t * error),
                    "n": int(at.sum()), "customers": len(np.unique(branch.customer[at])),
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_EFFECTS)


def _notes(tests: pd.DataFrame, branches: pd.DataFrame, found: list[_Branch]) -> list[str]:
    notes = []
    left = tests[tests["why"] == "too few customers"]
    if len(left):
        notes.append(
            f"{len(left)} ground{'s' * (len(left) != 1)} not tested at a branch: under {PER_COEFFICIENT} customers "
            "per coefficient"
        )
    unknown = int(tests["unknown"].fillna(0).sum())
    if unknown:
        notes.append(
            f"what is not known of a decision is a level of its own ({unknown:,} cells of decisions × grounds)"
        )
    pooled = int(tests["pooled"].fillna(0).sum())
    if pooled:
        notes.append(f"levels with too few customers are pooled ({pooled:,} cells)")
    if (branches["option"] == OTHER).any():
        many = int((branches["option"] == OTHER).sum())
        notes.append(f"rare next steps are pooled into {OTHER} at {many} branch{'es' * (many != 1)}")
    if tests["separated"].eq(True).any():
        notes.append(
            "at some branch an option is never, or always, taken at some level: that effect has no sure interval"
        )
    if any(len(b.at) >= MOST_DECISIONS * 0.9 for b in found):
        notes.append(f"of a branch with more than {MOST_DECISIONS:,} decisions so many were drawn, whole customers")
    return notes
