"""What ties the records of one file to those of another: files without a tie can be read each alone.

Two files of a source are tied when a record of one decides what becomes of a record of the other: a row that
stands in both, an older state of the same contact, the legs of one call. Each file says by what it can be tied,
as keyed hashes, so that two files can be compared without either being read again.

Some formats tie nearly every file to the next: mails answer mails of the month before, visits run on past
midnight, tickets, comments and users are files of their own. Those are read as a whole, see `WHOLE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.stable import row_hashes
from cxmining.study import SourceSettings

__all__ = ["WHOLE", "ties_of"]

Hashes = npt.NDArray[np.uint64]

_MAIL: Final = {"en": "its mails answer mails in other files", "nl": "mails beantwoorden mails in andere bestanden"}
_VISITS: Final = {"en": "visits run on from one file into the next", "nl": "bezoeken lopen door in een volgend bestand"}
_PARTS: Final = {
    "en": "tickets, comments and users are files that speak about each other",
    "nl": "tickets, reacties en gebruikers zijn bestanden die over elkaar gaan",
}
_OBJECTS: Final = {
    "en": "events and their objects may stand in different files",
    "nl": "gebeurtenissen en hun objecten kunnen in verschillende bestanden staan",
}
WHOLE: Final[Mapping[str, Mapping[str, str]]] = {
    **dict.fromkeys(("mbox", "eml", "msg"), _MAIL),
    **dict.fromkeys(("ga4", "segment", "amplitude", "mixpanel"), _VISITS),
    "zendesk": _PARTS,
    "ocel": _OBJECTS,
}
"""The formats whose files are read together whenever one of them changed → why, in English and Dutch."""

# Fields by which contacts are told from each other or follow each other.
_KEYS: Final = {
    "connect": ("ContactId", "InitialContactId", "PreviousContactId"),
    "salesforce": ("Id", "ChatKey"),
    "twilio": ("sid", "parent_call_sid"),
    "genesys": ("conversationId",),
    "intercom": ("id",),
}


def ties_of(file: SourceFile, source: SourceSettings, salt: str) -> Hashes | None:
    """Return what may tie a file to others of its source; None where that cannot be said.

    Parameters
    ----------
    file : SourceFile
    source : SourceSettings
        Its format must be known, not ``auto``.
    salt : str
        A secret: hashes of telephone numbers would else tell whoever guesses one that the guess was right.

    Returns
    -------
    ndarray of uint64 or None
        Two files that have none in common can be read each alone.

    Raises
    ------
    InputError
        When the file cannot be read.
    """
    finder = _FINDERS.get(source.format)
    if finder is None:
        return None
    found = finder(file, source)
    return None if found is None else np.unique(row_hashes(found, salt))


def _rows(file: SourceFile, source: SourceSettings) -> pd.DataFrame:
    from cxmining.ingest.tables.tabular import load

    return load(file, source).frame


def _calls(file: SourceFile, source: SourceSettings) -> pd.DataFrame:
    from cxmining.ingest.contact.asterisk import load

    return load(file, source)[0]


def _one_column(*parts: pd.Series[Any]) -> pd.DataFrame:
    return pd.DataFrame({"tie": pd.concat(parts, ignore_index=True).dropna().unique()})


def _contacts(file: SourceFile, source: SourceSettings) -> pd.DataFrame | None:
    from cxmining.ingest.contact.common import load_flat
    from cxmining.ingest.contact.twilio_talks import part_of

    if source.format == "twilio" and part_of(file, source) != "calls":
        return None  # messages, their conversations and who takes part in them are files of their own
    plain = source.model_copy(update={"columns": {}, "attributes": ()})
    names = _KEYS[source.format]
    frame, _ = load_flat(file, plain, names)
    return _one_column(*(frame[name] for name in names))


def _conversations(file: SourceFile, source: SourceSettings) -> pd.DataFrame:
    from cxmining.ingest.contact.common import word
    from cxmining.ingest.files.json_records import records

    (name,) = _KEYS[source.format]
    return _one_column(pd.Series([word(r.get(name)) for _, r, _ in records(file) if isinstance(r, dict)], dtype="str"))


def _chat(file: SourceFile, source: SourceSettings) -> pd.DataFrame:
    from cxmining.ingest.contact.whatsapp import messages

    return _one_column(messages(file, source)["chat"])


def _responses(file: SourceFile, source: SourceSettings) -> pd.DataFrame:
    from cxmining.ingest.survey.forms import lay_out, number_of

    frame = lay_out(file, source).frame
    number = number_of(frame, source.format)
    return frame if number is None else _one_column(number)


def _qualtrics(file: SourceFile, source: SourceSettings) -> pd.DataFrame:
    from cxmining.ingest.survey.qualtrics import lay_out, number_of

    frame = lay_out(file, source).frame
    number = number_of(frame)
    return frame if number is None else _one_column(number)


def _traces(file: SourceFile, source: SourceSettings) -> pd.DataFrame:
    from cxmining.ingest.logs.xes import mapping_of, parse, repeat_keys

    mapping = mapping_of(source)
    keys = repeat_keys(parse(file, frozenset(mapping.values())), mapping)
    return pd.DataFrame({"tie": keys[keys != 0]})


_FINDERS: Final[Mapping[str, Callable[[SourceFile, SourceSettings], pd.DataFrame | None]]] = {
    **dict.fromkeys(("csv", "parquet", "excel"), _rows),
    **dict.fromkeys(("connect", "salesforce", "twilio"), _contacts),
    **dict.fromkeys(("genesys", "intercom"), _conversations),
    **dict.fromkeys(("googleforms", "limesurvey", "msforms", "surveymonkey"), _responses),
    "asterisk": _calls,
    "whatsapp": _chat,
    "qualtrics": _qualtrics,
    "xes": _traces,
}
