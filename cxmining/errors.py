"""The errors a user can meet: each says what, where, what was expected and what to do next.

The exit status of the command line is a property of the error's class, so that no caller has to
translate: 2 for a study or a call that is wrong, 3 for an input that cannot be read or counted.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from typing import Final

__all__ = [
    "CxminingError",
    "InputError",
    "NotEnoughDataError",
    "ReconciliationError",
    "StudyError",
    "UnknownNameError",
    "nearest",
]


_PACKAGE: Final = str(Path(__file__).parent)
_RED, _PLAIN = "\033[31m", "\033[0m"


class CxminingError(Exception):
    """Base of every error that cxmining raises on purpose.

    In a notebook it shows the line of the cell that asked and what is wrong, not the way through the package;
    ``%xmode Verbose`` shows that too, and ``%debug`` goes there.
    """

    exit_status: int = 2

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows."""
        if _wants_all():
            return "".join(traceback.format_exception(self)).splitlines()
        frames = traceback.extract_tb(self.__traceback__)
        asked = [*takewhile(lambda f: not f.filename.startswith(_PACKAGE), frames)]
        line = f"  in line {asked[-1].lineno}: {asked[-1].line}" if asked and asked[-1].line else ""
        return [f"{_RED}{type(self).__name__}{_PLAIN}: {self}", *([line] if line else [])]


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


def _wants_all() -> bool:
    """Return whether the reader of a notebook asked for everything: ``%xmode Verbose``."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and str(shell.InteractiveTB.mode) == "Verbose"
