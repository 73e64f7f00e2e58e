"""What people decide about a roadmap: a file of theirs that a run reads and never overwrites."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cxmining.errors import StudyError, nearest

__all__ = ["Decided", "read_decided", "save_decided"]

_KEYS: Final = ("name", "quarter", "effort", "owner", "status", "note", "by", "drop")


@dataclass(frozen=True, eq=False)
class Decided:
    """What stands in a ``roadmap.toml``.

    Attributes
    ----------
    items : dict of str to dict
        Per item what was written: quarter, effort, owner, status, note, by, drop.
    customer_value : float, optional
    """

    items: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    customer_value: float | None = None

    def of(self, item: str) -> Mapping[str, Any]:
        """Return what was decided about an item."""
        return self.items.get(item, {})


def read_decided(path: Path) -> Decided:
    r"""Read what people decided; a file that is not there yet decides nothing.

    Raises
    ------
    StudyError
        Naming item, key, value and choices of what is wrong.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "roadmap.toml"
    >>> _ = file.write_text('customer_value = 240.0\n[[item]]\nname = "complaint"\nquarter = "2026-Q2"\n')
    >>> read_decided(file).of("complaint")["quarter"]
    '2026-Q2'
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Decided()
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"{path.name}: cannot be read as UTF-8 text: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path.name}: is not TOML: {error}") from None
    unknown = [k for k in values if k not in ("item", "customer_value")]
    if unknown:
        raise StudyError(f"{path.name}: unknown key {unknown[0]!r}; {nearest(unknown[0], ['item', 'customer_value'])}")
    worth = values.get("customer_value")
    if worth is not None and (
        isinstance(worth, bool) or not isinstance(worth, int | float) or not 0 <= worth < float("inf")
    ):
        raise StudyError(f"{path.name}: customer_value = {worth!r}: expected an amount of 0 or more")
    listed = values.get("item", [])
    if not isinstance(listed, list) or not all(isinstance(i, dict) for i in listed):
        raise StudyError(f"{path.name}: expected a list of [[item]]")
    items: dict[str, Mapping[str, Any]] = {}
    for i, item in enumerate(listed, start=1):
        name = item.get("name")
        if not isinstance(name, str) or not name.strip():
            raise StudyError(f"{path.name}: item {i}: name = {name!r}: expected the item as the roadmap calls it")
        if name in items:
            raise StudyError(f"{path.name}: item {name!r} is listed twice")
        for key, value in item.items():
            _check(path.name, name, key, value)
        items[name] = {k: v for k, v in item.items() if k != "name" and v != ""}
    return Decided(items, None if worth is None else float(worth))


def _check(file: str, name: str, key: str, value: Any) -> None:
    where = f"{file}: item {name!r}: "
    if key not in _KEYS:
        raise StudyError(f"{where}unknown key {key!r}; {nearest(key, _KEYS)}")
    if key == "drop":
        if not isinstance(value, bool):
            raise StudyError(f"{where}drop = {value!r}: expected true or false")
    elif not isinstance(value, str):
        raise StudyError(f"{where}{key} = {value!r}: expected text")
    elif key == "quarter" and value and not re.fullmatch(r"\d{4}-Q[1-4]", value):
        raise StudyError(f"{where}quarter = {value!r}: expected a quarter such as '2026-Q1'")


def save_decided(path: Path, table: pd.DataFrame, decided: Decided) -> None:
    """Write the file, or add the items that are not in it: what people wrote stays to the letter."""
    import tomlkit

    there = path.exists()
    old = read_decided(path) if there else decided
    text = path.read_text(encoding="utf-8-sig") if there else ""
    if not there:
        lines = [
            "What people decide about the roadmap. A run reads this file and never changes what stands here.",
            "quarter: 2026-Q1; effort: in your own words (S, M, L); owner: where it is another one than the log says;",
            "status, note, by: free; drop = true leaves an item out. Lines that end in a question are proposals.",
            "customer_value = 240.0   what a customer is worth",
        ]
        text = "".join(f"# {line}\n" for line in lines)
        if decided.customer_value is not None:
            text += f"customer_value = {decided.customer_value}\n"
    for row in table.to_dict("records"):
        name = str(row["item"])
        if there and name in old.items:
            continue
        text += f"\n[[item]]\nname = {tomlkit.string(name).as_string()}\n"
        written = {} if there else decided.of(name)
        for key, value in written.items():
            text += (
                f"{key} = {str(value).lower() if isinstance(value, bool) else tomlkit.string(str(value)).as_string()}\n"
            )
        for key in ("quarter", "effort"):
            if key not in written:
                proposed = "" if key == "effort" or pd.isna(row[key]) else str(row[key])
                text += f"# {key} = {tomlkit.string(proposed).as_string()} ?\n"
    made = path.with_name(f".{path.name}.partial")
    made.write_text(text, encoding="utf-8", newline="\n")
    made.replace(path)
