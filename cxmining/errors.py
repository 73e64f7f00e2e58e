"""The errors a user can meet: each says what, where, what was expected and what to do next.

The exit status of the command line is a property of the error's class, so that no caller has to
translate: 2 for a study or a call that is wrong, 3 for an input that cannot be read or counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "CxminingError",
    "InputError",
    "NotEnoughDataError",
    "ReconciliationError",
    "StudyError",
    "UnknownNameError",
    "nearest",
]


class CxminingError(Exception):
    """Base of every error that cxmining raises on purpose."""

    exit_status: int = 2


class StudyError(CxminingError, ValueError):
    """The study file, or a call, asks for something that cannot be."""


class UnknownNameError(CxminingError, ValueError):
    """A touchpoint, column, channel … that is not there; the message names the nearest ones."""


class NotEnoughDataError(CxminingError, ValueError):
    """The data cannot carry what was asked of them; the message says what is missing."""


class InputError(CxminingError, ValueError):
    """An export that cannot be read; the message names file and position.

    Examples
    --------
    >>> error = InputError("crm.csv: the export is empty (0 bytes)")
    >>> error.code, error.fix
    ('file-empty', 'Export again with the right period and filter, or take the file out of the study.')
    """

    exit_status = 3

    @property
    def code(self) -> str:
        """What kind of fault it is, one of `cxmining.ledger.FILE_REMEDIES`."""
        from cxmining.ledger import file_code_of

        return file_code_of(str(self))

    @property
    def fix(self) -> str:
        """What helps."""
        from cxmining.ledger import FILE_REMEDIES

        return FILE_REMEDIES[self.code]


class ReconciliationError(InputError):
    """Read records that are not accounted for: a defect in a reader, never in the data."""


def nearest(name: str, choices: Iterable[str], n: int = 3) -> str:
    """Return the phrase that names the closest of `choices`, for an error message.

    Parameters
    ----------
    name : str
        What was asked for.
    choices : iterable of str
        What there is.
    n : int, default 3
        How many to name.

    Returns
    -------
    str
        ``"did you mean 'x' or 'y'?"``, or the first choices when none is close.

    Examples
    --------
    >>> nearest("mial", ["mail", "phone"])
    "did you mean 'mail'?"
    >>> nearest("zzz", ["mail", "phone"])
    "there is: 'mail', 'phone'"
    """
    known = [str(choice) for choice in choices]
    close = get_close_matches(str(name), known, n=n, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(repr(c) for c in close) + "?"
    shown = ", ".join(repr(c) for c in known[:10]) + (", …" if len(known) > 10 else "")
    return f"there is: {shown}" if known else "there is none"
