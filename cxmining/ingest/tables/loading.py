"""A table as it stands in its file: delimited text, a workbook or Parquet, with what means *missing* missing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.files.arrow import arrow_of, is_tidy, text_of
from cxmining.ingest.files.csv_rows import RawTable, read_csv, unique_names
from cxmining.ingest.files.excel import read_excel
from cxmining.ingest.files.opening import SourceFile
from cxmining.study import SourceSettings

__all__ = ["load", "with_missing"]

_NA: Final = ("NA", "N/A", "NULL", "\\N", "NaN")
_MANY: Final = 200


def _read_parquet(file: SourceFile) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with file.open() as stream:
            frame = pq.read_table(pa.BufferReader(stream.read())).to_pandas()
    except pa.ArrowInvalid as error:
        raise InputError(f"{file.name}: is no readable Parquet file: {str(error).splitlines()[0]}") from None
    return RawTable(frame.reset_index(drop=True).set_axis(unique_names([str(c) for c in frame], file.name), axis=1), {})


def load(
    file: SourceFile, source: SourceSettings, only: Collection[str] | None = None, limit: int | None = None
) -> RawTable:
    """Read a file as it stands, without a mapping; of delimited text only the columns (and first rows) asked for."""
    match source.format:
        case "parquet":
            raw = _read_parquet(file)
        case "excel":
            raw = read_excel(file, source.options)
        case _:
            raw = read_csv(file, source.encoding, source.delimiter, only=only, limit=limit)
    if not len(raw.frame):
        raise InputError(
            f"{file.name}: the export is empty: a header and no records; take it out of the study or export it again"
        )
    return replace(raw, frame=with_missing(raw.frame, source))


def with_missing(frame: pd.DataFrame, source: SourceSettings) -> pd.DataFrame:
    """Make what means *missing* missing, in columns of text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = sorted({*map(str, source.options.get("na", _NA)), ""})
    na, longest = pa.array(words, pa.large_string()), max(len(word.encode()) for word in words)

    def without(text: Any) -> Any:
        if is_tidy(text):  # nothing to strip, so that most columns are too long to be one of these words
            shortest = pc.min_max(pc.binary_length(text))["min"].as_py()
            if shortest is None or shortest > longest:
                return text
            none = pc.is_in(text, value_set=na)
            return pc.if_else(none, pa.scalar(None, pa.large_string()), text) if pc.any(none).as_py() else text
        none = pc.is_in(pc.utf8_trim_whitespace(text), value_set=na)
        return pc.if_else(none, pa.scalar(None, pa.large_string()), text) if pc.any(none).as_py() else text

    n = len(frame)
    if frame.shape[1] > _MANY and all(str(dtype) == "str" for dtype in frame.dtypes):
        # thousands of short columns are looked at as one long one
        long = without(pa.concat_arrays([arrow_of(values) for _, values in frame.items()]))
        made = {name: text_of(long[i * n : (i + 1) * n]) for i, name in enumerate(frame.columns)}
        return pd.DataFrame(made, columns=frame.columns, index=frame.index)
    columns = {}
    for name, values in frame.items():
        if str(values.dtype) == "object":
            values = values.map(lambda v: v if v is None or isinstance(v, str) else str(v)).astype("str")
        columns[name] = text_of(without(arrow_of(values))) if str(values.dtype) == "str" else values.array
    return pd.DataFrame(columns, columns=frame.columns, index=frame.index)
