"""How results of what customers lived tell of themselves: a head, figures with their intervals, filters, notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cxmining.i18n import is_missing, speaking
from cxmining.schema import CONTACT, OVERALL

__all__ = ["ends", "place_name", "told"]

say = speaking("words")
_PLACES: Final = {OVERALL: "place_overall", CONTACT: "place_contact", "(unknown)": "place_unknown"}


def ends(low: Any, high: Any, form: str = ".2f") -> str:
    """Write an interval; one figure alone has none, and says so.

    Examples
    --------
    >>> ends(0.125, 0.5, ".0%"), ends(float("nan"), float("nan")), ends(-1.0, 2.0, "+.1f")
    ('[12%, 50%]', '(no interval)', '[-1.0, +2.0]')
    """
    if is_missing(low) or is_missing(high):
        return "(no interval)"
    return f"[{low:{form}}, {high:{form}}]"


def told(head: str, lines: Iterable[str], chain: Iterable[str], notes: Iterable[str]) -> str:
    """Return the plain text of a result.

    Examples
    --------
    >>> print(told("Tasks(2)", ["pay: 80%"], ["segment = mkb"], ["few texts"]))
    Tasks(2)
      pay: 80%
      filter: segment = mkb
      note: few texts
    """
    said = [*lines, *(f"filter: {step}" for step in chain), *(f"note: {note}" for note in notes)]
    return "\n".join([head, *(f"  {line}" for line in said)])


def place_name(name: Any, language: str) -> str:
    """Return what a row of a picture is called: a touchpoint by its name, what is no touchpoint in words.

    Examples
    --------
    >>> place_name("(overall)", "nl"), place_name("asks", "nl")
    ('het geheel', 'asks')
    """
    return say(_PLACES[name], language) if name in _PLACES else str(name)
