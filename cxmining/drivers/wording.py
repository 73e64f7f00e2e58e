"""The verdict in words. No sentence here says that a touchpoint has an effect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cxmining.errors import UnknownNameError, nearest

if TYPE_CHECKING:
    from cxmining.drivers.verdict import Verdict

__all__ = ["sentence"]


def _percent(value: float | None, language: str = "en") -> str:
    """Round to whole percents, except where that would say 80% of what lies below it.

    >>> _percent(0.798, "nl"), _percent(0.798), _percent(0.812)
    ('79,8%', '79.8%', '81%')
    """
    if value is None:
        return "?"
    return f"{_number(100 * value, language, 1 if 0.795 <= value < 0.8 else 0)}%"


def _number(value: float | None, language: str, digits: int = 2) -> str:
    text = "?" if value is None else f"{value:.{digits}f}"
    return text.replace(".", ",") if language == "nl" else text


def _count(value: float, language: str) -> str:
    text = f"{value:,.0f}"
    return text.replace(",", ".") if language == "nl" else text


def _names(names: Sequence[str], language: str) -> str:
    if len(names) == 1:
        return names[0]
    return ", ".join(names[:-1]) + (" and " if language == "en" else " en ") + names[-1]


def _these(v: Verdict, language: str) -> str:
    k, p = v.figures["k"], v.figures["p"]
    parts = v.figures.get("credit_each") or {}
    names = _names([f"{t} {_percent(parts[t], language)}" if t in parts else t for t in v.touchpoints], language)
    if language == "nl":
        return (
            f"Dit ene van de {p} contactmomenten" if k == 1 else f"Deze {k} van de {p} contactmomenten"
        ) + f" ({names})"
    return (f"This one of {p} touchpoints" if k == 1 else f"These {k} of {p} touchpoints") + f" ({names})"


def _fewer(v: Verdict, language: str) -> str:
    """Say which of the K would do by themselves, so that nobody takes the others for decisive."""
    names = v.figures.get("fewest_for_80") or []
    if not 0 < len(names) < v.figures["k"]:
        return ""
    one, listed = len(names) == 1, _names(names, language)
    if language == "nl":
        return f" In deze gegevens {'haalt' if one else 'halen'} {listed} alleen al 80%."
    return f" In these data {listed} alone already reach{'es' if one else ''} 80%."


def _needed(figures: dict[str, Any], language: str) -> str:
    needed = figures.get("n_needed")
    if needed is None:
        if language == "nl":
            return "Het ligt zo dicht bij de grens dat geen haalbaar aantal antwoorden het zou beslissen."
        return "It lies so close to the border that no feasible number of responses would settle it."
    if language == "nl":
        return f"Ongeveer {_count(needed, language)} antwoorden zouden het beslissen."
    return f"About {_count(needed, language)} responses would settle it."


def _body_en(v: Verdict) -> str:
    f = v.figures
    k, p = f["k"], f["p"]
    one = k == 1
    r2 = f"R² = {_number(f.get('r2'), 'en')}"
    if v.word == "concentrated":
        carry = "it carries this itself" if one else "they themselves carry it"
        return (
            f"{_these(v, 'en')} predict{'s' if one else ''} at least 80% of what all {p} predict, and {carry} "
            f"(95% confidence; {r2}; fair share{'' if one else ' together'} {_percent(f.get('credit'))})."
            f"{_fewer(v, 'en')}"
        )
    if v.word == "interchangeable":
        return (
            f"{k} of {p} touchpoints suffice{'s' if one else ''} to predict 80% of what all predict, but only because "
            f"touchpoints move together: {_percent(f.get('sets_that_reach'))} of all sets of {k} do as well; "
            f"no 20% can be singled out ({r2})."
        )
    if v.word == "spread":
        m = f.get("touchpoints_for_80")
        if v.sufficiency == "no":
            return (
                f"No: {k} of {p} touchpoints predict{'s' if one else ''} at most {_percent(f.get('psi_upper'))} "
                f"of what all predict (95% confidence; {r2}); it takes {m} to reach 80%."
            )
        return (
            f"No: the {k} strongest of {p} touchpoints carr{'ies' if one else 'y'} at most "
            f"{_percent(f.get('direct_upper'))} of the direct associations (95% confidence; {r2}); "
            f"the score hangs on more of them."
        )
    if v.reason == "p":
        return "There is one touchpoint only: nothing can be chosen among it."
    if v.reason == "n":
        return (
            f"The data carry no verdict: {_count(f['n_eff'], 'en')} effective responses, and 300 are the least. "
            f"About {_count(f.get('n_needed') or 1000, 'en')} would settle it if there is something to settle."
        )
    if v.reason == "signal":
        tail = "No number of responses can be named: no association was seen."
        if f.get("n_needed") is not None:
            tail = f"About {_count(f['n_needed'], 'en')} responses would show whether there is one."
        return f"The touchpoints together show no clear association with the score ({r2}). {tail}"
    if v.sufficiency == "yes":
        return (
            f"{k} of {p} touchpoints suffice{'s' if one else ''} to predict 80% of what all predict; whether "
            f"{'it is the one that matters' if one else 'they are the ones that matter'} cannot be told yet ({r2}). "
            f"{_needed(f, 'en')}"
        )
    return (
        f"Whether {k} of {p} touchpoints predict{'s' if one else ''} 80% of what all predict cannot be told yet: "
        f"about {_percent(f.get('psi_crossfit'))}, at most {_percent(f.get('psi_upper'))} ({r2}). "
        f"{_needed(f, 'en')}"
    )


def _body_nl(v: Verdict) -> str:
    f = v.figures
    k, p = f["k"], f["p"]
    one = k == 1
    r2 = f"R² = {_number(f.get('r2'), 'nl')}"
    if v.word == "concentrated":
        return (
            f"{_these(v, 'nl')} {'voorspelt' if one else 'voorspellen'} minstens 80% van wat alle {p} voorspellen, en "
            f"{'draagt' if one else 'dragen'} dat ook zelf (95% betrouwbaarheid; {r2}; "
            f"eerlijk aandeel{'' if one else ' samen'} {_percent(f.get('credit'), 'nl')}).{_fewer(v, 'nl')}"
        )
    if v.word == "interchangeable":
        return (
            f"{k} van de {p} contactmomenten {'is' if one else 'zijn'} genoeg om 80% te voorspellen van wat alle "
            f"voorspellen, maar alleen doordat contactmomenten samen bewegen: {_percent(f.get('sets_that_reach'), 'nl')} van "
            f"alle groepjes van {k} doet het even goed; geen 20% springt eruit ({r2})."
        )
    if v.word == "spread":
        m = f.get("touchpoints_for_80")
        if v.sufficiency == "no":
            return (
                f"Nee: {k} van de {p} contactmomenten {'voorspelt' if one else 'voorspellen'} hooguit "
                f"{_percent(f.get('psi_upper'), 'nl')} van wat alle voorspellen (95% betrouwbaarheid; {r2}); "
                f"voor 80% zijn er {m} nodig."
            )
        return (
            f"Nee: {'het sterkste' if one else f'de {k} sterkste'} van de {p} contactmomenten "
            f"{'draagt' if one else 'dragen'} hooguit {_percent(f.get('direct_upper'), 'nl')} van de directe samenhang "
            f"(95% betrouwbaarheid; {r2}); de score hangt aan meer contactmomenten."
        )
    if v.reason == "p":
        return "Er is maar één contactmoment: er valt niets te kiezen."
    if v.reason == "n":
        return (
            f"De gegevens dragen geen oordeel: {_count(f['n_eff'], 'nl')} effectieve antwoorden, en 300 is het minste. "
            f"Ongeveer {_count(f.get('n_needed') or 1000, 'nl')} zouden het beslissen, als er iets te beslissen valt."
        )
    if v.reason == "signal":
        tail = "Er is geen aantal antwoorden te noemen: er is geen samenhang gezien."
        if f.get("n_needed") is not None:
            tail = f"Ongeveer {_count(f['n_needed'], 'nl')} antwoorden zouden laten zien of die er is."
        return f"De contactmomenten hangen samen niet duidelijk met de score samen ({r2}). {tail}"
    if v.sufficiency == "yes":
        return (
            f"{k} van de {p} contactmomenten {'is' if one else 'zijn'} genoeg om 80% te voorspellen van wat alle "
            f"voorspellen; of {'dat ook is waar' if one else 'dat ook zijn waar'} het om gaat, is nog niet te zeggen "
            f"({r2}). {_needed(f, 'nl')}"
        )
    return (
        f"Of {k} van de {p} contactmomenten 80% {'voorspelt' if one else 'voorspellen'} van wat alle voorspellen, is nog "
        f"niet te zeggen: ongeveer {_percent(f.get('psi_crossfit'), 'nl')}, hooguit "
        f"{_percent(f.get('psi_upper'), 'nl')} ({r2}). {_needed(f, 'nl')}"
    )


def sentence(verdict: Verdict, language: str) -> str:
    """Return the verdict with its caveats, as plain text.

    Parameters
    ----------
    verdict : Verdict
        What to say.
    language : {"en", "nl"}
        In which language.

    Returns
    -------
    str
        Two to four sentences; touchpoints stand as recorded, so escape before showing as HTML.
    """
    if language not in ("en", "nl"):
        raise UnknownNameError(f"no sentence in language {language!r}; {nearest(language, ['en', 'nl'])}")
    controls = list(verdict.figures.get("controls") or [])
    if language == "nl":
        text = _body_nl(verdict)
        if verdict.figures.get("power_warning"):
            text += f" Met {_count(verdict.figures['n_eff'], 'nl')} effectieve antwoorden kan een echt verschil onopgemerkt blijven."
        others = "voor de andere contactmomenten" + (f" en voor {_names(controls, 'nl')}" if controls else "")
        return f"{text} Samenhang onder respondenten, gecorrigeerd {others}; niet het effect van een verandering aan een contactmoment."
    text = _body_en(verdict)
    if verdict.figures.get("power_warning"):
        text += f" With {_count(verdict.figures['n_eff'], 'en')} effective responses a true difference may go unseen."
    others = "the other touchpoints" + (f" and {_names(controls, 'en')}" if controls else "")
    return (
        f"{text} This is association among respondents, adjusted for {others}; not the effect of changing a touchpoint."
    )
