"""Effort: what customers had to do, what they say of it, and how well the first predicts the second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.experience.answered import all_answers
from cxmining.experience.behaviour import event_effort, journey_effort
from cxmining.experience.scores import latest_journey
from cxmining.experience.wording import MEASURES, between, say
from cxmining.i18n import counted, number
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.stats import benjamini_hochberg, deal_folds, grouped_mean

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

Floats = npt.NDArray[np.float64]

__all__ = ["Effort", "journey_effort", "measure_effort"]

FEWEST: Final = 50
"""Journeys with an asked effort: below, what predicts it is a guess."""
_REPEATS: Final = 1000
_POOLS: Final = 2000  # of customers that are resampled
_ALPHA: Final = 1.0  # of the ridge, on measures of SD 1: next to nothing but where measures say the same


@dataclass(frozen=True, eq=False)
class Effort:
    """Behavioural effort, and the effort that was asked.

    Attributes
    ----------
    levels : DataFrame
        One row per ``measure`` that the log shows: ``mean`` per journey with its 95% interval ``low`` to ``high`` (by
        customer), ``median``, ``p90`` and ``n`` (journeys); last ``ces``, where asked.
    journeys : DataFrame
        One row per journey: the measures of :func:`journey_effort`, and ``ces`` (higher is easier: a scale that runs
        the other way is turned round; the latest answer).
    touchpoints : DataFrame
        One row per touchpoint: ``contacts``, and per contact with interval and n the share that is a ``repeat`` or a
        channel ``switch``, the number of ``handover``, ``wait_s``; and ``ces``.
    stages : DataFrame
        The same per stage; empty where no event has one.
    relation : DataFrame
        One row per measure: rank correlation ``spearman`` with CES with 95% interval, ``n``, ``p`` and ``p_adjusted``
        (Benjamini-Hochberg). Below 0: more of it goes with a harder journey.
    prediction : DataFrame
        Rows ``r2`` and ``spearman`` of predictions made by models that were fitted on other customers: ``value`` with
        95% interval, ``n``. R² is against the mean: 0 is no better.
    unasked : str or None
        Why there is no prediction: ``"ces"`` (nobody was asked), ``"fewces"``, ``"equal"`` (all answers equal).
    scale : (float, float)
        Of CES.
    notes, chain : tuple of str
    """

    levels: pd.DataFrame
    journeys: pd.DataFrame
    touchpoints: pd.DataFrame
    stages: pd.DataFrame
    relation: pd.DataFrame
    prediction: pd.DataFrame
    unasked: str | None
    scale: tuple[float, float]
    notes: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """The level of each measure."""
        return self.levels

    @property
    def predicts(self) -> bool:
        """Whether behaviour predicts the asked effort better than its mean does."""
        return self.unasked is None and float(self.prediction["low"].iloc[0]) > 0

    def say(self, language: str = "en") -> list[str]:
        """Return in a sentence how well behaviour predicts the asked effort, in ``"en"`` or ``"nl"``."""
        if self.unasked:
            return [say("effort_unasked", language, why=say(f"why_{self.unasked}", language))]
        r2, rho = rows_of(self.prediction)
        return [
            say(
                "effort_some" if self.predicts else "effort_useless", language,
                r2=number(r2.value, language, 2), interval=between(r2.low, r2.high, language),
                rho=number(rho.value, language, 2), rho_interval=between(rho.low, rho.high, language),
                n=number(r2.n, language),
            )
        ]  # fmt: skip

    def figure(self, language: str = "en") -> go.Figure:
        """Draw contacts per journey, and how easy it was found."""
        from cxmining.experience.charts import effort_picture

        return effort_picture(self, language).figure()

    def __repr__(self) -> str:
        lines = [f"Effort({counted(len(self.journeys), 'journey')})"]
        lines += [
            f"  {MEASURES.get(r.measure, {'en': 'CES, higher is easier'})['en']}: {r.mean:.3g} [{r.low:.3g}, {r.high:.3g}] n={r.n:,}"
            for r in rows_of(self.levels)
        ]
        return "\n".join([*lines, *(f"  {s}" for s in [*self.say(), *self.notes, *self.chain])])

    def _repr_html_(self) -> str:
        tables = (self.levels, self.prediction, self.relation, self.touchpoints, self.stages)
        return repr_html(*tables, said=[*self.say(), *self.notes, *self.chain])


def measure_effort(lived: Experience, *, seed: int = 1) -> Effort:
    """Measure what customers had to do in each journey, beside what they say of it.

    Parameters
    ----------
    lived : Experience
        Journeys, with or without answers on CES.
    seed : int, default 1
        Of the folds and of the resamples.

    Returns
    -------
    Effort
        What the log does not show (waiting, hand-overs, tasks) is left out and named in ``notes``. How well behaviour
        predicts CES is told by ridge regression on the logarithms of the measures up to the answer, in five folds
        that part no customer; intervals by resampling customers.

    References
    ----------
    Dixon, Freeman and Toman 2010, Stop trying to delight your customers, HBR 88.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> lived = small_example()
    >>> effort = measure_effort(lived)
    >>> effort.prediction.round(2).values.tolist()
    [['r2', 0.82, 0.74, 0.88, 60], ['spearman', 0.84, 0.78, 0.9, 60]]
    >>> effort.say("nl")[0][:53]
    'Gedrag voorspelt een deel van de gevraagde moeite: R²'
    """
    from cxmining.journeys.staging.stages import UNKNOWN

    journeys = lived.journeys
    found = event_effort(journeys)
    table = journey_effort(journeys, found=found)
    asked, scale, notes = _asked_effort(lived)
    # Ids are looked up once: at a million journeys each look-up of a column in another takes seconds.
    at = _places(table["journey_id"], asked["journey_id"])
    table["ces"] = np.nan
    table.loc[at, "ces"] = asked["ces"].to_numpy(dtype=float)
    shown = [m for m in MEASURES if table[m].notna().any()]
    notes += [f"the log does not show {MEASURES[m]['en']}" for m in MEASURES if m not in shown]
    levels = _levels(table, journeys.log.customer, [*shown, *(["ces"] if len(asked) else [])])
    events = journeys.events
    frame = pd.DataFrame(
        {
            "touchpoint": pd.Categorical.from_codes(
                journeys.log.touchpoint.astype(np.int64).tolist(), pd.Index(journeys.log.touchpoints)
            ),
            "stage": pd.Categorical(events["stage"]),
            "customer_id": journeys.log.customer[journeys.log.journey], "event_id": events["event_id"].to_numpy(),
            "repeat": found.repeat, "switch": found.switch, "handover": found.handover, "wait_s": found.wait_s,
        }
    )[found.contact]  # fmt: skip
    ces = all_answers(lived)
    ces = ces[(ces["metric"] == "ces") & ces["event_id"].notna()]
    ces, ends = _of_one_scale(ces, scale)
    ces = ces.assign(ces=_easier(ces)).merge(frame[["event_id", "stage"]], on="event_id", how="left")
    by_touchpoint = _by(frame, ces, "touchpoint", ends)
    staged = frame[frame["stage"] != UNKNOWN]
    by_stage = _by(staged, ces[ces["stage"] != UNKNOWN], "stage", ends) if len(staged) else by_touchpoint.head(0)
    relation, prediction, unasked = _predict(lived, asked, at, seed)
    chain = (
        f"{counted(len(table), 'journey')} of {counted(journeys.log.n_customers, 'customer')}; case notion: {journeys.notion}",
        *journeys.chain,
    )
    return Effort(levels, table, by_touchpoint, by_stage, relation, prediction, unasked, scale, tuple(notes), chain)


def _easier(rows: pd.DataFrame) -> Floats:
    """Turn scores round where lower is easier."""
    score = rows["score"].to_numpy(dtype=float)
    ends = rows["scale_low"].to_numpy(dtype=float) + rows["scale_high"].to_numpy(dtype=float)
    return np.where(rows["higher_is_better"].to_numpy(dtype=bool), score, ends - score)


def _of_one_scale(rows: pd.DataFrame, scale: tuple[float, float]) -> tuple[pd.DataFrame, tuple[float, float]]:
    """Keep the answers on `scale`, or where none was chosen on the commonest: points of different scales have no mean."""
    if not np.isfinite(scale[0]) and len(rows):
        counts = rows.groupby(["scale_low", "scale_high"], sort=True).size()
        low, high = counts.index[int(counts.to_numpy().argmax())]
        scale = (float(low), float(high))
    return rows[(rows["scale_low"] == scale[0]) & (rows["scale_high"] == scale[1])], scale


def _asked_effort(lived: Experience) -> tuple[pd.DataFrame, tuple[float, float], list[str]]:
    """Return the latest CES of each journey: ``journey_id``, ``customer_id``, ``timestamp``, ``ces``."""
    rows = all_answers(lived)
    rows = rows[(rows["metric"] == "ces") & (rows["form"] != "item") & rows["matched"]]
    nothing = pd.DataFrame({"journey_id": [], "customer_id": [], "timestamp": [], "ces": []})
    if not len(rows):
        return nothing, (float("nan"), float("nan")), []
    whole = lived.linked or lived.journeys
    lasting = rows["journey_id"].isna() & (rows["survey_kind"] == "relationship")
    found = rows[rows["journey_id"].notna()]
    if lasting.any():
        found = pd.concat([found, latest_journey(whole, rows)])
    if lived.linked is not None:  # some journeys are filtered out
        found = found[_places(lived.journeys.table["journey_id"], found["journey_id"]) >= 0]
    if not len(found):
        return nothing, (float("nan"), float("nan")), []
    counts = found.groupby(["survey_kind", "scale_low", "scale_high"], sort=True)["journey_id"].nunique()
    kind, low, high = counts.index[int(counts.to_numpy().argmax())]
    own = (found["survey_kind"] == kind) & (found["scale_low"] == low) & (found["scale_high"] == high)
    notes = [f"CES of {kind} surveys"] + (
        [f"{int((~own).sum()):,} answers of another kind or scale are left out"] if not own.all() else []
    )
    found = (
        found[own].sort_values(["timestamp", "response_id"], kind="stable").drop_duplicates("journey_id", keep="last")
    )
    found = found.assign(ces=_easier(found))
    return found[[*nothing]].reset_index(drop=True), (float(low), float(high)), notes


def _places(ids: pd.Series, wanted: pd.Series) -> npt.NDArray[np.intp]:
    """Return where each id stands, −1 where it does not."""
    return np.asarray(pd.Index(ids.to_numpy(dtype=object)).get_indexer(wanted.to_numpy(dtype=object)), dtype=np.intp)


def _levels(table: pd.DataFrame, customer: npt.NDArray[Any], measures: list[str]) -> pd.DataFrame:
    rows = []
    for measure in measures:
        values = pd.DataFrame({"all": 0, "value": table[measure].astype(float), "customer": customer}).dropna(
            subset="value"
        )
        level = grouped_mean(values, "all", "value", cluster="customer")
        middle, most = values["value"].quantile([0.5, 0.9])
        rows.append(level.assign(measure=measure, median=middle, p90=most))
    columns = ["measure", "mean", "low", "high", "median", "p90", "n"]
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def _by(frame: pd.DataFrame, ces: pd.DataFrame, by: str, ends: tuple[float, float]) -> pd.DataFrame:
    """What was borne per contact, by touchpoint or stage; `ends` are those of the scale of CES."""
    parts = [frame.groupby(by, sort=True, observed=True).size().to_frame("contacts")]
    parts[0].index = pd.Index(parts[0].index.astype(str), dtype="str", name=by)
    for source, column in ((frame, "repeat"), (frame, "switch"), (frame, "handover"), (frame, "wait_s"), (ces, "ces")):
        values = source.assign(**{column: source[column].astype(float)})
        scale = {"wait_s": None, "ces": ends}.get(column, (0.0, 1.0))
        part = grouped_mean(values, by, column, cluster="customer_id", scale=scale)
        part.index = pd.Index(part.index.astype(str), dtype="str", name=by)
        parts.append(part.rename(columns={c: f"{column}_{c}" for c in part}))
    table = pd.concat(parts, axis=1).reindex(parts[0].index)
    for count in [str(c) for c in table if str(c).endswith("_n")]:
        table[count] = table[count].fillna(0).astype("int64")
    table.index = pd.Index(table.index, dtype="str", name=by)
    return table.sort_values(["contacts"], ascending=False, kind="stable").reset_index()


def _predict(
    lived: Experience, asked: pd.DataFrame, at: npt.NDArray[np.intp], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, str | None]:
    """Predict CES from what was done up to the answer, for customers that the model does not know."""
    relation = pd.DataFrame(columns=["measure", "spearman", "low", "high", "n", "p", "p_adjusted"])
    prediction = pd.DataFrame(columns=["measure", "value", "low", "high", "n"])
    if len(asked) < FEWEST or asked["customer_id"].nunique() < FEWEST / 2 or asked["ces"].nunique() < 2:
        why = "ces" if not len(asked) else "equal" if asked["ces"].nunique() < 2 else "fewces"
        return relation, prediction, why
    order = asked.assign(at=at).sort_values(["customer_id", "journey_id"], kind="stable")
    at = order["at"].to_numpy(dtype=np.intp)
    until = np.zeros(len(lived.journeys.table), dtype=np.int64)
    until[at] = pd.DatetimeIndex(order["timestamp"]).as_unit("us").asi8
    done = journey_effort(lived.journeys, until).iloc[at]
    y = order["ces"].to_numpy(dtype=float)
    person = pd.factorize(order["customer_id"])[0]
    design = _design(done)
    from scipy.stats import norm, rankdata
    from sklearn.linear_model import Ridge

    guess, mean = np.zeros(len(y)), np.zeros(len(y))
    fold = deal_folds(person, 5, seed)
    for k in range(5):
        train, test = fold != k, fold == k
        if not test.any():
            continue
        middle, spread = design[train].mean(axis=0), design[train].std(axis=0)
        z = (design - middle) / np.where(spread > 0, spread, 1.0)
        guess[test] = Ridge(alpha=_ALPHA).fit(z[train], y[train]).predict(z[test])
        mean[test] = y[train].mean()
    rng = np.random.default_rng(seed)
    person = _pooled(person, rng)
    people = int(person.max()) + 1
    drawn = rng.multinomial(people, np.full(people, 1 / people), size=_REPEATS).astype(float)
    counts = np.vstack([np.ones(people), drawn])
    squares = np.stack([np.bincount(person, weights=(y - e) ** 2, minlength=people) for e in (guess, mean)], axis=1)
    loss = counts @ squares
    rho = _correlations(counts, person, rankdata(guess), rankdata(y))
    rows = [("r2", 1 - loss[:, 0] / loss[:, 1]), ("spearman", rho)]
    prediction = pd.DataFrame(
        [(name, v[0], *np.nanquantile(v[1:], [0.025, 0.975]), len(y)) for name, v in rows], columns=prediction.columns
    )
    found: list[tuple[Any, ...]] = []
    for measure in MEASURES:
        x = done[measure].to_numpy(dtype=float)
        there = ~np.isnan(x)
        if there.sum() < FEWEST or np.ptp(x[there]) == 0:
            continue
        values = _correlations(counts, person[there], rankdata(x[there]), rankdata(y[there]))
        p = 2 * float(norm.sf(abs(values[0]) / np.nanstd(values[1:])))
        found.append((measure, values[0], *np.nanquantile(values[1:], [0.025, 0.975]), int(there.sum()), p))
    if found:
        relation = pd.DataFrame(found, columns=relation.columns[:-1])
        relation["p_adjusted"] = benjamini_hochberg(relation["p"].to_numpy())
    return relation, prediction, None


def _pooled(person: npt.NDArray[Any], rng: np.random.Generator) -> npt.NDArray[Any]:
    """Deal many customers out to pools of as many each, to be drawn together.

    Customers are alike in all that counts for a resample, so pools of them vary as they do; a thousand draws of a hundred
    thousand customers each would take gigabytes.
    """
    people = int(person.max()) + 1
    if people <= _POOLS:
        return person
    pool: npt.NDArray[Any] = rng.permutation(people) % _POOLS
    return np.asarray(pool[person])


def _design(done: pd.DataFrame) -> Floats:
    """The logarithms of the measures; what some journeys do not show has a column that says so."""
    columns = []
    for measure in MEASURES:
        x = done[measure].to_numpy(dtype=float)
        missing = np.isnan(x)
        if missing.all():
            continue
        columns.append(np.log1p(np.where(missing, 0.0, x)))
        if missing.any():
            columns.append(missing.astype(float))
    return np.column_stack(columns)


def _correlations(counts: Floats, person: npt.NDArray[Any], a: Floats, b: Floats) -> Floats:
    """Correlate ranks in each resample of customers."""
    a, b = a - a.mean(), b - b.mean()
    people = counts.shape[1]
    sums = [np.bincount(person, weights=v, minlength=people) for v in (np.ones(len(a)), a, b, a * b, a * a, b * b)]
    n, sa, sb, sab, saa, sbb = (counts @ np.stack(sums, axis=1)).T
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt((saa - sa * sa / n) * (sbb - sb * sb / n))
        return np.where(spread > 0, (sab - sa * sb / n) / spread, np.nan)
