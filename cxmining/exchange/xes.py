"""Journeys as one XES log (IEEE 1849-2016), with score, expectation, stage and channel as attributes.

Written here and not by pm4py, which writes missing text as ``<float value="nan"/>`` and local times in UTC.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd

from cxmining.errors import StudyError
from cxmining.exchange.export import Export, describe, plain, score_columns, steps_of
from cxmining.i18n import counted
from cxmining.journeys import journeys_of

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys

__all__ = ["ABOUT", "KEYS", "PREFIX", "write_xes"]

PREFIX: Final = "cx:"
ABOUT: Final = "cx:journeys"
"""Attribute of the log: what one journey is, as JSON."""
KEYS: Final = {
    "touchpoint": "concept:name", "resource": "org:resource", "queue": "org:group", "channel": "org:channel",
    "lifecycle": "lifecycle:transition",
}  # fmt: skip
"""Our column → the key of a standard extension; all others are ``cx:<column>``."""
# What XML 1.0 cannot hold, however it is escaped.
_ILLEGAL: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EXTENSIONS: Final = (
    ("Concept", "concept"), ("Time", "time"), ("Organizational", "org"), ("Lifecycle", "lifecycle"),
)  # fmt: skip


def write_xes(source: Journeys | Experience, path: str | Path, *, texts: bool = False) -> Export:
    """Write journeys as an XES log that other tools read, and `read_journeys` without loss.

    Parameters
    ----------
    source : Journeys or Experience
        With scores, traces bear their score and events score and expectation.
    path : path-like
        Ends in ``.xes`` or ``.xes.gz``.
    texts : bool, default False
        Write what customers wrote, too. It may name people.

    Returns
    -------
    Export
        `left_out` says what XES cannot hold: the survey answers that belong to no event (a folder of
        `write_parquet` holds them), and characters that XML cannot.

    Raises
    ------
    StudyError
        When the name ends otherwise, or the file cannot be written.
    """
    journeys = journeys_of(source)
    file = Path(path)
    if not file.name.lower().endswith((".xes", ".xes.gz")):
        raise StudyError(f"write_xes: {file.name!r} must end in .xes or .xes.gz")
    steps = steps_of(source)
    if not texts:
        steps = steps.drop(columns="text")
    illegal = _illegal(steps)
    try:
        if file.name.lower().endswith(".gz"):
            # Without name and time in its head: equal journeys are equal bytes.
            with file.open("wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as packed:
                _write(packed, source, journeys, steps)
        else:
            with file.open("wb") as raw:
                _write(raw, source, journeys, steps)
    except OSError as error:
        raise StudyError(f"write_xes: {file.name!r} cannot be written: {error.strerror or error}") from None
    left_out = []
    if illegal:
        left_out.append(
            f"{counted(illegal, 'value')} held characters that XML cannot; each such character is now U+FFFD"
        )
    wrote = journeys.data.events["text"].notna().sum()
    if wrote and not texts:
        left_out.append(f"{wrote:,} texts, which may name people; texts=True writes them")
    if len(journeys.data.responses):
        left_out.append(f"{len(journeys.data.responses):,} survey responses as such; write_parquet keeps them")
    summary = pd.DataFrame([{"file": file.name, "rows": len(steps), "bytes": file.stat().st_size}])
    return Export(file, summary, tuple(left_out))


def _illegal(frame: pd.DataFrame) -> int:
    texts = frame.select_dtypes(include=["str", "object"])
    return int(sum(texts[c].astype("str").str.contains(_ILLEGAL.pattern, regex=True, na=False).sum() for c in texts))


def _write(
    out: IO[bytes] | gzip.GzipFile, source: Journeys | Experience, journeys: Journeys, steps: pd.DataFrame
) -> None:
    def put(text: str) -> None:
        out.write(text.encode("utf-8"))

    put('<?xml version="1.0" encoding="UTF-8"?>\n')
    put('<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">\n')
    for name, prefix in _EXTENSIONS:
        put(f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n')
    put('<global scope="trace"><string key="concept:name" value=""/></global>\n')
    put('<global scope="event"><string key="concept:name" value=""/></global>\n')
    put('<classifier name="Touchpoint" keys="concept:name"/>\n')
    about = {**describe(journeys), "catalogue": plain(journeys.data.catalogue)}
    put(_attribute("string", "concept:name", journeys.data.name) + "\n")
    put(_attribute("string", ABOUT, json.dumps(about, ensure_ascii=False)) + "\n")
    traces = journeys.table.assign(origin=journeys.origins).drop(columns="case_notion")
    traces = traces.merge(score_columns(source)[0], on="journey_id", how="left")
    heads = _attributes(traces, {"journey_id": "concept:name"})
    drop = ["journey_id", "position", "utc_offset"]
    lines = _attributes(steps.drop(columns=drop).assign(utc_offset=steps["utc_offset"]), KEYS)
    bounds = journeys.log.offsets.tolist()
    for head, first, last in zip(heads, bounds[:-1], bounds[1:], strict=True):
        put(f"<trace>{head}\n")
        for i in range(first, last):
            put(f"<event>{lines[i]}</event>\n")
        put("</trace>\n")
    put("</log>\n")


def _attribute(tag: str, key: str, value: str) -> str:
    return f"<{tag} key={quoteattr(key)} value={quoteattr(_ILLEGAL.sub(chr(0xFFFD), value))}/>"


def _attributes(frame: pd.DataFrame, keys: dict[str, str]) -> list[str]:
    """Return per row its attributes as XML; what is missing is not there."""
    parts = [_column(frame, str(c), keys.get(str(c), PREFIX + str(c))) for c in frame.columns]
    return ["".join(row) for row in zip(*parts, strict=True)]


def _column(frame: pd.DataFrame, column: str, key: str) -> Iterator[str]:
    values = frame[column]
    kind = str(values.dtype)
    if kind.startswith("datetime64"):
        return iter(_moments(frame, values, "time:timestamp" if column == "timestamp" else key))
    if kind.lower() in ("bool", "boolean"):
        tag, text = "boolean", values.map({True: "true", False: "false"})
    elif kind.lower().startswith(("int", "uint")):
        tag, text = "int", values.astype("Int64").astype("str")
    elif kind.lower().startswith("float"):
        numbers = values.astype("Float64")
        tag, text = "float", numbers.map(lambda v: repr(float(v)), na_action="ignore").astype("object")
    else:
        tag, text = "string", values.astype("str")
    # Each different value is escaped once.
    codes, unique = pd.factorize(text.where(values.notna()))
    written = np.array([*(_attribute(tag, key, str(u)) for u in unique), ""], dtype=object)
    return iter(written[codes].tolist())


def _moments(frame: pd.DataFrame, values: pd.Series, key: str) -> list[str]:
    """Write moments at the clock where they happened: the local hour survives."""
    utc = values.dt.tz_convert("UTC").dt.tz_localize(None)
    known = frame["utc_offset"] if key == "time:timestamp" and "utc_offset" in frame else pd.Series(0, frame.index)
    minutes = known.astype("Int64").fillna(0)
    local = (utc + pd.to_timedelta(minutes.astype("int64"), unit="min")).dt.strftime("%Y-%m-%dT%H:%M:%S.%f")
    sign = np.where(minutes < 0, "-", "+")
    clock = minutes.abs()
    zone = sign + (clock // 60).astype("str").str.zfill(2) + ":" + (clock % 60).astype("str").str.zfill(2)
    return [
        f'<date key="{key}" value="{moment}{east}"/>' if there else ""
        for moment, east, there in zip(local.tolist(), zone.tolist(), values.notna().tolist(), strict=True)
    ]
