"""Does the answer hang on a choice? The same study under other link rules, case notions and certain identities only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import CxminingError, NotEnoughDataError, StudyError
from cxmining.i18n import check_language, percent, speaking
from cxmining.journeys import CaseNotion, build_journeys
from cxmining.repr_html import repr_html
from cxmining.runs.notions import _explain
from cxmining.study import Study, load_study

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.drivers import DriverAnalysis
    from cxmining.figures.scene import Scene
    from cxmining.schema import Dataset

__all__ = ["Sensitivity", "sensitivity"]

say = speaking("decisions")

BASE: Final = "as the study says"
RATINGS: Final = "ratings"
MET: Final = "contacts met"
_RULES: Final = ("journey", "reference", "touchpoint", "customer")
_TOP: Final = 3

_COLUMNS: Final = (
    "variant", "choice", "question", "journeys", "linked", "answers", "n", "r2", "r2_low", "r2_high", "verdict", "top",
    "same_verdict", "same_top", "tau", "reason",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What stays of verdict and top three when a choice is made otherwise.

    Attributes
    ----------
    summary : DataFrame
        One row per variant and question: ``variant``, ``choice`` (``study``, ``link rule``, ``case notion``,
        ``identity``), ``question`` (``ratings``: what customers rated explains the overall score; ``contacts met``: what a
        journey met explains how it was scored), ``journeys``, ``linked`` of ``answers``, ``n`` (responses analysed), ``r2``
        (adjusted) with ``r2_low``, ``r2_high``, ``verdict``, ``top`` (the three largest shares), ``same_verdict``,
        ``same_top`` (the same three, in whatever order), ``tau`` (Kendall, shares of this variant and the study's),
        ``reason`` (why there is no analysis).
    shares : DataFrame
        ``variant``, ``question``, ``touchpoint``, ``share``, ``share_low``, ``share_high``, ``rank``, ``n``.
    verdict_stays, top_stays : (int, int)
        In how many of how many variants that could be analysed.
    target : str
    notes : tuple of str
    """

    summary: pd.DataFrame
    shares: pd.DataFrame
    verdict_stays: tuple[int, int]
    top_stays: tuple[int, int]
    target: str
    notes: tuple[str, ...]

    def sentence(self, language: str = "en") -> str:
        """Return in words whether verdict and top three stay."""
        check_language(language)
        (a, n), (b, m) = self.verdict_stays, self.top_stays
        return say("sens_said", language, verdicts=a, of=n, tops=b, among=m)

    def picture(self, *, width: int = 1080, language: str = "en", labels: Mapping[str, str] | None = None) -> Scene:
        """Return the picture: the study's three largest shares under each variant; `width` in pixels, from 360."""
        return _picture(self, width, language, labels or {})

    def figure(self, **how: Any) -> go.Figure:
        """Draw the study's three largest shares under each variant (see `picture`)."""
        return self.picture(**how).figure()

    def __repr__(self) -> str:
        columns = ["variant", "question", "n", "r2", "verdict", "top", "same_verdict", "same_top", "reason"]
        table = self.summary[columns].to_string(
            index=False, na_rep="–", float_format=lambda v: f"{v:.3f}", max_colwidth=70
        )
        return "\n".join([f"Sensitivity of {self.target!r}: {self.sentence()}", table, *(f"- {n}" for n in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=self.sentence(), said=self.notes)


def sensitivity(
    study: str | Path | Study,
    *,
    notions: Sequence[str | CaseNotion | Mapping[str, Any]] | None = None,
    windows: Sequence[str] | None = None,
    bootstrap: int = 200,
) -> Sensitivity:
    """Run a study's analysis again under other choices, and say whether verdict and top three stay.

    The study is read once. Then, one choice at a time, the rest as the study says: every other link rule of its
    contact and journey surveys, half and double their window; half and double the gap between journeys, and each
    customer, each case as one journey; certain identities only.

    Parameters
    ----------
    study : path-like or Study
        A ``study.toml``, a folder that holds one, or a loaded study.
    notions : sequence, optional
        Case notions in place of the ones above, as `compare_case_notions` takes them.
    windows : sequence of str, optional
        Windows in place of half and double, such as ``["7D", "60D"]``.
    bootstrap : int, default 200
        Draws of customers per analysis.

    Returns
    -------
    Sensitivity

    Raises
    ------
    StudyError
        When the study names no target, or a notion or window is not understood.
    NotEnoughDataError
        When the study itself cannot be analysed.
    """
    from cxmining.ingest import read

    resolved = study if isinstance(study, Study) else load_study(study)
    if resolved.drivers.target is None:
        raise StudyError("sensitivity: the study names no target ([drivers] target): there is no verdict to compare")
    whole = resolved.model_copy(update={"identity": resolved.identity.model_copy(update={"certain_only": False})})
    data = read(whole)
    certain = resolved.identity.certain_only
    s = resolved.journeys
    notion = CaseNotion.of(s.by, s.gap, s.exclude, s.goal, s.cut)
    base = _run(resolved, data.certain() if certain else data, notion, bootstrap)
    if base.analysis is None and base.met is None:
        raise NotEnoughDataError(f"sensitivity: the study itself gives no analysis: {base.reason}")
    rows = [_row(BASE, "study", q, base, base) for q in (RATINGS, MET) if base.of(q) is not None]
    shares = [_shares(BASE, q, base.of(q)) for q in (RATINGS, MET)]
    notes: list[str] = []
    for name, choice, changed, other in _variants(data, notion, certain, notions, windows, notes):
        try:
            found = _run(resolved, changed, other, bootstrap, base)
        except CxminingError as error:
            found = _Run(None, None, 0, 0, 0, None, str(error), str(error))
        for question in (RATINGS, MET):
            if base.of(question) is not None:
                rows.append(_row(name, choice, question, found, base))
                shares.append(_shares(name, question, found.of(question)))
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    for column in ("variant", "choice", "question", "verdict", "top", "reason"):
        table[column] = table[column].astype("str")
    for column in ("same_verdict", "same_top"):
        table[column] = table[column].astype("boolean")
    judged = table[(table["choice"] != "study") & table["verdict"].notna() & (table["verdict"] != "")]
    counts = [(int(judged[c].sum()), len(judged)) for c in ("same_verdict", "same_top")]
    notes.append("one choice at a time: what several of them do together is not told")
    return Sensitivity(
        table, pd.concat(shares, ignore_index=True), counts[0], counts[1], resolved.drivers.target, tuple(notes)
    )


@dataclass(frozen=True, eq=False)
class _Run:
    """What one variant gives: the analysis of ratings, that of contacts met, and the counts beside them."""

    analysis: DriverAnalysis | None
    met: DriverAnalysis | None
    journeys: int
    linked: int
    answers: int
    frame: pd.DataFrame | None
    reason: str
    met_reason: str

    def of(self, question: str) -> DriverAnalysis | None:
        return self.analysis if question == RATINGS else self.met


def _run(study: Study, data: Dataset, notion: CaseNotion, bootstrap: int, base: _Run | None = None) -> _Run:
    from cxmining.drivers import find_drivers
    from cxmining.experience import measure_experience

    d = study.drivers
    assert d.target is not None
    journeys = build_journeys(data, notion, stages=study.journeys.stages)
    lived = measure_experience(journeys, metric=study.experience.metric, wow=study.experience.wow)
    analysis, frame, reason = None, None, ""
    try:
        ratings = lived.ratings(d.target, d.metric, d.controls)
        frame = pd.concat([ratings.frame, ratings.exposed.add_prefix("met ")], axis=1)
        if base is not None and base.analysis is not None and base.frame is not None and frame.equals(base.frame):
            analysis = base.analysis  # the same answers: the same analysis
        else:
            analysis = find_drivers(
                ratings, d.target, controls=d.controls, bootstrap=bootstrap, seed=study.seed, max_imputed=d.max_imputed
            )
    except CxminingError as error:
        reason = str(error)
    met, _, _, met_reason = _explain(journeys, d.target, study.seed)
    links = lived.links
    linked = int(links["matched"].sum()) if len(links) else 0
    return _Run(analysis, met, len(journeys), linked, len(links), frame, reason, met_reason)


def _variants(
    data: Dataset,
    notion: CaseNotion,
    certain: bool,
    notions: Sequence[str | CaseNotion | Mapping[str, Any]] | None,
    windows: Sequence[str] | None,
    notes: list[str],
) -> Iterator[tuple[str, str, Dataset, CaseNotion]]:
    """Yield the name of a variant, what it changes, its data and its notion."""
    from cxmining.runs.notions import _notion

    usual = data.certain() if certain else data
    free = [s for s in usual.surveys if s.kind != "relationship"]
    if free:
        for rule in _RULES:
            changed = tuple(
                s if s.kind == "relationship" else s.model_copy(update={"link": rule}) for s in usual.surveys
            )
            if changed != usual.surveys:
                yield (
                    f"contact and journey surveys linked by {rule}",
                    "link rule",
                    replace(usual, surveys=changed),
                    notion,
                )
        for window in windows if windows is not None else _around([s.window for s in free]):
            _length(window)
            changed = tuple(
                s if s.kind == "relationship" else s.model_copy(update={"window": window}) for s in usual.surveys
            )
            if changed != usual.surveys:
                yield f"window of {window}", "link rule", replace(usual, surveys=changed), notion
    else:
        notes.append(
            "link rules: all answers are about the whole relationship, and belong to their customer by any rule"
        )
    for other in [_notion(n) for n in notions] if notions is not None else _near(notion, usual):
        if other != notion:
            yield str(other), "case notion", usual, other
    if len(data.identity.certain(data).events) < len(data.events) or certain:
        name = "all identities" if certain else "certain identities only"
        yield name, "identity", data if certain else data.certain(), notion
    else:
        notes.append("identity: every record's customer is certain")


def _length(text: str) -> pd.Timedelta:
    try:
        time = pd.Timedelta(text)
    except ValueError:
        raise StudyError(f"{text!r} is no time; write for example '14D'") from None
    if pd.isna(time) or not time > pd.Timedelta(0):
        raise StudyError(f"{text!r} must be longer than nothing; write for example '14D'")
    return time


def _written(time: pd.Timedelta) -> str:
    hours = max(1, round(time / pd.Timedelta("1h")))
    return f"{hours // 24}D" if hours % 24 == 0 else f"{hours}h"


def _around(lengths: Sequence[str]) -> list[str]:
    """Return half the shortest and double the longest of some lengths."""
    times = [_length(text) for text in lengths]
    return [_written(min(times) / 2), _written(2 * max(times))]


def _near(notion: CaseNotion, data: Dataset) -> list[CaseNotion]:
    """Return the case notions next to one."""
    out = []
    if notion.gap_us is not None:
        out += [
            replace(notion, gap_us=max(1, us))
            for us in (
                notion.gap_us // 2,
                2 * notion.gap_us,
            )
        ]
        out.append(replace(notion, gap_us=None))
    if notion.by != "case" and data.events["case_id"].notna().any():
        out.append(CaseNotion.of("case", exclude=notion.exclude))
    if notion.by != "customer":
        out.append(CaseNotion.of("customer", exclude=notion.exclude))
    return out


def _top(analysis: DriverAnalysis) -> list[str]:
    return [str(t) for t in analysis.shares["touchpoint"].head(_TOP)]


def _row(name: str, choice: str, question: str, found: _Run, base: _Run) -> dict[str, Any]:
    from scipy.stats import kendalltau

    row: dict[str, Any] = dict.fromkeys(_COLUMNS)
    row |= {"variant": name, "choice": choice, "question": question, "journeys": found.journeys, "linked": found.linked,
            "answers": found.answers}  # fmt: skip
    analysis, usual = found.of(question), base.of(question)
    if analysis is None or usual is None:
        return row | {"n": 0, "reason": found.reason if question == RATINGS else found.met_reason}
    row |= {"n": analysis.n, "r2": analysis.r2_adjusted, "r2_low": analysis.r2_low, "r2_high": analysis.r2_high}
    top = ", ".join(f"{r.touchpoint} {r.share:.0%}" for r in analysis.shares.head(_TOP).itertuples())
    other = analysis.shares.set_index("touchpoint")["share"].rename("share_other")
    both = usual.shares.set_index("touchpoint")[["share"]].join(other, how="inner")
    tau = float(kendalltau(both["share"], both["share_other"]).statistic) if len(both) > 1 else float("nan")
    same = analysis is usual
    return row | {
        "verdict": analysis.verdict.word, "top": top, "same_verdict": analysis.verdict.word == usual.verdict.word,
        "same_top": set(_top(analysis)) == set(_top(usual)), "tau": 1.0 if same else tau,
    }  # fmt: skip


def _shares(name: str, question: str, analysis: DriverAnalysis | None) -> pd.DataFrame:
    columns = ["variant", "question", "touchpoint", "share", "share_low", "share_high", "rank", "n"]
    if analysis is None:
        return pd.DataFrame(
            {c: pd.Series(dtype="float64" if c.startswith("share") else "object") for c in columns}
        ).head(0)
    part = analysis.shares[["touchpoint", "share", "share_low", "share_high"]]
    part = part.assign(variant=name, question=question, rank=np.arange(1, len(part) + 1), n=analysis.n)
    return part[columns]


def _picture(found: Sensitivity, width: int, language: str, labels: Mapping[str, str]) -> Scene:
    from cxmining.drivers.board import Board, Mark, Row, check_width, forest
    from cxmining.figures import palette

    check_width(width)
    board = Board(width)
    y = board.head(say("sens_title", language), found.sentence(language))
    marks = ((palette.NAVY, "circle"), (palette.AMBER, "diamond"), (palette.TEAL, "up"))
    rows: list[Row] = []
    ends = [0.05]
    for question in found.summary["question"].unique():
        part = found.shares[found.shares["question"] == question]
        top = part[part["variant"] == BASE]["touchpoint"].head(_TOP).tolist()
        names = ", ".join(f"{'●◆▲'[i]} {labels.get(t, t)}" for i, t in enumerate(top))
        rows.append(Row(f"{say('sens_' + question, language)}: {names}"))
        for r in found.summary[found.summary["question"] == question].to_dict("records"):
            mine = part[part["variant"] == r["variant"]].set_index("touchpoint")
            drawn = []
            for (colour, symbol), t in zip(marks, top, strict=False):
                if t not in mine.index:
                    continue
                m = mine.loc[t]
                ends.append(float(m["share_high"]))
                told = f"{labels.get(t, t)}: {percent(m['share'], language)}"
                drawn.append(
                    Mark(float(m["share"]), float(m["share_low"]), float(m["share_high"]), colour, symbol, True, told)
                )
            if not drawn:
                drawn = [Mark(float("nan"), float("nan"), float("nan"), palette.MUTED)]
            verdict = r["verdict"] if isinstance(r["verdict"], str) and r["verdict"] else say("sens_none", language)
            stays = r["choice"] == "study" or (not pd.isna(r["same_verdict"]) and bool(r["same_verdict"]))
            right = f"n = {int(r['n']):,}"
            rows.append(Row(str(r["variant"]), drawn, right, str(verdict), strong=not stays, apart=True))
    end = forest(board, y, rows, (0.0, 1.04 * max(ends)), lambda v: percent(v, language))
    return board.scene(
        board.foot(end, [say("sens_foot", language), *found.notes]),
        say("sens_title", language),
        found.sentence(language),
    )
