"""Next month's delivery: which files and records are new, late, corrected or gone, and who became one.

Every run remembers, sealed beside the readings, what each record said (as keyed hashes) and whose it
was. The next run compares. Nothing here changes a figure of a run: the run of a folder that has grown
equals, byte for byte, the run of one who sees that folder for the first time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from cxmining.errors import StudyError
from cxmining.repr_html import repr_html
from cxmining.runs.delivery_words import say, say_reading
from cxmining.runs.folder import DELIVERIES, write_json
from cxmining.runs.readings import KeptReadings, Sealed, Use, settings_of
from cxmining.schema import Dataset, Reading
from cxmining.study import SourceSettings, Study

__all__ = ["READINGS", "Delivery", "Memory", "Remembering", "compare_deliveries", "load_delivery"]

DELIVERY, RECORDS, CUSTOMERS = DELIVERIES
READINGS: Final = ".readings"
"""The folder, beside the run folders, in which what was read is kept sealed."""
COUNTS: Final = ("source", "before", "now", "same", "new", "late", "corrected", "completed", "vanished")
_FILES: Final = ("source", "file", "what", "was", "records")
_RECORDS: Final = ("what", "source", "table", "record_id", "at", "was_at", "customer_id", "why")
_CUSTOMERS: Final = ("what", "old", "new", "records")
_READING: Final = ("source", "how", "files", "read", "why_en", "why_nl")
_KEPT: Final = "delivery"


@dataclass(frozen=True, eq=False)
class Delivery:
    """What is new since the files were last other than they are now.

    Attributes
    ----------
    first : bool
        There is nothing to compare with.
    files : DataFrame
        ``source``, ``file``, ``what`` (same, new, changed, renamed, copy, gone), ``was`` (the former name of
        one that was renamed, the other name of a copy), ``records`` read.
    counts : DataFrame
        Per source the records kept ``before`` and ``now``, and of these: ``same``, ``new`` (of which ``late``:
        no younger than the newest record of the last delivery), ``corrected`` (the same record says
        something else), ``completed`` (the same record, of which other records now tell more: the answer
        to a mail, its thread), ``vanished``. Missing where the source is read by other settings than last time.
    records : DataFrame
        ``what`` (late, corrected, completed, vanished), ``source``, ``table``, ``record_id``, ``at`` and
        ``was_at`` (UTC), ``customer_id``, ``why``.
    customers : DataFrame
        ``what`` (merged, split, renamed), ``old`` and ``new`` id, ``records`` that moved: who is known better now.
    said : mapping of str to tuple of str
        The same in sentences, by language (en, nl).
    reading : DataFrame
        Per source of this run how it was read: ``source``, ``how`` (kept, read, part, spoilt), ``files``, of which
        ``read``, and ``why_en``, ``why_nl``: why a change of one file has all of them read, where it has.
    """

    first: bool
    files: pd.DataFrame
    counts: pd.DataFrame
    records: pd.DataFrame
    customers: pd.DataFrame
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reading: pd.DataFrame = field(default_factory=lambda: _reading(()))

    @property
    def summary(self) -> pd.DataFrame:
        """One row per source."""
        return self.counts

    def sentences(self, language: str = "en") -> tuple[str, ...]:
        """Return what is to be said of it, in English or Dutch."""
        if language not in self.said:
            raise StudyError(f"language {language!r}: expected one of {', '.join(self.said)}")
        return self.said[language]

    def __repr__(self) -> str:
        return "\n".join(self.sentences())

    def _repr_html_(self) -> str:
        return repr_html(self.counts, head=self.sentences())

    def write(self, folder: Path) -> None:
        """Write it into a run folder; who and which record below ``private`` only."""
        from cxmining.privacy import safe_csv

        safe_csv(self.records, folder / RECORDS)
        safe_csv(self.customers, folder / CUSTOMERS)
        write_json(folder / DELIVERY, self.told())

    def told(self) -> dict[str, Any]:
        """Return what names no record and no customer, ready for JSON."""
        return {
            "first": self.first, "files": _plain(self.files), "counts": _plain(self.counts),
            "said": {k: list(v) for k, v in self.said.items()}, "reading": _plain(self.reading),
        }  # fmt: skip


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
    return [{k: None if pd.isna(v) else getattr(v, "item", lambda v=v: v)() for k, v in row.items()} for row in rows]


def load_delivery(folder: Path) -> Delivery:
    """Read the delivery of a run folder.

    Raises
    ------
    StudyError
        When the run did not look for one (it was made by `reproduce`, say).
    """
    try:
        told = json.loads((folder / DELIVERY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"run {folder.name}: says nothing of its delivery; `cxmining run` writes {DELIVERY}") from None
    except (OSError, ValueError) as error:
        raise StudyError(f"run {folder.name}: {DELIVERY} cannot be read: {error}") from None
    return _of_told(told, _private(folder / RECORDS, _RECORDS), _private(folder / CUSTOMERS, _CUSTOMERS))


def _private(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a private list; a run folder that was handed on without its private part has none."""
    if not path.is_file():
        return pd.DataFrame({c: pd.Series(dtype="str") for c in columns})
    from cxmining.privacy import read_safe_csv

    return read_safe_csv(path, columns)


def _of_told(told: Mapping[str, Any], records: pd.DataFrame, customers: pd.DataFrame) -> Delivery:
    return Delivery(
        bool(told["first"]), pd.DataFrame(told["files"], columns=list(_FILES)), _counts(told["counts"]), records,
        customers, {k: tuple(v) for k, v in told["said"].items()},
        pd.DataFrame(told.get("reading", []), columns=list(_READING)),
    )  # fmt: skip


def _reading(uses: Sequence[Use]) -> pd.DataFrame:
    rows = [(u.source, u.how, u.files, u.read, u.whole.get("en"), u.whole.get("nl")) for u in uses]
    return pd.DataFrame(rows, columns=list(_READING)).sort_values("source", ignore_index=True)


def _counts(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(COUNTS))
    return frame.astype(dict.fromkeys(COUNTS[1:], "Int64"))


@dataclass(frozen=True, eq=False)
class Memory:
    """What a run remembers for the next one.

    Attributes
    ----------
    states : DataFrame
        See `record_states`, with ``customer_id``.
    files : list of dict
        ``source``, ``name``, ``shown``, ``sha256``, ``read``.
    settings : mapping
        Per source a hash of how it is read, and under ``""`` how customers are found.
    delivery : Delivery or None
        What was last said.
    """

    states: pd.DataFrame
    files: list[dict[str, Any]]
    settings: Mapping[str, str]
    delivery: Delivery | None = None

    def keep(self, sealed: Sealed) -> str:
        """Seal it; return the name it lies under."""
        name = sealed.name_of(_KEPT)
        tables = {"states": self.states}
        told: dict[str, Any] = {"files": self.files, "settings": dict(self.settings), "delivery": None}
        if self.delivery is not None:
            told["delivery"] = self.delivery.told()
            tables |= {k: getattr(self.delivery, k).astype("str") for k in ("records", "customers")}
        sealed.put(name, tables, told)
        return name

    @classmethod
    def recall(cls, sealed: Sealed) -> Memory | None:
        """Return what the last run remembered; None when there was none, or it cannot be opened."""
        found = sealed.get(sealed.name_of(_KEPT))
        if found is None:
            return None
        tables, told = found
        if "states" not in tables:
            return None
        last = None
        if told["delivery"] is not None:
            last = _of_told(told["delivery"], tables["records"], tables["customers"])
        return cls(tables["states"], told["files"], told["settings"], last)


class Remembering:
    """One run's way of reading: what did not change as it was kept, and at the end what is to be remembered.

    Parameters
    ----------
    study : Study
    folder : Path
        Where readings lie, of whichever study.
    fresh : bool, default False
        Read every file.
    """

    def __init__(self, study: Study, folder: Path, *, fresh: bool = False) -> None:
        from cxmining.privacy import fingerprint, load_key

        key = load_key(study)
        # two studies of one name and one key are one study, wherever its folder was moved
        place = re.sub(r"[^0-9a-z]+", "-", study.name.lower()).strip("-") or "study"
        self._study = study
        self._sealed = Sealed(folder / f"{place}-{fingerprint(key)}", key)
        self.readings = KeptReadings(self._sealed, fresh=fresh)
        self._states = pd.DataFrame()
        self._memory: Memory | None = None

    def read(self, source: SourceSettings, study: Study) -> Reading:
        """Read one source; see `KeptReadings`."""
        return self.readings.read(source, study)

    def see(self, readings: Sequence[Reading], key: bytes) -> None:
        """Take down what each record says, before rules name it and identity forgets who it is about."""
        from cxmining.ingest.records.stable import record_states

        self._states = record_states(readings, key)

    def deliver(self, data: Dataset) -> Delivery:
        """Compare with the last delivery."""
        who = pd.concat(
            [
                pd.Series(frame["customer_id"].array, index=frame[column].array)
                for frame, column in (
                    (data.events, "event_id"), (data.responses, "response_id"),
                    (data.invitations, "invitation_id"), (data.customers, "record_id"),
                )
            ]
        )  # fmt: skip
        states = self._states.assign(customer_id=who.reindex(self._states["record_id"]).array)
        files = [
            {
                "source": i.source,
                "name": i.name,
                "shown": i.shown or i.name,
                "sha256": i.sha256,
                "read": i.counts["read"],
            }
            for i in data.inputs
        ]
        settings = {s.name: settings_of(s, self._study) for s in self._study.sources}
        people = self._study.identity.model_dump_json() + self._study.company.country
        settings[""] = hashlib.sha256(people.encode()).hexdigest()
        now = Memory(states, files, settings)
        found = compare_deliveries(Memory.recall(self._sealed), now)
        self._memory = replace(now, delivery=found)
        uses = self.readings.uses
        said = {k: (*v, *(() if found.first else say_reading(uses, k))) for k, v in found.said.items()}
        return replace(found, said=said, reading=_reading(uses))

    def keep(self) -> None:
        """Remember for the next run, and forget what no file is behind any more."""
        if self._memory is not None:
            self._sealed.sweep({*self.readings.names, self._memory.keep(self._sealed)})


def compare_deliveries(before: Memory | None, now: Memory) -> Delivery:
    """Say what became of the records of the last delivery, and which are new.

    Parameters
    ----------
    before : Memory or None
        Of the last run.
    now : Memory

    Returns
    -------
    Delivery
        When no file changed since the last run, what that run said, for it is still so.
    """
    if before is None:
        files = _files([], now.files)
        counts = [_count_of(s, 0, len(rows), new=len(rows)) for s, rows in _by_source(now.states)]
        return _delivery(True, files, _counts(counts), _no(_RECORDS), _no(_CUSTOMERS), [], [])
    files = _files(before.files, now.files)
    known = {s: before.settings.get(s) == v for s, v in now.settings.items()}
    if (files["what"] == "same").all() and all(known.values()) and before.delivery is not None:
        return before.delivery
    old, new = dict(_by_source(before.states)), dict(_by_source(now.states))
    gone_files = set(files.loc[files["what"] == "gone", ["source", "file"]].itertuples(index=False, name=None))
    names = {(f["source"], f["sha256"][:12]): f["shown"] for f in before.files}
    counted: list[dict[str, Any]] = []
    listed, other, earlier = [], [], []
    empty_states = before.states.iloc[:0]
    for source in sorted({*old, *new, *(s for s in known if s)}):
        was, is_ = old.get(source, empty_states), new.get(source, empty_states)
        if source in old and source in known and not known[source]:
            other.append(source)
            counted.append({"source": source, "before": len(was), "now": len(is_)})
            continue
        gone = {f for (s, f), name in names.items() if s == source and (source, name) in gone_files}
        row, found = _records(source, was, is_, gone)
        counted.append(row)
        listed.append(found)
        if len(was) and len(is_) and is_["at"].max() < was["at"].max():
            earlier.append(source)
    records = pd.concat([_no(_RECORDS), *listed], ignore_index=True) if listed else _no(_RECORDS)
    same_people = known.get("", False)
    customers = _customers(before.states, now.states) if same_people else _no(_CUSTOMERS)
    return _delivery(False, files, _counts(counted), records, customers, other, earlier, same_people)


def _no(columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({c: pd.Series(dtype="str") for c in columns})


def _by_source(states: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(str(s), rows) for s, rows in states.groupby("source", sort=True)]


def _count_of(source: str, before: int, now: int, **counts: int) -> dict[str, Any]:
    nothing = dict.fromkeys(COUNTS[3:], 0)
    return {"source": source, "before": before, "now": now, **nothing, **counts}


def _files(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Say of each file what became of it; by content first, then by name."""
    rows: list[dict[str, Any]] = []
    left = {(f["source"], f["name"]): f for f in before}
    open_: list[Mapping[str, Any]] = []
    for f in now:
        was = left.get((f["source"], f["name"]))
        if was is not None and was["sha256"] == f["sha256"]:
            del left[f["source"], f["name"]]
            rows.append(_file(f, "same"))
        else:
            open_.append(f)
    rest = []
    names = {(f["source"], f["name"]) for f in now}
    for f in open_:
        moved = [k for k, v in left.items() if k[0] == f["source"] and v["sha256"] == f["sha256"] and k not in names]
        if moved and (f["source"], f["name"]) not in left:
            rows.append(_file(f, "renamed", left.pop(moved[0])["shown"]))
        else:
            rest.append(f)
    seen: dict[tuple[str, str], str] = {}
    for f in now:
        if f not in rest:
            seen.setdefault((f["source"], f["sha256"]), f["shown"])
    for f in rest:
        twin = seen.get((f["source"], f["sha256"]))
        changed = left.pop((f["source"], f["name"]), None) is not None
        seen.setdefault((f["source"], f["sha256"]), f["shown"])
        rows.append(_file(f, "copy" if twin else "changed" if changed else "new", twin))
    rows += [_file(f, "gone") for f in left.values()]
    frame = pd.DataFrame(rows, columns=list(_FILES))
    return frame.sort_values(["source", "file"], kind="stable", ignore_index=True)


def _file(f: Mapping[str, Any], what: str, was: str | None = None) -> dict[str, Any]:
    return {"source": f["source"], "file": f["shown"], "what": what, "was": was, "records": f["read"]}


def _records(source: str, was: pd.DataFrame, is_: pd.DataFrame, gone: set[str]) -> tuple[dict[str, Any], pd.DataFrame]:
    """Compare the records of one source."""
    both = was.merge(is_, on=["table", "record_id"], how="inner", suffixes=("_was", ""))
    differs = both["said_was"] != both["said"]
    derived = ~differs & (both["derived_was"] != both["derived"])
    new = is_[~is_["record_id"].isin(both["record_id"])]
    lost = was[~was["record_id"].isin(both["record_id"])]
    moved = _moved(lost, new)
    new = new[~new["record_id"].isin(moved["record_id"])]
    lost = lost[~lost["record_id"].isin(moved["record_id_was"])]
    newest = was.groupby("table")["at"].max()
    late = new[(new["at"] <= new["table"].map(newest)).fillna(False).to_numpy(bool)]
    first = is_.groupby("table")["at"].min()
    why = pd.Series("its file no longer holds it", index=lost.index)
    why[(lost["at"] < lost["table"].map(first)).fillna(False)] = "it lies before the earliest record there is now"
    why[lost["file"].isin(gone)] = "its file is gone"
    parts = [
        _listed("late", late, late["at"], None, "it lies before the newest record of the last delivery"),
        _listed("corrected", both[differs], both["at"], both["at_was"], "the same record says something else"),
        _listed("corrected", moved, moved["at"], moved["at_was"], "the record of this number has another moment"),
        _listed("completed", both[derived], both["at"], both["at_was"], "other records tell more of it"),
        _listed("vanished", lost, None, lost["at"], why),
    ]
    counts = _count_of(
        source, len(was), len(is_), same=int((~differs & ~derived).sum()), new=len(new), late=len(late),
        corrected=int(differs.sum()) + len(moved), completed=int(derived.sum()), vanished=len(lost),
    )  # fmt: skip
    return counts, pd.concat([p.assign(source=source) for p in parts], ignore_index=True)[list(_RECORDS)]


def _moved(lost: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Pair what vanished with what is new under the same number, where that is one record on either side."""
    sides = []
    for rows in (lost, new):
        numbered = rows[rows["number"] != 0]
        sides.append(numbered[~numbered.duplicated(["table", "number"], keep=False)])
    return sides[0].merge(sides[1], on=["table", "number"], suffixes=("_was", ""))


def _listed(what: str, rows: pd.DataFrame, at: Any, was_at: Any, why: Any) -> pd.DataFrame:
    def stamp(values: Any) -> Any:
        if values is None:
            return None
        return values.reindex(rows.index).dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ").astype("str")

    columns = {
        "what": what, "table": rows["table"], "record_id": rows["record_id"], "at": stamp(at), "was_at": stamp(was_at),
        "customer_id": rows["customer_id"], "why": why,
    }  # fmt: skip
    return pd.DataFrame(columns, index=rows.index).sort_values(["table", "record_id"]).astype("str")


def _customers(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Say which ids of customers became which, by the records that both deliveries hold."""
    both = before[["source", "table", "record_id", "customer_id"]].merge(
        now[["source", "table", "record_id", "customer_id"]],
        on=["source", "table", "record_id"],
        suffixes=("_old", "_new"),
    )
    pairs = both.groupby(["customer_id_old", "customer_id_new"]).size().rename("records").reset_index()
    pairs = pairs.rename(columns={"customer_id_old": "old", "customer_id_new": "new"})
    split = pairs.duplicated("old", keep=False)
    merged = pairs.duplicated("new", keep=False)
    moved = pairs["old"] != pairs["new"]
    what = pd.Series("renamed", index=pairs.index).mask(split, "split").mask(merged, "merged")
    # the id that stays in a merger or a split is no news of its own
    return pairs.assign(what=what)[moved][list(_CUSTOMERS)].sort_values(["what", "new", "old"], ignore_index=True)


def _delivery(
    first: bool, files: pd.DataFrame, counts: pd.DataFrame, records: pd.DataFrame, customers: pd.DataFrame,
    other: Sequence[str], earlier: Sequence[str], same_people: bool = True,
) -> Delivery:  # fmt: skip
    said = {
        language: say(first, files, counts, records, customers, other, earlier, same_people, language)
        for language in ("en", "nl")
    }
    return Delivery(first, files, counts, records, customers, said)
