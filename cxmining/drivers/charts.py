"""The pictures of what explains a score: what-if, asymmetry, importance and performance, rank stability, dominance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxmining.drivers.board import NARROW, PAD, Board, Mark, Row, between, check_width, forest
from cxmining.drivers.estimate import REPLICATE_LIMIT
from cxmining.drivers.saying import say, signed_number
from cxmining.errors import StudyError
from cxmining.figures import palette
from cxmining.figures.measure import lines_of, width_of
from cxmining.figures.ticks import nice_ticks
from cxmining.i18n import metric_label, number, percent

if TYPE_CHECKING:
    from cxmining.drivers.analysis import DriverAnalysis
    from cxmining.drivers.asymmetry import Asymmetry
    from cxmining.drivers.performance import ImportancePerformance
    from cxmining.drivers.whatif import WhatIf
    from cxmining.figures.scene import Scene

__all__ = ["asymmetry_picture", "dominance_picture", "performance_picture", "rank_picture", "what_if_picture"]


_SETS = 400
"""Random sets of the others, where there are too many touchpoints to walk all."""
_MANY = 20
"""Touchpoints above which the cells of the heat map hold no number, and those alike are drawn as one."""


def _named(name: str, labels: Mapping[str, str]) -> str:
    return str(labels.get(name, name))


def _span(values: Sequence[Any], around: float | None = 0.0) -> tuple[float, float]:
    x = np.asarray([v for v in values if np.isfinite(v)], dtype=np.float64)
    low, high = (float(x.min()), float(x.max())) if len(x) else (0.0, 1.0)
    if around is not None:
        low, high = min(low, around), max(high, around)
    room = 0.04 * (high - low or 1.0)
    return low - room, high + room


def what_if_picture(found: WhatIf, width: int, language: str, labels: Mapping[str, str]) -> Scene:
    """Draw associated differences with their intervals, and the straight line's beside them."""
    check_width(width)
    board, table = Board(width), found.summary
    y = board.head(
        say("what_title", language), say("what_under", language, target=metric_label(found.target, language))
    )
    rows = []
    for r in table.to_dict("records"):
        name = _named(r["touchpoint"], labels)
        clear = r["low"] > 0 or r["high"] < 0
        told = f"{name}: {signed_number(r['difference'], language)} {between(signed_number(r['low'], language), signed_number(r['high'], language), language)}"
        colour = palette.MUTED if not clear else palette.NAVY if r["difference"] > 0 else palette.RED
        marks = [
            Mark(r["linear"], float("nan"), float("nan"), palette.SOFT, "circle", False),
            Mark(r["difference"], r["low"], r["high"], colour, "diamond", clear, told),
        ]
        right = say("what_right", language, n=number(r["n"], language), mean=number(r["mean"], language, 1))
        rows.append(Row(name, marks, right, strong=clear))
    span = _span([*table["low"], *table["high"], *table["linear"]])
    digits = 2 if span[1] - span[0] < 0.6 else 1
    axis = say("what_axis", language, target=metric_label(found.target, language))
    end = forest(board, y, rows, span, lambda v: signed_number(v, language, digits), axis=axis)
    said = [say("what_foot", language, n=number(found.n, language)), found.sentence(language)]
    return board.scene(board.foot(end, said), say("what_title", language), found.sentence(language))


def asymmetry_picture(found: Asymmetry, width: int, language: str, labels: Mapping[str, str]) -> Scene:
    """Draw what low and high experiences go with, to both sides of the middle."""
    check_width(width)
    board, table = Board(width), found.summary
    y = board.head(
        say("asym_title", language), say("asym_under", language, target=metric_label(found.target, language))
    )
    y = board.legend(
        y + 8,
        [(palette.RED, "down", True, say("low", language)), (palette.TEAL, "up", True, say("high", language))],
    )
    rows = []
    for r in table.to_dict("records"):
        name, kind = _named(r["touchpoint"], labels), say(f"kind_{r['kind']}", language)
        marks = [
            Mark(r[end], r[f"{end}_low"], r[f"{end}_high"], colour, symbol, r[f"{end}_low"] > 0 or r[f"{end}_high"] < 0,
                 f"{name}, {say(word, language)}: {signed_number(r[end], language)} "
                 f"{between(signed_number(r[f'{end}_low'], language), signed_number(r[f'{end}_high'], language), language)}")
            for end, colour, symbol, word in (("penalty", palette.RED, "down", "low"), ("reward", palette.TEAL, "up", "high"))
        ]  # fmt: skip
        right = say("asym_right", language, **{k: number(r[f"n_{k}"], language) for k in ("low", "middle", "high")})
        rows.append(Row(name, marks, right, kind, strong=r["kind"] in ("dissatisfier", "satisfier"), apart=True))
    ends = [table[c] for c in ("penalty_low", "penalty_high", "reward_low", "reward_high")]
    span = _span(np.concatenate(ends).tolist())
    end = forest(board, y, rows, span, lambda v: signed_number(v, language, 1))
    said = [say("asym_foot", language, k=len(table), n=number(found.n, language))]
    title = say("asym_title", language)
    return board.scene(board.foot(end, said), title)


def rank_picture(found: DriverAnalysis, width: int, language: str, labels: Mapping[str, str]) -> Scene:
    """Draw the interval of each touchpoint's rank."""
    check_width(width)
    board, table = Board(width), found.shares
    p = len(table)
    y = board.head(
        say("rank_title", language), say("rank_under", language, target=metric_label(found.target, language))
    )
    rows = []
    for rank, r in enumerate(table.to_dict("records"), start=1):
        name = _named(r["touchpoint"], labels)
        right = say("share_n", language, share=percent(r["share"], language), n=number(r["n"], language))
        told = f"{name}: {rank} [{r['rank_low']}, {r['rank_high']}]"
        firm = r["rank_low"] == r["rank_high"]
        rows.append(
            Row(
                name,
                [Mark(rank, r["rank_low"], r["rank_high"], palette.NAVY, "circle", True, told)],
                right,
                strong=firm,
            )
        )
    every = max(1, -(-p // 12))
    ticks = [1.0, *(float(t) for t in range(every, p + 1, every) if t > 1)]
    end = forest(
        board, y, rows, (0.6, p + 0.4), lambda v: f"{v:.0f}", zero=None, ticks=ticks, axis=say("rank_axis", language)
    )
    said = [say("rank_foot", language, n=number(found.n, language))]
    return board.scene(board.foot(end, said), say("rank_title", language))


def performance_picture(found: ImportancePerformance, width: int, language: str, labels: Mapping[str, str]) -> Scene:
    """Draw the map: importance upwards, performance to the right, numbers in place of names where it is crowded."""
    check_width(width)
    board, table = Board(width), found.summary.reset_index(drop=True)
    y = board.head(say("ip_title", language), say("ip_under", language, target=metric_label(found.target, language)))
    narrow = width < NARROW
    left, right = PAD + 46.0, width - PAD - 6.0 if narrow else 0.60 * width
    # as high as the list of names beside it, so that many points stand apart
    top, bottom = (
        y + 14,
        y + (330 + 6 * max(0, len(table) - 10) if narrow else min(max(430.0, 36.0 * len(table)), 1000.0)),
    )
    x_low, x_high = _span([*table["mean_low"], *table["mean_high"], found.performance_line], None)
    # above and below the marks is room for the words in the corners
    y_high = 1.1 * _span([*table["share_high"], found.importance_line], None)[1]
    y_low = -30 / (bottom - top) * y_high

    def at_x(v: float) -> float:
        return left + (min(max(v, x_low), x_high) - x_low) / (x_high - x_low) * (right - left)

    def at_y(v: float) -> float:
        return bottom - (min(max(v, y_low), y_high) - y_low) / (y_high - y_low) * (bottom - top)

    cut_x, cut_y = at_x(found.performance_line), at_y(found.importance_line)
    board.box(left, top, cut_x - left, cut_y - top, palette.LANE)
    digits = 1 if x_high - x_low > 0.8 else 2
    for t in nice_ticks(x_low, x_high, 3 if narrow else 6):
        board.line(at_x(t), top, at_x(t), bottom, palette.RULE)
        board.text(at_x(t), bottom + 12, number(t, language, digits), size=11, colour=palette.MUTED, anchor="middle")
    for t in nice_ticks(0.0, y_high, 5):
        board.line(left, at_y(t), right, at_y(t), palette.RULE)
        board.text(left - 8, at_y(t), percent(t, language), size=11, colour=palette.MUTED, anchor="end")
    board.line(cut_x, top, cut_x, bottom, palette.MUTED, thick=1.6, dash=True)
    board.line(left, cut_y, right, cut_y, palette.MUTED, thick=1.6, dash=True)
    corners = (
        ("improve first", left + 8, top + 12, "start"), ("keep up", right - 8, top + 12, "end"),
        ("low priority", left + 8, bottom - 11, "start"), ("no more needed", right - 8, bottom - 11, "end"),
    )  # fmt: skip
    for name, x, at, anchor in corners:
        words = say(f"q_{name}", language)
        room = (cut_x - left if anchor == "start" else right - cut_x) - 14
        if width_of(words, 12, bold=True) <= room:
            board.text(x, at, words, colour=palette.MUTED, anchor=anchor, bold=True)
    colours = {"improve first": palette.RED, "keep up": palette.TEAL}
    crowded = len(table) > 12  # then only what is to be done first keeps its colour, the others' intervals step back
    for _, r in reversed(list(table.iterrows())):
        colour = colours.get(r["quadrant"], palette.NAVY)
        ink, thick = (palette.SOFT, 1.0) if crowded and r["quadrant"] != "improve first" else (colour, 1.4)
        x, at = at_x(r["mean"]), at_y(r["share"])
        board.interval(at_x(r["mean_low"]), at_x(r["mean_high"]), at, ink, thick=thick, cap=3)
        lo, hi = at_y(r["share_low"]), at_y(r["share_high"])
        board.line(x, lo, x, hi, ink, thick=thick)
        for end in (lo, hi):
            board.line(x - 3, end, x + 3, end, ink, thick=thick)
    points = [(at_x(m), at_y(s)) for m, s in zip(table["mean"], table["share"], strict=True)]
    for place, at, _, i in _apart(points, top + 32, bottom - 32):
        r = table.iloc[i]
        colour = colours.get(r["quadrant"], palette.NAVY)
        filled = r["quadrant"] != "on a line"
        told = (
            f"{_named(r['touchpoint'], labels)}: {percent(r['share'], language, 1)} "
            f"{between(percent(r['share_low'], language, 1), percent(r['share_high'], language, 1), language)}, "
            f"{number(r['mean'], language, 2)} {between(number(r['mean_low'], language, 2), number(r['mean_high'], language, 2), language)}, n = {r['n']:,}"
        )
        true_x, true_y = at_x(r["mean"]), at_y(r["share"])
        if (place, at) != (true_x, true_y):
            board.line(true_x, true_y, place, at, colour, thick=1)
        board.mark(place, at, colour, "circle", filled=filled, size=9, said=told)
        board.text(
            place, at, str(i + 1), size=11, colour=palette.PAPER if filled else colour, anchor="middle", bold=True
        )
    board.text((left + right) / 2, bottom + 30, say("ip_x", language), colour=palette.MUTED, anchor="middle")
    board.text(left - 40, top - 8, say("ip_y", language), colour=palette.MUTED)
    end = _key(
        board,
        table,
        bottom + 48 if narrow else top - 4,
        PAD if narrow else right + 26,
        width - PAD,
        language,
        labels,
        colours,
    )
    line = say(f"line_{found.line_is}", language)
    said = say("ip_foot", language, importance=percent(found.importance_line, language, 1),
               performance=number(found.performance_line, language, 1), line=line, n=number(found.n, language))  # fmt: skip
    return board.scene(board.foot(max(end, bottom + 40), [said]), say("ip_title", language))


def _key(
    board: Board, table: pd.DataFrame, y: float, left: float, right: float, language: str, labels: Mapping[str, str],
    colours: Mapping[str, str],
) -> float:  # fmt: skip
    """Name the numbers of the map, each with its quadrant and n."""
    for i, r in table.iterrows():
        colour = colours.get(r["quadrant"], palette.NAVY)
        tail = f"{say('q_' + r['quadrant'], language)} · n = {number(r['n'], language)}"
        board.text(left + 16, y + 6, str(int(str(i)) + 1), size=12, colour=colour, anchor="end", bold=True)
        wide = right - left - 24
        name = lines_of(_named(r["touchpoint"], labels), 12.5, wide, 2)
        y = board.lines(left + 24, y + 6, name, size=12.5) - 1
        y = board.lines(left + 24, y, lines_of(tail, 11, wide, 2), size=11, colour=palette.MUTED) + 1
    return y + 8


def _apart(
    points: Sequence[tuple[float, float]], top: float, bottom: float, room: float = 19.0
) -> list[tuple[float, float, float, int]]:
    """Push discs that would cover one another apart, the first stay; a line leads back to where each belongs."""
    placed: list[tuple[float, float, float, int]] = []
    for i, (x, y) in enumerate(points):
        best = (x, y)
        for ring in range(14):
            found = False
            for step in range(1 if ring == 0 else 12):
                angle = 2 * np.pi * step / 12
                tried = (x + ring * 8 * float(np.cos(angle)), y + ring * 8 * float(np.sin(angle)))
                inside = ring == 0 or top <= tried[1] <= bottom
                if inside and all((tried[0] - a) ** 2 + (tried[1] - b) ** 2 >= room**2 for a, b, _, _ in placed):
                    best, found = tried, True
                    break
            if found:
                break
        placed.append((best[0], best[1], x, i))
    return placed


def dominance_picture(found: DriverAnalysis, width: int, language: str, labels: Mapping[str, str]) -> Scene:
    """Draw who adds more than whom, as a matrix of cells in five steps; the numbers where they fit."""
    check_width(width)
    table = dominance_table(found)
    names = list(table.index)
    cells = table.to_numpy(dtype=np.float64)
    p = len(names)
    board = Board(width)
    y = board.head(say("dom_title", language), say("dom_under", language, target=metric_label(found.target, language)))
    narrow = width < NARROW
    left = PAD + (
        min(170.0, 0.40 * width)
        if narrow
        else min(max(width_of(_named(n, labels), 12.5) for n in names) + 44, 0.32 * width)
    )
    cell = (width - PAD - left) / p
    high = min(max(cell, 22.0 if p > 14 or narrow else 30.0), 46.0)
    top = y + 22
    steps = (palette.LANE, palette.DIVERGING[2], palette.DIVERGING[3], palette.DIVERGING[4])
    for j in range(p):
        if cell >= width_of(str(p), 11) + 2 or j % 5 == 0:
            board.text(left + (j + 0.5) * cell, top - 10, str(j + 1), size=11, colour=palette.MUTED, anchor="middle")
    for i, name in enumerate(names):
        at = top + i * high
        room = left - PAD - 34
        label = lines_of(_named(name, labels), 12 if high < 30 else 12.5, room, 1 if high < 30 else 2)
        board.text(PAD + 18, at + high / 2, str(i + 1), size=11, colour=palette.MUTED, anchor="end")
        told = _named(name, labels)
        for k, line in enumerate(label):
            board.text(
                PAD + 26,
                at + high / 2 + (k - (len(label) - 1) / 2) * 15,
                line,
                size=12,
                said=told if line.endswith("…") else "",
            )
        for first, last, colour in _runs([-1 if i == j else min(3, int(cells[i, j] * 4)) for j in range(p)], p > _MANY):
            x, wide = left + first * cell, (last - first) * cell - 1
            if colour < 0:
                board.box(x, at, wide, high - 1, palette.PAPER, line=palette.RULE, thick=1)
                continue
            v = float(cells[i, first])
            said = "" if p > _MANY else f"{told} / {_named(names[first], labels)}: {percent(v, language)}"
            board.box(x, at, wide, high - 1, steps[colour], said=said)
            text = percent(v, language)
            if p <= _MANY and width_of(text, 11) + 3 <= cell and high >= 15:
                ink = palette.PAPER if colour == 3 else palette.INK if v > 0.25 else palette.MUTED
                board.text(x + wide / 2, at + high / 2, text, size=11, colour=ink, anchor="middle")
    end = top + p * high + 16
    wide = min(64.0, (width - PAD - left) / 4)
    for i, step in enumerate(steps):
        board.box(left + i * wide, end, wide - 1, 10, step, line=palette.RULE, thick=0.5)
    for i in range(5):
        anchor = "start" if i == 0 else "end" if i == 4 else "middle"
        board.text(left + i * wide, end + 20, percent(i / 4, language), size=11, colour=palette.MUTED, anchor=anchor)
    said = say("dom_foot", language, n=number(found.n, language))
    more = [say("dom_sampled", language, k=_SETS)] if p > REPLICATE_LIMIT else []
    return board.scene(board.foot(end + 26, [said, *more]), say("dom_title", language), said)


def _runs(colours: Sequence[int], together: bool) -> list[tuple[int, int, int]]:
    """Return where cells of one colour begin and end; each cell alone, or `together` with its neighbours like it.

    Examples
    --------
    >>> _runs([3, 3, -1, 0], True)
    [(0, 2, 3), (2, 3, -1), (3, 4, 0)]
    """
    out: list[tuple[int, int, int]] = []
    for j, colour in enumerate(colours):
        if together and out and out[-1][2] == colour:
            out[-1] = (out[-1][0], j + 1, colour)
        else:
            out.append((j, j + 1, colour))
    return out


def dominance_table(found: DriverAnalysis) -> pd.DataFrame:
    """Return, per pair, the part of all subsets of the others to which the row adds more than the column (Azen & Budescu 2003)."""
    from cxmining.drivers.bootstrap import total_moments
    from cxmining.drivers.lattice import correlations

    design = found.design
    if design is None:
        raise StudyError("dominance: this analysis does not hold its rows; make it with find_drivers")
    p = len(design.players)
    order = [design.players.index(name) for name in found.shares["touchpoint"]]
    names = [design.players[i] for i in order]
    if p <= REPLICATE_LIMIT:
        matrix = found.dominance.matrix
        return matrix.reindex(index=names, columns=names).fillna(0.5)
    corr, _ = correlations(total_moments(design), design.always)
    part = _sampled(corr, design, p)
    return pd.DataFrame(part[np.ix_(order, order)], index=names, columns=names)


def _sampled(corr: Any, design: Any, p: int) -> Any:
    """Estimate the same from random subsets: for each, what every touchpoint outside adds."""
    rng = np.random.default_rng([1, 17])
    q = corr.shape[1] - 1
    base = corr[0]
    wins, seen = np.zeros((p, p)), np.zeros((p, p))
    for _ in range(_SETS):
        inside = np.flatnonzero(rng.random(p) < rng.random())
        outside = np.setdiff1d(np.arange(p), inside)
        columns = [c for player in inside for c in design.groups[player]]
        rest = base.copy()
        if columns:
            inner = np.linalg.pinv(base[np.ix_(columns, columns)], rcond=1e-9, hermitian=True)
            rest = base - base[:, columns] @ inner @ base[columns]
        gain = np.zeros(p)
        for player in outside:
            own = list(design.groups[player])
            inner = np.linalg.pinv(rest[np.ix_(own, own)], rcond=1e-9, hermitian=True)
            gain[player] = rest[q, own] @ inner @ rest[own, q]
        pairs = np.ix_(outside, outside)
        difference = gain[outside][:, None] - gain[outside][None, :]
        wins[pairs] += (difference > 1e-12) + 0.5 * (np.abs(difference) <= 1e-12)
        seen[pairs] += 1
    return np.where(seen > 0, wins / np.maximum(seen, 1), 0.5)
