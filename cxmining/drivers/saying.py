"""The sentences of what-ifs and moments of truth. None says that a touchpoint has an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxmining.errors import UnknownNameError, nearest
from cxmining.i18n import check_language, number, percent, speaking

if TYPE_CHECKING:
    from cxmining.drivers.truth import MomentsOfTruth
    from cxmining.drivers.whatif import WhatIf

__all__ = ["points_of_share", "signed_number", "truth_sentence", "what_if_sentence"]

say = speaking("decisions")


def signed_number(x: float, language: str, digits: int = 2) -> str:
    """Write a difference with its sign.

    Examples
    --------
    >>> signed_number(0.314, "nl"), signed_number(-0.314, "en"), signed_number(0.0, "en")
    ('+0,31', '−0.31', '0.00')
    """
    text = number(x, language, digits)
    return f"+{text}" if round(x, digits) > 0 else text


def points_of_share(x: float, language: str) -> str:
    """Write a difference of shares in percentage points, with its sign.

    Examples
    --------
    >>> points_of_share(0.412, "en"), points_of_share(-0.004, "nl")
    ('+41 pp', '−0,4 pp')
    """
    digits = 0 if abs(x) >= 0.0995 or abs(x) < 1e-9 else 1
    return signed_number(100 * x, language, digits) + " pp"


def what_if_sentence(found: WhatIf, language: str, touchpoint: str | None, label: str | None = None) -> str:
    """Return what a what-if says of one touchpoint, under its label, with its caveat."""
    check_language(language)
    table = found.summary
    if touchpoint is not None and touchpoint not in set(table["touchpoint"]):
        raise UnknownNameError(f"the what-if did not ask {touchpoint!r}; {nearest(touchpoint, table['touchpoint'])}")
    row = table.iloc[0] if touchpoint is None else table[table["touchpoint"] == touchpoint].iloc[0]
    points = float(row["points"])
    kind = "what_more" if points > 0 else "what_less"
    asked = number(abs(points), language, 0 if abs(points) == round(abs(points)) else 1)
    said = say(f"{kind}_1", language) if abs(points) == 1 else say(kind, language, k=asked)
    sentences = [
        say(
            "what_said", language, touchpoint=label or row["touchpoint"], n=number(row["n"], language), points=said,
            difference=signed_number(row["difference"], language), low=signed_number(row["low"], language),
            high=signed_number(row["high"], language), target=found.target,
            raised=number(abs(row["raised"]), language, 2), asked=asked,
        )
    ]  # fmt: skip
    if row["low"] <= 0 <= row["high"]:
        sentences.append(say("what_none", language))
    controls = list(found.controls)
    joined = ", ".join(controls)
    others = say("others_and", language, controls=joined) if controls else say("others", language)
    return " ".join([*sentences, say("what_caveat", language, others=others)])


def truth_sentence(found: MomentsOfTruth, language: str, touchpoint: str | None) -> str:
    """Return what the moments of truth say of one contact."""
    check_language(language)
    table = found.summary
    if touchpoint is not None:
        if touchpoint not in set(table["touchpoint"]):
            raise UnknownNameError(f"no contact {touchpoint!r} was tested; {nearest(touchpoint, table['touchpoint'])}")
        table = table[table["touchpoint"] == touchpoint]
    elif not table["decisive"].any():
        return say("truth_none", language, k=len(table))
    row = table.iloc[0]
    asked = row["outcome"] in ("recommends", "detracts")
    owner = say("owner_none", language) if row.isna()["owner"] else str(row["owner"])
    values = {
        "touchpoint": row["touchpoint"], "n": number(row["n_met"], language), "share": percent(row["share_met"], language),
        "other": percent(row["share_other"], language), "outcome": say(f"say_{row['outcome']}", language), "owner": owner,
        "difference": points_of_share(row["difference"], language), "low": points_of_share(row["low"], language),
        "high": points_of_share(row["high"], language),
    }  # fmt: skip
    if asked:
        return say("truth_asked", language, **values)
    return say("truth_said", language, within=_days(found.within, language), **values)


def _days(within: str, language: str) -> str:
    import pandas as pd

    days = pd.Timedelta(within) / pd.Timedelta(days=1)
    return f"{number(days, language, 0 if days == round(days) else 1)} {'dagen' if language == 'nl' else 'days'}"
