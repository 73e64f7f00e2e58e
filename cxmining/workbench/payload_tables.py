"""What the front end draws in its tables, as plain JSON: A beside B, journeys, segments. Nothing in it is markup."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from cxmining.errors import CxminingError, NotEnoughDataError
from cxmining.i18n import channel_label, date, duration, interval, number, percent, speaking
from cxmining.i18n.labels import METRIC_LABELS, named
from cxmining.maps.tables import in_order, records
from cxmining.maps.words import HIDDEN, MISSING, known
from cxmining.workbench.cells import Cell, labelled, reach_cell, score_cell
from cxmining.workbench.explore import Exploration
from cxmining.workbench.journeys import ORDERS, OneJourney, list_journeys, open_journey
from cxmining.workbench.segments import CHANNEL, SegmentTable, attributes

__all__ = [
    "attribute_label",
    "differences",
    "journeys",
    "offered",
    "one_journey",
    "orders",
    "pair",
    "segment_tests",
    "segments",
]

say = speaking("workbench")
_DIFFERENCES: Final = 8
_LISTED: Final = 20
_STEPS: Final = 40


def pair(x: Exploration) -> dict[str, Any] | None:
    """Return A and B side by side; None until both are saved."""
    if set(x.saved) != {"A", "B"}:
        return None
    language = x.language
    said = {name: [c.label for c in x.chips_of(x.saved[name])] or [say("w_any", language)] for name in ("A", "B")}
    try:
        table = x.side_by_side()
    except NotEnoughDataError:
        return {"said": said, "rows": [], "error": say("pair_few", language, sign=HIDDEN, least=x.min_cell)}
    except CxminingError as error:
        return {"said": said, "rows": [], "error": str(error)}
    scale = x._ground.scores.scale if x._ground.scores is not None else (0.0, 1.0)
    off = {name.lower(): x.of(name).hidden for name in ("A", "B")}
    place = {t: i for i, t in enumerate(in_order(x._ground.everything, x._ground.journeys.dfg)["touchpoint"])}

    def reach(r: Any, side: str) -> Cell:
        value, low, high, n = (r.get(f"{c}_{side}") for c in ("reach", "reach_low", "reach_high", "customers"))
        return reach_cell(value, low, high, n, language, hidden=(r["touchpoint"], "reach") in off[side])

    def score(r: Any, side: str) -> Cell:
        value, low, high, n = (r.get(f"score_{c}_{side}") for c in ("mean", "low", "high", "n"))
        return score_cell(value, low, high, n, scale, language, hidden=(r["touchpoint"], "score_mean") in off[side])

    rows = [
        {
            "id": r["touchpoint"], "label": labelled(x, r["touchpoint"]),
            "reach": [reach(r, side) for side in off], "score": [score(r, side) for side in off],
        }
        for r in sorted(records(table), key=lambda r: place[r["touchpoint"]])
    ]  # fmt: skip
    return {"said": said, "rows": rows, "error": ""}


def differences(x: Exploration, found: Any) -> list[str]:
    """Return the differences between A and B that hold after correction, in words."""
    language = x.language
    table = found.summary[found.summary["shown"]].head(_DIFFERENCES)
    said = []
    for r in records(table):
        share = r["measure"] == "share"

        def write(v: Any, digits: int = 1, share: bool = share) -> str:
            return percent(v, language, digits) if share else number(v, language, digits)

        what = " → ".join(labelled(x, part) for part in str(r["what"]).split(" → "))
        said.append(
            say(
                "difference", language, what=what, measure=say(f"m_{r['measure']}", language), a=write(r["a"]), b=write(r["b"]),
                span=interval(r["low"], r["high"], language, 1, share=share), n_a=number(r["n_a"], language), n_b=number(r["n_b"], language),
            )
        )  # fmt: skip
    return said or [say("no_difference", language)]


def orders(x: Exploration) -> list[dict[str, str]]:
    """Return how journeys can be ordered; by score only where they have one."""
    able = [o for o in ORDERS if x._ground.overall is not None or o not in ("lowest", "highest")]
    return [{"id": o, "label": say(f"order_{o}", x.language)} for o in able]


def journeys(x: Exploration, order: str) -> dict[str, Any]:
    """Return the first journeys that meet what is filtered and selected; without enough customers the sentence alone."""
    language = x.language
    try:
        found = list_journeys(x, _LISTED, order=order)
    except NotEnoughDataError:
        return {
            "order": order,
            "head": "",
            "rows": [],
            "error": say("journeys_few", language, sign=HIDDEN, least=x.min_cell),
        }
    metric = "" if found.metric is None else named(METRIC_LABELS, found.metric, language)
    rows = [
        {
            "id": r["journey_id"], "customer": _short(r["customer"]), "start": _clock(r["start"], language),
            "lasts": duration(r["duration_s"], language), "n": number(r["n_events"], language),
            "score": _score(r.get("score"), language), "more": max(0, len(r["steps"]) - _STEPS),
            "said": ", ".join(labelled(x, s) for s in r["steps"][:_STEPS]),
            "steps": [{"id": s, "label": labelled(x, s), "channel": c} for s, c in zip(r["steps"][:_STEPS], r["channels"], strict=False)],
        }
        for r in found.summary.to_dict("records")
    ]  # fmt: skip
    selected = [] if not x.state.kind else [say("journeys_selected", language)]
    few = len(rows) == found.journeys
    key = "journeys_head_1" if found.journeys == 1 else "journeys_head_all" if few else "journeys_head"
    head = say(
        key, language, shown=number(len(rows), language), n=number(found.journeys, language),
        customers=number(found.customers, language), zone=x._ground.journeys.data.time_zone,
    )  # fmt: skip
    return {"order": order, "head": " · ".join([head, *selected]), "metric": metric, "rows": rows, "error": ""}


def one_journey(x: Exploration, journey_id: str) -> dict[str, Any]:
    """Return one journey, contact by contact."""
    language, found = x.language, open_journey(x, journey_id)
    masked = x.text == "masked"
    rows = [
        {
            "id": r["touchpoint"], "label": labelled(x, r["touchpoint"]), "channel": r["channel"],
            "channel_label": channel_label(r["channel"], language), "at": _clock(r["timestamp"], language),
            "since": duration(r["since_s"], language) if known(r["since_s"]) else "",
            "wait": duration(r["wait_s"], language) if known(r["wait_s"]) else MISSING,
            "scores": _scores(r["scores"], language) or MISSING, "quote": (r["quote"] if known(r["quote"]) else "") or "",
        }
        for r in found.contacts.to_dict("records")
    ]  # fmt: skip
    return {
        "id": found.journey_id, "head": _head(found, language), "whole": _scores(found.scores, language), "quotes": list(found.quotes),
        "rows": rows, "masked": masked, "quotes_said": "" if masked else say("quotes_off", language),
    }  # fmt: skip


def segments(x: Exploration, by: str, found: SegmentTable | None, error: str = "") -> dict[str, Any]:
    """Return the values of an attribute side by side."""
    language = x.language
    out = {"by": by, "values": [], "rows": [], "error": error, "without": "", "metric": ""}
    if found is None:
        return out
    scale = x._ground.scores.scale if x._ground.scores is not None else (0.0, 1.0)
    place = {t: i for i, t in enumerate(in_order(x._ground.everything, x._ground.journeys.dfg)["touchpoint"])}
    table = found.summary
    rows: dict[str, dict[str, Any]] = {}
    for r in table.to_dict("records"):
        t, v = str(r["touchpoint"]), str(r["value"])
        row = rows.setdefault(t, {"id": t, "label": labelled(x, t), "known": t in place, "reach": [], "score": []})
        reach = (r["reach"], r["reach_low"], r["reach_high"], r["met"])
        score = (r["score_mean"], r["score_low"], r["score_high"], r["score_n"])
        row["reach"].append(reach_cell(*reach, language, hidden=(t, v, "reach") in found.hidden))
        row["score"].append(score_cell(*score, scale, language, hidden=(t, v, "score") in found.hidden))
    values = [
        {"label": _value(x, by, str(r["value"])), "n": _customers(r["customers"], language)}
        for r in found.sizes.to_dict("records")
    ]
    without = ""
    if found.without >= x.min_cell:
        without = say("segments_without", language, n=number(found.without, language))
    metric = "" if found.metric is None else named(METRIC_LABELS, found.metric, language)
    ordered = sorted(rows.values(), key=lambda row: (place.get(row["id"], len(place)), row["id"]))
    return {**out, "values": values, "rows": ordered, "without": without, "metric": metric}


def segment_tests(x: Exploration, found: SegmentTable) -> dict[str, Any]:
    """Return where the values differ after correction: sentences, and which cells."""
    language, table = x.language, found.tests
    hold = table[table["differs"].astype(bool)]
    said = [
        say(
            f"segment_{r['measure']}_differs", language, touchpoint=labelled(x, str(r["touchpoint"])), q=_q(r["q"], language),
            low=_value(x, found.by, str(r["lowest"])), high=_value(x, found.by, str(r["highest"])), n=number(r["n"], language),
            groups=number(r["groups"], language),
        )
        for r in hold.head(_DIFFERENCES).to_dict("records")
    ]  # fmt: skip
    more = len(hold) - len(said)
    if more > 0:
        said.append(say("segment_more", language, n=number(more, language)))
    head = say("segment_tested", language, n=number(len(table), language), hold=number(len(hold), language))
    return {
        "head": head if len(table) else say("segment_untested", language),
        "said": said,
        "hold": [[str(t), str(m)] for t, m in zip(hold["touchpoint"], hold["measure"], strict=True)],
    }


def attribute_label(x: Exploration, by: str) -> str:
    """Return what people call an attribute of customers."""
    if by == CHANNEL and f"segment:{CHANNEL}" not in x.choices:
        return say("first_channel", x.language)
    return say("w_persona", x.language) if by == "persona" else by


def offered(x: Exploration) -> list[dict[str, str]]:
    """Return the attributes that can be laid side by side."""
    return [{"id": a, "label": attribute_label(x, a)} for a in attributes(x)]


def _value(x: Exploration, by: str, value: str) -> str:
    return channel_label(value, x.language) if by == CHANNEL and f"segment:{CHANNEL}" not in x.choices else value


def _customers(n: Any, language: str) -> str:
    if pd.isna(n):
        return HIDDEN
    return say("count_customers_1", language) if n == 1 else say("count_customers", language, n=number(n, language))


def _q(q: float, language: str) -> str:
    return f"< {number(0.001, language, 3)}" if q < 0.001 else f"= {number(q, language, 3)}"


def _short(customer: str) -> str:
    return customer if customer.startswith("#") else customer[:9]


def _clock(at: pd.Timestamp, language: str) -> str:
    return f"{date(at, language)} {at:%H:%M}"


def _score(score: Any, language: str) -> str:
    if score is None or not known(score):
        return MISSING
    return number(score, language, 0 if float(score).is_integer() else 1)


def _scores(scores: Any, language: str) -> str:
    return ", ".join(f"{named(METRIC_LABELS, metric, language)} {_score(score, language)}" for metric, score in scores)


def _head(found: OneJourney, language: str) -> str:
    n = len(found.contacts)
    many = say("contacts_1", language) if n == 1 else say("contacts", language, n=number(n, language))
    return f"{_short(found.customer)} · {many}"
