"""Filters read back from the code that makes them, without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from cxmining.errors import CxminingError, StudyError, UnknownNameError, nearest
from cxmining.journeys.filters import belonging, having, kinds
from cxmining.journeys.filters.base import EventFilter, Filter
from cxmining.journeys.filters.events import events

__all__ = ["MAKERS", "parse", "parse_chain", "say_chain"]

MAKERS: Final[Mapping[str, Callable[..., Any]]] = {
    "events": events,
    **{name: getattr(kinds, name) for name in kinds.__all__},
    **{name: getattr(having, name) for name in having.__all__},
    **{name: getattr(belonging, name) for name in belonging.__all__},
}
"""What may be called, and nothing else."""
_LONGEST: Final = 100_000
_COUNTED: Final = re.compile(r": ([\d,]+) of ([\d,]+) (journeys|events)(?=$|;| in )")


def parse(text: str) -> Filter | EventFilter:
    """Return the filter that a line of code makes; nothing else in it is run.

    Parameters
    ----------
    text : str
        What a filter prints as; ``filters.``, ``cx.filters.`` or nothing may stand before the names.

    Returns
    -------
    Filter or EventFilter

    Raises
    ------
    StudyError
        When the text is not the code of a filter; the message says where.
    UnknownNameError
        When it calls what is no filter.

    Examples
    --------
    >>> parse('filters.channel("phone") & ~filters.ends("buys")')
    filters.channel("phone") & ~filters.ends("buys")
    >>> parse("__import__('os')")
    Traceback (most recent call last):
    ...
    cxmining.errors.UnknownNameError: '__import__' is no filter; there is: 'channel', 'contains', 'count', ...
    """
    if not isinstance(text, str) or not text.strip():
        raise StudyError("parse: there is no text; write for example 'filters.channel(\"phone\")'")
    if len(text) > _LONGEST:
        raise StudyError(f"parse: {len(text):,} characters are more than a filter has (at most {_LONGEST:,})")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        found = _read(tree)
    except SyntaxError as error:
        raise StudyError(f"parse: {_short(text)} is no code of a filter: {error.msg} at {error.offset}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, CxminingError):
            raise
        raise StudyError(f"parse: {_short(text)} is no code of a filter: {error}") from None
    if not isinstance(found, Filter | EventFilter):
        raise StudyError(f"parse: {_short(text)} is no filter but {type(found).__name__}")
    return found


def parse_chain(chain: Iterable[str]) -> tuple[Filter | EventFilter | None, ...]:
    """Return the filters of ``journeys.chain``; None for a step that was not made by a filter.

    Parameters
    ----------
    chain : iterable of str

    Examples
    --------
    >>> parse_chain(['filters.channel("phone"): 12 of 30 journeys', "a sample: 5 of 12 journeys"])
    (filters.channel("phone"), None)
    """
    return tuple(_step(step)[0] for step in chain)


def say_chain(chain: Iterable[str], language: str = "en") -> list[str]:
    """Return ``journeys.chain`` in words, for people who do not read code.

    Parameters
    ----------
    chain : iterable of str
    language : {"en", "nl"}, default "en"

    Returns
    -------
    list of str
        One sentence per step; a step that was not made by a filter is as it was.

    Examples
    --------
    >>> say_chain(['filters.channel("phone"): 1,200 of 3,000 journeys'], "nl")
    ['journeys die langs een gebeurtenis via telefoon komen: 1.200 van 3.000 journeys']
    """
    from cxmining.i18n import number

    said = []
    for step in chain:
        found, left, of, unit = _step(step)
        if found is None:
            said.append(step)
            continue
        words = {"journeys": "journeys", "events": "gebeurtenissen"}
        counts = f"{number(left, language)} {'van' if language == 'nl' else 'of'} {number(of, language)}"
        said.append(f"{found.say(language)}: {counts} {words[unit] if language == 'nl' else unit}")
    return said


def _step(step: str) -> tuple[Filter | EventFilter | None, int, int, str]:
    # A label may hold the same words as the count behind it, so what stands before it must be code.
    for match in _COUNTED.finditer(step):
        try:
            found = parse(step[: match.start()])
        except CxminingError:
            continue
        return found, int(match[1].replace(",", "")), int(match[2].replace(",", "")), match[3]
    return None, 0, 0, ""


def _read(node: ast.expr) -> Any:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
        left, right = _read(node.left), _read(node.right)
        if not isinstance(left, Filter | EventFilter):
            raise StudyError(f"parse: {_where(node.left)}: {left!r} is no filter")
        return left & right if isinstance(node.op, ast.BitAnd) else left | right
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        part = _read(node.operand)
        if not isinstance(part, Filter | EventFilter):
            raise StudyError(f"parse: {_where(node.operand)}: {part!r} is no filter")
        return ~part
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _read(node.operand)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.Call):
        return _called(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | bool | None):
        return node.value
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(_read(e) for e in node.elts)
    raise StudyError(
        f"parse: {_where(node)}: {_short(ast.unparse(node))} has no place in a filter; "
        "only filters, & | ~, text, numbers and lists of them have"
    )


def _called(node: ast.Call) -> Any:
    name = ast.unparse(node.func)
    plain = name.removeprefix("cx.").removeprefix("filters.")
    if plain not in MAKERS:
        raise UnknownNameError(f"{_short(name)} is no filter; {nearest(plain[:200], sorted(MAKERS))}")
    given = [_read(a) for a in node.args]
    named: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is not None:
            named[keyword.arg] = _read(keyword.value)
            continue
        # names that are no Python names, such as "case:amount", come in a dictionary
        pairs = keyword.value
        if not isinstance(pairs, ast.Dict) or not all(isinstance(k, ast.Constant) for k in pairs.keys):
            raise StudyError(f"parse: {_where(keyword.value)}: after ** a dictionary of names and values is expected")
        named |= {str(_read(k)): _read(v) for k, v in zip(pairs.keys, pairs.values, strict=True) if k is not None}
    try:
        return MAKERS[plain](*given, **named)
    except TypeError as error:
        raise StudyError(f"parse: {_where(node)}: {error}") from None


def _where(node: ast.expr) -> str:
    return f"at {node.col_offset + 1}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")
