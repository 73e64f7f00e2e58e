"""The touchpoint catalogue: drafted from the log, edited by people, checked against the log.

``touchpoints.toml`` is a list of ``[[touchpoint]]``. What a person has decided stands as a key; what
the draft only supposes stands as a comment that ends in a question, so that no guess is taken for a fact.

An entry may also say which touchpoints of the log it is, so that names change without reading again
(`cxmining.apply_catalogue`):

.. code-block:: toml

   [[touchpoint]]
   name = "asks about invoice"
   rename = "phone: facturen"                  # called so in the log

   [[touchpoint]]
   name = "looks around"
   merge = ["views tariffs", "compares tariffs"]   # several become one

   [[touchpoint]]
   name = "disputes invoice"
   split = { of = "asks about invoice", subject = "klopt niet|te hoog" }   # part of one becomes another

``split`` takes the keys of a mapping rule beside ``of`` (a name, or several); a list of such tables means
any of them. All names are those of the log as the rules left it: edits do not act on each other's
results, so their order does not matter, but that of several splits the first that fits wins.

Tasks and elements are called as one likes; what they are called in another language stands once for all touchpoints:

.. code-block:: toml

   [[task]]
   name = "find a supplier"
   label_nl = "een leverancier vinden"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeVar

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from cxmining.errors import StudyError, nearest
from cxmining.i18n import LANGUAGES
from cxmining.schema import STAGES, table

__all__ = ["Edit", "check_catalogue", "draft_catalogue", "load_catalogue", "load_edits"]

# Where in a customer's log the stages usually lie; only ever proposed, as a question.
_POSITIONS: Final = ((0.10, "awareness"), (0.25, "consideration"), (0.35, "purchase"), (0.85, "service"),
                     (0.95, "loyalty"), (1.01, "advocacy"))  # fmt: skip


class _Entry(BaseModel):
    """One ``[[touchpoint]]`` of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    label_en: str | None = None
    label_nl: str | None = None
    stage: Literal["awareness", "consideration", "purchase", "service", "loyalty", "advocacy"] | None = None
    owner: str | None = None
    backstage: bool = False
    third_party: bool = False
    supported_by: str | list[str] | None = None
    task: str | None = None
    elements: str | list[str] | None = None
    expected: float | None = None
    cost: float | None = Field(default=None, ge=0)
    rename: str | None = None
    merge: list[str] | None = None
    split: dict[str, str | list[str]] | list[dict[str, str | list[str]]] | None = None

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("is empty; expected the touchpoint as it is called in the log")
        return value


class _Word(BaseModel):
    """One ``[[task]]`` or ``[[element]]``: what it is called in each language."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    label_en: str | None = None
    label_nl: str | None = None


_Kind = TypeVar("_Kind", _Entry, _Word)


@dataclass(frozen=True)
class _File:
    entries: list[_Entry]
    tasks: list[_Word]
    elements: list[_Word]


def load_catalogue(path: str | Path) -> pd.DataFrame:
    r"""Read ``touchpoints.toml``.

    Parameters
    ----------
    path : path-like
        A TOML file with a list of ``[[touchpoint]]``; each has ``name`` and, as far as known,
        ``label_en``, ``label_nl``, ``stage``, ``owner``, ``backstage``, ``third_party``,
        ``supported_by``, ``task``, ``elements``, ``expected`` (on the scale of the survey) and ``cost``
        (of one contact). Lists of ``[[task]]`` and ``[[element]]`` with ``name``, ``label_en`` and ``label_nl`` say what
        these are called in each language.

    Returns
    -------
    DataFrame
        Table ``catalogue``, in the order of the file.

    Raises
    ------
    StudyError
        Naming file, touchpoint, key, value and choices of everything that is wrong.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "touchpoints.toml"
    >>> _ = file.write_text('[[touchpoint]]\nname = "first invoice"\nstage = "service"\n')
    >>> load_catalogue(file)[["touchpoint", "stage", "backstage"]].values.tolist()
    [['first invoice', 'service', False]]
    """
    return _as_table(_read(Path(path)))


class Edit(NamedTuple):
    """What one entry of a catalogue changes: labels `of` the log, where `conditions` hold, become `name`."""

    name: str
    key: str
    of: tuple[str, ...]
    conditions: dict[str, str] | None = None
    """Of a split: the keys of a mapping rule."""


def load_edits(path: str | Path) -> tuple[Edit, ...]:
    r"""Read which labels of the log a catalogue renames, merges and splits.

    Parameters
    ----------
    path : path-like
        See `load_catalogue`.

    Returns
    -------
    tuple of Edit
        Splits first, in the order of the file.

    Raises
    ------
    StudyError
        When two entries claim one label, or a split says not what it is of.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "touchpoints.toml"
    >>> _ = file.write_text('[[touchpoint]]\nname = "calls"\nmerge = ["phone: a", "phone: b"]\n')
    >>> [(e.name, e.of) for e in load_edits(file)]
    [('calls', ('phone: a', 'phone: b'))]
    """
    file = Path(path)
    splits, moves = [], []
    claimed: dict[str, str] = {}
    for entry in _read(file).entries:
        listed = [entry.split] if isinstance(entry.split, dict) else entry.split or []
        splits += [_split(entry.name, split, file.name) for split in listed]
        for key, labels in (("rename", [entry.rename] if entry.rename else []), ("merge", entry.merge or [])):
            for label in labels:
                if label in claimed:
                    raise StudyError(
                        f"{file.name}: touchpoint {entry.name!r}: {key} = {label!r}, which {claimed[label]!r} claims too"
                    )
                claimed[label] = entry.name
            if labels:
                moves.append(Edit(entry.name, key, tuple(labels)))
    return (*splits, *moves)


def _split(name: str, split: dict[str, str | list[str]], file: str) -> Edit:
    of = split.get("of")
    where = f"{file}: touchpoint {name!r}: split"
    if not of:
        raise StudyError(f'{where} does not say of what: expected split = {{ of = "…", subject = "…" }}')
    conditions = {k: v for k, v in split.items() if k != "of"}
    if not conditions:
        raise StudyError(f"{where} of {of!r} says no condition; what becomes another as a whole is a rename")
    listed = [k for k, v in conditions.items() if not isinstance(v, str)]
    if listed:
        raise StudyError(f"{where}: {listed[0]} = {conditions[listed[0]]!r}: expected text")
    return Edit(name, "split", tuple([of] if isinstance(of, str) else of), {k: str(v) for k, v in conditions.items()})


def _read(file: Path) -> _File:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"no catalogue {file.name!r}; `cxmining init FOLDER` drafts one from the log") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"{file.name}: cannot be read as UTF-8 text: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{file.name}: is not TOML: {error}") from None
    lists = {"touchpoint": _Entry, "task": _Word, "element": _Word}
    wrong = [k for k in values if k not in lists or not isinstance(values[k], list)]
    if wrong:
        raise StudyError(
            f"{file.name}: unexpected {wrong[0]!r}; expected lists of [[touchpoint]], [[task]] and [[element]] and nothing else"
        )
    problems: list[str] = []
    entries = _validated("touchpoint", _Entry, values, problems)
    tasks, elements = (_validated(kind, _Word, values, problems) for kind in ("task", "element"))
    used = {"task": [e.task for e in entries if e.task], "element": [t for e in entries for t in _listed(e.elements)]}
    for kind, words in (("task", tasks), ("element", elements)):
        problems += [
            f"{kind} {w.name!r} is that of no touchpoint; {nearest(w.name, sorted(set(used[kind])))}"
            for w in words
            if w.name not in used[kind]
        ]
    if problems:
        raise StudyError(f"{file.name}: " + "\n  ".join(problems))
    return _File(entries, tasks, elements)


def _validated(kind: str, model: type[_Kind], values: Mapping[str, Any], problems: list[str]) -> list[_Kind]:
    """Return the entries of one list; what is wrong with the others goes to `problems`."""
    found: list[_Kind] = []
    for i, value in enumerate(values.get(kind, []), start=1):
        try:
            found.append(model.model_validate(value))
        except ValidationError as error:
            who = (
                repr(value["name"]) if isinstance(value, dict) and isinstance(value.get("name"), str) else f"number {i}"
            )
            problems += [f"{kind} {who}: {_explain(e, model)}" for e in error.errors()]
    names = pd.Series([e.name for e in found], dtype="str")
    problems += [f"{kind} {n!r} is listed twice" for n in names[names.duplicated()].unique()]
    return found


def _listed(value: str | list[str] | None) -> list[str]:
    parts = value if isinstance(value, list) else (value or "").split(";")
    return [part.strip() for part in parts if part.strip()]


def _as_table(file: _File) -> pd.DataFrame:
    entries = file.entries

    def column(key: str) -> list[Any]:
        found = [getattr(e, key) for e in entries]
        return ["; ".join(v) if isinstance(v, list) else v or None for v in found]

    def called(words: list[_Word], language: str, names: Iterable[list[str]]) -> list[str | None]:
        known = {w.name: label for w in words if (label := getattr(w, f"label_{language}"))}
        return ["; ".join(known.get(n, n) for n in some) if set(some) & set(known) else None for some in names]

    text = {k: column(k) for k in ("label_en", "label_nl", "stage", "supported_by", "task", "elements")}
    return table(
        "catalogue",
        {
            **text,
            **{f"task_{x}": called(file.tasks, x, ([e.task] if e.task else [] for e in entries)) for x in LANGUAGES},
            **{f"elements_{x}": called(file.elements, x, (_listed(e.elements) for e in entries)) for x in LANGUAGES},
            "touchpoint": [e.name for e in entries],
            "owner_declared": column("owner"),
            "backstage": pd.array([e.backstage for e in entries], dtype="bool"),
            "third_party": pd.array([e.third_party for e in entries], dtype="bool"),
            "expected": pd.array([e.expected for e in entries], dtype="Float64"),
            "cost": pd.array([e.cost for e in entries], dtype="Float64"),
        },
    )


def _explain(error: Any, model: type[BaseModel]) -> str:
    key = str(error["loc"][0]) if error["loc"] else "entry"
    value = error.get("input")
    match error["type"]:
        case "missing":
            return f"{key!r} is missing"
        case "extra_forbidden":
            return f"unknown key {key!r}; {nearest(key, model.model_fields)}"
        case "literal_error":
            return f"{key} = {value!r}: expected one of {', '.join(STAGES)}"
        case "value_error":
            return f"{key} = {value!r}: {error['ctx']['error']}"
        case _:
            return f"{key} = {value!r}: {error['msg'].lower()}"


def draft_catalogue(events: pd.DataFrame) -> str:
    """Write a catalogue of the touchpoints in a log, with what could not be decided as questions.

    Parameters
    ----------
    events : DataFrame
        Table ``events``.

    Returns
    -------
    str
        TOML that `load_catalogue` reads, in the order in which customers usually meet the touchpoints.

    Examples
    --------
    >>> from cxmining.schema import table
    >>> events = table("events", {"event_id": ["1"], "timestamp": ["2024-01-01T00:00Z"], "channel": ["web"],
    ...                           "touchpoint": ["compares tariffs"], "source": ["s"], "seq": [1]})
    >>> print(draft_catalogue(events).split("[[touchpoint]]")[1].strip())
    name = "compares tariffs"
    # 1 events, web 100%
    # stage = "service" ?  (median position 0.50 of 0 to 1 in a customer's log)
    # owner = "" ?
    # label_en = "" ?
    # label_nl = "" ?
    """
    import tomlkit

    document = tomlkit.document()
    for line in (
        "Touchpoints found in the log, in the order in which customers usually meet them.",
        "Lines that end in a question are proposals: decide, and remove the # and the question mark.",
        f"stage: {', '.join(STAGES)}.",
        "Further keys: backstage, third_party (true/false), supported_by, task, elements, expected, cost.",
        'To rename: rename = "as it is called in the log"; merge = ["several", "of the log"];',
        'split = { of = "one of the log", queue = "…" }, with the keys of a mapping rule.',
    ):
        document.add(tomlkit.comment(line))
    entries = tomlkit.aot()
    for row in _Fact.of(events):
        entry = tomlkit.table()
        entry.add("name", row.touchpoint)
        entry.add(tomlkit.comment(f"{row.n} events, {row.channels}"))
        proposed = next(stage for limit, stage in _POSITIONS if row.position < limit)
        entry.add(
            tomlkit.comment(
                f'stage = "{proposed}" ?  (median position {row.position:.2f} of 0 to 1 in a customer\'s log)'
            )
        )
        owner = tomlkit.string(row.owner).as_string() if row.owner else '""'
        entry.add(tomlkit.comment(f"owner = {owner} ?" + ("  (most frequent in the log)" if owner != '""' else "")))
        for language in ("en", "nl"):
            entry.add(tomlkit.comment(f'label_{language} = "" ?'))
        entry.add(tomlkit.nl())
        entries.append(entry)
    document.add("touchpoint", entries)
    return tomlkit.dumps(document)


class _Fact(NamedTuple):
    """What the log says of one touchpoint."""

    touchpoint: str
    n: int
    position: float
    channels: str
    owner: str

    @classmethod
    def of(cls, events: pd.DataFrame) -> list[_Fact]:
        """Count events and channels, the usual place in a customer's log and the usual owner."""
        who = events["customer_id"].fillna(events["case_id"]).fillna(events["event_id"])
        ordered = events.assign(who=who).sort_values(["who", "timestamp", "source", "seq"], kind="stable")
        within = ordered.groupby("who", sort=False)
        place, last = within.cumcount(), within["event_id"].transform("size") - 1
        position = (place / last.where(last > 0)).fillna(0.5).astype(float)
        grouped = position.groupby(ordered["touchpoint"])
        facts = pd.DataFrame({"n": grouped.size(), "position": grouped.median()})
        channels = _ranked(events["touchpoint"], events["channel"])
        share = (channels["n"] / channels.groupby("touchpoint")["n"].transform("sum")).map("{:.0%}".format)
        facts["channels"] = (
            (channels["what"] + " " + share).groupby(channels["touchpoint"]).agg(lambda t: ", ".join(t.head(3)))
        )
        owners = _ranked(events["touchpoint"], events["owner_mined"].fillna(events["queue"]))
        facts["owner"] = owners.drop_duplicates("touchpoint").set_index("touchpoint")["what"]
        facts = facts.fillna({"owner": ""}).sort_index().sort_values("position", kind="stable")
        return [
            cls(str(name), *row)
            for name, row in zip(facts.index, facts.itertuples(index=False, name=None), strict=True)
        ]


def _ranked(touchpoint: pd.Series, what: pd.Series) -> pd.DataFrame:
    """Count `what` per touchpoint, most frequent first, ties by name."""
    pairs = pd.DataFrame({"touchpoint": touchpoint, "what": what}).dropna()
    counts = pairs.groupby(["touchpoint", "what"]).size().rename("n").reset_index()
    return counts.sort_values(["touchpoint", "n", "what"], ascending=[True, False, True], ignore_index=True)


def check_catalogue(catalogue: pd.DataFrame, events: pd.DataFrame) -> tuple[str, ...]:
    """Compare a catalogue with a log.

    Parameters
    ----------
    catalogue, events : DataFrame
        The tables of these names.

    Returns
    -------
    tuple of str
        One note for touchpoints of the log that the catalogue does not know, one for those of the
        catalogue that never happen; empty when they agree.

    Examples
    --------
    >>> import pandas as pd
    >>> catalogue = pd.DataFrame({"touchpoint": ["first invoice", "welcome mail"]})
    >>> events = pd.DataFrame({"touchpoint": ["first invoice", "welcom mail"]})
    >>> for note in check_catalogue(catalogue, events):
    ...     print(note)
    the catalogue does not know 1 touchpoint of the log: 'welcom mail' (1 event); did you mean 'welcome mail'?
    1 touchpoint of the catalogue does not happen in the log: 'welcome mail'
    """
    happened = events["touchpoint"].value_counts()
    missing = (
        happened[~happened.index.isin(catalogue["touchpoint"])].sort_index().sort_values(ascending=False, kind="stable")
    )
    never = catalogue.loc[~catalogue["touchpoint"].isin(happened.index), "touchpoint"]
    notes = []
    if len(missing):
        shown = ", ".join(f"{name!r} ({n} event{'s' * (n > 1)})" for name, n in missing.head(5).items())
        first = nearest(str(missing.index[0]), catalogue["touchpoint"])
        hint = f"; {first}" if first.startswith("did you mean") else ""
        notes.append(f"the catalogue does not know {_count(len(missing))} of the log: {shown}{_more(missing)}{hint}")
    if len(never):
        shown = ", ".join(repr(n) for n in never.head(5))
        verb = "does" if len(never) == 1 else "do"
        notes.append(f"{_count(len(never))} of the catalogue {verb} not happen in the log: {shown}{_more(never)}")
    return tuple(notes)


def _count(n: int) -> str:
    return f"{n} touchpoint" + "s" * (n > 1)


def _more(items: pd.Series) -> str:
    return f" and {len(items) - 5} more" if len(items) > 5 else ""
