"""After how long a silence does a new journey begin? A proposal from the silences themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine import CodedLog
from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError
from cxmining.figures import Picture, palette, shown
from cxmining.i18n import counted, duration
from cxmining.journeys.build import build_journeys
from cxmining.journeys.cases.notion import CaseNotion, length_of_time
from cxmining.journeys.cases.silences import BINS, CENTRES, Mixture, bin_of, fit_mixture, silences
from cxmining.repr_html import repr_html
from cxmining.schema import Dataset

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["GapProposal", "propose_gap"]

Floats = npt.NDArray[np.float64]

_BLOCKS: Final = 2000
_INSTANT: Final = 1_000_000
_FEWEST: Final = 30
_STEADY: Final = 0.9
_BURSTS: Final = 0.5
_METHOD: Final = "two log-normal kinds of silence (EM); the knee is where both are equally likely; 95% interval over resampled customers"
# Gaps that people use, for what each would make of the journeys.
_USUAL: Final = ("30min", "1h", "4h", "12h", "1D", "2D", "3D", "7D", "14D", "30D", "60D", "90D", "180D", "365D")
_UNITS: Final = ((86_400, "D"), (3_600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, eq=False)
class GapProposal:
    """The silences of a log, and the gap they propose, if they do.

    Attributes
    ----------
    gap : str or None
        The knee, rounded, for ``build_journeys(gap=…)``; None when there is no clear one.
    knee_s, low_s, high_s : float
        The knee in seconds and its 95% interval (bootstrap of customers); missing without a clear knee.
    clear : bool
        There are two kinds of silence that can be told apart, in the log and in at least 90% of its resamples,
        and the long kind is not the usual one.
    why : str
        What speaks for the knee, or why there is none.
    n, customers, simultaneous : int
        Silences above zero, customers who have any, and neighbours less than a second apart (no silence).
    share_longer : float
        Of the silences, those longer than the knee; missing without one.
    kinds : DataFrame
        The two kinds of silence: ``kind``, ``share``, ``median_s``, ``low_s``, ``high_s`` (the middle 95%).
    curve : DataFrame
        For usual gaps and the proposed one: ``gap``, ``gap_s``, ``journeys``, ``events_per_journey``,
        ``share_longer``.
    distribution : DataFrame
        Per bin of log silence: ``silence_s`` (middle), ``n``, ``short``, ``long`` (what the two kinds expect).
    notion, method : str
        Whose silences they are, and how the knee was found.
    notes : tuple of str
        What a reader must know.
    resamples : int
        Of the interval.
    steady : float
        Share of the resamples that have a clear knee.
    """

    gap: str | None
    knee_s: float
    low_s: float
    high_s: float
    clear: bool
    why: str
    n: int
    customers: int
    simultaneous: int
    share_longer: float
    kinds: pd.DataFrame
    curve: pd.DataFrame
    distribution: pd.DataFrame
    notion: str
    method: str
    notes: tuple[str, ...]
    resamples: int
    steady: float

    @property
    def summary(self) -> pd.DataFrame:
        """The proposal in a few figures: columns `figure` and `value`."""
        figures: dict[str, object] = {
            "case notion": self.notion,
            "gap proposed": self.gap or "no clear knee",
            "knee": duration(self.knee_s, "en"),
            "95% interval": f"{duration(self.low_s, 'en')} to {duration(self.high_s, 'en')}" if self.clear else "–",
            "silences": self.n,
            "of customers": self.customers,
            "longer than the knee": self.share_longer,
            "resamples with a clear knee": self.steady,
            "neighbours within a second": self.simultaneous,
            "method": self.method,
        }
        return pd.DataFrame({"figure": list(figures), "value": pd.Series(list(figures.values()), dtype="object")})

    def figure(self) -> go.Figure:
        """Draw the distribution of silences on a log scale, the two kinds, and the knee with its interval."""
        return _picture(self).figure()

    def __repr__(self) -> str:
        head = f"GapProposal({self.notion}: {self._said()})"
        return "\n".join([head, *(f"  note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.curve, head=repr(self).splitlines()[0], said=self.notes)

    def _said(self) -> str:
        of = f"{counted(self.n, 'silence')} of {counted(self.customers, 'customer')}"
        if not self.clear:
            return f"no clear knee in {of}; {self.why}"
        span = f"{duration(self.low_s, 'en')} to {duration(self.high_s, 'en')}"
        return f"gap {self.gap}, knee {duration(self.knee_s, 'en')} [{span}], {self.share_longer:.1%} of {of} longer"


def propose_gap(
    data: Dataset,
    by: str | CaseNotion = "customer",
    exclude: Iterable[str] = (),
    *,
    bootstrap: int = 200,
    seed: int = 1,
) -> GapProposal:
    """Propose after how long a silence a new journey begins.

    Silences between neighbouring events are of two kinds: within a journey and between journeys. Two
    log-normal distributions are fitted to them; the knee is the silence that is as likely of the one as of
    the other (Halfaker et al. 2015). A knee is proposed only when the two kinds can be told apart (see
    :class:`cxmining.journeys.cases.silences.Mixture`), in at least 90% of the resamples of customers too, and when most
    silences are shorter: silences of one kind have no knee, and any gap then is a choice, not a finding.

    Parameters
    ----------
    data : Dataset
    by : str or CaseNotion, default "customer"
        Whose silences; as in `build_journeys`.
    exclude : iterable of str
        Touchpoints that are no step: what a company sends every month breaks each silence.
    bootstrap : int, default 200
        Resamples of customers (above 2,000 customers of 2,000 equal groups of them, drawn once).
    seed : int, default 1

    Returns
    -------
    GapProposal
        ``.gap``, ``.summary``, ``.curve``, ``.figure()``.

    Raises
    ------
    NotEnoughDataError
        When nobody has two events a second or more apart.

    Examples
    --------
    >>> from cxmining.schema import table
    >>> rng = np.random.default_rng(1)
    >>> hours = np.cumsum(np.tile([700.0, 1.0, 2.0, 3.0], 400) * rng.lognormal(0, 0.5, 1600))
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": [f"r{i}" for i in range(1600)],
    ...         "customer_id": [f"c{i // 40}" for i in range(1600)],
    ...         "timestamp": pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(hours, unit="h"),
    ...         "channel": "web",
    ...         "touchpoint": "visit",
    ...         "source": "s",
    ...         "seq": range(1600),
    ...     },
    ... )
    >>> propose_gap(Dataset(events=events)).gap
    '59h'
    """
    log = build_journeys(data, by, exclude=exclude).log if isinstance(by, str) else build_journeys(data, by).log
    notion = CaseNotion.of(by, None, exclude) if isinstance(by, str) else by
    every, at = silences(log)
    positive = every >= _INSTANT
    length, at = every[positive], at[positive]
    if not len(length):
        raise NotEnoughDataError(
            f"{counted(len(log), 'event')} in {counted(log.n_journeys, 'journey')} ({notion}) hold no silence: "
            "nobody has two events a second or more apart, so no gap can be proposed"
        )
    owner = log.customer[log.journey[at]]
    place = bin_of(length)
    counts = np.bincount(place, minlength=BINS)
    fitted = fit_mixture(counts)
    customers = len(np.unique(owner))
    again = _resample(owner, place, fitted, bootstrap, seed) if customers > 1 else fitted
    steady = float(again.clear.mean())
    longer = float((length > 10 ** fitted.knee[0] * 1e6).mean())
    why, clear = _judge(fitted, len(length), customers, steady, longer)
    knee, low, high = float("nan"), float("nan"), float("nan")
    if clear:
        knee = float(10 ** fitted.knee[0])
        low, high = (float(x) for x in 10 ** np.quantile(again.knee[again.clear], [0.025, 0.975]))
    gap = _rounded(knee) if clear else None
    notes = []
    if simultaneous := len(every) - len(length):
        of = f"{simultaneous:,} of {len(every):,} neighbours"
        notes.append(f"{of} lie less than a second apart: no silence, and no part of this")
    expected = fitted.density() * len(length)
    distribution = pd.DataFrame(
        {"silence_s": 10**CENTRES, "n": counts, "short": expected[0], "long": expected[1]}
    )  # fmt: skip
    return GapProposal(
        gap, knee, low, high, clear, why, len(length), customers, simultaneous, longer if clear else float("nan"), _kinds(fitted),
        _curve(log, np.sort(length), gap), distribution, str(notion), _METHOD, tuple(notes), bootstrap, steady,
    )  # fmt: skip


def _resample(owner: Ints, place: Ints, fitted: Mixture, times: int, seed: int) -> Mixture:
    """Fit the silences of customers drawn with replacement."""
    rng = np.random.default_rng(seed)
    code = pd.factorize(owner, sort=True)[0]
    n = int(code.max()) + 1
    blocks = min(n, _BLOCKS)
    # Many customers are drawn in groups made at random: means of groups are as variable as they should be.
    group = rng.permutation(n)[code] % blocks
    used, bins = np.unique(place, return_inverse=True)
    by_block = np.bincount(group * len(used) + bins, minlength=blocks * len(used)).reshape(blocks, len(used))
    drawn = rng.multinomial(blocks, np.full(blocks, 1 / blocks), size=times) @ by_block
    counts = np.zeros((times, BINS))
    counts[:, used] = drawn
    return fit_mixture(counts, near=fitted)


def _judge(fitted: Mixture, n: int, customers: int, steady: float, longer: float) -> tuple[str, bool]:
    apart = f"the two kinds of silence lie {fitted.separation[0]:.1f} spreads apart"
    if n < _FEWEST or customers < 2:
        are = "is" if n == 1 else "are"
        return (
            f"{counted(n, 'silence')} of {counted(customers, 'customer')} {are} too few to tell two kinds apart",
            False,
        )
    if not fitted.clear[0]:
        return "the silences are of one kind, and any gap would be a choice", False
    if longer > _BURSTS:
        knee = duration(float(10 ** fitted.knee[0]), "en")
        return (
            f"the only knee, {knee}, parts bursts of contact, not journeys: {longer:.0%} of silences are longer",
            False,
        )
    if steady < _STEADY:
        return f"{apart}, but in only {steady:.0%} of the resamples of customers", False
    return f"{apart}, with a clear knee in {steady:.0%} of the resamples of customers", True


def _rounded(seconds: float) -> str:
    """Write a gap as people would: 12D, 36h, 45min.

    Examples
    --------
    >>> _rounded(12.3 * 86_400), _rounded(50 * 3_600), _rounded(0.4), _rounded(400 * 86_400)
    ('12D', '50h', '1s', '400D')
    """
    size, unit = next((pair for pair in _UNITS if seconds >= 3 * pair[0]), _UNITS[-1])
    return f"{max(1, round(seconds / size))}{unit}"


def _kinds(fitted: Mixture) -> pd.DataFrame:
    mean, half = fitted.mean[0], 1.96 * fitted.sd[0]
    return pd.DataFrame(
        {
            "kind": pd.Series(["short", "long"], dtype="str"),
            "share": fitted.weight[0],
            "median_s": 10**mean,
            "low_s": 10 ** (mean - half),
            "high_s": 10 ** (mean + half),
        }
    )


def _curve(log: CodedLog, length: Ints, gap: str | None) -> pd.DataFrame:
    usual = {pd.Timedelta(g) // pd.Timedelta(1, "us") for g in (*_USUAL, *([gap] if gap else []))}
    size = np.array(sorted(usual), dtype=np.int64)
    longer = len(length) - np.searchsorted(length, size, side="right")
    journeys = log.n_journeys + longer
    return pd.DataFrame(
        {
            "gap": pd.Series([length_of_time(int(g)) for g in size], dtype="str"),
            "gap_s": size / 1e6,
            "journeys": journeys,
            "events_per_journey": len(log) / journeys,
            "share_longer": longer / len(length),
        }
    )


def _picture(found: GapProposal) -> Picture:
    shown_bins = found.distribution[found.distribution["n"].cumsum().between(1, found.n)]
    bars = found.distribution.loc[shown_bins.index.min() : _last(found)]
    step = 1
    bars = bars.groupby(np.arange(len(bars)) // step).agg(
        {"silence_s": "mean", "n": "sum", "short": "sum", "long": "sum"}
    )
    top = float(bars["n"].max()) * 1.12
    x = bars["silence_s"].tolist()
    hover = [f"about {duration(s, 'en')}<br>{n:,} silences" for s, n in zip(x, bars["n"].tolist(), strict=True)]
    data: list[dict[str, Any]] = [
        {"type": "bar", "x": x, "y": bars["n"].tolist(), "name": "silences", "marker": {"color": palette.SOFT},
         "hovertext": hover, "hoverinfo": "text", "width": [s * (10 ** (step / 20) - 1) for s in x]},
    ]  # fmt: skip
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    if found.clear:
        for kind, colour, name in (
            ("short", palette.TEAL, "within journeys"),
            ("long", palette.AMBER, "between journeys"),
        ):
            data.append({"type": "scatter", "mode": "lines", "x": x, "y": bars[kind].tolist(), "name": name,
                         "line": {"color": colour, "width": 2}, "hoverinfo": "skip"})  # fmt: skip
        band = {"x0": found.low_s, "x1": found.high_s, "y0": 0, "y1": top}
        shapes.append({"type": "rect", **band, "fillcolor": palette.BAND, "line": {"width": 0}, "layer": "below"})
        line = {"x0": found.knee_s, "x1": found.knee_s, "y0": 0, "y1": top}
        shapes.append({"type": "line", **line, "line": {"color": palette.INK, "width": 2, "dash": "dash"}})
        text = f"knee {duration(found.knee_s, 'en')}: gap {found.gap}<br>{found.share_longer:.0%} longer"
        notes.append({"x": float(np.log10(found.knee_s)), "y": top, "text": text, "showarrow": False, "xanchor": "left",
                      "yanchor": "top", "xshift": 6, "align": "left", "font": {"color": palette.INK, "size": 13}})  # fmt: skip
    foot = f"n = {counted(found.n, 'silence')} of {counted(found.customers, 'customer')} · {found.notion}"
    foot += f" · band: 95% of {found.resamples} resamples of customers" if found.clear else ""
    notes.append({"x": 0, "y": 0, "xref": "paper", "yref": "paper", "text": shown(foot), "showarrow": False,
                  "xanchor": "left", "yanchor": "top", "yshift": -58, "font": {"color": palette.MUTED, "size": 12}})  # fmt: skip
    ticks = [
        s for s in (1, 60, 3600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400) if x[0] <= s * 2 and s <= x[-1] * 2
    ]
    names = {1: "1 s", 60: "1 min", 3600: "1 h", 86_400: "1 d", 604_800: "7 d", 2_592_000: "30 d", 31_536_000: "1 year"}
    title = (
        "Silences between neighbouring events" if found.clear else "Silences between neighbouring events: no clear knee"
    )
    layout = {
        "title": {"text": title, "x": 0.02, "font": {"size": 16, "color": palette.INK}},
        "font": {"family": palette.FONT, "color": palette.INK},
        "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER, "height": 440,
        "margin": {"l": 64, "r": 24, "t": 84, "b": 92}, "bargap": 0,
        "xaxis": {"type": "log", "tickvals": ticks, "ticktext": [names[s] for s in ticks], "showgrid": False,
                  "linecolor": palette.RULE, "title": {"text": "silence (log scale)"}},
        "yaxis": {"gridcolor": palette.RULE, "title": {"text": "silences"}, "rangemode": "tozero"},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "shapes": shapes, "annotations": notes,
    }  # fmt: skip
    return Picture("silences", found.summary, {"data": data, "layout": layout})


def _last(found: GapProposal) -> int:
    return int(np.flatnonzero(found.distribution["n"].to_numpy())[-1])
