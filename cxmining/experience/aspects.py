"""What questions are about: a perception, an element of experience, a dimension of SERVQUAL.

An item says it itself (``elements`` in the study, in Dutch or English), else the text of its question does: ``question``
in the study, or the name of its column, which many survey tools make of the question.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.schema import OVERALL
from cxmining.text.marks import ELEMENTS, PERCEPTIONS

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.schema import Dataset

__all__ = ["DIMENSIONS", "KINDS", "about", "items_about", "questions_of"]

DIMENSIONS: Final = ("tangibles", "reliability", "responsiveness", "assurance", "empathy")
"""Of SERVQUAL (Parasuraman, Zeithaml and Berry 1988)."""
KINDS: Final = {"perception": PERCEPTIONS, "element": ELEMENTS, "servqual": DIMENSIONS}

_DECLARED: Final = {
    "speed": "speed snelheid tempo wachttijd doorlooptijd reactietijd waiting",
    "friendliness": "friendliness vriendelijkheid hartelijkheid beleefdheid",
    "relevance": "relevance relevantie nut duidelijkheid bruikbaarheid usefulness clarity",
    "support": "support ondersteuning begeleiding nazorg",
    "quality": "quality kwaliteit",
    "help": "help hulp behulpzaamheid",
    "knowledge": "knowledge kennis",
    "competence": "competence deskundigheid vakkundigheid competentie professionaliteit expertise",
    "advice": "advice advies",
    "dedication": "dedication inzet betrokkenheid toewijding commitment",
    "satisfaction": "satisfaction tevredenheid",
    "tangibles": "tangibles tangible tastbaar tastbaarheden",
    "reliability": "reliability betrouwbaarheid",
    "responsiveness": "responsiveness responsiviteit bereidwilligheid reactiesnelheid",
    "assurance": "assurance zekerheid vertrouwen zorgzekerheid",
    "empathy": "empathy empathie inleving inlevingsvermogen",
}
_NAME_OF: Final = {word: name for name, words in _DECLARED.items() for word in words.split()}

_ASKED: Final = {
    "perception": {
        "speed": r"snel|wacht(?:en|tijd|te)|reactietijd|doorlooptijd|\bvlot|\bspeed|\bquick|\bfast|\bwait|response time|prompt|timel",
        "friendliness": r"vriendelijk|beleefd|hartelijk|friendl|courte|polite|welcoming",
        "relevance": r"relevan|\bnut\b|\bnuttig|duidelijk|bruikbaar|van toepassing|begrijpelijk|useful|\bclear|applicable|understandable",
    },
    "element": {
        "support": r"ondersteun|begeleid|\bsupport|nazorg|after.?sales",
        "quality": r"kwaliteit|quality",
        "help": r"\bhulp|behulpza|geholpen|\bhelp",
        "knowledge": r"\bkennis|op de hoogte|knowledge|well.informed",
        "competence": r"competent|competence|vakkundig|vakbekwa|deskundig|professione|professional|bekwaam|expert|skill",
        "advice": r"advies|adviseer|adviez|advice|advise",
        "dedication": r"\binzet|betrokken|toewijd|toegewijd|meedenk|dedicat|commit",
        "satisfaction": r"tevreden|satisf",
    },
    "servqual": {
        "tangibles": r"tangib|modern|uitstraling|inrichting|gebouw|faciliteit|vormgeving|verzorgd|materialen|schoon\b|huisstijl|equipment|facilit|appear|visually|\bneat|clean|looking",
        "reliability": r"betrouwba|afspra|nakom|nagekom|beloof|belofte|toezegg|op tijd|eerste keer|foutl|reliab|promis|dependab|first time|error.free|on time|accurate|records",
        "responsiveness": r"reageer|reactie|\bsnel|bereikba|wachttijd|wachten|bereidwil|direct geholpen|prompt|respon|willing|too busy|available|quick|speed|when services will",
        "assurance": r"vertrouw|deskundig|vakkundig|\bkennis|beleefd|hoffelijk|veilig|zekerheid|trust|confiden|courte|polite|knowledge|\bsafe|compet",
        "empathy": r"inlev|begrip|persoonlijk|individu|aandacht|meedenk|meedacht|luister|belang voorop|uw belang|openingstijd|behoeften|empath|personal|understand\w* (?:your|my|the|of)|listen|best interest|caring|convenient|specific needs",
    },
}  # fmt: skip
_PATTERNS: Final = {kind: {name: re.compile(pattern) for name, pattern in of.items()} for kind, of in _ASKED.items()}


def about(kind: str, elements: Any, question: str) -> tuple[str, ...]:
    """Return what a question is about, of one kind.

    Parameters
    ----------
    kind : {"perception", "element", "servqual"}
    elements : str or missing
        What the study says, parted by semicolons.
    question : str
        As it was asked.

    Returns
    -------
    tuple of str
        Those declared; else the one that most of the question's words speak of, where it is one.

    Examples
    --------
    >>> about("perception", "snelheid; prijs", ""), about("servqual", None, "Komt afspraken na en is betrouwbaar")
    (('speed',), ('reliability',))
    >>> about("element", None, "Hoe deskundig was de medewerker?"), about("element", None, "Q7_1")
    (('competence',), ())
    """
    if isinstance(elements, str):
        named = [_NAME_OF.get(e.strip().lower(), "") for e in elements.split(";")]
        declared = tuple(dict.fromkeys(n for n in named if n in KINDS[kind]))
        if declared:
            return declared
    spoken = question.lower()
    hits = {name: len(set(pattern.findall(spoken))) for name, pattern in _PATTERNS[kind].items()}
    most = max(hits.values())
    best = [name for name, n in hits.items() if n == most]
    return (best[0],) if most and len(best) == 1 else ()


def questions_of(data: Dataset) -> dict[tuple[str, str], str]:
    """Return the text of each question by survey and item, where the study gives it."""
    return {(s.name, i.column): i.question for s in data.surveys for i in s.items if i.question}


def items_about(lived: Experience, kind: str, metrics: tuple[str, ...], default: str = "") -> pd.DataFrame:
    """Return the answered items that are about something of a kind, each answer once per aspect.

    Parameters
    ----------
    lived : Experience
    kind : {"perception", "element", "servqual"}
    metrics : tuple of str
        Those that count.
    default : str, optional
        What an item is about of which the study says nothing and whose question speaks of nothing.

    Returns
    -------
    DataFrame
        ``response_id``, ``item``, ``aspect``, ``metric``, ``customer_id`` (one of its own where nobody is known),
        ``touchpoint``, ``stage``, ``survey``, ``survey_kind``, ``level`` (0 to 1, higher is better), ``score`` (turned such that
        higher is better), ``low``, ``high`` (the scale), ``question``.
    """
    data = lived.journeys.data
    links = lived.links
    rows = links[links["matched"] & links["score"].notna() & links["metric"].isin(metrics)]
    known = data.answers[["response_id", "item", "elements"]]
    rows = rows.merge(known, on=["response_id", "item"], how="left")
    asked = questions_of(data)
    pairs = rows[["survey", "item", "elements"]].drop_duplicates()
    found = []
    for survey, item, elements in pairs.itertuples(index=False, name=None):
        question = asked.get((str(survey), str(item)), str(item))
        named_so = about(kind, elements, question)
        if not named_so and default and not isinstance(elements, str):
            named_so = (default,)
        found += [(survey, item, elements, aspect, question) for aspect in named_so]
    named = pd.DataFrame(found, columns=["survey", "item", "elements", "aspect", "question"], dtype="object")
    rows = rows.astype({"survey": "object", "item": "object", "elements": "object"}).merge(
        named, on=["survey", "item", "elements"], how="inner"
    )
    low, high = (rows[c].to_numpy(dtype=float) for c in ("scale_low", "scale_high"))
    score = rows["score"].to_numpy(dtype=float)
    score = np.where(rows["higher_is_better"].to_numpy(dtype=bool), score, low + high - score)
    steps = lived.journeys.events[["event_id", "stage"]].drop_duplicates("event_id").set_index("event_id")["stage"]
    nobody = ("#" + rows["response_id"].astype("str")).astype("object")
    return pd.DataFrame(
        {
            "response_id": rows["response_id"].astype("str").array,
            "item": rows["item"].astype("str").array,
            "aspect": rows["aspect"].astype("str").array,
            "metric": rows["metric"].astype("str").array,
            "customer_id": rows["customer_id"].astype("object").where(rows["customer_id"].notna(), nobody).astype("str").array,
            "touchpoint": rows["touchpoint"].astype("str").fillna(OVERALL).array,
            "stage": rows["event_id"].astype("object").map(steps.astype("object")).astype("str").array,
            "survey": rows["survey"].astype("str").array,
            "survey_kind": rows["survey_kind"].astype("str").array,
            "level": (score - low) / (high - low), "score": score, "low": low, "high": high,
            "question": rows["question"].astype("str").array,
        }
    )  # fmt: skip
