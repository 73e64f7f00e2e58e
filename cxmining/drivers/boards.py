"""The pictures that decide: moments of truth under their owners, the priority list, the roadmap in lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.drivers.board import NARROW, PAD, Board, Mark, Row, bar, between, check_width, forest
from cxmining.drivers.saying import points_of_share, say, signed_number
from cxmining.figures import palette
from cxmining.figures.evidence import EVIDENCE
from cxmining.figures.measure import fitted, lines_of, width_of
from cxmining.figures.ticks import nice_ticks
from cxmining.i18n import metric_label, number, percent

if TYPE_CHECKING:
    from cxmining.drivers.priority import Priority
    from cxmining.drivers.roadmap import Roadmap
    from cxmining.drivers.truth import MomentsOfTruth
    from cxmining.figures.scene import Scene

__all__ = ["priority_picture", "roadmap_picture", "truth_picture"]

_OUTCOMES: Final = {
    "leaves": (palette.RED, "down"), "detracts": (palette.AMBER, "diamond"), "returns": (palette.TEAL, "up"),
    "recommends": (palette.BLUE, "circle"),
}  # fmt: skip
_KINDS: Final = {
    "moment of truth": (palette.RED, "item_moment"), "pain point": (palette.AMBER, "item_pain"),
    "unmet task": (palette.TEAL, "item_unmet"), "of people": (palette.NAVY, ""),
}  # fmt: skip


LANE: Final = 136
"""Pixels for the name of a lane's owner."""


def _named(name: Any, labels: Mapping[str, str]) -> str:
    return str(labels.get(str(name), str(name)))


def truth_picture(found: MomentsOfTruth, width: int, language: str, labels: Mapping[str, str]) -> Scene:
    """Draw every contact under its owner, decisive ones first, with a mark per outcome."""
    check_width(width)
    board, table = Board(width), found.summary
    y = board.head(say("truth_title", language), say("truth_under", language))
    outcomes = [o for o in _OUTCOMES if o in set(table["outcome"])]
    if width < NARROW:
        y = board.legend(y + 8, [(*_OUTCOMES[o], True, say(f"out_{o}", language)) for o in outcomes])
    weight = table.assign(size=np.where(table["decisive"], np.abs(table["difference"]), 0.0))
    by_contact = weight.groupby("touchpoint")["size"].max()
    owner = table.drop_duplicates("touchpoint").set_index("touchpoint")[["owner", "owner_source", "owner_check"]]
    owner["owner"] = owner["owner"].fillna("")
    best = by_contact.groupby(owner["owner"].reindex(by_contact.index)).max()
    rows: list[Row] = []
    for name in sorted(best.index, key=lambda o: (o == "", -round(float(best[o]), 9), o)):
        mine = owner[owner["owner"] == name]
        mined = name and (mine["owner_source"] == "mined").all()
        rows.append(Row(say("owner_mined", language, owner=name) if mined else name or say("owner_none", language)))
        contacts = sorted(mine.index, key=lambda t: (-round(float(by_contact[t]), 9), t))
        tested = {t: table[table["touchpoint"] == t] for t in contacts}
        rows += [_contact(t, tested[t], outcomes, mine.loc[t], language, labels) for t in contacts]
    spans = {o: _span(table[table["outcome"] == o]) for o in outcomes}
    if width < NARROW:
        lows, highs = zip(*spans.values(), strict=True)
        end = forest(board, y, rows, (min(lows), max(highs)), lambda v: points_of_share(v, language))
    else:
        end = _panels(board, y, rows, outcomes, spans, language)
    described = found.outcomes.to_dict("records")
    counts = "; ".join(
        f"{say('out_' + r['outcome'], language)}: {percent(r['share'], language, 1)} "
        f"{between(percent(r['low'], language, 1), percent(r['high'], language, 1), language)}, n = {number(r['n'], language)}"
        for r in described
    )
    said = [
        say("truth_key", language, k=len(table)),
        counts,
        found.sentence(language),
        " · ".join([found.notion, *found.chain]),
    ]
    return board.scene(board.foot(end, said), say("truth_title", language), found.sentence(language))


def _span(rows: pd.DataFrame) -> tuple[float, float]:
    """Return what an axis shows: all estimates and every interval that stands; longer ones end in an arrow."""
    decisive = rows[rows["decisive"]]
    least = min(float(rows["difference"].min()), float(decisive["low"].min()) if len(decisive) else 0.0)
    most = max(float(rows["difference"].max()), float(decisive["high"].max()) if len(decisive) else 0.0)
    room = 0.15 * (most - least or 0.1)
    return (
        max(float(rows["low"].min()), min(least - room, -room)) - 1e-4,
        min(float(rows["high"].max()), max(most + room, room)) + 1e-4,
    )


def _panels(
    board: Board, y: float, rows: Sequence[Row], outcomes: Sequence[str], spans: Mapping[str, tuple[float, float]], language: str
) -> float:  # fmt: skip
    """Put the outcomes side by side, each with an axis of its own, a contact per row."""
    width = board.width
    names = max(
        (max(width_of(r.label, 12.5, bold=r.strong), width_of(r.under, 11)) for r in rows if r.marks), default=80.0
    )
    left = PAD + min(names + 20, 0.24 * width)
    right = width - PAD - max((width_of(r.right, 12) for r in rows), default=0.0) - 14
    gap = 34.0
    wide = (right - left - gap * (len(outcomes) - 1)) / len(outcomes)
    label = [lines_of(r.label, 12.5, left - PAD - 16, 2, bold=r.strong) for r in rows]
    heights = [
        28.0 if not r.marks else max(15 * len(words) + (14 if r.under else 0), 16) + 12
        for r, words in zip(rows, label, strict=True)
    ]
    top = y + 40
    bottom = top + sum(heights)
    for i, outcome in enumerate(outcomes):
        low, high = spans[outcome]
        x0 = left + i * (wide + gap)
        colour, symbol = _OUTCOMES[outcome]
        head = say(f"out_{outcome}", language)
        board.mark(x0 + 6, y + 6, colour, symbol)
        board.text(x0 + 17, y + 6, head, size=13, bold=True)

        def at(v: float, low: float = low, high: float = high, x0: float = x0) -> float:
            return x0 + (min(max(v, low), high) - low) / (high - low) * wide

        room = max(width_of(points_of_share(t, language), 11) for t in (low, high)) + 16
        for t in nice_ticks(low, high, int(max(2, wide / room))):
            board.line(at(t), top, at(t), bottom, palette.MUTED if t == 0 else palette.RULE, thick=1.4 if t == 0 else 1)
            figure = points_of_share(t, language)
            # one that reaches beyond the gap would stand on the next panel's
            if max(x0 - at(t), at(t) - x0 - wide) + width_of(figure, 11) / 2 < gap / 2:
                board.text(at(t), top - 10, figure, size=11, colour=palette.MUTED, anchor="middle")
    start = top
    for r, words, height in zip(rows, label, heights, strict=True):
        if not r.marks:
            board.box(PAD - 8, start, width - 2 * PAD + 16, height, palette.LANE)
            board.text(PAD, start + height / 2, fitted(r.label, 13, width - 2 * PAD, bold=True), size=13, bold=True)
            start += height
            continue
        middle = start + height / 2
        under = fitted(r.under, 11, left - PAD - 16) if r.under else ""
        at_y = middle - (15 * len(words) + (14 if under else 0)) / 2 + 8
        for line in words:
            board.text(
                left - 16,
                at_y,
                line,
                size=12.5,
                bold=r.strong,
                anchor="end",
                said=r.label if line.endswith("…") else "",
            )
            at_y += 15
        if under:
            board.text(left - 16, at_y - 1, under, size=11, colour=palette.MUTED, anchor="end")
        board.text(right + 14, middle, r.right, colour=palette.MUTED)
        for m in r.marks:
            outcome = next(o for o in outcomes if _OUTCOMES[o][1] == m.symbol)
            low, high = spans[outcome]
            x0 = left + outcomes.index(outcome) * (wide + gap)

            def place(v: float, low: float = low, high: float = high, x0: float = x0) -> float:
                return x0 + (min(max(v, low), high) - low) / (high - low) * wide

            bar(board, m, middle, place, (low, high))
        start += height
    return bottom + 8


def _contact(
    name: str, rows: pd.DataFrame, outcomes: Sequence[str], owner: Any, language: str, labels: Mapping[str, str]
) -> Row:  # fmt: skip
    marks, tags = [], []
    by: dict[str, dict[Any, Any]] = {str(r["outcome"]): r for r in rows.to_dict("records")}
    for outcome in outcomes:
        if outcome not in by:
            continue
        r = by[outcome]
        colour, symbol = _OUTCOMES[outcome]
        told = (
            f"{_named(name, labels)}, {say('out_' + outcome, language)}: {points_of_share(r['difference'], language)} "
            f"{between(points_of_share(r['low'], language), points_of_share(r['high'], language), language)}, n = {int(r['n_met']):,}"
        )
        decisive = bool(r["decisive"])
        marks.append(
            Mark(r["difference"], r["low"], r["high"], colour if decisive else palette.SOFT, symbol, decisive, told)
        )
        if decisive and say(str(r["direction"]), language) not in tags:
            tags.append(say(str(r["direction"]), language))
    if bool(rows["rare"].any()) and tags:
        tags.append(say("rare", language))
    if owner["owner_check"] == "differs":
        tags.append(say("owner_differs", language))
    right = say("truth_right", language, n=number(int(rows["n_met"].max()), language))
    return Row(_named(name, labels), marks, right, " · ".join(tags), strong=bool(rows["decisive"].any()), apart=True)


def priority_picture(found: Priority, width: int, language: str, labels: Mapping[str, str]) -> Scene:
    """Draw the list of priorities with the three parts of each beside it."""
    check_width(width)
    board, table = Board(width), found.summary
    y = board.head(say("prio_title", language), say("prio_under", language))
    rows = []
    for r in table.to_dict("records"):
        name = _named(r["touchpoint"], labels)
        parts = {k: percent(r[k], language) for k in ("pain", "share", "reach")}
        right = say("prio_right", language, **parts)
        told = f"{name}: {percent(r['priority'], language, 2)} {between(percent(r['priority_low'], language, 2), percent(r['priority_high'], language, 2), language)}"
        mark = Mark(r["priority"], r["priority_low"], r["priority_high"], palette.NAVY, "circle", True, told)
        under = (
            f"n = {number(r['pain_n'], language)} · {number(r['share_n'], language)} · {number(r['reach_n'], language)}"
        )
        rows.append(Row(name, [mark], right, under))
    top = float(table["priority_high"].max()) or 1.0
    end = forest(board, y, rows, (0.0, 1.04 * top), lambda v: percent(v, language, 0 if top > 0.05 else 1))
    bases = " / ".join(say(f"basis_{b}", language) for b in table["pain_basis"].unique())
    n = "{} · {} · {}".format(*("pijn", "aandeel", "bereik") if language == "nl" else ("pain", "share", "reach"))
    return board.scene(board.foot(end, [say("prio_foot", language, basis=bases, n=n)]), say("prio_title", language))


def roadmap_picture(found: Roadmap, width: int, language: str, labels: Mapping[str, str]) -> Scene:
    """Draw a lane per owner and a column per quarter; on a narrow page the quarters stand one under the other."""
    check_width(width)
    board, table = Board(width), found.summary
    y = board.head(say("road_title", language), say("road_under", language))
    kinds = [k for k in _KINDS if k in set(table["kind"]) and _KINDS[k][1]]
    x = float(PAD)
    for kind in kinds:
        colour, word = _KINDS[kind]
        words = say(word, language)
        if x + 24 + width_of(words, 12) > width - PAD:
            x, y = PAD, y + 19
        board.box(x, y + 2, 12, 12, colour, radius=2)
        board.text(x + 18, y + 8, words)
        x += 36 + width_of(words, 12)
    y += 30
    quarters = _used(found)
    wide = min(360.0, (width - 2 * PAD - LANE) / max(len(quarters), 1))
    end = (
        _stacked(board, found, quarters, y, language, labels)
        if width < NARROW or wide < 150
        else _lanes(board, found, quarters, y, wide, language, labels)
    )
    signs = " · ".join(
        f"{EVIDENCE[k]} {say(f'rests_{k}', language)}" for k in ("measured", "estimated", "text", "people", "unknown")
    )
    said = [signs, say("road_foot", language)]
    said += [say("road_no_value", language)] if table["value"].isna().all() else []
    said += [say("road_no_cost", language)] if table["saved"].isna().all() else []
    said += [" · ".join([found.notion, *found.chain])] if found.notion else []
    return board.scene(board.foot(end, said), say("road_title", language))


def _used(found: Roadmap) -> list[str]:
    """Return the quarters from the first with an item to the last: an empty one between them says something, others not."""
    full = [q in set(found.summary["quarter"]) for q in found.quarters]
    return list(found.quarters[full.index(True) : len(full) - full[::-1].index(True)]) if any(full) else []


def _quarter(name: str, language: str) -> str:
    if name == "later":
        return say("road_later", language)
    return f"{'K' if language == 'nl' else 'Q'}{name[-1]} {name[:4]}"


def _lanes(
    board: Board, found: Roadmap, quarters: Sequence[str], y: float, wide: float, language: str, labels: Mapping[str, str]
) -> float:  # fmt: skip
    table, left = found.summary, PAD + LANE
    right = left + wide * len(quarters)
    for i, quarter in enumerate(quarters):
        board.box(left + i * wide, y, wide - 6, 26, palette.CHEVRON, radius=4)
        board.text(
            left + i * wide + (wide - 6) / 2,
            y + 13,
            _quarter(quarter, language),
            colour=palette.CHEVRON_INK,
            anchor="middle",
            bold=True,
        )
    y += 34
    owners = list(dict.fromkeys(table["owner"].fillna("").tolist()))
    for lane, owner in enumerate(sorted(owners, key=lambda o: (o == "", owners.index(o)))):
        mine = table[table["owner"].fillna("") == owner]
        columns = {
            q: [_card(r, found, wide - 34, language, labels) for r in mine[mine["quarter"] == q].to_dict("records")]
            for q in quarters
        }
        name = lines_of(owner or say("owner_none", language), 13, LANE - 18, 4, bold=True)
        height = max([sum(c.height + 8 for c in cards) for cards in columns.values()] + [len(name) * 17 + 28]) + 10
        board.box(PAD, y, right - PAD, height, palette.LANE if lane % 2 == 0 else palette.PAPER, radius=6)
        under = board.lines(PAD + 10, y + 20, name, size=13, bold=True)
        rests = "unknown" if not owner else _owned_by(mine["owner_source"].dropna())
        board.text(
            PAD + 10, under, f"{EVIDENCE[rests]} {say(f'rests_{rests}', language)}", size=11, colour=palette.MUTED
        )
        for i, quarter in enumerate(quarters):
            at = y + 8
            for card in columns[quarter]:
                card.draw(board, left + i * wide, at, wide - 6)
                at += card.height + 8
        y += height
    return y + 4


def _owned_by(sources: pd.Series) -> str:
    """Return what an owner rests on: the log alone, or what people said."""
    return "measured" if len(sources) and (sources == "mined").all() else "people"


def _stacked(
    board: Board, found: Roadmap, quarters: Sequence[str], y: float, language: str, labels: Mapping[str, str]
) -> float:
    table = found.summary
    for quarter in quarters:
        mine = table[table["quarter"] == quarter]
        if not len(mine):
            continue
        board.box(PAD, y, board.width - 2 * PAD, 26, palette.CHEVRON, radius=4)
        board.text(
            board.width / 2, y + 13, _quarter(quarter, language), colour=palette.CHEVRON_INK, anchor="middle", bold=True
        )
        y += 34
        for r in mine.to_dict("records"):
            card = _card(r, found, board.width - 2 * PAD - 20, language, labels, owner=True)
            card.draw(board, PAD, y, board.width - 2 * PAD)
            y += card.height + 8
        y += 6
    return y


class _Card:
    """One item of the roadmap: its name, and lines of what is known of it."""

    def __init__(
        self, name: Sequence[str], full: str, lines: Sequence[tuple[str, bool]], colour: str, proposed: bool
    ) -> None:
        self.name, self.full, self.lines, self.colour, self.proposed = name, full, lines, colour, proposed
        self.height = 12 + 17 * len(name) + 15 * len(lines)

    def draw(self, board: Board, x: float, y: float, width: float) -> None:
        board.box(
            x,
            y,
            width,
            self.height,
            palette.PAPER,
            line=palette.CLEAR if self.proposed else palette.SOFT,
            thick=1.2,
            radius=5,
        )
        if self.proposed:
            corners = ((x, y), (x + width, y), (x + width, y + self.height), (x, y + self.height))
            for (a, b), (c, d) in zip(corners, (*corners[1:], corners[0]), strict=True):
                board.line(a, b, c, d, palette.SOFT, thick=1.2, dash=True)
        board.box(x, y, 5, self.height, self.colour)
        at = y + 15
        for line in self.name:
            board.text(x + 14, at, line, size=12.5, bold=True, said=self.full if line.endswith("…") else "")
            at += 17
        for line, strong in self.lines:
            board.text(x + 14, at - 1, line, size=11.5, colour=palette.INK if strong else palette.MUTED)
            at += 15


def _card(
    row: Mapping[Any, Any], found: Roadmap, room: float, language: str, labels: Mapping[str, str], *, owner: bool = False
) -> _Card:  # fmt: skip
    colour, _ = _KINDS[row["kind"]]
    full = _named(row["item"], labels)
    if str(row["item"]).startswith("task: ") and language == "nl":
        full = "taak: " + full.removeprefix("task: ")

    def there(key: str) -> bool:
        return row[key] is not None and not pd.isna(row[key])

    def beside(text: str, n: Any) -> list[tuple[str, bool]]:
        """Put n behind a line where it fits, else under it: never half of it."""
        tail = say("road_n", language, n=number(n, language))
        one = f"{text} · {tail}"
        return [(one, True)] if width_of(one, 11.5) <= room else [(text, True), (tail, False)]

    said: list[tuple[str, bool]] = []
    if owner:
        known = there("owner")
        rests = _owned_by(pd.Series([row["owner_source"]])) if known else "unknown"
        said.append((f"{EVIDENCE[rests]} {row['owner'] if known else say('owner_none', language)}", False))
    mined = EVIDENCE["measured"]
    if there("outcome"):
        text = (
            f"{mined} {say('out_' + row['outcome'], language)} {points_of_share(row['outcome_difference'], language)} "
        )
        text += f"{between(points_of_share(row['outcome_low'], language), points_of_share(row['outcome_high'], language), language)}"
        said += beside(text, row["outcome_n"])
    if there("difference"):
        ends = {k: signed_number(row[k], language) for k in ("difference", "low", "high")}
        text = say("road_difference", language, target=metric_label(str(found.target), language), **ends)
        said += beside(f"{mined} {text}", row["n"])
    elif there("n"):
        said.append(
            (f"{EVIDENCE[str(row['evidence'])]} {say('road_n', language, n=number(row['n'], language))}", False)
        )
    if row["kind"] == "unmet task":
        said.append((say("road_unmet", language), False))

    def money(key: str) -> str:
        low, high = (number(row[f"{key}_{end}"], language) for end in ("low", "high"))
        return f"{found.currency} {number(row[key], language)} {between(low, high, language)}"

    if there("saved") and row["saved"] >= 0.5:
        said.append((f"{EVIDENCE['estimated']} {say('road_cost', language, cost=money('saved'))}", False))
    if there("value"):
        said.append((f"{EVIDENCE['estimated']} {say('road_value', language, value=money('value'))}", False))
    if there("effort"):
        said.append((f"{EVIDENCE['people']} {say('road_effort', language, effort=row['effort'])}", False))
    else:
        said.append((f"{EVIDENCE['unknown']} {say('road_effort_none', language)}", False))
    if there("status"):
        said.append((f"{EVIDENCE['people']} {row['status']}", False))
    lines = [(line, strong) for text, strong in said for line in lines_of(text, 11.5, room, 3)]
    return _Card(
        lines_of(full, 12.5, room, 2, bold=True) or (fitted("?", 12.5, room),),
        full,
        lines,
        colour,
        row["quarter_source"] != "people",
    )
