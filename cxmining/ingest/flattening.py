"""An object-centric log made into an ordinary one on the type of object that is asked for, and what that cost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cxmining.ingest import read_all
from cxmining.ingest.files.opening import open_file
from cxmining.ingest.logs.ocel_tables import parse_ocel
from cxmining.repr_html import repr_html
from cxmining.schema import Dataset
from cxmining.study import parse_study

__all__ = ["Flattening", "flatten_ocel"]


@dataclass(frozen=True, eq=False)
class Flattening:
    """An object-centric log made into an ordinary one, with what that cost.

    Attributes
    ----------
    data : Dataset
        Its events have the objects as cases.
    object_type : str
        What it was flattened on.
    summary : DataFrame
        What flattening on each type does: `object_type`, `objects`, `objects_without_events`, `events`, `lost`,
        `multiplied`, `rows`.
    """

    data: Dataset
    object_type: str
    summary: pd.DataFrame

    def __repr__(self) -> str:
        return f"Flattening(on {self.object_type!r})\n" + "\n".join(f"  {note}" for note in self.data.notes)

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=self.data.notes)


def flatten_ocel(
    path: str | Path, object_type: str, *, customer_type: str | None = None, tz: str | None = None
) -> Flattening:
    """Flatten an OCEL 2.0 log (SQLite, JSON or XML) on one type of object.

    Parameters
    ----------
    path : path-like
    object_type : str
        Its objects become the cases.
    customer_type : str, optional
        Its objects are the customers; default each case is its own.
    tz : str, optional
        Zone of stamps that carry none, as those of SQLite files, for example ``"Europe/Amsterdam"``.

    Returns
    -------
    Flattening
        With what was multiplied and lost, for this type and for each other.

    Raises
    ------
    UnknownNameError
        When there is no such type; the message lists those there are.
    InputError
        When the file cannot be read.
    """
    path = Path(path)
    file = open_file(path, path.name)
    summary = parse_ocel(file).types()
    options: dict[str, Any] = {"object_type": object_type}
    if customer_type is not None:
        options["customer_type"] = customer_type
    source: dict[str, Any] = {"name": "ocel", "path": path.name, "format": "ocel", "options": options}
    if tz is not None:
        source["tz"] = tz
    study = parse_study({"name": path.stem.split(".")[0], "source": [source]}, root=path.parent, where=path.name)
    # No study, no key file: results about one export are pseudonymous by its own content.
    return Flattening(read_all(study, bytes.fromhex(file.sha256)), object_type, summary)
