"""Closing the loop: whom to call today, whether earlier ones were called, and what they did afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.experience.afterwards import compare_called, happens_within, length_of, times_of
from cxmining.experience.expectation import ASKED
from cxmining.experience.moments import EXPECTED_PAIN, PAIN, find_moments
from cxmining.i18n import counted
from cxmining.repr_html import repr_html
from cxmining.schema import CHANNELS, CONTACT, OVERALL
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.discovery import PromiseReport
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys

__all__ = ["CallBackList", "call_back_list"]

_COLUMNS: Final = ["customer_id", "reason", "detail", "touchpoint", "owner", "owner_source", "when", "days_ago"]


@dataclass(frozen=True, eq=False)
class CallBackList:
    """Customers to call, each with the reason and who owns it. About single customers: for ``private/`` only.

    Attributes
    ----------
    summary : DataFrame
        Whom to call, the newest reason first: ``customer_id`` (pseudonym), ``reason`` (detractor, pain moment, broken
        promise), ``detail``, ``touchpoint``, ``owner`` with ``owner_source`` (mined, declared; missing where nobody is
        known to own it), ``when`` (UTC), ``days_ago``.
    cases : DataFrame
        The same of all time, with ``called_at``: the first outbound contact to the customer within `within` after it,
        missing where there was none.
    called : DataFrame
        Per reason, and for all: how many cases whose time is over were called, ``share`` with its 95% interval.
    afterwards : DataFrame
        What customers did in the time `after` that begins when the time to call is over, those who were called against
        those who were not, a customer counting once, with the first case: ``outcome`` (promoter, score, returns,
        leaves), ``called`` and ``not_called`` (shares, or means of the next score), ``n_called``, ``n_not_called``,
        ``difference`` with ``low`` and ``high`` (95%).
    today : Timestamp
    within, after : Timedelta
    notion : str
    chain, notes : tuple of str
    """

    summary: pd.DataFrame
    cases: pd.DataFrame
    called: pd.DataFrame
    afterwards: pd.DataFrame
    today: pd.Timestamp
    within: pd.Timedelta
    after: pd.Timedelta
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    def write(self, path: str | Path) -> Path:
        """Write the list as CSV, into a folder named ``private`` and nowhere else.

        Parameters
        ----------
        path : path-like
            Of the file; its folder must be there.

        Raises
        ------
        StudyError
            When the file, links followed, would not lie in a folder named ``private``, or that is not there.
        """
        from cxmining.privacy import safe_csv

        file = Path(path).resolve()
        if file.parent.name != "private":
            raise StudyError(
                f"{path}: the list names single customers and is written into a folder named 'private' only; "
                "write for example runs/<run>/private/call_back.csv"
            )
        if not file.parent.is_dir():
            raise StudyError(f"{path}: there is no folder {file.parent.name!r} to write into; make it first")
        safe_csv(self.summary, file)
        return file

    def _lines(self) -> list[str]:
        people = self.summary["customer_id"].nunique()
        reasons = self.summary["reason"].value_counts()
        each = ", ".join(counted(int(n), str(name)) for name, n in sorted(reasons.items())) or "nobody"
        lines = [
            f"CallBackList({counted(people, 'customer')} to call on {self.today:%Y-%m-%d}: {each}; {self.notion})",
            "  private: rows about single customers, to be kept in private/ and shown to those who call",
        ]
        if len(self.called):
            row: Any = self.called.iloc[-1]
            if row["n"]:
                lines.append(
                    f"  of {row['n']:,} earlier cases {row['called']:,} were called within {self.within.days:,} days: "
                    f"{row['share']:.1%} [{row['low']:.1%}, {row['high']:.1%}]"
                )
        return [*lines, *(f"  filter: {s}" for s in self.chain), *(f"  note: {note}" for note in self.notes)]

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _repr_html_(self) -> str:
        return repr_html(self.called, self.afterwards, head=self._lines())


def call_back_list(
    lived: Experience,
    *,
    promises: PromiseReport | None = None,
    today: str | pd.Timestamp | None = None,
    recent: str = "30D",
    within: str = "14D",
    after: str = "90D",
    channels: str | Iterable[str] = "phone",
    leaving: str | Iterable[str] | None = None,
) -> CallBackList:
    """List the customers to call, and look at what became of earlier ones. The list is for ``private/`` only.

    Reasons are an NPS of 0 to 6, a pain moment against an expectation that was *asked* (an estimate is no ground to
    call anybody), and a broken promise. On the list stand those of the last `recent` days who were not called since.

    Parameters
    ----------
    lived : Experience
    promises : PromiseReport, optional
        Of :func:`cxmining.discovery.check_promises` on the same journeys; its broken promises join the reasons.
    today : str or Timestamp, optional
        Default: the last event of the log. Later events and answers are not yet known then.
    recent : str, default "30D"
        How old a reason may be.
    within : str, default "14D"
        How soon after the reason an outbound contact counts as having been called.
    after : str, default "90D"
        How long what happened is followed. It begins when `within` is over, for those who were called and those who
        were not alike: else whoever left at once would count as not called.
    channels : channel or channels, default "phone"
        Of an outbound contact that counts: an invoice by mail is no call.
    leaving : touchpoint or touchpoints, optional
        What leaving is; default the customers' ``left_at`` where there is one.

    Returns
    -------
    CallBackList

    Raises
    ------
    NotEnoughDataError
        When the data hold no reason to call anybody, at any time.
    UnknownNameError
        When a channel or touchpoint is not there.
    StudyError
        When a time is none, or `promises` were checked on other journeys.

    Notes
    -----
    Who is called is not drawn by lot: the worst cases, or the easiest to reach, are called first. The difference
    afterwards is associated with the call, and does not show what the call did.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> lived = small_example()
    >>> found = call_back_list(lived, today="2025-03-01")
    >>> found.summary[["reason", "detail"]].head(2).values.tolist()
    [['detractor', 'NPS 6'], ['pain moment', 'expected 8, got 4']]
    >>> found.called[["reason", "n", "called"]].values.tolist()
    [['detractor', 2, 2], ['pain moment', 4, 2], ['all', 6, 4]]
    """
    journeys = lived.journeys
    data = journeys.data
    fresh, soon, later = (length_of(t, n) for t, n in ((recent, "recent"), (within, "within"), (after, "after")))
    now = _moment(today, data.events["timestamp"].max())
    cases, notes = _cases(lived, promises)
    ahead = int((cases["when"] > now).sum())
    if ahead:
        notes.append(f"{counted(ahead, 'case')} dated after {now:%Y-%m-%d %H:%M} UTC: not known then, left out")
    cases = cases[cases["when"] <= now]
    if not len(cases):
        raise NotEnoughDataError(
            f"no reason to call anybody up to {now:%Y-%m-%d}; {'; '.join(notes) or 'all went well'}"
        )
    cases = _owned(journeys, cases)
    age: Any = now - cases["when"]
    cases["days_ago"] = age.dt.total_seconds() // 86_400
    calls = _calls(data.events, channels, now)
    if not len(calls):
        notes.append("the log has no outbound contact by these channels: whether anybody was called is not known")
    cases = _with_call(cases, calls, soon)
    cases = cases.sort_values(
        ["when", "customer_id", "reason", "touchpoint"], ascending=[False, True, True, True], kind="stable"
    )
    cases = cases[[*_COLUMNS, "called_at"]].reset_index(drop=True)
    since = happens_within(cases.rename(columns={"when": "timestamp"}), calls, fresh)
    open_ = (cases["when"] > now - fresh) & ~since
    over = cases[cases["when"] + soon <= now]
    return CallBackList(
        summary=cases.loc[open_.to_numpy(), _COLUMNS].reset_index(drop=True), cases=cases,
        called=_called(over) if len(calls) else over.head(0)[["reason"]],
        afterwards=compare_called(lived, over, now, soon, later, leaving, notes) if len(calls) else pd.DataFrame(),
        today=now, within=soon, after=later, notion=str(journeys.notion), chain=journeys.chain, notes=tuple(notes),
    )  # fmt: skip


def _moment(given: str | pd.Timestamp | None, last: pd.Timestamp) -> pd.Timestamp:
    if given is None:
        return last
    try:
        moment = pd.Timestamp(given)
    except (ValueError, TypeError):
        raise StudyError(f"today={given!r} is no date; write for example '2025-12-01'") from None
    if pd.isna(moment):
        raise StudyError(f"today={given!r} is no date; write for example '2025-12-01'")
    return moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")


def _cases(lived: Experience, promises: PromiseReport | None) -> tuple[pd.DataFrame, list[str]]:
    notes: list[str] = []
    parts = [_detractors(lived)]
    try:
        found = find_moments(lived).moments
    except NotEnoughDataError:
        notes.append("no touchpoint was scored against an expectation, so there are no pain moments")
    else:
        pain = found[found["moment"].isin([PAIN, EXPECTED_PAIN]) & (found["expectation"] == ASKED)]
        if not (found["expectation"] == ASKED).any():
            notes.append("no expectation was asked, and an estimated one is no ground to call anybody")
        said = [f"expected {e:g}, got {s:g}" for e, s in zip(pain["expected"], pain["score"], strict=True)]
        parts.append(
            pain[["customer_id", "touchpoint", "event_id", "timestamp"]]
            .rename(columns={"timestamp": "when"})
            .assign(reason="pain moment", detail=said)
        )
    if promises is not None:
        parts.append(_broken(lived.journeys, promises))
    return pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True), notes


def _detractors(lived: Experience) -> pd.DataFrame:
    """Return the NPS answers of 0 to 6; one about a contact names its touchpoint and event."""
    links = lived.links
    rows = links[links["matched"] & (links["metric"] == "nps") & links["customer_id"].notna()]
    rows = rows[(rows["score"].astype(float) <= 6).to_numpy()].drop_duplicates("response_id")
    whole = rows["touchpoint"].isin([OVERALL, CONTACT])
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "touchpoint": rows["touchpoint"].mask(whole),
            "event_id": rows["event_id"],
            "when": times_of(lived.journeys.data, rows["response_id"]),
            "reason": "detractor",
            "detail": [f"NPS {s:g}" for s in rows["score"].astype(float)],
        }
    )


def _broken(journeys: Journeys, report: PromiseReport) -> pd.DataFrame:
    """Return the journeys that broke a promise, at the last event that called upon it."""
    events = journeys.events[["event_id", "journey_id", "touchpoint", "timestamp"]]
    parts = []
    for i, promise in enumerate(report.promises):
        broken = report.journeys[(report.journeys["promise"] == i) & (report.journeys["broken"] > 0)]
        if len(broken) and not broken["journey_id"].isin(journeys.table["journey_id"]).all():
            raise StudyError("promises were checked on other journeys; check them on those of this experience")
        named = events[events["journey_id"].isin(broken["journey_id"])]
        own = named[named["touchpoint"].isin([promise.touchpoints[0]])]
        # A promise that something must occur is broken by a journey without it: then its last event stands.
        rest = named[~named["journey_id"].isin(own["journey_id"])]
        last = pd.concat([own, rest]).drop_duplicates("journey_id", keep="last")
        found = broken[["journey_id", "customer_id"]].merge(last, on="journey_id", how="left")
        parts.append(found.rename(columns={"timestamp": "when"}).assign(reason="broken promise", detail=str(promise)))
    columns = ["customer_id", "touchpoint", "event_id", "when", "reason", "detail"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


def _owned(journeys: Journeys, cases: pd.DataFrame) -> pd.DataFrame:
    """Name who owns the reason: mined at the event, else most often mined at the touchpoint, else declared."""
    data = journeys.data
    events = data.events[["event_id", "touchpoint", "owner_mined"]].dropna(subset="owner_mined")
    at_event = cases["event_id"].map(events.drop_duplicates("event_id").set_index("event_id")["owner_mined"])
    counts = events.groupby(["touchpoint", "owner_mined"]).size().reset_index(name="n")
    counts = counts.sort_values(["n", "owner_mined"], ascending=[False, True], kind="stable").drop_duplicates(
        "touchpoint"
    )
    usual = cases["touchpoint"].map(counts.set_index("touchpoint")["owner_mined"])
    mined = at_event.astype("object").fillna(usual.astype("object"))
    known = data.catalogue.drop_duplicates("touchpoint").set_index("touchpoint")["owner_declared"]
    declared = cases["touchpoint"].map(known).astype("object")
    source = pd.Series("declared", index=cases.index).mask(mined.notna(), "mined")
    source = source.mask(mined.isna() & declared.isna())
    return cases.assign(owner=mined.fillna(declared).astype("str"), owner_source=source.astype("str"))


def _calls(events: pd.DataFrame, channels: str | Iterable[str], now: pd.Timestamp) -> pd.DataFrame:
    names = [channels] if isinstance(channels, str) else list(channels)
    for name in names:
        if name not in CHANNELS:
            raise UnknownNameError(f"channels: no channel {name!r}; {nearest(name, CHANNELS)}")
    out = (events["direction"] == "outbound") & events["channel"].isin(names) & events["customer_id"].notna()
    calls = events[out & (events["timestamp"] <= now)]
    return calls[["customer_id", "timestamp"]].sort_values("timestamp", kind="stable", ignore_index=True)


def _with_call(cases: pd.DataFrame, calls: pd.DataFrame, within: pd.Timedelta) -> pd.DataFrame:
    left = cases.sort_values("when", kind="stable")
    found = pd.merge_asof(
        left, calls.rename(columns={"timestamp": "called_at"}), left_on="when", right_on="called_at", by="customer_id",
        direction="forward", allow_exact_matches=False,
    )  # fmt: skip
    late = found["called_at"] - found["when"] > within
    return found.assign(called_at=found["called_at"].mask(late))


def _called(over: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name, part in [*over.groupby("reason", sort=True), ("all", over)]:
        share = wilson(int(part["called_at"].notna().sum()), len(part))
        rows.append((name, len(part), int(part["called_at"].notna().sum()), share.value, share.low, share.high))
    return pd.DataFrame(rows, columns=["reason", "n", "called", "share", "low", "high"])
