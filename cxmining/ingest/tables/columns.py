"""The columns of a table under our names: stripped, translated, and told where the study names one that is not there."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.ingest.files.arrow import constant
from cxmining.ingest.files.csv_rows import RawTable
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import KINDS, missing_text, translate, value_map
from cxmining.ingest.records.coded import Coded
from cxmining.ingest.records.times import Stamps, parse_stamps
from cxmining.study import SourceSettings

__all__ = ["XES_NAMES", "Columns"]

XES_NAMES: Final = {
    "case_id": "case:concept:name", "touchpoint": "concept:name", "timestamp": "time:timestamp",
    "resource": "org:resource", "queue": "org:group", "lifecycle": "lifecycle:transition",
}  # fmt: skip


class Columns:
    """The mapped columns of one file, by our names."""

    def __init__(self, file: SourceFile, raw: RawTable, source: SourceSettings) -> None:
        self.where, self.source = file.name, source
        self.frame = frame = raw.frame
        self.names = raw.names or tuple(map(str, frame.columns))
        self.mapping = dict(source.columns)
        if not self.mapping and source.into == "events" and {"concept:name", "time:timestamp"} <= set(frame.columns):
            self.mapping = {k: v for k, v in XES_NAMES.items() if v in frame.columns}
        for ours, theirs in self.mapping.items():
            self.there(theirs, f"columns.{ours}")
        for theirs in source.attributes:
            self.there(theirs, "attributes")

    def there(self, column: str, key: str) -> None:
        """Refuse a column that the study names under `key` and the file does not have."""
        if column not in self.frame.columns:
            raise StudyError(
                f"{self.where}: source {self.source.name!r}, {key} = {column!r} is not a column of the file; "
                + nearest(column, self.names, 5)
            )

    def has(self, name: str) -> bool:
        """Tell whether a column or a constant stands for our name."""
        return name in self.mapping or name in self.source.constants

    def raw(self, name: str) -> pd.Series[Any] | None:
        """Return a column as it is written, its gaps filled with the constant beside it; nothing where there is none."""
        if name in self.mapping:
            column: pd.Series[Any] = self.frame[self.mapping[name]]
            if name in self.source.constants and str(column.dtype) == "str":
                column = missing_text(column).fillna(str(self.source.constants[name]))
            return column
        if name in self.source.constants:
            return pd.Series(constant(str(self.source.constants[name]), len(self.frame)), index=self.frame.index)
        return None

    def text(self, name: str) -> pd.Series[Any] | None:
        """Return a column stripped, its values called what the study calls them."""
        column = self.raw(name)
        if column is None:
            return None
        return translate(missing_text(column), value_map(self.source, name) if name != "channel" else {})

    def need(self, name: str, example: str) -> None:
        """Refuse a source that does not say which column is `name`."""
        if not self.has(name):
            listed = ", ".join(repr(c) for c in self.names[:12])
            raise StudyError(
                f"{self.where}: source {self.source.name!r} must say which column is the {name}: "
                f"columns = {{{name} = {example}}}; the file has {listed}"
            )

    def stamps(self, name: str) -> Stamps:
        """Return a column as moments."""
        column = self.raw(name)
        assert column is not None
        return parse_stamps(
            column,
            self.source.tz,
            f"{self.where}, column {self.mapping.get(name, name)!r}",
            form=self.source.timestamp_format,
        )

    def identities(self, at: np.ndarray[Any, Any]) -> dict[str, pd.Series[Any] | Coded]:
        """Return the columns of identifiers, of the records at some positions."""
        out: dict[str, pd.Series[Any] | Coded] = {}
        for kind in KINDS:
            column = self.raw(kind)
            if column is not None and str(column.dtype) == "str" and not value_map(self.source, kind):
                out[kind] = Coded.of(column).change(missing_text).take(at)  # customers come back
            elif column is not None:
                out[kind] = translate(missing_text(column), value_map(self.source, kind)).iloc[at]
        return out
