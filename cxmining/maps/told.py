"""Files in which people write down what no log holds: read strictly, each mistake named with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from cxmining.errors import InputError, nearest

__all__ = ["Check", "a_level", "a_text", "read_entries", "say_once"]

LONGEST: Final = 300
"""Letters that a text on a card or a map holds."""
Check = Callable[[Any], Any]
"""Returns a value as it is kept, or raises ValueError with what was expected."""


def a_text(value: Any) -> str:
    """Return a text of one line.

    Examples
    --------
    >>> a_text(" two   words ")
    'two words'
    """
    if not isinstance(value, str):
        raise ValueError("expected a text in quotes")
    text = " ".join(value.split())
    if len(text) > LONGEST:
        raise ValueError(f"has {len(text)} letters; there is room for {LONGEST}")
    return text


def a_level(value: Any) -> int:
    """Return a whole number from 1 to 5.

    Examples
    --------
    >>> a_level(5)
    5
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
        raise ValueError("expected a whole number from 1 (low) to 5 (high)")
    return value


def read_entries(
    path: str | Path, sections: Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]]
) -> dict[str, list[dict[str, Any]]]:
    """Read a TOML of lists of tables, and nothing else.

    Parameters
    ----------
    path : path-like
    sections : mapping
        Name of a list → (keys that must be there, keys that may be) with what each is checked by.

    Raises
    ------
    InputError
        When it is no TOML, or a key is unknown, missing or of the wrong kind; the message names file, entry and key.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = Path(path)
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: is no TOML: {error}") from error
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read: {error.strerror}") from error
    for key in document:
        if key not in sections:
            raise InputError(f"{path.name}: unknown key {key!r}; {nearest(str(key), sections)}")
    found: dict[str, list[dict[str, Any]]] = {}
    for name, (needed, free) in sections.items():
        entries = document.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(e, Mapping) for e in entries):
            raise InputError(f"{path.name}: expected entries [[{name}]]")
        found[name] = [
            _entry(f"{path.name}, {name} {i}", entry, needed, {**needed, **free})
            for i, entry in enumerate(entries, start=1)
        ]
    return found


def _entry(where: str, entry: Mapping[str, Any], needed: Mapping[str, Check], every: Mapping[str, Check]) -> dict[str, Any]:  # fmt: skip
    out = {}
    for key, value in entry.items():
        if key not in every:
            raise InputError(f"{where}: unknown key {key!r}; {nearest(str(key), every)}")
        try:
            out[key] = every[key](value)
        except ValueError as error:
            raise InputError(f"{where}, {key}: {error}") from error
    for key in needed:
        if not out.get(key):
            raise InputError(f"{where}: {key} is missing or empty")
    return out


def say_once(texts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (text, who) with those who say the same named together.

    Examples
    --------
    >>> say_once([("cheap", "Ann"), ("Cheap", "Bo"), ("green", "Cas")])
    [('cheap', 'Ann, Bo'), ('green', 'Cas')]
    """
    together: dict[str, tuple[str, list[str]]] = {}
    for text, who in texts:
        if text:
            together.setdefault(text.casefold(), (text, []))[1].append(who)
    return [(text, ", ".join(dict.fromkeys(who))) for text, who in together.values()]
