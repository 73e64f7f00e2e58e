"""Which module reads which format; loaded when a file of that format comes."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

__all__ = ["is_table", "reader_of"]

_ROOMS: Final = {
    "mail": ("mbox", "eml", "msg"),
    "contact": ("asterisk", "connect", "genesys", "intercom", "salesforce", "twilio", "whatsapp", "zendesk"),
    "web": ("amplitude", "ga4", "mixpanel", "segment"),
    "survey": ("qualtrics",),
    "logs": ("ocel", "xes"),
}
_OTHERS: Final = {
    **dict.fromkeys(("googleforms", "limesurvey", "msforms", "surveymonkey"), "survey.forms"),
    **dict.fromkeys(("csv", "excel", "parquet"), "tables.tabular"),
}
_MODULES: Final = {f: f"{room}.{f}" for room, formats in _ROOMS.items() for f in formats} | _OTHERS


def reader_of(name: str) -> Any:
    """Return the module that reads a format of the study file; its `read` does.

    Examples
    --------
    >>> reader_of("mbox").__name__
    'cxmining.ingest.mail.mbox'
    """
    return import_module(f"cxmining.ingest.{_MODULES[name]}")


def is_table(name: str) -> bool:
    """Say whether a format is a plain table, which a ready mapping can be laid over.

    Examples
    --------
    >>> is_table("csv"), is_table("mbox")
    (True, False)
    """
    return _MODULES[name] == "tables.tabular"
