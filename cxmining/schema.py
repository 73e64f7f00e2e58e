"""The tables that travel between the rooms, declared once and checked at each door.

Times are UTC with microseconds (``datetime64[us, UTC]``); the local hour survives in
``utc_offset`` (minutes). Text columns are pandas ``str``. Empty text is missing (``NaN``), never
``""``. Nothing here reads or computes; it says what a table is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import numpy as np
import pandas as pd

from cxmining.errors import ReconciliationError, StudyError
from cxmining.ledger import Rejects, Sources, rejects_of
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    import pandera.pandas as pa

    from cxmining.identity import Identity
    from cxmining.study import SurveySettings

__all__ = [
    "CHANNELS",
    "CONTACT",
    "DIRECTIONS",
    "METRICS",
    "OVERALL",
    "STAGES",
    "TABLES",
    "Dataset",
    "InputFile",
    "Reading",
    "check",
    "empty",
    "order_columns",
    "reconcile",
    "table",
]

CHANNELS: Final = (
    "mail", "phone", "chat", "app", "web", "post", "sms", "social", "desk", "survey", "other",
)  # fmt: skip
STAGES: Final = ("awareness", "consideration", "purchase", "service", "loyalty", "advocacy")
DIRECTIONS: Final = ("inbound", "outbound", "internal")
METRICS: Final = (
    "nps", "csat", "rapportcijfer", "ces", "perception", "expectation", "resolved", "other",
)  # fmt: skip
SURVEY_KINDS: Final = ("relationship", "journey", "transactional")
ANSWER_STATUS: Final = ("answered", "blank", "not_used", "invalid")
RECORD_STATUS: Final = ("kept", "rejected", "duplicate", "merged", "context")
OVERALL: Final = "(overall)"
"""The ``touchpoint`` of an answer about the relationship or journey as a whole."""
CONTACT: Final = "(contact)"
"""The ``touchpoint`` of an answer about the one contact that the survey was sent for."""

UTC: Final = "datetime64[us, UTC]"

# column → (dtype, may be missing). An order is given too: tables are written in it.
TABLES: Final[Mapping[str, Mapping[str, tuple[str, bool]]]] = {
    "events": {
        "event_id": ("str", False),
        "customer_id": ("str", True),  # filled by identity
        "case_id": ("str", True),
        "timestamp": (UTC, False),
        "utc_offset": ("Int16", True),  # minutes east of Greenwich where it happened
        "channel": ("str", False),
        "touchpoint": ("str", False),
        "direction": ("str", True),
        "lifecycle": ("str", True),
        "wait_s": ("Float64", True),
        "duration_s": ("Float64", True),
        "resource": ("str", True),
        "queue": ("str", True),
        "owner_mined": ("str", True),
        "thread_id": ("str", True),
        "text": ("str", True),
        "source": ("str", False),
        "seq": ("Int64", False),
    },
    "responses": {
        "response_id": ("str", False),
        "customer_id": ("str", True),
        "timestamp": (UTC, False),
        "invited_at": (UTC, True),
        "survey": ("str", False),  # name of the [[survey]] in the study
        "survey_kind": ("str", False),  # relationship, journey, transactional
        "reference": ("str", True),  # ticket, call or order it is about
        "weight": ("Float64", True),
        "comment": ("str", True),
        "source": ("str", False),
        "seq": ("Int64", False),
    },
    "answers": {
        "response_id": ("str", False),
        "item": ("str", False),
        "metric": ("str", False),
        "touchpoint": ("str", False),  # or OVERALL, or CONTACT
        "elements": ("str", True),  # "; "-joined
        "score": ("Float64", True),
        "scale_low": ("Float64", False),
        "scale_high": ("Float64", False),
        "higher_is_better": ("bool", False),
        "status": ("str", False),
    },
    "invitations": {
        "invitation_id": ("str", False),
        "customer_id": ("str", True),
        "survey": ("str", False),
        "invited_at": (UTC, False),
        "channel": ("str", True),
        "reference": ("str", True),
        "source": ("str", False),
        "seq": ("Int64", False),
    },
    "customers": {
        "customer_id": ("str", True),
        "record_id": ("str", False),
        "source": ("str", False),
        "seq": ("Int64", False),
    },  # plus the attributes that the study names
    "identifiers": {
        "record_id": ("str", False),  # event_id, response_id, invitation_id or customers.record_id
        "kind": ("str", False),  # account, email, phone, device, cookie, name, object
        "value": ("str", False),  # normalised
    },
    "ledger": {
        "source": ("str", False),
        "file": ("str", False),  # first 12 hex digits of the content's sha256: renaming changes nothing
        "seq": ("Int64", False),  # 1-based position of the record in the file
        "record_id": ("str", False),
        "status": ("str", False),
        "reason": ("str", True),
        "merged_into": ("str", True),
        "cell": ("str", True),  # a rejected cell of a record that stands: not counted as a record
        "within": ("Int64", True),  # 1-based position of the file's own record that it is a part of, if of another
    },
    "journeys": {
        "journey_id": ("str", False),
        "customer_id": ("str", False),
        "start": (UTC, False),
        "end": (UTC, False),
        "n_events": ("Int64", False),
        "duration_s": ("Float64", False),
        "variant_id": ("str", False),
        "case_notion": ("str", False),
    },
    "links": {
        "response_id": ("str", False),
        "item": ("str", False),
        "event_id": ("str", True),
        "journey_id": ("str", True),
        "rule": ("str", False),
        "lag_s": ("Float64", True),
    },
    "catalogue": {
        "touchpoint": ("str", False),
        "label_en": ("str", True),
        "label_nl": ("str", True),
        "stage": ("str", True),
        "owner_declared": ("str", True),
        "backstage": ("bool", False),
        "third_party": ("bool", False),
        "supported_by": ("str", True),
        "task": ("str", True),
        "task_en": ("str", True),
        "task_nl": ("str", True),
        "elements": ("str", True),
        "elements_en": ("str", True),
        "elements_nl": ("str", True),
        "expected": ("Float64", True),
        "cost": ("Float64", True),
    },
}

_CHOICES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("events", "channel"): CHANNELS,
    ("events", "direction"): DIRECTIONS,
    ("responses", "survey_kind"): SURVEY_KINDS,
    ("answers", "metric"): METRICS,
    ("answers", "status"): ANSWER_STATUS,
    ("ledger", "status"): RECORD_STATUS,
    ("catalogue", "stage"): STAGES,
}
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "events": ("event_id",),
    "responses": ("response_id",),
    "answers": ("response_id", "item"),
    "invitations": ("invitation_id",),
    "customers": ("record_id",),
    "journeys": ("journey_id",),
    "catalogue": ("touchpoint",),
}


def _schema(name: str) -> pa.DataFrameSchema:
    import pandera.pandas as pa

    columns = {}
    for column, (dtype, nullable) in TABLES[name].items():
        checks = []
        if (name, column) in _CHOICES:
            checks.append(pa.Check.isin(_CHOICES[name, column]))
        columns[column] = pa.Column(dtype, checks=checks, nullable=nullable, coerce=False)
    return pa.DataFrameSchema(columns, strict=False, unique=list(_KEYS[name]) if name in _KEYS else None)


def table(name: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Make a table of the declared types out of columns; what is not given is missing.

    Parameters
    ----------
    name : str
        One of `TABLES`.
    columns : mapping of str to array-like
        The columns there are, all of one length; extra columns are kept as they are, behind.

    Returns
    -------
    DataFrame
        Declared columns first, in declared order and type, on a fresh 0..n-1 index.

    Raises
    ------
    StudyError
        When a column that may not be missing is not given.

    Examples
    --------
    >>> t = table("identifiers", {"record_id": ["r1"], "kind": ["email"], "value": ["a@b.nl"]})
    >>> t.shape
    (1, 3)
    """
    frame = pd.DataFrame({k: v if not isinstance(v, pd.Series) else v.array for k, v in columns.items()})
    declared = TABLES[name]
    for column, (dtype, nullable) in declared.items():
        if column not in frame:
            if not nullable and len(frame):
                raise StudyError(f"table {name!r} needs a column {column!r}; got {list(columns)}")
            # of its type at once, and not copied: to make a column of nothing twice takes longer than to read one
            frame[column] = pd.Series(_nothing(dtype, len(frame)), index=frame.index, copy=False)
        if str(frame[column].dtype) == dtype:
            continue
        if dtype == UTC:
            frame[column] = pd.to_datetime(frame[column], utc=True).astype(UTC)
        elif dtype == "str":
            frame[column] = frame[column].astype("str")
        else:
            frame[column] = frame[column].astype(cast(Any, dtype))
    return frame[order_columns(name, list(frame.columns))].reset_index(drop=True)


def _nothing(dtype: str, n: int) -> Any:
    """Return a column of `n` missing values."""
    if dtype == "str":
        import pyarrow as pa

        text = cast(Any, pd.StringDtype("pyarrow", na_value=float("nan")))
        # of zeros that nobody has looked at: the system gives them no memory before somebody does
        ends, none = pa.py_buffer(np.zeros(n + 1, np.int64)), pa.py_buffer(np.zeros(n // 8 + 1, np.uint8))
        return text.__from_arrow__(pa.LargeStringArray.from_buffers(n, ends, pa.py_buffer(b""), none, n))
    whole: Any = {"Int16": np.int16, "Int64": np.int64, "Float64": np.float64}.get(dtype)
    if whole is not None:
        kind = pd.arrays.FloatingArray if dtype == "Float64" else pd.arrays.IntegerArray
        return kind(np.zeros(n, dtype=whole), np.ones(n, dtype=bool))
    empty_one = pd.Series([], dtype="object" if dtype == "bool" else cast(Any, dtype))
    return empty_one.reindex(range(n)).array


def order_columns(name: str, columns: list[str]) -> list[str]:
    """Return `columns` with the declared ones first, the others after them by name."""
    declared = TABLES[name]
    return [*declared, *sorted(c for c in columns if c not in declared)]


def empty(name: str) -> pd.DataFrame:
    """Return the table `name` with no rows.

    Examples
    --------
    >>> list(empty("identifiers"))
    ['record_id', 'kind', 'value']
    """
    return _empty(name).copy()


@cache
def _empty(name: str) -> pd.DataFrame:
    return table(name, {c: [] for c in TABLES[name]})


def check(name: str, frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Return `frame` unchanged when it is a table `name`; else say what is wrong, and `where`.

    Raises
    ------
    StudyError
        Naming the column, the first offending values and the choices.
    """
    import pandera.errors

    try:
        _schema(name).validate(frame, lazy=False)
    except pandera.errors.SchemaError as error:
        cases = error.failure_cases
        shown = ""
        if isinstance(cases, pd.DataFrame) and "failure_case" in cases:
            shown = ", ".join(repr(v) for v in cases["failure_case"].head(3))
        column = getattr(error.schema, "name", None) or ""
        choices = _CHOICES.get((name, str(column)))
        raise StudyError(
            f"{where}: table {name!r}, column {column!r}: {error.reason_code.name if error.reason_code else error}"
            + (f" ({shown})" if shown else "")
            + (f"; expected one of {', '.join(choices)}" if choices else "")
        ) from None
    return frame


@dataclass(frozen=True)
class InputFile:
    """One file that was read: `name` is relative to the study, with ``/``."""

    source: str
    name: str
    bytes: int
    sha256: str
    counts: Mapping[str, int]
    shown: str = ""
    """The name with personal data masked, where it holds some, as that of an exported chat does."""

    @property
    def file(self) -> str:
        """The file's id in the ledger: the first 12 hex digits of its content's hash."""
        return self.sha256[:12]


@dataclass(frozen=True, eq=False)
class Reading:
    """What a reader made of one source, before anybody knows who the customers are."""

    source: str
    format: str
    inputs: tuple[InputFile, ...]
    ledger: pd.DataFrame
    identifiers: pd.DataFrame = field(default_factory=lambda: empty("identifiers"))
    events: pd.DataFrame = field(default_factory=lambda: empty("events"))
    responses: pd.DataFrame = field(default_factory=lambda: empty("responses"))
    answers: pd.DataFrame = field(default_factory=lambda: empty("answers"))
    invitations: pd.DataFrame = field(default_factory=lambda: empty("invitations"))
    customers: pd.DataFrame = field(default_factory=lambda: empty("customers"))
    notes: tuple[str, ...] = ()


def _nobody_asked() -> Identity:
    """Return the identity of a log whose customers were given; its room stands above this one."""
    found: Identity = import_module("cxmining.identity").Identity()
    return found


@dataclass(frozen=True, eq=False)
class Dataset:
    """Everything that was read, about pseudonymous customers: the one object that travels.

    Attributes
    ----------
    events, responses, answers, invitations, customers, catalogue, ledger : DataFrame
        The tables of this module.
    inputs : tuple of InputFile
        Name, size, hash and counts of each file.
    identity : Identity
        How customers were found and how sure each is; ``identity.why(a, b)`` says why two records are one customer.
    name, language, time_zone : str
        For people who read the results.
    notes : tuple of str
        What a reader of any result must know.
    """

    events: pd.DataFrame
    responses: pd.DataFrame = field(default_factory=lambda: empty("responses"))
    answers: pd.DataFrame = field(default_factory=lambda: empty("answers"))
    invitations: pd.DataFrame = field(default_factory=lambda: empty("invitations"))
    customers: pd.DataFrame = field(default_factory=lambda: empty("customers"))
    catalogue: pd.DataFrame = field(default_factory=lambda: empty("catalogue"))
    ledger: pd.DataFrame = field(default_factory=lambda: empty("ledger"))
    inputs: tuple[InputFile, ...] = ()
    identity: Identity = field(default_factory=lambda: _nobody_asked())
    name: str = "study"
    language: str = "en"
    time_zone: str = "UTC"
    notes: tuple[str, ...] = ()
    surveys: tuple[SurveySettings, ...] = ()
    """The study's questionnaires with their link rules; none for data that came without a study."""
    raw: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Per ``event_id`` what rules and topics look at and no table keeps: subject, topic, event, url, status, tags.
    As the sources wrote it, and so never written to a run folder or an export."""
    mapping: pd.DataFrame = field(default_factory=pd.DataFrame)
    """How many events each mapping rule named, and which labels no rule names; see `cxmining.ingest.mapping.rules`."""
    finder: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    """Looks up line and byte of rows of the ledger, where the data came from files."""
    texts: Literal["none", "masked"] = "masked"
    """Whether customers' own words may be shown, masked: what the study says (``privacy.text``)."""

    def certain(self) -> Dataset:
        """Return the data without the records whose customer is not certain; a note says what that leaves out.

        Certain are records that a path of links of confidence .90 and more holds to their customer
        (``identity.confidence``). A customer of whom nothing is certain is gone.
        """
        return self.identity.certain(self)

    @property
    def sources(self) -> Sources:
        """The input files: bytes, hash and the counts that must add up."""
        columns = ["source", "file", "bytes", "sha256", "read", *RECORD_STATUS]
        rows = [
            {"source": i.source, "file": i.shown or i.name, "bytes": i.bytes, "sha256": i.sha256, **i.counts}
            for i in self.inputs
        ]
        return Sources(pd.DataFrame(rows, columns=columns))

    @cached_property
    def rejects(self) -> Rejects:
        """What was rejected: file, record, line, byte, reason with its code, and what helps."""
        return rejects_of(self.ledger, self.inputs, self.finder)

    @property
    def summary(self) -> pd.DataFrame:
        """Rows, customers and period per table."""
        rows = []
        for name in ("events", "responses", "invitations"):
            frame: pd.DataFrame = getattr(self, name)
            time = "invited_at" if name == "invitations" else "timestamp"
            rows.append(
                {
                    "table": name,
                    "rows": len(frame),
                    "customers": frame["customer_id"].nunique(),
                    "first": frame[time].min(),
                    "last": frame[time].max(),
                }
            )
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        e = self.events
        if not len(e):
            return f"Dataset({self.name!r}: no events, {len(self.responses):,} responses)"
        return (
            f"Dataset({self.name!r}: {len(e):,} events of {e['customer_id'].nunique():,} customers, "
            f"{e['timestamp'].min():%Y-%m-%d} to {e['timestamp'].max():%Y-%m-%d}, "
            f"{e['touchpoint'].nunique()} touchpoints, {len(self.responses):,} responses)"
        )

    def _repr_html_(self) -> str:
        return repr_html(self.summary)


def _counted(records: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return how many rows there are of each pair, by Arrow's codes: to group rows would copy them."""
    import pyarrow as pa

    codes, words = [], []
    for name in ("file", "status"):
        held = pa.array(records[name], pa.large_string())
        coded = (held.combine_chunks() if isinstance(held, pa.ChunkedArray) else held).dictionary_encode()
        codes.append(coded.indices.fill_null(len(coded.dictionary)).to_numpy())
        words.append([*coded.dictionary.to_pylist(), None])
    n = np.bincount(codes[0] * len(words[1]) + codes[1], minlength=len(words[0]) * len(words[1]))
    return {(words[0][k // len(words[1])], words[1][k % len(words[1])]): int(n[k]) for k in np.flatnonzero(n)}


def reconcile(ledger: pd.DataFrame, read: Mapping[str, int], where: str) -> dict[str, dict[str, int]]:
    """Count the ledger per file and insist that every record read is accounted for.

    Parameters
    ----------
    ledger : DataFrame
        Table ``ledger``; rows with a `cell` are about a cell and do not count.
    read : mapping of str to int
        Records read per file id, counted by the parser, not by the ledger.
    where : str
        For the message.

    Returns
    -------
    dict of dict
        Per file id: ``read`` and one count per status.

    Raises
    ------
    ReconciliationError
        When ``read`` differs from the sum of the statuses for a file.
    """
    whole = ledger["cell"].isna()
    records = ledger[["file", "status"]]
    found = _counted(records if whole.all() else records[whole])
    counts: dict[str, dict[str, int]] = {}
    for file, n in read.items():
        row = {"read": int(n), **{s: int(found.get((file, s), 0)) for s in RECORD_STATUS}}
        total = sum(row[s] for s in RECORD_STATUS)
        if total != n:
            raise ReconciliationError(
                f"{where}, file {file}: {n} records were read but {total} are accounted for ({row}); "
                "this is a defect of the reader, please report it"
            )
        counts[file] = row
    return counts
