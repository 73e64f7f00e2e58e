"""What the columns of an unknown table may be: proposals with their doubts, never decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.records.build import missing_text
from cxmining.ingest.records.times import parse_stamps

__all__ = ["LOOKED_AT", "TableProposal", "propose_table"]

_NAMES: Final = {
    "account": r"klant_?(?:nummer|nr|id|code)|customer_?(?:id|no|number)|account|relatie_?(?:nummer|nr)|debiteur|user_?id|client_?id|^customer$|^klant$",
    "email": r"e-?mail",
    "phone": r"phone|tele?foon|^tel$|mobiel|gsm|msisdn",
    "device": r"device|toestel|\bean|_ean|meter_?(?:nummer|id)|apparaat",
    "cookie": r"cookie|pseudo_id|anonymous_?id|visitor",
    "name": r"^(?:volledige_?)?naam$|^(?:full_?|last_?|first_?)?name$|achternaam|voornaam",
    "case_id": r"case|zaak|dossier|ticket|request_?id|order_?(?:id|nummer|nr)|session|concept:name",
    "channel": r"channel|kanaal|callertype|medium$",
    "direction": r"direction|richting",
    "queue": r"queue|wachtrij|afdeling|department|team|^group",
    "resource": r"agent|medewerker|resource|handled_by|operator",
    "wait_s": r"wait|wachttijd",
    "duration_s": r"duration|duur|talk_?time",
    "text": r"^(?:text|tekst|body|bericht|message|omschrijving|description|comment|opmerking)$",
    "survey": r"^survey$|enqu[eê]te|vragenlijst",
    "reference": r"reference|referentie|contact_?ref",
}  # fmt: skip
# What happened, the sure words first; where two columns bear words of one line it is asked which.
_WHAT: Final = (
    r"touchpoint|^activity$|activiteit|^event(?:_?(?:name|type))?$|gebeurtenis|^stap$|^step$|^action$|^actie$|concept:name",
    r"^kind$|^soort|^type$|_type$|_soort$|problem_?code|contact_?(?:reason|reden|type)|^event",
    r"reason|reden|theme$|thema$|onderwerp|^subject$|action",
    r"categor",
)
_NOT_WHAT: Final = re.compile(
    r"age|leeftijd|customer|klant|product|device|browser|channel|kanaal|content|mime|account|user", re.I
)
_NOT_CHANNEL: Final = re.compile(r"acquisition|marketing|utm|campaign|werving", re.I)
_LOADED: Final = re.compile(r"_synced$|_loaded|^_?etl|_sdc_|ingested|_batched_at$|export_?(?:date|datum)", re.I)
"""When a copy was made is no moment of a contact."""
_ITEMS: Final = 3
_MANY_ITEMS: Final = 8
_MOSTLY: Final = 0.4
LOOKED_AT: Final = 300
"""Of a wider table the first columns tell what it is."""
_INVITED: Final = re.compile(r"invited|uitgenodigd|verzonden_op|sent_at", re.I)
_TIME_FIRST: Final = re.compile(r"time|stamp|tijd|moment|created|start|begin|init|datum|date", re.I)
_RESPONSE_ID: Final = re.compile(r"resp(?:onse|ondent)?_?(?:id|num|nr)|antwoord_?(?:id|nr)", re.I)
_KINDS: Final = ("account", "email", "phone", "device", "cookie", "name")
_STAMP: Final = r"^\d{4}-\d{2}-\d{2}|^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"


@dataclass(frozen=True)
class TableProposal:
    """What a table may be.

    Attributes
    ----------
    into : str
        The table its rows would become.
    columns : dict of str to str
        Our name → the file's column.
    attributes : tuple of str
        Columns of a customer table that may stay.
    naive : bool
        Whether its stamps lack a zone.
    doubts : tuple of str
        What a person must decide.
    constants : dict of str to str
        Our name → what all its rows are.
    """

    into: str
    columns: dict[str, str]
    attributes: tuple[str, ...] = ()
    naive: bool = False
    doubts: tuple[str, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)


def propose_table(frame: pd.DataFrame) -> TableProposal:
    """Propose what the rows and columns of a table are, by name and content.

    Examples
    --------
    >>> frame = pd.DataFrame({"klantnummer": ["1"], "tijdstip": ["2024-01-01 10:00"], "kanaal": ["mail"], "soort": ["vraag"]})
    >>> p = propose_table(frame)
    >>> p.into, p.columns
    ('events', {'account': 'klantnummer', 'channel': 'kanaal', 'touchpoint': 'soort', 'timestamp': 'tijdstip'})
    """
    head = frame.head(2000).iloc[:, :LOOKED_AT]
    columns: dict[str, str] = {}
    doubts: list[str] = []
    if len(frame.columns) > LOOKED_AT:
        doubts.append(
            f"of {len(frame.columns):,} columns the first {LOOKED_AT:,} were looked at: are the others needed?"
        )
    if {"concept:name", "time:timestamp"} <= set(head.columns):
        return TableProposal("events", {})  # the names of XES are a mapping
    stamps = [c for c in head.columns if _is_stamp(head[c]) and not _LOADED.search(c)]
    loaded = [c for c in head.columns if _LOADED.search(c)]
    for ours, pattern in _NAMES.items():
        fits = [
            c for c in head.columns
            if c not in columns.values() and c not in stamps and c not in loaded and re.search(pattern, c, re.I)
            and not (ours == "channel" and _NOT_CHANNEL.search(c))
        ]  # fmt: skip
        if fits:
            columns[ours] = fits[0]
            if len(fits) > 1:
                doubts.append(f"is {ours} the column {fits[0]!r}, or {' or '.join(repr(c) for c in fits[1:4])}?")
    if what := _what_happened(head, [c for c in head.columns if c not in {*columns.values(), *stamps, *loaded}]):
        columns["touchpoint"] = what[0]
        if len(what) > 1:
            doubts.append(f"is touchpoint the column {what[0]!r}, or {' or '.join(repr(c) for c in what[1:4])}?")
    if "email" not in columns:
        mailish = [c for c in head.columns if missing_text(head[c]).str.contains("@").mean() > 0.8]
        columns |= {"email": mailish[0]} if mailish else {}
    stamps.sort(key=lambda c: (not _TIME_FIRST.search(c), list(head.columns).index(c)))
    invited = next((c for c in stamps if _INVITED.search(c)), None)
    if invited is not None and "survey" in columns:
        keep = ("survey", "channel", "reference", *_KINDS)
        return _done(
            head, "invitations", {k: v for k, v in columns.items() if k in keep} | {"invited_at": invited}, doubts
        )
    if "touchpoint" not in columns and _is_survey(head):
        return _responses(head, columns, stamps, doubts)
    people = [k for k in _KINDS if k in columns]
    if (
        people
        and ("touchpoint" not in columns or not stamps)
        and (not stamps or head[columns[people[0]]].is_unique or "name" in columns)
    ):
        mine: dict[str, str] = {k: columns[k] for k in people}
        rest = tuple(
            c for c in head.columns
            if c not in mine.values() and not re.search(r"postcode|zip|straat|street|adres|address|geboorte|birth|bsn|iban", c, re.I)
        )  # fmt: skip
        return _done(
            head, "customers", mine, [*doubts, "which of these attributes are needed? The others are not kept"], rest
        )
    if stamps:
        columns["timestamp"] = stamps[0]
        if len(stamps) > 1:
            doubts.append(f"is the moment {stamps[0]!r}, or {' or '.join(repr(c) for c in stamps[1:4])}?")
    else:
        doubts.append("which column is the timestamp?")
    if "touchpoint" not in columns:
        few = [c for c in head.columns if c not in columns.values() and 1 < head[c].nunique() <= 60]
        doubts.append("which column says what happened (touchpoint)?" + (f" Perhaps {few[0]!r}" if few else ""))
    if "channel" not in columns:
        doubts.append("which channel is this? channel = … under columns or constants")
    for name in ("survey", "reference", "name"):
        columns.pop(name, None)
    return _done(head, "events", columns, doubts)


def _what_happened(head: pd.DataFrame, names: list[str]) -> list[str]:
    """Return the columns that may say what happened, of the surest words that any column bears."""
    for pattern in _WHAT:
        fits = [c for c in names if re.search(pattern, c, re.I) and not _NOT_WHAT.search(c)]
        if fits:
            return fits
    return []


def _is_survey(head: pd.DataFrame) -> bool:
    """Tell a table of answers: many of its columns are scores, or some are scores of a metric by name."""
    from cxmining.ingest.survey.items import recognise_items

    text = [c for c in head.columns if str(head[c].dtype) in ("str", "object")]
    found = [r for r in recognise_items(head[text].astype("str")) if r.metric]
    named = [r for r in found if r.metric != "other"]
    many = len(found) >= max(_ITEMS, _MOSTLY * len(text))
    return many and (bool(named) or len(found) >= _MANY_ITEMS)


def _responses(head: pd.DataFrame, columns: dict[str, str], stamps: list[str], doubts: list[str]) -> TableProposal:
    keep = {k: v for k, v in columns.items() if k in (*_KINDS, "reference")}
    doubts = [d for d in doubts if any(f"is {k} " in d for k in keep)]
    ids = [c for c in head.columns if _RESPONSE_ID.search(c) and head[c].is_unique]
    if len(ids) == 1:
        keep["response_id"] = ids[0]
    if stamps:
        keep["timestamp"] = stamps[0]
        doubts.append(f"is {' or '.join(repr(c) for c in stamps[:3])} when each response was given?")
    else:
        doubts.append(
            "which column is the timestamp? A survey without one cannot be laid over journeys; "
            "cx.find_drivers takes it as a DataFrame"
        )
    return _done(head, "responses", keep, doubts)


def _is_stamp(values: pd.Series[Any]) -> bool:
    text = missing_text(values).dropna()
    return bool(len(text) and text.str.match(_STAMP).mean() > 0.9)


def _done(
    head: pd.DataFrame, into: str, columns: dict[str, str], doubts: list[str], attributes: tuple[str, ...] = ()
) -> TableProposal:
    naive = False
    moment = columns.get("timestamp") or columns.get("invited_at")
    if moment is not None:
        try:
            parse_stamps(head[moment], None, moment)
        except InputError as error:
            naive = "no time zone" in str(error)
            if not naive:
                doubts = [*doubts, str(error)]
                naive = True
    return TableProposal(into, columns, attributes, naive, tuple(doubts))
