"""How each journey was scored as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, nearest
from cxmining.identity.pairs import places
from cxmining.schema import CONTACT, OVERALL

if TYPE_CHECKING:
    from cxmining.journeys import Journeys

__all__ = ["latest_journey", "numbers_of", "score_journeys"]

_KINDS = ("journey", "transactional", "relationship")
# When as many journeys have several metrics, the one that people read first comes first.
_METRICS = ("rapportcijfer", "csat", "nps", "ces", "perception", "resolved")


def score_journeys(journeys: Journeys, links: pd.DataFrame, metric: str | None = None) -> pd.DataFrame:
    """Return one overall score per journey, where there is one.

    An answer that is linked to a journey scores that journey. An answer about the whole relationship
    belongs to no contact; it scores the customer's latest journey that began before the response,
    because that is the only one that is not read twice. Kinds of survey are never mixed: the kind with
    most scored journeys is taken.

    Parameters
    ----------
    journeys : Journeys
    links : DataFrame
        Of :func:`link_answers`.
    metric : str, optional
        Default: the overall metric that most journeys have.

    Returns
    -------
    DataFrame
        One row per scored journey: ``journey_id``, ``customer_id``, ``metric``, ``survey_kind``, ``score``
        (the latest answer; turned round where lower is better, so that higher always is), ``scale_low``,
        ``scale_high``.

    Raises
    ------
    NotEnoughDataError
        When no journey has an overall score (of this metric).
    """
    whole = links[links["matched"] & ~links["metric"].isin(["expectation", "other"])]
    # An item about the one contact of a survey bears that contact's touchpoint once it is linked.
    items = journeys.data.answers[journeys.data.answers["touchpoint"].isin([OVERALL, CONTACT])]
    whole = whole.merge(items[["response_id", "item"]], on=["response_id", "item"])
    there = sorted(whole["metric"].unique())
    if metric is not None:
        whole = whole[whole["metric"] == metric]
    asked = f"metric {metric!r}" if metric else "any metric"
    if not len(whole):
        raise NotEnoughDataError(f"no journey has an overall score with {asked}; {nearest(str(metric), there)}")
    answered = journeys.data.responses.set_index("response_id")["timestamp"]
    whole = whole.assign(timestamp=whole["response_id"].map(answered))
    found = pd.concat([whole[whole["journey_id"].notna()], latest_journey(journeys, whole)])
    found = found.assign(at=numbers_of(journeys, found["journey_id"]))
    found = found[found["at"] >= 0]
    if not len(found):
        raise NotEnoughDataError(f"{len(whole):,} overall answers with {asked}, none about one of these journeys")
    counts = found.groupby(["metric", "survey_kind"], sort=True)["journey_id"].nunique().reset_index()
    counts["kind"] = counts["survey_kind"].map(_KINDS.index)
    counts["first"] = counts["metric"].map(_METRICS.index)
    best = counts.sort_values(["journey_id", "kind", "first"], ascending=[False, True, True]).iloc[0]
    found = found[(found["metric"] == best["metric"]) & (found["survey_kind"] == best["survey_kind"])]
    found = found.sort_values(["timestamp", "response_id"], kind="stable").drop_duplicates("journey_id", keep="last")
    low, high = found["scale_low"].astype(float), found["scale_high"].astype(float)
    score = found["score"].astype(float)
    scores = pd.DataFrame(
        {
            "journey_id": found["journey_id"].astype("str"),
            "customer_id": journeys.table["customer_id"].array[found["at"].to_numpy()],
            "metric": found["metric"],
            "survey_kind": found["survey_kind"],
            "score": score.where(found["higher_is_better"], low + high - score),
            "scale_low": low,
            "scale_high": high,
        }
    )
    return scores.sort_values("journey_id", ignore_index=True)


def numbers_of(journeys: Journeys, ids: pd.Series) -> npt.NDArray[np.int64]:
    """Return the number of each journey that is named, −1 for one that is not there."""
    code, names = pd.factorize(ids)
    # The few that are named are kept in a table and all journeys looked up in it: the other way round takes ten times as long.
    named = places(journeys.table["journey_id"], pd.Series(names, dtype="str"))
    there = np.flatnonzero(named >= 0)
    number = np.full(len(names) + 1, -1, dtype=np.int64)  # the last one is nobody's
    number[named[there]] = there
    return number[code]


def latest_journey(journeys: Journeys, whole: pd.DataFrame) -> pd.DataFrame:
    """Give each answer about the relationship the customer's latest journey that began before it."""
    lasting = whole[
        whole["journey_id"].isna() & whole["customer_id"].notna() & (whole["survey_kind"] == "relationship")
    ]
    # Few customers answer: only their journeys are put in order, by number and not by name.
    who, names = pd.factorize(lasting["customer_id"])
    table = journeys.table
    of = places(table["customer_id"], pd.Series(names, dtype="str"))
    starts = table.loc[of >= 0, ["journey_id", "start"]].assign(who=of[of >= 0])
    order = ["start", "journey_id"] if starts.duplicated(["who", "start"]).any() else ["start"]
    return pd.merge_asof(
        lasting.drop(columns="journey_id").assign(who=who).sort_values(["timestamp", "response_id"], kind="stable"),
        starts.sort_values(order, kind="stable"),
        left_on="timestamp", right_on="start", by="who", direction="backward",
    ).drop(columns="who").dropna(subset="journey_id")  # fmt: skip


def score_events(links: pd.DataFrame, metric: str | None) -> pd.DataFrame:
    """Return what was scored and expected at single events.

    Parameters
    ----------
    links : DataFrame
        Of :func:`link_answers`.
    metric : str or None
        Of the score; with None only expectations are returned.

    Returns
    -------
    DataFrame
        One row per event that has either: ``event_id``, ``score``, ``score_metric``, ``scale_low``,
        ``scale_high`` (as answered, not turned round), ``expected``. Of several answers about one event the
        latest in the order of the links stands.
    """
    about = links[links["matched"] & links["event_id"].notna()]
    score = about[about["metric"] == metric].drop_duplicates("event_id", keep="last")
    expected = about[about["metric"] == "expectation"].drop_duplicates("event_id", keep="last")
    columns = ["event_id", "score", "metric", "scale_low", "scale_high"]
    found = score[columns].rename(columns={"metric": "score_metric"})
    found = found.merge(
        expected[["event_id", "score"]].rename(columns={"score": "expected"}), on="event_id", how="outer"
    )
    return found.sort_values("event_id", ignore_index=True)
