"""Ready mappings for plain tables of contacts that no vendor's format covers.

``preset = "post"`` in a ``[[source]]`` of format csv, parquet or excel finds the columns by their Dutch or
English names. What the source says itself (``columns``, ``constants``, ``options.values``) wins, column by column.

=========  ==========================  =======  ==================  =============================================
preset     rows                        channel  touchpoint          columns looked for, beside date and customer
=========  ==========================  =======  ==================  =============================================
social     social posts, messages      social   social post         platform, author, kind, text, thread, likes
review     reviews                     social   writes review       rating, title, text, product, order
sms        text messages               sms      text message        from, to, direction, text, status
post       register of scanned post    post     letter              received, sender, kind of document, subject
desk       visits to a desk            desk     desk visit          arrival, reason, desk, wait (s), branch
order      orders and their statuses   web      places order …      order, status, total, quantity, channel
meter      meter readings, exchanges   other    meter reading …     EAN or meter, kind, value, unit
outage     outages per connection      other    power outage …      begin, EAN, kind, cause, minutes
delivery   parcels and their scans     other    parcel delivered …  parcel, status, moment, carrier
=========  ==========================  =======  ==================  =============================================

*…*: where the table has a column of kinds or statuses its words are translated (``verzonden``, ``shipped`` →
*order shipped*), and those that are unknown keep their own label. Where a table has a column of kinds without a
translation, that column is the touchpoint, and a row without a kind gets the touchpoint of this table.

Two columns that fit equally well are never chosen between: the message names both. A date and a time of day in
columns of their own are joined. Of a text message the customer's number is the sender's or the receiver's, by the
direction or by ``company.numbers``. Ratings become the number of stars (``4,5``, ``4/5``, ``★★★★☆``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.ingest.records.build import missing_text
from cxmining.ingest.records.scores import numbers_of
from cxmining.ingest.tables.preset_words import DIRECTIONS, PRESETS, TIME_OF_DAY, Preset
from cxmining.schema import CHANNELS
from cxmining.study import SourceSettings, Study

__all__ = ["CHANNEL_WORDS", "Found", "channel_values", "find_preset", "plain", "settle"]

CHANNEL_WORDS: Final = {
    "phone": r"telefoon|tel|phone|bel|call|voice", "mail": r"e_?mail|mail", "web": r"web.*|internet|site|online|shop", "chat": r"chat|whatsapp|messenger",
    "app": r".*app", "social": r"twitter|x|facebook|insta.*|social.*|linkedin", "post": r"post|brief|letter", "desk": r"desk|balie|counter|winkel|store|loket", "sms": r"sms|text",
}  # fmt: skip
_SIGNS: Final = 2
_MOST: Final = 0.9
_WIDEST: Final = 200  # of more columns the first tell
_PHONE: Final = r"to|naar|aan|ontvanger|recipient"
_FROM: Final = r"from|van|afzender|sender|from_number"
_CUSTOMERS_NUMBER: Final = "(the customer's number)"


@dataclass(frozen=True)
class Found:
    """A ready mapping that fits a table, and why; `name` is empty where none or more than one fits."""

    name: str
    why: str


def plain(name: str) -> str:
    """Return a name as the patterns are written for.

    Examples
    --------
    >>> plain("Datum/tijd (ontvangst)")
    'datum_tijd_ontvangst'
    """
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_")


def find_preset(columns: Iterable[str]) -> Found:
    """Say which ready mapping the names of columns are made for.

    Examples
    --------
    >>> find_preset(["Poststuknummer", "Ontvangstdatum", "Afzender", "Klantnummer"]).why
    "its columns 'Poststuknummer', 'Ontvangstdatum', 'Afzender' are those of a register of scanned post"
    """
    names = [str(c) for c in columns][:_WIDEST]
    plainly = {n: plain(n) for n in names}
    found: dict[str, list[str]] = {}
    for key, preset in PRESETS.items():
        if _matches(names, preset.columns["timestamp"]) is None:
            continue
        hits: dict[str, str] = {}  # a column speaks once, for the first sign it fits
        for sign in preset.signs:
            hit = next((n for n in names if n not in hits and re.fullmatch(sign, plainly[n])), None)
            if hit is not None:
                hits[hit] = sign
        if len(hits) >= _SIGNS:
            found[key] = [n for n in names if n in hits]
    if not found:
        return Found("", "")
    most = max(len(v) for v in found.values())
    best = [k for k, v in found.items() if len(v) == most]
    if len(best) > 1:
        said = " or ".join(f"{PRESETS[k].what} ({', '.join(map(repr, found[k][:3]))})" for k in best)
        return Found("", f"could be {said}; set preset")
    shown = ", ".join(repr(n) for n in found[best[0]][:3])
    return Found(best[0], f"its columns {shown} are those of {PRESETS[best[0]].what}")


def _matches(names: Sequence[str], patterns: Sequence[str]) -> list[str] | None:
    """Return the columns that fit the first pattern that any fits."""
    for pattern in patterns:
        fits = [n for n in names if re.fullmatch(pattern, plain(n))]
        if fits:
            return fits
    return None


def settle(
    source: SourceSettings, frames: Sequence[pd.DataFrame], study: Study
) -> tuple[SourceSettings, list[pd.DataFrame], list[str]]:
    """Fill in what a source with a ready mapping leaves open.

    Parameters
    ----------
    source : SourceSettings
        With `preset`.
    frames : sequence of DataFrame
        The tables of its files, as text.
    study : Study
        Whose telephone numbers are the company's own.

    Returns
    -------
    SourceSettings
        With columns, constants, attributes and values.
    list of DataFrame
        The tables, with the columns that had to be made of two.
    list of str
        What was decided, in words.

    Raises
    ------
    StudyError
        When no column is the moment, or two columns fit equally well.
    """
    if source.preset is None:
        return source, list(frames), []
    if source.into != "events":
        raise StudyError(f"source {source.name!r}: preset = {source.preset!r} makes events; take into out")
    preset = PRESETS[source.preset]
    names = [c for c in map(str, frames[0].columns) if all(c in f.columns for f in frames)]
    where = f"source {source.name!r}, preset = {source.preset!r}"
    columns = dict(source.columns)
    made: list[pd.DataFrame] = [f.copy(deep=False) for f in frames]
    for ours, patterns in preset.columns.items():
        if ours in columns or ours in source.constants:
            continue
        fits = _matches([n for n in names if n not in columns.values()], patterns)
        if fits is None:
            continue
        if len(fits) > 1:
            raise StudyError(
                f"{where}: {ours} could be {' or '.join(map(repr, fits))}; say columns = {{{ours} = {fits[0]!r}}}"
            )
        columns[ours] = fits[0]
    if "timestamp" not in columns and "timestamp" not in source.constants:
        raise StudyError(
            f'{where}: no column is named like a moment; say columns = {{timestamp = "…"}}; {nearest("datum", names, 5)}'
        )
    constants = {"channel": preset.channel, "touchpoint": preset.touchpoint, **source.constants}
    if preset.direction and "direction" not in columns:
        constants.setdefault("direction", preset.direction)
    if "time" not in source.columns:
        _join_clock(made, columns, names)
    if source.preset == "sms" and "phone" not in source.columns:
        _customers_number(made, columns, constants, names, study, where)
    attributes = [*source.attributes]
    for pattern in preset.attributes:
        hit = next((n for n in names if n not in columns.values() and re.fullmatch(pattern, plain(n))), None)
        if hit is not None and hit not in attributes:
            attributes.append(_rating(made, hit) if source.preset == "review" and "rating" in pattern else hit)
    options = {**source.options, "values": _values(source, preset, made, columns)}
    settled = source.model_copy(
        update={"columns": columns, "constants": constants, "attributes": tuple(attributes), "options": options}
    )
    mapped = ", ".join(f"{ours} = {theirs!r}" for ours, theirs in columns.items())
    return settled, made, [f"source {source.name!r}: read as {preset.what}: {mapped}"]


def _join_clock(frames: Sequence[pd.DataFrame], columns: dict[str, str], names: Sequence[str]) -> None:
    """Put the time of day behind a date that has none."""
    date = columns.get("timestamp")
    clock = _matches([n for n in names if n not in columns.values()], TIME_OF_DAY)
    if date is None or clock is None or len(clock) > 1:
        return
    joined = f"{date} {clock[0]}"
    for frame in frames:
        day, time = missing_text(frame[date]), missing_text(frame[clock[0]])
        dated = day.dropna().str.fullmatch(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?: 00:00:00)?")
        timed = time.dropna().str.fullmatch(r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?")
        if not len(dated) or not dated.all() or not len(timed) or timed.mean() < _MOST:
            return
    for frame in frames:
        day, time = missing_text(frame[date]), missing_text(frame[clock[0]])
        # ISO wants two digits; a date whose time is missing keeps its day
        clean = time.str.replace(".", ":", regex=False).str.replace(r"^(\d):", r"0\1:", regex=True)
        frame[joined] = (day.str.removesuffix(" 00:00:00") + " " + clean).fillna(day)
    columns["timestamp"] = joined


def _customers_number(
    frames: Sequence[pd.DataFrame],
    columns: dict[str, str],
    constants: dict[str, Any],
    names: Sequence[str],
    study: Study,
    where: str,
) -> None:
    """Of sender and receiver take the one that is not the company."""
    sender, receiver = _matches(names, (_FROM,)), _matches(names, (_PHONE,))
    if sender is None or receiver is None:
        if columns.get("phone") in (sender or []) + (receiver or []):
            # one end alone: a table of what was sent, or of what came in
            constants.setdefault("direction", "inbound" if sender else "outbound")
        elif "phone" not in columns and sender is not None:
            columns["phone"] = sender[0]
            constants.setdefault("direction", "inbound")
        return
    if "phone" in columns and columns["phone"] not in (*sender, *receiver):
        return
    from cxmining.privacy.normalise import normalise

    own = set(normalise("phone", pd.Series(study.company.numbers, dtype="str"), study.company.country).dropna()) | set(
        study.company.numbers
    )
    for frame in frames:
        a, b = missing_text(frame[sender[0]]), missing_text(frame[receiver[0]])
        if "direction" in columns:
            words = missing_text(frame[columns["direction"]]).map(
                lambda v: _word(DIRECTIONS, str(v)), na_action="ignore"
            )
            inbound = words.eq("inbound")
        elif own:
            inbound = normalise("phone", b, study.company.country).isin(own) | b.isin(own)
        else:
            raise StudyError(
                f"{where}: which of {sender[0]!r} and {receiver[0]!r} is the customer's number? Say the company's own "
                f"(company.numbers), or columns = {{phone = {receiver[0]!r}}}"
            )
        inbound = inbound.fillna(False).astype(bool)
        frame[_CUSTOMERS_NUMBER] = a.where(inbound, b)
        if "direction" not in columns:
            frame["(direction)"] = inbound.map({True: "inbound", False: "outbound"})
    columns["phone"] = _CUSTOMERS_NUMBER
    columns.setdefault("direction", "(direction)")


def _rating(frames: Sequence[pd.DataFrame], column: str) -> str:
    """Make a column ``rating`` of numbers; return its name."""
    for frame in frames:
        frame["rating"] = stars_of(frame[column])
    return "rating"


def stars_of(text: pd.Series[Any]) -> pd.Series[Any]:
    """Return the number of stars that a rating says, missing where it says none.

    Examples
    --------
    >>> stars_of(pd.Series(["4,5", "4/5", "★★★★☆", "3 sterren", "5 out of 5", "goed"])).tolist()
    [4.5, 4.0, 4.0, 3.0, 5.0, <NA>]
    """
    given = missing_text(text)
    drawn = given.str.fullmatch(r"[★⭐☆️ ]+").fillna(False)
    cut = given.str.replace(
        r"(?i)^(\d+(?:[.,]\d+)?)\s*(?:/\s*\d+|(?:van|uit|of|out of)\s+(?:de\s+)?\d+|ster(?:ren)?|stars?|★|⭐)(?:\s+(?:stars?|sterren))?$",
        r"\1",
        regex=True,
    )
    counted = given.str.count("[★⭐]").astype("Float64")
    return numbers_of(cut).where(~drawn.astype(bool), counted)


def _values(
    source: SourceSettings, preset: Preset, frames: Sequence[pd.DataFrame], columns: dict[str, str]
) -> dict[str, dict[str, str]]:
    """Translate the words of a table: kinds and statuses, channels, directions; what is said wins."""
    given = source.options.get("values", {})
    values = {str(k): dict(v) for k, v in given.items()} if isinstance(given, dict) else {}
    for ours, words in (("touchpoint", preset.values), ("direction", DIRECTIONS)):
        if ours in columns and words:
            proposed = {v: w for v in _distinct(frames, columns[ours]) if (w := _word(words, v)) is not None}
            values[ours] = proposed | values.get(ours, {})
    if "channel" in columns:
        proposed = channel_values(_distinct(frames, columns["channel"]))
        values["channel"] = proposed | values.get("channel", {})
    return {k: v for k, v in values.items() if v}


def channel_values(words: Iterable[str]) -> dict[str, str]:
    """Say which of our channels the words of a file mean; what is not sure is left out.

    Examples
    --------
    >>> channel_values(["TELEFOON", "E-mail", "Fax"])
    {'TELEFOON': 'phone', 'E-mail': 'mail'}
    """
    found = {}
    for word in words:
        fits = [ours for ours, pattern in CHANNEL_WORDS.items() if re.fullmatch(pattern, plain(word))]
        if len(fits) == 1 and word.strip().lower() not in CHANNELS:
            found[word] = fits[0]
    return found


def _distinct(frames: Sequence[pd.DataFrame], column: str) -> list[str]:
    found: set[str] = set()
    for frame in frames:
        found.update(missing_text(frame[column]).dropna().unique())
    return sorted(found)


def _word(words: dict[str, str], value: str) -> str | None:
    return next((ours for pattern, ours in words.items() if re.fullmatch(pattern, plain(value))), None)
