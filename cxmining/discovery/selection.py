"""How much noise to leave out: the trade-off on customers the model has not seen, instead of a magic number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.discovery.discovering import check_miner, discover, mine_model, ranked_variants
from cxmining.discovery.model import JourneyModel
from cxmining.discovery.quality import measure
from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.figures import Picture, palette, shown, wrapped
from cxmining.journeys import Journeys
from cxmining.repr_html import repr_html
from cxmining.stats import mean_interval

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["ModelSelection", "customer_order", "select_model"]

NOISES: Final = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
_MEASURES: Final = ("fitness", "precision", "f", "generalisation", "simplicity")
_RULE: Final = "the simplest model whose F lies within one standard error of the best; of equally simple ones the one with the most noise left out"


@dataclass(frozen=True, eq=False)
class ModelSelection:
    """Models of growing simplicity, measured on customers that they were not mined from.

    Attributes
    ----------
    table : DataFrame
        One row per noise threshold: `noise`; `fitness`, `precision`, `f` (their harmonic mean), `generalisation`
        and `simplicity`, each the mean over folds with ``*_low`` and ``*_high`` (95%, t over folds: the folds
        share customers to mine from, so it is a guide, not a test); `folds` that could be measured; `touchpoints`,
        the mean number in the model; `proposed`.
    model : JourneyModel
        The proposed one, mined from all journeys.
    miner, folds, journeys, customers, seed : str, int
        How it was done, and on whom.
    notion, chain : str, tuple of str
        Of the journeys.
    """

    table: pd.DataFrame
    model: JourneyModel
    miner: str
    folds: int
    journeys: int
    customers: int
    seed: int
    notion: str
    chain: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """One row per noise threshold, as in `table`."""
        return self.table.copy()

    @property
    def noise(self) -> float:
        """The proposed threshold."""
        return float(self.table.loc[self.table["proposed"], "noise"].iloc[0])

    def figure(self) -> go.Figure:
        """Draw the trade-off: fitness, precision, their F and simplicity against the threshold, with intervals."""
        return _picture(self).figure()

    @property
    def _head(self) -> str:
        return (
            f"ModelSelection({self.miner}: noise {self.noise:g} proposed of {len(self.table)} thresholds, "
            f"{self.folds} folds by customer, {self.customers:,} customers, {self.journeys:,} journeys)"
        )

    def __repr__(self) -> str:
        row = self.table[self.table["proposed"]].iloc[0]
        said = ", ".join(f"{m} {row[m]:.3f} [{row[f'{m}_low']:.3f}, {row[f'{m}_high']:.3f}]" for m in _MEASURES)
        lines = [
            self._head,
            f"of journeys ({self.notion})",
            *(f"filter: {c}" for c in self.chain),
            f"on unseen customers: {said}",
        ]
        return "\n  ".join([*lines, f"rule: {_RULE}"])

    def _repr_html_(self) -> str:
        return repr_html(self.table, head=[self._head, self.notion, *self.chain, _RULE])


def select_model(
    journeys: Journeys,
    miner: str = "inductive",
    noises: Sequence[float] = NOISES,
    folds: int = 5,
    coverage: float = 0.8,
    max_variants: int = 500,
    seed: int = 1,
) -> ModelSelection:
    """Walk noise thresholds and measure each model on customers that it was not mined from.

    Customers are dealt into folds; each fold in turn is held out, a model is mined from the journeys of the others
    and measured on those held out. Proposed is the simplest model whose F (harmonic mean of fitness and precision)
    lies within one standard error of the best (Breiman et al. 1984): a more complicated one is not known to be better.

    Parameters
    ----------
    journeys : Journeys
    miner : str, default "inductive"
        As in `discover`.
    noises : sequence of float
        Thresholds, 0 to 1; default 0 to .5 in steps of .05.
    folds : int, default 5
        2 or more.
    coverage, max_variants : float, int
        As in `discover`.
    seed : int, default 1
        Of the deal; it depends on customer ids, not on the order of rows.

    Returns
    -------
    ModelSelection

    Raises
    ------
    StudyError
        When a parameter is outside its range.
    NotEnoughDataError
        When there are fewer customers than folds, or no threshold gives a model that can be measured.

    References
    ----------
    L. Breiman, J. Friedman, C. Stone, R. Olshen (1984), Classification and regression trees, section 3.4.3.

    Examples
    --------
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> rows = [(f"c{i}", step) for i in range(20) for step in (["buys", "calls"] if i % 2 else ["buys"])]
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": [f"r{i}" for i in range(len(rows))],
    ...         "customer_id": [c for c, _ in rows],
    ...         "timestamp": pd.date_range("2025-03-01", periods=len(rows), tz="UTC"),
    ...         "channel": ["web"] * len(rows),
    ...         "touchpoint": [t for _, t in rows],
    ...         "source": ["s"] * len(rows),
    ...         "seq": range(len(rows)),
    ...     },
    ... )
    >>> found = select_model(build_journeys(Dataset(events=events)), noises=(0, 0.2), folds=4, coverage=1)
    >>> found.summary[["noise", "fitness", "precision", "proposed"]]
       noise  fitness  precision  proposed
    0    0.0      1.0        1.0     False
    1    0.2      1.0        1.0      True
    """
    thresholds = sorted({float(noise) for noise in noises})
    if not thresholds:
        raise StudyError("noises is empty; name at least one threshold, for example (0, 0.1, 0.2)")
    for noise in thresholds:
        check_miner(miner, noise, coverage, max_variants)
    customers = journeys.log.n_customers
    if folds < 2:
        raise StudyError(f"folds={folds!r} must be 2 or more")
    if customers < folds:
        raise NotEnoughDataError(
            f"{customers:,} {'customer' if customers == 1 else 'customers'} cannot be dealt into {folds} folds; use fewer"
        )
    of_customer = np.empty(customers, dtype=np.int64)
    of_customer[customer_order(journeys, seed)] = np.arange(customers) % folds
    fold = of_customer[_customer_number(journeys)]
    rows: list[dict[str, float]] = []
    for held in range(folds):
        train = journeys.take(fold != held, f"all customers but fold {held + 1} of {folds}")
        test = ranked_variants(journeys.take(fold == held, f"customers of fold {held + 1} of {folds}"))
        known: dict[str, dict[str, float]] = {}
        rows += [
            {"noise": noise} | _measured(train, test, miner, noise, coverage, max_variants, known)
            for noise in thresholds
        ]
    table = _table(pd.DataFrame(rows), thresholds)
    chosen = float(table.loc[table["proposed"], "noise"].iloc[0])
    model = discover(journeys, miner, chosen, coverage, max_variants)
    return ModelSelection(
        table, model, miner, folds, len(journeys), customers, seed, str(journeys.notion), journeys.chain
    )


def _measured(
    train: Journeys, test: pd.DataFrame, miner: str, noise: float, coverage: float, max_variants: int,
    known: dict[str, dict[str, float]],
) -> dict[str, float]:  # fmt: skip
    """Mine from some customers and measure on others; equal models of one fold are measured once."""
    try:
        net, tree = mine_model(train, miner, noise, coverage, max_variants)[:2]
    except NotEnoughDataError:
        return dict.fromkeys((*_MEASURES, "touchpoints"), float("nan"))
    key = repr(net)
    if key not in known:
        values = measure(net, tree, test, aligned=False).values
        found = {m: float("nan") if values[m] is None else float(values[m] or 0) for m in values}
        total = found["fitness"] + found["precision"]
        found["f"] = 2 * found["fitness"] * found["precision"] / total if total else total
        known[key] = {m: found[m] for m in _MEASURES} | {"touchpoints": float(len(net.labels))}
    return known[key]


def _table(rows: pd.DataFrame, thresholds: Sequence[float]) -> pd.DataFrame:
    lines: list[dict[str, Any]] = []
    errors: list[float] = []
    for noise in thresholds:
        part = rows[rows["noise"] == noise]
        line: dict[str, Any] = {"noise": noise}
        for m in _MEASURES:
            line[m], line[f"{m}_low"], line[f"{m}_high"], _ = mean_interval(part[m])
        line["folds"] = int(part["f"].notna().sum())
        line["touchpoints"] = float(part["touchpoints"].mean())
        errors.append(float(part["f"].std(ddof=1) / max(line["folds"], 1) ** 0.5))
        lines.append(line)
    table = pd.DataFrame(lines)
    if table["f"].isna().all():
        raise NotEnoughDataError(
            "no threshold gives a model that can be measured on held-out customers; use another miner, or more journeys"
        )
    best = int(np.nanargmax(table["f"].to_numpy(dtype=float)))
    error = 0.0 if np.isnan(errors[best]) else errors[best]
    good = table[table["f"] >= table["f"].iloc[best] - error - 1e-12]
    order = good.sort_values(["simplicity", "noise"], ascending=False, kind="stable")
    simplest = order[order["simplicity"] >= order["simplicity"].iloc[0] - 1e-12]
    table["proposed"] = table.index == simplest.index[0]
    return table


def customer_order(journeys: Journeys, seed: int) -> Ints:
    """Return customer numbers in an order drawn by chance that depends on their ids and the seed only."""
    first = np.flatnonzero(np.r_[True, np.diff(_customer_number(journeys)) > 0])
    ids = journeys.table["customer_id"].iloc[first].to_numpy(dtype=object)
    # The hash is keyed by a constant: equal in every process.
    by_id = np.argsort(pd.util.hash_array(ids, categorize=False), kind="stable")
    order: Ints = by_id[np.random.default_rng(seed).permutation(len(by_id))]
    return order


def _customer_number(journeys: Journeys) -> Ints:
    """Number the customers from 0 in the order of the log; a filtered log leaves gaps."""
    customer = journeys.log.customer
    return np.cumsum(np.r_[False, customer[1:] != customer[:-1]]).astype(np.int64)


def _picture(found: ModelSelection) -> Picture:
    table = found.table
    x = table["noise"].tolist()
    lines = (
        ("F", "f", palette.NAVY, 3, "solid"),
        ("fitness", "fitness", palette.TEAL, 1.6, "solid"),
        ("precision", "precision", palette.AMBER, 1.6, "solid"),
        ("simplicity", "simplicity", palette.MUTED, 1.6, "dot"),
    )
    data = []
    for name, m, colour, width, dash in lines:
        value, low, high = (table[c].to_numpy(dtype=float) for c in (m, f"{m}_low", f"{m}_high"))
        data.append(
            {
                "type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": _plain(value),
                "line": {"color": colour, "width": width, "dash": dash}, "marker": {"color": colour, "size": 6},
                "error_y": {"type": "data", "symmetric": False, "array": _plain(high - value),
                            "arrayminus": _plain(value - low), "color": colour, "thickness": 1, "width": 3},
                "hovertemplate": f"noise %{{x}}: {name} %{{y:.3f}}<extra></extra>",
            }
        )  # fmt: skip
    who = f"{found.customers:,} customers, {found.journeys:,} journeys ({found.notion})"
    said = [f"On customers held out, {found.folds} folds by customer, {who}; bars: 95% over folds.", *found.chain]
    said.append(f"Proposed, dashed: {_RULE}.")
    note = "<br>".join(line for text in said for line in wrapped(text, 120, 4).split("<br>"))
    title = f"How much noise to leave out ({found.miner})"
    layout = {
        "title": {"text": shown(title), "x": 0, "xref": "paper", "xanchor": "left"}, "width": 820, "height": 520,
        "margin": {"l": 60, "r": 20, "t": 60, "b": 130}, "legend": {"orientation": "h", "y": 1.09, "x": 0},
        "xaxis": {"title": {"text": "noise threshold"}, "gridcolor": palette.RULE, "zeroline": False},
        "yaxis": {"title": {"text": "share, 0 to 1"}, "gridcolor": palette.RULE, "zeroline": False},
        "shapes": [{"type": "line", "x0": found.noise, "x1": found.noise, "yref": "paper", "y0": 0, "y1": 1,
                    "line": {"color": palette.INK, "width": 1.2, "dash": "dash"}}],
        "annotations": [{"text": note, "xref": "paper", "yref": "paper", "x": 0, "y": 0, "yshift": -46, "showarrow": False,
                         "xanchor": "left", "yanchor": "top", "align": "left", "font": {"size": 10, "color": palette.MUTED}}],
        "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER, "font": {"family": palette.FONT, "color": palette.INK},
    }  # fmt: skip
    return Picture(title, found.summary, {"data": data, "layout": layout})


def _plain(values: Any) -> list[float | None]:
    return [None if np.isnan(v) else float(v) for v in values]
