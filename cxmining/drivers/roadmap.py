"""The roadmap: what to look at first, who owns it, what is at stake, and when; people decide the rest.

Moments of truth, priority and tasks that no touchpoint does well are joined into one list. What the log shows (differences,
repeats, money at stake) is measured again on each run; what people decide (quarter, effort, owner, status) stands in a
``roadmap.toml`` of theirs that a run reads and never overwrites: `Roadmap.save` only adds what is new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.drivers.owners import UNKNOWN, Owners, find_owners
from cxmining.drivers.people import Decided, read_decided, save_decided
from cxmining.drivers.unmet import unmet_tasks
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.figures.drawn import DrawnResult
from cxmining.i18n import counted
from cxmining.repr_html import repr_html
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.drivers.analysis import DriverAnalysis
    from cxmining.drivers.priority import Priority
    from cxmining.drivers.truth import MomentsOfTruth
    from cxmining.drivers.whatif import WhatIf
    from cxmining.experience import Experience
    from cxmining.experience.tasks import Tasks
    from cxmining.figures.scene import Scene

__all__ = ["MOMENT", "OWN", "PAIN", "UNMET", "Roadmap", "plan_roadmap"]

MOMENT: Final = "moment of truth"
PAIN: Final = "pain point"
UNMET: Final = "unmet task"
OWN: Final = "of people"
"""An item that people wrote and no list of the log holds."""

AGAIN: Final = pd.Timedelta("30D")
"""A contact about the same within this time of the last one is a repeat."""
YEAR: Final = pd.Timedelta("365.25D")

_COLUMNS: Final = (
    "item", "kind", "evidence", "quarter", "quarter_source", "owner", "owner_source", "effort", "status", "touchpoint", "task",
    "rank_priority", "difference", "low", "high", "n", "outcome", "outcome_difference", "outcome_low", "outcome_high",
    "outcome_n", "contacts", "repeats", "cost", "saved", "saved_low", "saved_high", "value", "value_low", "value_high",
    "note", "by",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Roadmap(DrawnResult):
    """Items over quarters.

    Attributes
    ----------
    summary : DataFrame
        One row per item, in order of quarter and rank: ``item``, ``kind`` (moment of truth, pain point, unmet task, of
        people), ``evidence`` (what the item rests on: measured, text, people), ``quarter``, ``quarter_source`` (``people`` or ``proposed``), ``owner``, ``owner_source``, ``effort`` and
        ``status`` (of people; missing until they fill them in), ``touchpoint``, ``task``, ``rank_priority``,
        ``difference`` with ``low``, ``high``, ``n`` (points of the target that go with a scale point more, among those
        who met it), ``outcome`` (of a moment of truth) with ``outcome_difference``, ``outcome_low``, ``outcome_high``,
        ``outcome_n``; per year: ``contacts``, ``repeats``, ``cost`` (of one contact, catalogue), ``saved`` (what repeats
        cost) with ``saved_low``, ``saved_high``; ``value`` (worth of the customers who leave after it beyond customers
        like them) with ``value_low``, ``value_high``; ``note``, ``by`` (who filled in).
    quarters : tuple of str
    target : str or None
    currency : str
    notes : tuple of str
    decided : Decided
        What people wrote in the file.
    notion : str
        What one journey is.
    chain : tuple of str
        Filters that were used.
    """

    summary: pd.DataFrame
    quarters: tuple[str, ...]
    target: str | None
    currency: str
    notes: tuple[str, ...]
    decided: Decided = field(repr=False)
    notion: str = ""
    chain: tuple[str, ...] = ()

    def to_csv(self, path: str | Path) -> None:
        """Write the list as CSV that no spreadsheet executes."""
        from cxmining.privacy import safe_csv

        safe_csv(self.summary, path)

    def save(self, path: str | Path) -> None:
        """Write what people decide to a TOML file, or add the new items to theirs: what they wrote stays as it is."""
        save_decided(Path(path), self.summary, self.decided)

    def picture(self, *, width: int = 1400, language: str = "en", labels: Mapping[str, str] | None = None) -> Scene:
        """Return the picture: a lane per owner, a column per quarter; `width` in pixels, from 360."""
        from cxmining.drivers.boards import roadmap_picture

        return roadmap_picture(self, width, language, labels or {})

    def __repr__(self) -> str:
        columns = ["quarter", "item", "kind", "owner", "difference", "saved", "value", "effort", "status"]
        table = self.summary[columns].to_string(index=False, na_rep="–", float_format=lambda v: f"{v:,.2f}")
        head = f"Roadmap of {counted(len(self.summary), 'item')} over {self.quarters[0]} to {self.quarters[-1]}"
        return "\n".join([head, table, *(f"- {line}" for line in self._said())])

    def _said(self) -> list[str]:
        notion = [f"one journey: {self.notion}"] if self.notion else []
        return [*notion, *(f"filter: {step}" for step in self.chain), *self.notes]

    def _repr_html_(self) -> str:
        return repr_html(self.summary, said=self._said())


def plan_roadmap(
    lived: Experience,
    analysis: DriverAnalysis | None = None,
    *,
    moments: MomentsOfTruth | None = None,
    priority: Priority | None = None,
    what_if: WhatIf | None = None,
    tasks: Tasks | None = None,
    file: str | Path | None = None,
    customer_value: float | None = None,
    start: str | None = None,
    quarters: int = 4,
    top: int = 8,
    per_owner: int = 1,
    currency: str = "€",
) -> Roadmap:
    """Join moments of truth, priority and unmet tasks into a plan over quarters.

    Parameters
    ----------
    lived : Experience
        Contacts, scores and the catalogue (owners, tasks, expected scores, cost of a contact).
    analysis : DriverAnalysis, optional
        Gives priority and associated differences where these are not given.
    moments : MomentsOfTruth, optional
        Of `find_moments_of_truth`; its breaking contacts become items.
    priority : Priority, optional
        Of `prioritise`; default made from `analysis` and `lived`.
    what_if : WhatIf, optional
        Of `what_if`; default made from `analysis`.
    tasks : Tasks, optional
        Of `find_tasks`: what customers say they want done. Without, tasks are those of the catalogue.
    file : path-like, optional
        ``roadmap.toml`` that people fill in; where it is not there yet, nothing is decided (write it with
        `Roadmap.save`).
    customer_value : float, optional
        What a customer is worth, in `currency`; default ``customer_value`` of the file; without, no value is shown.
    start : str, optional
        First quarter, ``"2026-Q1"``; default the one after the last event.
    quarters : int, default 4
    top : int, default 8
        How many of the priority list become items.
    per_owner : int, default 1
        How many items an owner is proposed per quarter; people may choose otherwise.
    currency : str, default "€"

    Returns
    -------
    Roadmap

    Raises
    ------
    StudyError
        When the file, the quarter or a number is wrong.
    NotEnoughDataError
        When there is nothing to plan: no breaking contact, no priority, no unmet task, nothing of people.
    """
    for name, number in (("quarters", quarters), ("top", top), ("per_owner", per_owner)):
        if number < 1:
            raise StudyError(f"plan_roadmap: {name} = {number!r}: expected at least 1")
    decided = read_decided(Path(file)) if file is not None else Decided()
    worth = decided.customer_value if customer_value is None else customer_value
    if worth is not None and not (np.isfinite(worth) and worth >= 0):
        raise StudyError(f"plan_roadmap: customer_value = {worth!r}: expected an amount of 0 or more")
    data = lived.journeys.data
    notes: list[str] = []
    if analysis is not None:
        from cxmining.drivers.priority import prioritise
        from cxmining.drivers.whatif import what_if as ask

        priority = prioritise(analysis, lived) if priority is None else priority
        what_if = ask(analysis) if what_if is None else what_if
    owners = moments.owners if moments is not None else find_owners(lived.journeys)
    items = _gather(lived, moments, priority, tasks, top)
    known = {item["item"] for item in items}
    items += [{"item": name, "kind": OWN, "evidence": "people"} for name in decided.items if name not in known]
    items = [i for i in items if not decided.of(i["item"]).get("drop")]
    if not items:
        raise NotEnoughDataError(
            "plan_roadmap: nothing to plan: no contact breaks the relationship, no touchpoint has a priority, no task is "
            "unmet, and people wrote no item; give analysis= or moments="
        )
    facts = _facts(data)
    names = _quarters(start or _after(data.events["timestamp"].max()), quarters)
    load: dict[tuple[str, str], int] = {}
    rows = []
    for item in items:
        row: dict[str, Any] = dict.fromkeys(_COLUMNS)
        row |= item
        row |= _measured(row, what_if, facts, worth)
        row |= _owned(row, owners, data.catalogue)
        row |= {k: v for k, v in decided.of(row["item"]).items() if k in ("effort", "status", "note", "by")}
        if decided.of(row["item"]).get("owner"):
            row |= {"owner": decided.of(row["item"])["owner"], "owner_source": "people"}
        rows.append(row)
    for row in sorted(rows, key=lambda r: not decided.of(r["item"]).get("quarter")):
        chosen = decided.of(row["item"]).get("quarter")
        row["quarter"] = chosen or _free(load, str(row["owner"]), names, per_owner)
        row["quarter_source"] = "people" if chosen else "proposed"
        load[str(row["owner"]), row["quarter"]] = load.get((str(row["owner"]), row["quarter"]), 0) + 1
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    for column in ("item", "kind", "evidence", "quarter", "quarter_source", "owner", "owner_source", "effort", "status", "touchpoint",
                   "task", "outcome", "note", "by"):  # fmt: skip
        table[column] = table[column].astype("str")
    for column in ("rank_priority", "n", "outcome_n", "contacts", "repeats"):
        table[column] = table[column].astype("Float64").round().astype("Int64")
    for column in table.columns.difference(list(table.select_dtypes(["str", "Int64"]).columns)):
        table[column] = table[column].astype("float64")
    order = np.argsort(table["quarter"].where(table["quarter"] != LATER, "9999").to_numpy(dtype=object), kind="stable")
    if worth is None:
        notes.append("no value at stake: say what a customer is worth with customer_value=, or in the file")
    if facts["cost"].isna().all():
        notes.append("no cost: the catalogue says of no touchpoint what a contact costs")
    notes.append("differences are associations among respondents, no promises; money is at stake, not won")
    used = table["quarter"].unique()
    later = [q for q in sorted(used) if q not in names and q != LATER]
    shown = sorted({*names, *later}) + ([LATER] if LATER in used else [])
    return Roadmap(table.iloc[order].reset_index(drop=True), tuple(shown), None if analysis is None else analysis.target,
                   currency, tuple(notes), decided, str(lived.journeys.notion), lived.journeys.chain)  # fmt: skip


LATER: Final = "later"


def _gather(
    lived: Experience, moments: MomentsOfTruth | None, priority: Priority | None, tasks: Tasks | None, top: int
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the items by their rank in either list: a contact that is in both is one item, a moment of truth."""
    found: dict[str, dict[str, Any]] = {}
    place: dict[str, tuple[int, int]] = {}
    if moments is not None:
        breaking = moments.decisive[moments.decisive["direction"] == "breaks"].drop_duplicates("touchpoint")
        for i, r in enumerate(breaking.to_dict("records")):
            name = str(r["touchpoint"])
            place[name] = (i, 0)
            found[name] = {
                "item": name, "kind": MOMENT, "evidence": "measured", "touchpoint": name, "outcome": r["outcome"], "outcome_difference": r["difference"],
                "outcome_low": r["low"], "outcome_high": r["high"], "outcome_n": r["n_met"], "_customers": r["customers"],
            }  # fmt: skip
    if priority is not None:
        for i, r in enumerate(priority.summary[priority.summary["priority"] > 0].head(top).to_dict("records")):
            name = str(r["touchpoint"])
            place[name] = min(place.get(name, (i, 1)), (i, 1))
            pain = {"item": name, "kind": PAIN, "evidence": "measured", "touchpoint": name}
            found.setdefault(name, pain)["rank_priority"] = r["rank"]
    for i, unmet in enumerate(unmet_tasks(lived, tasks)):
        name = f"task: {unmet.task}"
        place[name] = (i, 2)
        found[name] = {
            "item": name, "kind": UNMET, "evidence": unmet.evidence, "task": unmet.task, "n": unmet.n,
            "touchpoint": "; ".join(unmet.touchpoints),
        }  # fmt: skip
    return [found[name] for name in sorted(found, key=lambda n: (place[n], n))]


def _facts(data: Any) -> pd.DataFrame:
    """Return, per touchpoint, contacts and repeats in the log, the years it covers, and what a contact costs."""
    events = data.events[data.events["customer_id"].notna()]
    own = events[events["direction"].fillna("inbound") == "inbound"]
    rows = own[["customer_id", "touchpoint", "timestamp", "source", "seq"]].assign(
        thread=own["thread_id"].fillna(own["case_id"])
    )
    rows = rows.sort_values(["customer_id", "touchpoint", "timestamp", "source", "seq"], kind="stable")
    before = rows.shift(1)
    same = (rows["customer_id"] == before["customer_id"]) & (rows["touchpoint"] == before["touchpoint"])
    one = rows["thread"].notna() & (rows["thread"] == before["thread"])
    rows = rows.assign(contact=~(same & one))
    rows = rows[rows["contact"]]
    before = rows.shift(1)
    same = (rows["customer_id"] == before["customer_id"]) & (rows["touchpoint"] == before["touchpoint"])
    repeat = same & (rows["timestamp"] - before["timestamp"] <= AGAIN)
    table = pd.DataFrame(
        {"contacts": rows.groupby("touchpoint").size(), "repeats": repeat.groupby(rows["touchpoint"]).sum()}
    )
    when = data.events["timestamp"]
    # a log of some weeks says little of a year, and one of a day nothing: it is not stretched below a month
    table["years"] = max(float((when.max() - when.min()) / YEAR), 1 / 12)
    cost = data.catalogue.drop_duplicates("touchpoint").set_index("touchpoint")["cost"].astype("Float64")
    table["cost"] = cost.reindex(table.index).to_numpy(dtype=float, na_value=np.nan)
    return table


def _measured(
    row: Mapping[str, Any], what_if: WhatIf | None, facts: pd.DataFrame, worth: float | None
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    name = row["touchpoint"]
    if what_if is not None and name in set(what_if.summary["touchpoint"]):
        r = what_if.summary[what_if.summary["touchpoint"] == name].iloc[0]
        out |= {"difference": r["difference"], "low": r["low"], "high": r["high"], "n": r["n"]}
    if name in facts.index:
        f = facts.loc[name]
        contacts, years = int(f["contacts"]), float(f["years"])
        share = wilson(int(f["repeats"]), contacts)
        out |= {"contacts": contacts / years, "repeats": int(f["repeats"]) / years, "cost": float(f["cost"])}
        if np.isfinite(f["cost"]):
            each = contacts / years * float(f["cost"])
            out |= {"saved": share.value * each, "saved_low": share.low * each, "saved_high": share.high * each}
    if worth is not None and row.get("outcome") == "leaves":
        each = float(row["_customers"]) * worth
        ends = {"value": "outcome_difference", "value_low": "outcome_low", "value_high": "outcome_high"}
        out |= {to: each * float(row[of]) for to, of in ends.items()}
    return out


def _owned(row: Mapping[str, Any], owners: Owners, catalogue: pd.DataFrame) -> dict[str, Any]:
    if row["kind"] == UNMET:  # who has most of the task's touchpoints
        mine = catalogue.loc[catalogue["task"] == row["task"], "owner_declared"].dropna().value_counts()
        if not len(mine):  # nobody's by the catalogue: whose the contacts are at which it is asked for most
            first = str(row["touchpoint"]).split("; ")[0]
            owner, source = owners.of(first) if first else (None, UNKNOWN)
            return {"owner": owner, "owner_source": source}
        return {"owner": sorted(mine.index[mine == mine.max()])[0], "owner_source": "declared"}
    owner, source = owners.of(str(row["touchpoint"]))
    return {"owner": owner, "owner_source": source}


def _after(last: pd.Timestamp) -> str:
    following = last.tz_convert("UTC").tz_localize(None).to_period("Q") + 1
    return f"{following.year}-Q{following.quarter}"


def _quarters(start: str, count: int) -> list[str]:
    import re

    if not re.fullmatch(r"\d{4}-Q[1-4]", start):
        raise StudyError(f"plan_roadmap: start = {start!r}: expected a quarter such as '2026-Q1'")
    first = int(start[:4]) * 4 + int(start[-1]) - 1
    return [f"{(first + i) // 4:04d}-Q{(first + i) % 4 + 1}" for i in range(count)]


def _free(load: Mapping[tuple[str, str], int], owner: str, names: Sequence[str], per_owner: int) -> str:
    """Return the first quarter in which an owner has room."""
    return next((q for q in names if load.get((owner, q), 0) < per_owner), LATER)
