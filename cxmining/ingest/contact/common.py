"""What contact-centre exports share: nested records laid flat, newest copies, ways a contact ends, messages.

``wait_s`` is the customer's wait for a person, from the first sign of life; for a contact nobody
answered, until the customer gave up; missing when we made the contact.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from cxmining.errors import InputError, StudyError, nearest
from cxmining.ingest.contact.columns import Columns, Path, word
from cxmining.ingest.contact.grown import Rows
from cxmining.ingest.contact.moments import microseconds, moments
from cxmining.ingest.contact.newest import Spans, keep_newest, keep_newest_spans
from cxmining.ingest.files.csv_rows import read_csv
from cxmining.ingest.files.json_records import WRAPPERS, batches, is_json
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import answers_of, attribute_name, missing_text, typed
from cxmining.ingest.records.ledger import FileLedger
from cxmining.privacy.normalise import normalise
from cxmining.schema import table
from cxmining.study import SourceSettings, Study, SurveySettings

__all__ = [
    "UNANSWERED",
    "Rows",
    "Spans",
    "addresses",
    "attributes_of",
    "by_name",
    "child",
    "children",
    "declared_people",
    "is_ours",
    "keep_newest",
    "keep_newest_spans",
    "labels",
    "load_flat",
    "microseconds",
    "moments",
    "plain_text",
    "responses_of",
    "roots",
    "seconds_between",
    "standing",
    "word",
]

UNANSWERED: Final = ("abandoned", "unanswered", "busy", "failed", "menu only", "bot only")
"""Ways to end a contact without a person: each makes a touchpoint of its own until a rule says otherwise."""
# Chats hold the little HTML that their editors make: paragraphs, lists, links, breaks.
_UNSAID: Final = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)
_BLOCK: Final = re.compile(r"</?(?:p|div|ul|ol|table|h[1-6]|blockquote|pre)\b[^<>]*>", re.I)
_LINE: Final = re.compile(r"<(?:br|/li|/tr)\b[^<>]*>", re.I)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")
_WRAPPED: Final = (*WRAPPERS, "messages", "participants")


def child(record: Any, name: str) -> Mapping[str, Any]:
    """Return the object a field holds; an empty one when it holds something else."""
    value = record.get(name) if isinstance(record, dict) else None
    return value if isinstance(value, dict) else {}


def children(record: Any, name: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list that a field holds, also when the list is wrapped once more.

    Examples
    --------
    >>> children({"tags": {"type": "list", "tags": [{"id": 1}, 7]}}, "tags")
    [{'id': 1}]
    """
    value = record.get(name) if isinstance(record, dict) else None
    if isinstance(value, dict):
        value = value.get(name, value.get("data"))
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def load_flat(
    file: SourceFile,
    source: SourceSettings,
    names: Sequence[str],
    paths: Mapping[str, Sequence[Path]] | None = None,
    others: Mapping[str, str] | None = None,
    beside: Sequence[str] = (),
    within: Callable[[pd.DataFrame], np.ndarray[Any, Any]] | None = None,
) -> tuple[pd.DataFrame, FileLedger]:
    """Read a file whose records are contacts, as JSON or as a table, into columns of text.

    Parameters
    ----------
    file : SourceFile
    source : SourceSettings
        Its ``attributes`` and ``columns`` are kept too, under ``extra <name>``.
    names : sequence of str
        The columns wanted; a table's are found whatever their capitals, dots and underscores.
    paths : mapping of str to sequence of path
        Where in a JSON record a column stands, for those that do not stand at the top under their name.
    others : mapping
        Names that copies of the export give columns → ours.
    beside : sequence of str
        Objects of a JSON record whose fields count as its own, for ``attributes`` and ``columns``.
    within : callable
        Returns, of the table, the rows that records of their own lie in: these stand behind all others in the ledger.

    Raises
    ------
    InputError
        When there is no record, or the file is neither JSON nor a table.
    """
    extra = tuple(dict.fromkeys([*source.attributes, *source.columns.values()]))
    if is_json(file):
        where = {n: (paths or {}).get(n, ((n,),)) for n in names}
        where |= {f"extra {e}": where.get(e) or (*((b, e) for b in beside), (e,)) for e in extra}
        columns = Columns(where)
        for batch in batches(file, wrapped=_WRAPPED, unproven=True):
            columns.add_batch(batch)
        if not columns.n:
            raise InputError(f"{file.name}: the export is empty: it holds no record")
        frame = columns.frame()
        ledger = _ledger_of(frame, file, source, within)
        columns.account(ledger)
        return frame, ledger
    raw = read_csv(file, source.encoding, source.delimiter)
    if not len(raw.frame):
        raise InputError(f"{file.name}: the export is empty: it holds no record")
    there = {_bare(c): c for c in raw.frame.columns}
    there |= {_bare(ours): there[_bare(theirs)] for theirs, ours in (others or {}).items() if _bare(theirs) in there}
    if not any(_bare(n) in there for n in names):
        raise InputError(
            f"{file.name}: has none of the columns of {source.format} ({', '.join(names[:4])} …) when it is divided by "
            f"{raw.delimiter!r}; set delimiter or format"
        )
    frame = pd.DataFrame(
        {n: missing_text(raw.frame[there[_bare(n)]]) if _bare(n) in there else _nothing(raw.frame) for n in names}
    )
    for e in extra:
        if e not in raw.frame.columns:
            raise StudyError(
                f"{file.name}: source {source.name!r} names the column {e!r}, which is not in the file; "
                + nearest(e, raw.frame.columns)
            )
        frame[f"extra {e}"] = missing_text(raw.frame[e])
    ledger = _ledger_of(frame, file, source, within)
    for position, why in sorted(raw.broken.items()):
        ledger.reject([position], why)
    return frame, ledger


def _ledger_of(
    frame: pd.DataFrame,
    file: SourceFile,
    source: SourceSettings,
    within: Callable[[pd.DataFrame], np.ndarray[Any, Any]] | None,
) -> FileLedger:
    inside = within(frame) if within is not None else np.zeros(0, dtype=np.int64)
    ledger = FileLedger(source.name, file, len(frame) + len(inside))
    if len(inside):
        ledger.within = np.append(np.arange(len(frame)), inside)
    return ledger


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _nothing(frame: pd.DataFrame) -> pd.Series[Any]:
    return pd.Series([None] * len(frame), index=frame.index, dtype="str")


def standing(frames: Sequence[pd.DataFrame], ledgers: Sequence[FileLedger], spent: Sequence[str]) -> pd.DataFrame:
    """Return the records of all files that stand, with ``file`` and place (``at``); columns that were `spent` are left out."""
    parts = []
    for k, (frame, ledger) in enumerate(zip(frames, ledgers, strict=True)):
        part = frame.drop(columns=list(spent)).assign(file=k, at=np.arange(len(frame)))
        parts.append(part if ledger.open.all() else part[ledger.open])
    return parts[0].reset_index(drop=True) if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def declared_people(frame: pd.DataFrame, source: SourceSettings) -> dict[str, pd.Series[Any]]:
    """Return the identifiers that the study's ``columns`` name, by kind."""
    return {f"{kind}#declared": frame[f"extra {column}"] for kind, column in source.columns.items()}


def by_name(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the columns of a table by name."""
    return {str(name): frame[name] for name in frame.columns}


def roots(keys: pd.Series[Any], parents: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Return, for each record, the row of the first one of its chain; records in a ring stand for themselves.

    Examples
    --------
    >>> roots(pd.Series(["a", "b", "c", "x", "y"]), pd.Series([None, "a", "b", "y", "x"])).tolist()
    [0, 0, 0, 3, 4]
    """
    n = len(keys)
    codes = pd.factorize(pd.concat([keys, parents], ignore_index=True).astype("str"))[0]
    own = np.arange(n)
    row_of = np.full(max(codes.max(initial=-1) + 2, 1), -1, dtype=np.int64)
    named = codes[:n] >= 0
    row_of[codes[:n][named]] = own[named]  # of equal keys the last one
    up = np.where(codes[n:] >= 0, row_of[codes[n:]], -1)
    here = np.where(up >= 0, up, own)
    for _ in range(len(keys).bit_length() + 1):  # each step doubles how far a record has looked
        here = here[here]
    return np.where(up[here] < 0, here, own)


def seconds_between(
    start: pd.Series[Any], end: pd.Series[Any], ledger: FileLedger, at: np.ndarray[Any, Any], column: str
) -> pd.Series[Any]:
    """Return seconds from `start` to `end`; an end before its start is a rejected cell, not a negative time."""
    span = (end.reset_index(drop=True) - start.reset_index(drop=True)).dt.total_seconds().astype("Float64")
    wrong = (span < 0).fillna(False).to_numpy(bool)
    ledger.cell(at[wrong], column, "lies before the beginning of the contact")
    return span.mask(wrong | span.isna().to_numpy())


def labels(channel: Any, queue: Any, status: Any) -> pd.Series[Any]:
    """Return raw touchpoints: channel, queue, and how it ended when no person answered.

    Examples
    --------
    >>> labels(["phone", "chat"], ["billing", None], ["abandoned", "answered"]).tolist()
    ['phone: billing, abandoned', 'chat']
    """
    named, lines, ends = map(_text, (channel, queue, status))
    ending = (", " + ends.where(ends.isin(UNANSWERED))).fillna("")
    return named + (": " + lines).fillna("") + ending


def _text(values: Any) -> pd.Series[Any]:
    if isinstance(values, pd.Series) and str(values.dtype) == "str":
        return values.reset_index(drop=True)
    return pd.Series(np.asarray(values, dtype=object), dtype="str")


def addresses(values: Any) -> pd.Series[Any]:
    """Return what stands in a ``tel:``, ``sip:`` or ``mailto:`` address.

    Examples
    --------
    >>> addresses(["tel:+31612345678", "sip:+31612345678@trunk.example;x=1", "client:sanne", None]).tolist()
    ['+31612345678', '+31612345678', 'client:sanne', nan]
    """
    import pyarrow.compute as pc

    text = pa.array(missing_text(_text(values)), type=pa.large_string(), from_pandas=True)
    bare = pc.replace_substring_regex(text, r"(?i)^(?:tel|sips?|mailto):", "")
    bare = pc.replace_substring_regex(bare, r"^(\+?\d{6,15})(?:[@;].*)$", r"\1")
    return pd.Series(bare.to_pandas(), dtype="str")


def is_ours(values: pd.Series[Any], study: Study) -> np.ndarray[Any, Any]:
    """Tell which addresses are the company's: its numbers, its mail domains, agents' own lines."""
    codes, unique = pd.factorize(values)
    return np.append(_ours(pd.Series(unique, dtype="str"), study), False)[codes]


def _ours(values: pd.Series[Any], study: Study) -> np.ndarray[Any, Any]:
    country = study.company.country
    ours: pd.Series[Any] = pd.Series(np.zeros(len(values), dtype=bool))
    if study.company.numbers:
        numbers = pd.Series(list(study.company.numbers), dtype="str")
        own = {*study.company.numbers, *normalise("phone", numbers, country).dropna()}
        # what is in international form has that form already, and need not be read again
        bare = ~values.str.fullmatch(r"\+[1-9]\d{6,14}").fillna(False).to_numpy(bool)
        ours |= values.isin(own)
        ours.loc[bare] |= normalise("phone", values[bare], country).isin(own)
    ours |= values.str.match(r"(?:client|sim|queue|conference):").fillna(False)
    domain = values.str.lower().str.replace(r"^.*@", "", regex=True)
    ours |= values.str.contains("@").fillna(False) & domain.isin([d.lower() for d in study.company.domains])
    return np.asarray(ours, dtype=bool)


def attributes_of(frame: pd.DataFrame, source: SourceSettings) -> dict[str, pd.Series[Any]]:
    """Return the declared attributes, which stand in columns ``extra <name>``, under their own names, typed."""
    return {attribute_name(name): typed(frame[f"extra {name}"], name) for name in source.attributes}


def plain_text(markup: str | None) -> str | None:
    r"""Return HTML as text.

    Examples
    --------
    >>> plain_text("<p>Hi,</p><p>a &lt; b</p>"), plain_text(None)
    ('Hi,\n\na < b', None)
    """
    if not markup:
        return None
    if "<" not in markup and "&" not in markup:
        return markup.strip() or None
    text = _UNSAID.sub("", markup) if "<s" in markup or "<!" in markup or "<S" in markup else markup
    text = _TAG.sub("", _LINE.sub("\n", _BLOCK.sub("\n\n", text)))
    text = html.unescape(text).replace("\xa0", " ")
    return re.sub(r"(?<![ \t])[ \t]*+\n\s*\n\s*", "\n\n", text).strip() or None


def responses_of(
    frame: pd.DataFrame,
    at: np.ndarray[Any, Any],
    when: pd.Series[Any],
    survey: SurveySettings,
    ledger: FileLedger,
    source: SourceSettings,
    more: Mapping[str, Any],
) -> dict[str, pd.DataFrame]:
    """Make responses and answers of the ratings that a contact-centre system keeps itself.

    Parameters
    ----------
    frame : DataFrame
        One row per rating, columns by the names of the system.
    at : ndarray
        Their positions in the ledger.
    when : Series of datetime
        When each was given.
    more : mapping
        ``reference``, ``comment``, ``invited_at``.
    """
    full = frame.set_axis(pd.Index(at), axis=0).reindex(range(ledger.n))
    answers = answers_of(full, at, survey, ledger, ledger.file.name)
    columns: dict[str, Any] = {
        "response_id": ledger.ids[at],
        "timestamp": when,
        "survey": np.full(len(at), survey.name, dtype=object),
        "survey_kind": np.full(len(at), survey.kind, dtype=object),
        "source": np.full(len(at), source.name, dtype=object),
        "seq": at + 1,
        **more,
    }
    return {"responses": table("responses", columns), "answers": answers}
