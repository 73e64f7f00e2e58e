"""The top of the page: its size, its period and channels, and the overall scores per kind of survey."""

from __future__ import annotations

from typing import Any

from cxmining.maps import words
from cxmining.maps.facts import signed
from cxmining.maps.tables import records
from cxmining.maps.words import CHANNEL_WORDS, HIDDEN, METRIC_WORDS, known, named
from cxmining.report.chain import count, day, notion
from cxmining.report.messages import say
from cxmining.report.tables import RunTables
from cxmining.schema import SURVEY_KINDS

__all__ = ["head", "levels"]


def head(run: RunTables, language: str) -> dict[str, Any]:
    """Return size, period, channels, notion of a journey and the hash of the data."""
    c = run.counts
    figures = [
        (count(c.get(key), language), say(word, language))
        for key, word in (
            ("journeys", "journeys"),
            ("customers", "customers"),
            ("events", "contacts"),
            ("responses", "responses"),
        )
        if known(c.get(key))
    ]
    channels = c.get("channels") or {}
    total = sum(channels.values()) or 1
    ordered = sorted(channels.items(), key=lambda item: (-item[1], item[0]))
    return {
        "figures": figures,
        "period": f"{day(c.get('first'), language)} {say('until', language)} {day(c.get('last'), language)}",
        "channels": [
            {"id": key, "label": named(CHANNEL_WORDS, key, language), "share": words.percent(n / total, language)}
            for key, n in ordered
        ],
        "notion": notion(run, language),
        "hash": run.fingerprint,
    }


_METRICS = ("csat", "rapportcijfer", "nps", "ces")


def levels(run: RunTables, language: str) -> list[dict[str, Any]]:
    """The overall scores per kind of survey: who is asked, when and about what differ, so they stand apart."""
    rows = records(run.overall)
    kinds = sorted({str(r["survey_kind"]) for r in rows}, key=lambda k: (_turn(SURVEY_KINDS, k), k))
    groups = []
    for kind in kinds:
        mine = sorted(
            (r for r in rows if r["survey_kind"] == kind),
            key=lambda r: (_turn(_METRICS, str(r["metric"])), str(r["metric"])),
        )
        cards = [_card(row, language) for row in mine]
        rates = {card["rate"] for card in cards}
        groups.append(
            {
                "kind": say(kind, language) if kind in SURVEY_KINDS else kind,
                # one survey, one rate: said once
                "rate": rates.pop() if len(rates) == 1 else "",
                "cards": cards,
                "count": len(cards),
            }
        )
    return groups


def _turn(order: tuple[str, ...], key: str) -> int:
    return order.index(key) if key in order else len(order)


def _card(row: dict[str, Any], language: str) -> dict[str, str]:
    nps = row["metric"] == "nps"
    digits = 0 if nps else 2 if row["metric"] != "rapportcijfer" else 1
    rate: Any = row.get("response_rate")
    invited: Any = row.get("invited")
    low, high = row.get("scale_low"), row.get("scale_high")
    value = HIDDEN
    if known(row["score"]):
        value = signed(row["score"], language, 0) if nps else words.number(row["score"], language, digits)
    unit = say("points" if nps else "mean", language)
    if not nps and low is not None and high is not None and known(low) and known(high):
        unit = say("scale", language, low=f"{low:g}", high=f"{high:g}")
    return {
        "metric": named(METRIC_WORDS, row["metric"], language),
        "value": value,
        "unit": unit,
        "span": words.interval(row["low"], row["high"], language, digits),
        "n": f"n = {words.number(row['n'], language)}" if known(row["n"]) else say("level_hidden", language),
        "rate": say("rate", language, rate=words.percent(float(rate), language), invited=count(invited, language))
        if known(rate) and known(invited)
        else say("rate_unknown", language),
    }
