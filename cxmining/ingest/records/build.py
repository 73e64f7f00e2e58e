"""What all readers share: options checked, channels named, identifiers and answers laid out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.ingest.files.arrow import arrow_of, constant, is_tidy, joined
from cxmining.ingest.records.coded import Coded
from cxmining.ingest.records.ledger import FileLedger
from cxmining.ingest.records.scales import with_scales
from cxmining.ingest.records.scores import numbers_of
from cxmining.privacy.normalise import IDENTIFIER_KINDS, normalised_codes
from cxmining.schema import CHANNELS, DIRECTIONS, TABLES, table
from cxmining.study import Item, SourceSettings, Study, SurveySettings

__all__ = [
    "EVENT_COLUMNS",
    "RAW_COLUMNS",
    "answers_of",
    "channels_of",
    "check_columns",
    "check_options",
    "events_table",
    "identifiers_of",
    "missing_text",
    "seconds_of",
    "stacked",
    "survey_of",
    "typed",
    "value_map",
]

RAW_COLUMNS: Final = ("subject", "topic", "event", "url", "status", "tags")
"""What rules may look at and no table keeps: ride as ``raw_<name>`` until the rules were applied."""
EVENT_COLUMNS: Final = tuple(
    c for c in TABLES["events"] if c not in ("event_id", "customer_id", "utc_offset", "source", "seq")
)
# A number in such a column is a name that happens to be written in digits.
# Columns are written as klant_id, customerId, CustomerID, klantnummer, phone1, Postcode (bezorging).
_NAMES_A_THING: Final = re.compile(
    r"(?i:(?:^|[_\s:.-])(?:ids?|nr|no|num|number|nummer|codes?|ean|sku|key|ref|pin|tel|mobile)\d?$)"
    r"|(?i:(?:nummer|ordernr|klantnr|telefoon|phone|mobiel|gsm|barcode|kenmerk|referentie|reference|dossier)[_\s]?\d?$)"
    r"|(?i:(?:customer|client|klant|user|order|ticket|case|account|product|contact|session|device|visitor|person|member)ids?$)"
    r"|(?i:(?:^|[_\s:.(-])(?:postcode|postalcode|postal[_ ]code|zip|zipcode|iban|bsn|kvk|imei)(?:$|[_\s:.)-]))"
    r"|[a-z](?:I[dD]s?|N[rR])$"
)
_LIFETIME: Final = 100 * 366 * 86_400
_DIRECTIONS: Final = {"in": "inbound", "out": "outbound", "incoming": "inbound", "outgoing": "outbound"}


def check_options(source: SourceSettings, allowed: Mapping[str, str], kind: str) -> dict[str, Any]:
    """Return the options of a source after refusing those that its reader does not know."""
    for key in source.options:
        if key not in allowed:
            listed = "; ".join(f"{k}: {v}" for k, v in allowed.items()) or "none"
            raise StudyError(
                f"source {source.name!r}: unknown option {key!r} for {kind}; {nearest(key, allowed)} (options: {listed})"
            )
    return dict(source.options)


def check_columns(source: SourceSettings, allowed: Iterable[str]) -> None:
    """Refuse a key under ``columns`` or ``constants`` that means nothing to this reader."""
    known = tuple(allowed)
    for where, keys in (("columns", source.columns), ("constants", source.constants)):
        for key in keys:
            if key not in known:
                raise StudyError(
                    f"source {source.name!r}: {where} has the unknown key {key!r}; {nearest(key, known, 5)}"
                )


def value_map(source: SourceSettings, column: str) -> dict[str, str]:
    """Return ``options.values`` for a column: what the file writes → what we call it; ``"*"`` is all else."""
    values = source.options.get("values", {})
    if not isinstance(values, Mapping) or not all(isinstance(v, Mapping) for v in values.values()):
        raise StudyError(
            f'source {source.name!r}: options.values must be tables, such as values = {{channel = {{PHONE = "phone"}}}}'
        )
    return {str(k): str(v) for k, v in values.get(column, {}).items()}


def translate(values: pd.Series[Any], mapping: Mapping[str, str]) -> pd.Series[Any]:
    """Replace values by what `mapping` calls them; ``"*"`` catches those it does not list."""
    if not mapping:
        return values
    codes, unique = pd.factorize(values)
    rest = mapping.get("*")
    new = [mapping.get(str(v), rest if rest is not None else str(v)) for v in unique]
    lookup = np.array([*new, rest], dtype=object)
    return pd.Series(lookup[codes], index=values.index, dtype="str")


def channels_of(values: pd.Series[Any], source: SourceSettings) -> tuple[pd.Series[Any], list[str]]:
    """Return declared channels, and a note about values that are none of them (they become ``other``).

    Raises
    ------
    StudyError
        When ``options.values`` names a channel that does not exist.
    """
    mapping = value_map(source, "channel")
    for wished in mapping.values():
        if wished not in CHANNELS:
            raise StudyError(
                f"source {source.name!r}: options.values.channel gives {wished!r}; expected one of {', '.join(CHANNELS)}"
            )
    named = translate(values, mapping)
    lower = named.str.strip().str.lower()
    known = lower.isin(CHANNELS)
    channel: pd.Series[Any] = lower.where(known, "other")
    notes = []
    if not known.all():
        counts = named[~known].fillna("(missing)").value_counts().sort_index()
        shown = ", ".join(f"{k!r} {n}" for k, n in counts.head(6).items())
        notes.append(f"source {source.name!r}: channel 'other' for values that are no channel: {shown}")
    return channel, notes


def directions_of(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return inbound, outbound, internal, or missing."""
    lower = values.str.strip().str.lower().replace(_DIRECTIONS)
    return lower.where(lower.isin(DIRECTIONS))


def seconds_of(text: pd.Series[Any]) -> tuple[pd.Series[Any], np.ndarray[Any, Any]]:
    """Return text as seconds, and where it is none: negative, infinite, or longer than a lifetime.

    Examples
    --------
    >>> number, wrong = seconds_of(pd.Series(["95", "-1", "inf", None]))
    >>> number.tolist(), wrong.tolist()
    ([95.0, <NA>, <NA>, <NA>], [False, True, True, False])
    """
    number = _plain_numbers(text)
    if number is None:
        number = pd.to_numeric(text, errors="coerce").astype("Float64")
    number = number.mask(number.isna())
    wrong = (text.notna() & ~number.between(0, _LIFETIME).fillna(False)).to_numpy(bool)
    return number.mask(wrong), wrong


def _plain_numbers(text: pd.Series[Any]) -> pd.Series[Any] | None:
    """Return text as numbers when all of it is, by Arrow: ten times as fast."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        values = pc.cast(pa.array(text, type=pa.large_string(), from_pandas=True), pa.float64())
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError):
        return None
    missing = np.asarray(pc.is_null(values))
    filled = np.asarray(pc.fill_null(values, 0.0))
    return pd.Series(pd.arrays.FloatingArray(filled.copy(), missing.copy()), index=text.index)


def missing_text(values: pd.Series[Any]) -> pd.Series[Any]:
    """Strip text and make what is empty missing."""
    if str(values.dtype) == "str" and is_tidy(arrow_of(values)):
        return values
    text = values.astype("str").str.strip()
    empty = (text == "").to_numpy(bool)
    return text.mask(empty) if empty.any() else text


def typed(values: pd.Series[Any], name: str) -> pd.Series[Any]:
    """Give an attribute the type that all its values have; names written in digits stay text.

    Examples
    --------
    >>> str(typed(pd.Series(["1", "2"]), "costs").dtype), str(typed(pd.Series(["1", "2"]), "klant_id").dtype)
    ('Int64', 'str')
    """
    if pd.api.types.is_integer_dtype(values.dtype) and _NAMES_A_THING.search(name):
        return values.astype("Int64").astype("str")
    if str(values.dtype) not in ("str", "object"):
        if str(values.dtype).startswith("datetime64"):
            return values
        if pd.api.types.is_bool_dtype(values.dtype):
            return values.astype("boolean")
        if pd.api.types.is_integer_dtype(values.dtype):
            return values.astype("Int64")
        if pd.api.types.is_float_dtype(values.dtype):
            return values.astype("Float64")
        return values.astype("str")
    text = missing_text(values)
    there = text.dropna()
    if there.empty:
        return text
    lower = there.str.lower()
    if lower.isin(["true", "false"]).all():
        return text.str.lower().map({"true": True, "false": False}).astype("boolean")
    if _NAMES_A_THING.search(name):
        return text
    if there.str.fullmatch(r"-?(?:0|[1-9]\d{0,14})").all():
        return text.astype("Int64")
    if there.str.fullmatch(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:[eE][+-]?\d{1,3})?").all():
        return text.astype("Float64")
    return text


def attribute_name(name: str) -> str:
    """Return the column that an attribute of the source is kept in; declared names are not overwritten."""
    clean = re.sub(r"\W+", "_", name.strip()).strip("_") or "attribute"
    return f"attr_{clean}" if clean in TABLES["events"] or clean.startswith("raw_") else clean


def identifiers_of(
    ids: Any, columns: Mapping[str, pd.Series[Any] | Coded | Sequence[Any]], country: str, *, distinct: bool = False
) -> pd.DataFrame:
    """Lay out identifiers: one row per record, kind and value, normalised.

    `distinct` says that no two of `ids` are alike, which need not be looked at then.

    Examples
    --------
    >>> identifiers_of(np.array(["r1"]), {"email": ["A@B.nl"], "phone": [None]}, "NL").to_numpy().tolist()
    [['r1', 'email', 'a@b.nl']]
    """
    record: list[Any] = []
    kinds: list[str] = []
    values: list[Any] = []
    names = pd.Series(ids, dtype="str").array
    for kind, column in columns.items():
        kind = kind.split("#", 1)[0]  # "email#2": a second column of the same kind
        if isinstance(column, Coded):  # what is empty, and blanks around it, are dealt with once per text
            if (column.codes < 0).all():
                continue
            spellings, spelled = normalised_codes(kind, column.words, country)
            codes = column.each(spellings, -1)
        else:
            given = missing_text(column if isinstance(column, pd.Series) else pd.Series(column, dtype="str"))
            if given.isna().all():
                continue
            codes, spelled = normalised_codes(kind, given.reset_index(drop=True), country)
        there = np.flatnonzero(codes >= 0)
        if len(there):
            record.append(names if len(there) == len(names) else names.take(there))
            kinds.append(kind)
            values.append(spelled.array.take(codes[there]))
    if not record:
        return table("identifiers", {c: [] for c in TABLES["identifiers"]})
    frame = table(
        "identifiers",
        {
            "record_id": joined(record),
            "kind": joined([constant(kind, len(part)) for kind, part in zip(kinds, record, strict=True)]),
            "value": joined(values),
        },
    )
    # each record has one value per column: only two columns of a kind, or a record named twice, can say a thing twice
    if len(set(kinds)) < len(kinds) or not (distinct or pd.Index(names).is_unique):
        frame = frame.drop_duplicates(ignore_index=True)
    return frame


def events_table(
    ledger: FileLedger, at: np.ndarray[Any, Any], columns: Mapping[str, Any], source: SourceSettings
) -> pd.DataFrame:
    """Make events of the records at positions `at`; `columns` are as long as `at`."""
    return table(
        "events",
        {
            "event_id": ledger.names if len(at) == ledger.n and is_range(at) else ledger.names.take(at),
            "source": constant(source.name, len(at)),
            "seq": at + 1,
            "raw_file": constant(ledger.file.file, len(at)),
            **columns,
        },
    )


def stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the tables of several files below each other; of one file its own, which needs no copy."""
    return tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)


def is_range(at: np.ndarray[Any, Any]) -> bool:
    """Tell whether positions are 0, 1, 2 …, so that nothing needs to be picked."""
    return bool((at == np.arange(len(at))).all())


def survey_of(source: SourceSettings, study: Study) -> SurveySettings:
    """Return the survey a source belongs to, or say that the study must name it."""
    if source.survey is None:
        raise StudyError(
            f"source {source.name!r}: say which [[survey]] it belongs to (survey = …); "
            + nearest("", [s.name for s in study.surveys])
        )
    return study.survey(source.survey)


def answers_of(
    frame: pd.DataFrame, at: np.ndarray[Any, Any], survey: SurveySettings, ledger: FileLedger, where: str
) -> pd.DataFrame:
    """Lay out the items of a survey: one row per kept response and item.

    Parameters
    ----------
    frame : DataFrame
        The file's columns as text, all records.
    at : ndarray
        Positions of the kept responses.
    survey : SurveySettings
        Its items say column, scale and codes.
    ledger : FileLedger
        Learns of cells outside their scale.
    where : str
        File, for messages.

    Raises
    ------
    StudyError
        When the column of an item is not in the file.
    """
    parts = []
    for item in survey.items:
        if item.column not in frame.columns:
            raise StudyError(
                f"{where}: survey {survey.name!r}, item column {item.column!r} is not in the file; "
                + nearest(item.column, frame.columns)
            )
        text = missing_text(frame[item.column].iloc[at])
        score, status = _score(text, item)
        bad = status == "invalid"
        if bad.any():
            ledger.cell(
                at[bad], item.column,
                f"outside the scale {item.low:g} to {item.high:g} of item {item.column!r}",
            )  # fmt: skip
        n = len(at)
        parts.append(
            pd.DataFrame(
                {
                    "response_id": ledger.ids[at],
                    "item": np.full(n, item.column, dtype=object),
                    "metric": np.full(n, item.metric, dtype=object),
                    "touchpoint": np.full(n, item.touchpoint, dtype=object),
                    "elements": np.full(n, "; ".join(item.elements) or None, dtype=object),
                    "score": pd.array(score, dtype="Float64"),
                    "scale_low": np.full(n, item.low, dtype=float),
                    "scale_high": np.full(n, item.high, dtype=float),
                    "higher_is_better": np.full(n, item.higher_is_better, dtype=bool),
                    "status": status,
                }
            )
        )
    if not parts or not len(at):
        return table("answers", {c: [] for c in TABLES["answers"]})
    answers = pd.concat(parts, ignore_index=True)
    # by response, then in the order of the questionnaire
    order = np.tile(np.arange(len(at)), len(parts)).argsort(kind="stable")
    answers["score"] = answers["score"].where(answers["score"].notna())
    return with_scales(table("answers", {c: answers[c].iloc[order] for c in answers.columns}), survey)


def _score(text: pd.Series[Any], item: Item) -> tuple[Any, np.ndarray[Any, Any]]:
    # what `codes` says wins over the number in a label: "1 - zeer goed" may be the best there is
    coded = text.map({str(k): float(v) for k, v in item.codes.items()}) if item.codes else None
    number = numbers_of(text)
    score = number if coded is None else coded.astype("Float64").fillna(number)
    status = np.full(len(text), "answered", dtype=object)
    outside = (score.isna() | (score < item.low) | (score > item.high)).fillna(True).to_numpy(bool)
    status[outside] = "invalid"
    for codes, word in ((item.blank, "blank"), (item.not_used, "not_used")):
        status[_is_code(text, number, codes)] = word
    status[text.isna().to_numpy()] = "blank"
    values = score.to_numpy(dtype=float, na_value=np.nan).copy()
    values[status != "answered"] = np.nan
    if item.reverse:
        values = item.low + item.high - values
    nothing = np.isnan(values)
    return pd.arrays.FloatingArray(np.where(nothing, 0.0, values), nothing), status


def _is_code(text: pd.Series[Any], number: pd.Series[Any], codes: Sequence[Any]) -> np.ndarray[Any, Any]:
    hit = np.zeros(len(text), dtype=bool)
    for code in codes:
        if isinstance(code, bool | str):
            hit |= text.str.casefold().eq(str(code).strip().casefold()).fillna(False).to_numpy(bool)
        else:
            hit |= number.eq(float(code)).fillna(False).to_numpy(bool)
    return hit


KINDS: Final[tuple[str, ...]] = IDENTIFIER_KINDS
