"""Which questions of a survey are scores, of which metric, on which scale; said with the reason, or left open.

Four witnesses speak: the name of the column, the text of the question, the scale that the text names, and the
answers. A metric is proposed when it is ahead of every other; where two are level it is `other` with both named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd

from cxmining.ingest.records.build import missing_text
from cxmining.ingest.records.scores import numbers_of
from cxmining.ingest.survey.item_words import (
    AGAINST,
    DERIVED,
    LABELS,
    NAMES,
    NEVER_MET,
    NO_ANSWER,
    NO_QUESTION,
    SCALES,
    SOLVED,
    TEXTS,
)

__all__ = ["Recognised", "pair_expectations", "recognise", "recognise_items"]

_BY_TEXT, _BY_NAME, _BY_LABELS, _BY_SCALE = 0.75, 0.65, 0.6, 0.35
_LEVEL: Final = 0.1  # two metrics that are so close are level
_FITS: Final = 0.97  # of the answers lie on the scale; the rest is what cells get rejected for
_MOST_WORDS: Final = 4  # set phrases beside numbers are codes; many different texts are a comment
_MANY: Final = 12  # a scale has no more steps
_TEN: Final = 10
_FEW: Final = 20  # of fewer answers their range says little
_CODES: Final = (-99, -98, -77, -9, -8, -1, 66, 77, 88, 97, 98, 99, 888, 999)
_SAID: Final = re.compile(
    r"(?<![\d.,])(\d{1,2})\s*(?:\([^)]{1,40}\)|=[^,;.\d]{1,40})?\s*(?:-|–|—|t/m|tot(?: en met)?|to|through|until|en|and|bis)\s*(?:een )?(\d{1,3})(?![\d.,]*\d)(?!\s*(?:dagen|weken|uur|minuten|jaar|days|weeks|hours|minutes|years|maanden|months|%))"
)
_WORDS_OF_METRICS: Final = re.compile(
    r"verwacht\w*|expect\w*|ervar\w*|ervaring\w*|experienc\w*|perceiv\w*|beoordeel\w*|rapportcijfer|cijfer|rating|rate|score|geeft|gaf|had|vooraf|beforehand|werkelijk\w*|actual\w*|daadwerkelijk|\bwas\b|\bwere\b|\bu\b|\byou\b|welk|what|which|\bhoe\b|\bhow\b|\bdo\b|\bdid\b|\bwould\b|\bzou\b|\bik\b|\bwe\b|\b(?:voor|van|over|for|of|from|de|het|een|the|an?)\b"
)


@dataclass(frozen=True)
class Recognised:
    """What a column of a survey is.

    Attributes
    ----------
    column, question : str
    metric : str
        Of the item; ``other`` where its metric is open; empty where it is no item.
    low, high : float
        Its scale.
    confidence : float
        Of the metric, 0 to 1.
    reason : str
        What says so.
    codes : dict of str to float
        Words that are a score.
    not_used, blank : tuple
        Words or numbers instead of a score: *never met this touchpoint*, and *no answer*.
    doubts : tuple of str
        What a person must decide.
    subject : str
        What the question is about, where a grid or a pair of questions says it.
    pair : str
        Of an expectation: the column of the experience it belongs to.
    """

    column: str
    question: str
    metric: str
    low: float = 0
    high: float = 0
    confidence: float = 0.0
    reason: str = ""
    codes: dict[str, float] = field(default_factory=dict)
    not_used: tuple[Any, ...] = ()
    blank: tuple[Any, ...] = ()
    doubts: tuple[str, ...] = ()
    subject: str = ""
    pair: str = ""


def recognise_items(frame: pd.DataFrame, questions: Mapping[str, str] | None = None) -> list[Recognised]:
    """Recognise each column of a survey's answers, and pair expectations with experiences.

    Parameters
    ----------
    frame : DataFrame
        One row per response, as text.
    questions : mapping of str to str, optional
        Column → text of its question; default the column's own name.

    Returns
    -------
    list of Recognised
        In the order of the columns.

    Examples
    --------
    >>> frame = pd.DataFrame({"Q1": ["9", "0"], "Q1_NPS_GROUP": ["3", "1"], "Q2": ["goed", "omdat het lang duurde"]})
    >>> found = recognise_items(frame, {"Q1": "Hoe waarschijnlijk is het dat u ons aanbeveelt?"})
    >>> [(r.column, r.metric) for r in found]
    [('Q1', 'nps'), ('Q1_NPS_GROUP', ''), ('Q2', '')]
    """
    asked = questions or {}
    found = [recognise(str(c), asked.get(str(c), str(c)), frame[c]) for c in frame.columns]
    return pair_expectations(found)


def recognise(column: str, question: str, values: pd.Series[Any]) -> Recognised:
    """Recognise one column, see `recognise_items`.

    Examples
    --------
    >>> r = recognise("Q1_1", "How easy was it to pay?", pd.Series(["7", "6", "1"]))
    >>> r.metric, r.low, r.high, r.reason
    ('ces', 1, 7, "the question says 'how easy', answers 1 to 7 (n = 3)")
    """
    name = re.sub(r"\W+", "_", column.lower()).strip("_")
    spoken = " ".join(question.lower().replace("’", "'").split())
    for pattern, what in DERIVED:
        if re.search(pattern, name) or (pattern == DERIVED[0][0] and re.search(r"[-_ ]\s*(?:nps )?group$", spoken)):
            return Recognised(column, question, "", reason=f"is {what}")
    for pattern, what in NO_QUESTION:
        if re.search(pattern, spoken) or re.search(pattern, name.replace("_", " ")):
            return Recognised(column, question, "", reason=f"asks for {what}, which is no score")
    text = missing_text(values).dropna()
    if text.empty:
        return Recognised(column, question, "", reason="holds no answer")
    answers = _answers(text)
    if answers is None:
        return Recognised(column, question, "", reason="its answers are no scores")
    return _decide(column, question, name, spoken, answers)


@dataclass(frozen=True)
class _Answers:
    score: pd.Series[Any]
    codes: dict[str, float]
    not_used: tuple[Any, ...]
    blank: tuple[Any, ...]
    labels: tuple[str, ...]
    """Metrics whose words the answers are."""
    doubts: tuple[str, ...] = ()


def _answers(text: pd.Series[Any]) -> _Answers | None:
    """Tell scores from words that mean none; none where the answers are a text or a choice."""
    counts = text.value_counts()
    words = sorted(counts.index, key=str)
    solved = {w: SOLVED[w.casefold()] for w in words if w.casefold() in SOLVED}
    aside = {w: _aside(w) for w in words}
    if solved and all(w in solved or aside[w] for w in words):
        score = text.map(solved).dropna().astype("float64")
        return _Answers(score, dict(sorted(solved.items())), *_absent(aside), ("resolved",))
    number = pd.Series(numbers_of(pd.Series(words, dtype="str")).array, index=words)
    plain = [w for w in words if pd.isna(number[w]) and not aside[w]]
    if plain:
        return _labelled(text, words, aside)
    score = text.map(number).dropna().astype("float64")
    if score.empty:
        return None
    codes = sorted({v for v in score.unique() if v in _CODES and _outlies(v, score)})
    not_used, blank = _absent(aside)
    doubts = tuple(
        f"does {c:g} mean that there is no answer (blank), or that it was never met (not_used)?" for c in codes
    )
    score = score[~score.isin(codes)]
    if score.empty or (score.nunique() > _MANY and not score.between(0, _TEN).all()):
        return None  # a number of something, or an amount
    return _Answers(score, {}, not_used, (*blank, *(int(c) for c in codes)), (), doubts)


def _outlies(code: float, score: pd.Series[Any]) -> bool:
    """Tell a code such as 99 from the end of a scale."""
    rest = score[~score.isin(_CODES)]
    return bool(len(rest)) and (code < rest.min() or code > 2 * rest.max()) and rest.max() <= _TEN


def _aside(word: str) -> str:
    plain = " ".join(word.casefold().replace("’", "'").split())
    if re.fullmatch(NEVER_MET, plain):
        return "not_used"
    return "blank" if re.fullmatch(NO_ANSWER, plain) else ""


def _absent(aside: Mapping[str, str]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return tuple(w for w, k in aside.items() if k == "not_used"), tuple(w for w, k in aside.items() if k == "blank")


def _labelled(text: pd.Series[Any], words: list[str], aside: Mapping[str, str]) -> _Answers | None:
    """See whether the answers are the words of a scale, or a handful of phrases beside numbers."""
    spoken = [w for w in words if not aside[w]]
    fits: dict[tuple[tuple[str, float], ...], list[str]] = {}
    for metric, scale in LABELS:
        codes = {
            w: float(step) for w in spoken for step, label in enumerate(scale, start=1)
            if re.fullmatch(label, " ".join(w.casefold().split()))
        }  # fmt: skip
        if len(codes) == len(spoken) > 1 or (len(codes) == len(spoken) == 1 and len(text) > 1):
            fits.setdefault(tuple(sorted(codes.items())), []).append(metric)
    if len(fits) == 1:
        steps, metrics = next(iter(fits.items()))
        return _Answers(text.map(dict(steps)).dropna().astype("float64"), dict(steps), *_absent(aside), tuple(metrics))
    number = numbers_of(pd.Series(spoken, dtype="str"))
    scores = text.map(pd.Series(number.array, index=spoken)).dropna().astype("float64")
    rest = tuple(w for w, n in zip(spoken, number, strict=True) if pd.isna(n))
    if scores.empty or len(rest) >= _MOST_WORDS or scores.nunique() > _MANY or len(scores) < len(text) / 2:
        return None
    not_used, blank = _absent(aside)
    doubts = (f"does {rest[0]!r} mean that this was never met (not_used) or not answered (blank)?",)
    return _Answers(scores, {}, (*not_used, *rest), blank, (), doubts)


def _decide(column: str, question: str, name: str, spoken: str, answers: _Answers) -> Recognised:
    score, n = answers.score, len(answers.score)
    low, high = float(score.quantile(1 - _FITS)), float(score.quantile(_FITS))
    said = _said_scale(spoken)
    if said is not None and not score.between(*said).mean() >= _FITS:
        said = None
    belief: dict[str, float] = {}
    reasons: dict[str, list[str]] = {}

    def speak(metric: str, weight: float, why: str) -> None:
        belief[metric] = 1 - (1 - belief.get(metric, 0.0)) * (1 - weight)
        reasons.setdefault(metric, []).append(why)

    for metric, pattern in TEXTS.items():
        hit = re.search(pattern, spoken)
        if hit and not (metric in AGAINST and re.search(AGAINST[metric], spoken)):
            speak(metric, _BY_TEXT, f"the question says {hit.group()!r}")
    for metric, pattern in NAMES.items():
        hit = re.search(pattern, name)
        if (hit and spoken != column.lower() and not (metric in AGAINST and re.search(AGAINST[metric], spoken))) or (
            hit and spoken == column.lower() and metric not in belief
        ):
            speak(metric, _BY_NAME, f"the column is called {column!r}")
    for metric in answers.labels:
        speak(metric, _BY_LABELS, "the answers are words of that scale")
    _weigh(belief, reasons, said or (low, high), said is not None, n)
    doubts = list(answers.doubts)
    if "resolved" in belief and "resolved" not in answers.labels and high > 1:
        belief.pop("resolved")
    if not belief and said is None and not -_TEN <= low <= high <= _TEN:
        return Recognised(
            column, question, "", reason=f"holds numbers from {score.min():g} to {score.max():g}, on no scale"
        )
    if not belief:
        floor, ceiling = said or _range(low, high)
        doubts.append(f"what does {column} measure, on which scale?")
        why = f"answers {low:g} to {high:g} (n = {n:,}), and neither name nor question says of what"
        return _made(column, question, "other", (floor, ceiling), 0.0, why, answers, doubts)
    ranked = sorted(belief, key=lambda m: (-belief[m], m))
    best = ranked[0]
    # a mark out of ten or a satisfaction may be what was expected, and a grid of satisfaction rates touchpoints
    rivals = [m for m in ranked[1:] if belief[best] - belief[m] < _LEVEL and not _goes_with(best, m)]
    if best != "expectation" and "expectation" in belief and _goes_with("expectation", best):
        best, rivals = "expectation", []
    scale = _scale_of(best, belief, said, low, high, answers)
    why = ", ".join([*reasons[best], f"answers {score.min():g} to {score.max():g} (n = {n:,})"])
    if rivals:
        both = f"{best} ({reasons[best][0]}) or {rivals[0]} ({reasons[rivals[0]][0]})"
        doubts.append(f"could be {both}: which metric is it?")
        return _made(column, question, "other", scale, 0.0, f"could be {both}", answers, doubts)
    if not score.between(*scale).mean() >= _FITS:
        doubts.append(
            f"asks like {best}, but its answers run from {low:g} to {high:g}: which metric is it, on which scale?"
        )
        return _made(column, question, "other", _range(low, high), 0.0, why, answers, doubts)
    if best == "nps" and n >= _FEW and score.max() <= 7 and said is None:
        doubts.append(
            f"asks to recommend, but no answer is above {score.max():g}: on a scale other than 0 to 10 it is no NPS"
        )
        return _made(column, question, "other", _range(low, high), 0.0, why, answers, doubts)
    if best == "nps" and tuple(scale) != SCALES["nps"]:
        doubts.append(f"asks to recommend on a scale of {scale[0]:g} to {scale[1]:g}, which is no NPS")
        return _made(column, question, "other", scale, 0.0, why, answers, doubts)
    if best == "resolved" and not re.search(TEXTS["resolved"], spoken) and not re.search(NAMES["resolved"], name):
        doubts.append(f"is {column} about being solved?")
    return _made(column, question, best, scale, belief[best], why, answers, doubts)


def _made(
    column: str, question: str, metric: str, scale: tuple[float, float], confidence: float, why: str, answers: _Answers,
    doubts: Iterable[str],
) -> Recognised:  # fmt: skip
    return Recognised(
        column, question, metric, scale[0], scale[1], round(confidence, 2), why, answers.codes, answers.not_used,
        answers.blank, tuple(doubts), _subject(question),
    )  # fmt: skip


def _goes_with(a: str, b: str) -> bool:
    """Tell whether two metrics are one question: of an expectation, a rating or a mark the other says how."""
    return ("expectation" in (a, b) and not {"nps", "resolved"} & {a, b}) or "perception" in (a, b)


def _weigh(
    belief: dict[str, float], reasons: dict[str, list[str]], scale: tuple[float, float], said: bool, n: int
) -> None:
    """Let the scale speak for and against: nobody gives a mark of 0, and no NPS ends at 5."""
    low, high = scale
    if said or n >= _FEW:
        for metric in list(belief):
            bottom, top = SCALES[metric]
            if metric in ("nps", "rapportcijfer") and (low < bottom or (said and high != top)):
                belief[metric] *= 1 - _BY_SCALE
            elif (low, high) == (bottom, top):
                belief[metric] = 1 - (1 - belief[metric]) * (1 - _BY_SCALE)
                reasons[metric].append(
                    f"{'it says the scale' if said else 'the answers fill the scale'} {bottom} to {top}"
                )


def _said_scale(spoken: str) -> tuple[float, float] | None:
    """Return the scale that a question names: ``(1-10)``, ``van 0 tot 10``, ``1 = slecht, 5 = goed``."""
    for hit in _SAID.finditer(spoken):
        low, high = int(hit.group(1)), int(hit.group(2))
        if low in (0, 1, -5) and high in (3, 4, 5, 6, 7, 9, 10, 11, 100):
            return float(low), float(high)
    ends = re.findall(r"(?<![\d.,])(\d{1,3})\s*(?:=|:|\()\s*[^\d]", spoken)
    if len(ends) >= 2:
        low, high = sorted((int(ends[0]), int(ends[-1])))
        if low in (0, 1) and high in (3, 4, 5, 6, 7, 9, 10, 100):
            return float(low), float(high)
    return None


def _range(low: float, high: float) -> tuple[float, float]:
    floor = 0.0 if low < 1 else 1.0
    ceiling = float(next((h for h in (1, 5, 7, 10, 100) if high <= h), high))
    return floor, max(ceiling, floor + 1)


def _scale_of(
    metric: str,
    belief: Mapping[str, float],
    said: tuple[float, float] | None,
    low: float,
    high: float,
    answers: _Answers,
) -> tuple[float, float]:
    """Return the scale: said, else of the words, else usual, else the one the answers need."""
    if said is not None:
        return said
    if answers.codes:
        return (0, 1) if "resolved" in answers.labels else (1, 5)
    if metric in ("csat", "ces", "perception", "expectation") and not (
        SCALES[metric][0] <= low and high <= SCALES[metric][1]
    ):
        return _range(low, high)
    if metric == "expectation":
        with_scale = next((m for m in ("rapportcijfer", "csat", "perception", "ces") if m in belief), "")
        return SCALES[with_scale] if with_scale and high <= SCALES[with_scale][1] else SCALES[metric]
    return SCALES[metric]


def _subject(question: str) -> str:
    """Return the row of a grid: what stands behind the last dash, or in brackets at the end."""
    grid = re.search(r"(?:\?|:|\.)\s*(?:-|–)?\s*\[([^\]]{2,80})\]\s*$", question) or re.search(
        r"(?:\s[-–]|:)\s+([^-–:?]{2,80}?)\s*(?:\([^)]*\d[^)]*\))?$", question
    )
    return " ".join(grid.group(1).split()) if grid else ""


def pair_expectations(items: list[Recognised]) -> list[Recognised]:
    """Give each expectation the one experience it is about, by the row of its grid, its name or its text.

    Examples
    --------
    >>> a = Recognised("wachttijd", "wachttijd", "rapportcijfer", 1, 10)
    >>> b = Recognised("wachttijd_verwacht", "wachttijd_verwacht", "expectation", 1, 10)
    >>> [(r.column, r.pair) for r in pair_expectations([a, b])]
    [('wachttijd', ''), ('wachttijd_verwacht', 'wachttijd')]
    """
    experiences = [r for r in items if r.metric in ("rapportcijfer", "csat", "perception", "ces", "other")]
    out = []
    for item in items:
        if item.metric != "expectation":
            out.append(item)
            continue
        partner, doubt = _partner(item, experiences)
        out.append(replace(item, pair=partner, doubts=(*item.doubts, *([doubt] if doubt else []))))
    return out


def _partner(item: Recognised, experiences: list[Recognised]) -> tuple[str, str]:
    for key in (_by_row, _by_name, _by_text):
        mine = key(item)
        if not mine:
            continue
        fits = [r for r in experiences if key(r) == mine]
        same = [r for r in fits if (r.low, r.high) == (item.low, item.high)] or fits
        if len(same) > 1:
            return (
                "",
                f"expects what {' or '.join(repr(r.column) for r in same[:3])} rates: give both the same touchpoint",
            )
        if same:
            other = same[0]
            if (other.low, other.high) != (item.low, item.high):
                scales = f"{item.low:g} to {item.high:g} and {other.low:g} to {other.high:g}"
                return (
                    other.column,
                    f"is asked on another scale than {other.column!r} ({scales}): they are not compared",
                )
            return other.column, ""
    return "", f"which question rates what {item.column} expects? Give both the same touchpoint"


def _by_row(item: Recognised) -> str:
    return _key(item.subject)


def _by_name(item: Recognised) -> str:
    return _stem(item.column)


def _by_text(item: Recognised) -> str:
    return _key(_WORDS_OF_METRICS.sub(" ", item.question.lower())) if item.question != item.column else ""


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def _stem(column: str) -> str:
    """Return a column's name without the words for expecting and experiencing; empty where nothing is left."""
    stem = re.sub(r"[^a-z0-9]+", "_", column.lower())
    cut = re.sub(r"(?:^|_)(?:verwacht(?:ing|e)?|expected|expectation|expect|exp|ervaren|ervaring|experienced|experience|perceived|perception|perc|score|cijfer|rating)(?=_|$)", "", stem).strip("_")  # fmt: skip
    return cut if re.search(r"[a-z]{3}", cut) else ""
