"""What people know and no log holds: filled in on a workbook, kept in a file, laid over the map on each run.

What is mined and what people set stay apart. A new delivery of data changes the first and leaves the second.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.errors import InputError, StudyError, UnknownNameError, nearest
from cxmining.i18n import speaking
from cxmining.maps import words
from cxmining.maps.cx.cells import ROWS
from cxmining.maps.cx.columns import words_of
from cxmining.maps.cx.sheet import CALLED
from cxmining.maps.tables import records
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from cxmining.maps.cx.result import CXMap

__all__ = ["LANE_ROWS", "OPEN_ROWS", "Workshop", "filled_in", "load_people", "read_workshop", "write_workbook"]

say = speaking("cx_map")
OPEN_ROWS: Final = ("task", "evidence", "pain_point", "owner", "opportunity")
"""The rows that people fill in."""
LANE_ROWS: Final = ("frontstage", "backstage", "support")
"""What they may write into the file beside: who does what on the service blueprint, which the CX map does not show."""
_LONGEST: Final = 300
_COLUMNS: Final = ("row", "touchpoint", "text", "by")
_NAME, _GRID = (1, 2), 4
"""Where on the sheet a person's name stands, and in which line the grid begins; both from 1."""
_SHEET: Final = "Fill in"


@dataclass(frozen=True, eq=False)
class Workshop:
    """What people filled in.

    Attributes
    ----------
    cells : DataFrame
        ``row``, ``touchpoint``, ``text``, ``by``: one row per person and cell.
    """

    cells: pd.DataFrame

    @property
    def disagreements(self) -> pd.DataFrame:
        """Cells in which people said different things: ``row``, ``touchpoint``, ``said`` (who said what)."""
        grouped = self.cells.groupby(["row", "touchpoint"], sort=True)
        rows = [
            {"row": row, "touchpoint": touchpoint, "said": "; ".join(f"{t} ({b})" for t, b in zip(g["text"], g["by"], strict=True))}
            for (row, touchpoint), g in grouped
            if g["text"].str.casefold().nunique() > 1
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["row", "touchpoint", "said"])

    @property
    def summary(self) -> pd.DataFrame:
        """One row per person: how many cells, in how many columns."""
        grouped = self.cells.groupby("by", sort=True)
        return grouped.agg(cells=("text", "size"), touchpoints=("touchpoint", "nunique")).reset_index()

    def save(self, path: str | Path) -> Path:
        """Write it as ``cx-map.toml``, which `cx_map` reads and people can edit; what stands there of others stays.

        Raises
        ------
        InputError
            When the file exists and cannot be read.
        """
        import tomlkit

        path = Path(path)
        mine = set(self.cells["by"])
        before = load_people(path).cells if path.exists() else self.cells.head(0)
        kept = before[~before["by"].isin(mine)]
        both = pd.concat([kept, self.cells], ignore_index=True).sort_values(["row", "touchpoint", "by"], kind="stable")
        document = tomlkit.document()
        document.add(
            tomlkit.comment("What people know of the touchpoints and no log holds; a new run leaves it as it is.")
        )
        document.add(tomlkit.comment(f"row: {', '.join((*OPEN_ROWS, *LANE_ROWS))}."))
        entries = tomlkit.aot()
        for cell in records(both):
            entry = tomlkit.table()
            for column in _COLUMNS:
                entry.add(column, cell[column])
            entries.append(entry)
        document.add("cell", entries)
        path.write_text(tomlkit.dumps(document), encoding="utf-8")
        return path

    def __repr__(self) -> str:
        return f"Workshop({len(self.cells)} cells of {self.cells['by'].nunique()} people, {len(self.disagreements)} in which they differ)"

    def _repr_html_(self) -> str:
        return repr_html(self.summary, self.disagreements, head=repr(self))


def load_people(path: str | Path) -> Workshop:
    """Read a ``cx-map.toml``.

    Raises
    ------
    InputError
        When it is no TOML, a key is missing or of the wrong kind, or a row is not one that people fill in; the
        message names the entry.
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
    entries = document.get("cell", [])
    if not isinstance(entries, list) or set(document) - {"cell"}:
        raise InputError(f"{path.name}: expected entries [[cell]] with {', '.join(_COLUMNS)}, and nothing else")
    return Workshop(_checked([(f"{path.name}, cell {i}", entry) for i, entry in enumerate(entries, start=1)]))


def filled_in(
    people: Workshop | str | Path | None, touchpoints: Sequence[str], rows: Collection[str]
) -> pd.DataFrame | None:
    """Return what people filled in for the rows of a map, once each, as cells; None where nobody was asked.

    Raises
    ------
    UnknownNameError
        When they filled in a touchpoint that the log does not have.
    """
    if people is None:
        return None
    cells = (load_people(people) if isinstance(people, (str, Path)) else people).cells
    there = list(touchpoints)
    for touchpoint in cells["touchpoint"]:
        if touchpoint not in there:
            raise UnknownNameError(f"people filled in touchpoint {touchpoint!r}, which the log does not have: {nearest(touchpoint, there)}")  # fmt: skip
    once = cells[cells["row"].isin(rows)].drop_duplicates(["row", "touchpoint", "text"])
    return once[["row", "touchpoint", "text"]].assign(status="people")


def _checked(entries: Sequence[tuple[str, Any]]) -> pd.DataFrame:
    rows = []
    for where, entry in entries:
        if (
            not isinstance(entry, Mapping)
            or set(entry) != set(_COLUMNS)
            or not all(isinstance(v, str) for v in entry.values())
        ):
            raise InputError(f"{where}: expected the texts {', '.join(_COLUMNS)}")
        if entry["row"] not in (*OPEN_ROWS, *LANE_ROWS):
            raise InputError(f"{where}: row = {entry['row']!r}: {nearest(entry['row'], (*OPEN_ROWS, *LANE_ROWS))}")
        text = " ".join(entry["text"].split())
        if len(text) > _LONGEST:
            raise InputError(f"{where}: text has {len(text)} letters; a cell of a map holds {_LONGEST}")
        if text:
            rows.append({**entry, "text": text})
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype("str")
    return frame.drop_duplicates().reset_index(drop=True)


def read_workshop(paths: str | Path | Sequence[str | Path]) -> Workshop:
    """Read what people filled in on workbooks of `CXMap.to_workbook`.

    Parameters
    ----------
    paths : path-like or sequence of path-like
        One workbook per person, each with a name on it.

    Returns
    -------
    Workshop
        ``.disagreements`` says where they differ, ``.save("cx-map.toml")`` keeps it for the next run.

    Raises
    ------
    InputError
        When a file is no such workbook, or nobody's name stands on it.
    """
    many = [paths] if isinstance(paths, (str, Path)) else list(paths)
    entries: list[tuple[str, Any]] = []
    for path in map(Path, many):
        entries += _entries(path)
    return Workshop(_checked(entries))


def _entries(path: Path) -> list[tuple[str, Any]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        if _SHEET not in book.sheet_names:
            raise InputError(f"{path.name}: has no sheet {_SHEET!r}: it is no workbook of a CX map")
        grid = book.get_sheet_by_name(_SHEET).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise InputError(f"{path.name}: cannot be read as a workbook: {error}") from error
    if len(grid) < _GRID or not grid[_GRID - 1] or str(grid[_GRID - 1][0]) != "row":
        raise InputError(f"{path.name}: the grid does not begin in line {_GRID} of sheet {_SHEET!r}; leave its lines and columns as they are")  # fmt: skip
    by = str(grid[_NAME[0] - 1][_NAME[1] - 1]).strip()
    touchpoints = [str(t) for t in grid[_GRID - 1][2:]]
    filled = [
        (
            f"{path.name}, {row[0]} of {touchpoint!r}",
            {"row": str(row[0]), "touchpoint": touchpoint, "text": str(text), "by": by},
        )
        for row in grid[_GRID:]
        if row and str(row[0])
        for touchpoint, text in zip(touchpoints, row[2:], strict=False)
        if str(text).strip() and touchpoint
    ]
    if filled and not by:
        raise InputError(f"{path.name}: nobody's name stands in cell B1 of sheet {_SHEET!r}; who filled it in?")
    return filled


def write_workbook(found: CXMap, path: str | Path) -> Path:
    """Write a CX map as a workbook: what is known on one sheet, what people fill in on another.

    Text that begins like a formula stays text.
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise StudyError(f"{path.name}: a workbook is written as .xlsx")
    try:
        import xlsxwriter
    except ImportError as error:
        raise StudyError(
            f"{path.name}: writing a workbook needs XlsxWriter; install cxmining with its extra workshop"
        ) from error
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        import datetime as dt

        book.set_properties({"title": found.facts["title"], "created": dt.datetime(2000, 1, 1)})
        bold, wrap = (
            book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
            book.add_format({"text_wrap": True, "valign": "top"}),
        )
        known = book.add_worksheet("CX map")
        known.freeze_panes(3, 2)
        known.set_column(0, 1, 18)
        known.set_column(2, 1 + len(found.touchpoints), 24)
        known.write_string(0, 0, found.facts["title"], bold)
        known.write_string(1, 0, f"{found.facts['size']} | {found.facts['under']}")
        for j, t in enumerate(found.touchpoints):
            known.write_string(2, 2 + j, found.label(t), bold)
        line = 3
        for row, key, texts in _known(found):
            known.write_string(line, 0, row, bold)
            known.write_string(line, 1, key, wrap)
            for j, t in enumerate(found.touchpoints):
                known.write_string(line, 2 + j, texts.get(t, words.MISSING), wrap)
            line += 1
        ask = book.add_worksheet(_SHEET)
        ask.freeze_panes(_GRID, 2)
        ask.set_column(0, 1, 18)
        ask.set_column(2, 1 + len(found.touchpoints), 28)
        ask.write_string(0, 0, say("your_name", found.language), bold)
        ask.write_string(1, 0, say("how_to_fill", found.language))
        ask.write_string(_GRID - 1, 0, "row", bold)
        ask.write_string(_GRID - 1, 1, "", bold)
        for j, t in enumerate(found.touchpoints):
            ask.write_string(_GRID - 2, 2 + j, found.label(t), bold)
            ask.write_string(_GRID - 1, 2 + j, t, wrap)
        for i, row in enumerate(OPEN_ROWS):
            ask.set_row(_GRID + i, 60)
            ask.write_string(_GRID + i, 0, row, bold)
            ask.write_string(_GRID + i, 1, say(row, found.language), wrap)
    return path


def _known(found: CXMap) -> list[tuple[str, str, dict[str, str]]]:
    """Return row, key and the text of each touchpoint, as the map says it."""
    cells = found.cells[found.cells["touchpoint"].isin(found.touchpoints)]
    called = words_of(found.cells, found.language)
    cells = cells.assign(text=cells["text"].where(~cells["row"].isin(CALLED), cells["text"].replace(called)))
    shares = ("touchpoint", "channel", "next", "wow", "pain", "emotion", "share")
    out: list[tuple[str, str, dict[str, str]]] = []
    for row in ROWS:
        mine = cells[(cells["row"] == row) & ~cells["key"].str.startswith("label_")]
        if row in ("flow", "word"):
            continue
        for key, part in mine.groupby("key", sort=True):
            texts: dict[str, str] = {}
            for cell in records(part):
                texts[cell["touchpoint"]] = _told(cell, found.language, share=row in shares)
            out.append(
                (
                    say(row if row not in ("wow", "pain") else "moments", found.language),
                    found.label(str(key)) or row,
                    texts,
                )
            )
    return out


def _told(cell: Mapping[str, Any], language: str, *, share: bool) -> str:
    if cell["hidden"]:
        return words.HIDDEN
    if not words.known(cell["value"]):
        return str(cell["text"]) or words.MISSING
    value = words.percent(cell["value"], language) if share else words.number(cell["value"], language, 2)
    span = words.interval(cell["low"], cell["high"], language, 0 if share else 2, share=share)
    n = f"n = {words.number(cell['n'], language)}" if words.known(cell["n"]) else ""
    return " ".join(p for p in (value, span, n, say(cell["status"], language)) if p)
