"""What was read once is kept, sealed: next month only new and changed files are read.

What was read is kept under a keyed hash of the files, their settings and everything that reads, and is read
again when one of these has changed. The files of one source are kept one by one, so that one more file is one
file to read, but where records of two files speak about each other (a row that stands in both, an older state of
a contact, the legs of one call): those are read together. Some formats tie nearly every file to the next (an
answer to last month's mail, a visit past midnight, a ticket and its comments); their files are read as a whole,
see `cxmining.ingest.looking.apart`. What is read apart makes together what it makes when read as a whole.

A reading holds what no run folder may: addresses, names, free text. It is therefore kept as Parquet
that is encrypted and authenticated (AES-256-GCM, by Arrow) under a key that follows from the pseudonym
key: without that key it is noise, and whoever changes a byte of it is found out; it is then read anew.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

import cxmining
from cxmining.errors import CxminingError, InputError
from cxmining.ingest import _one_format, _with_copies, read_files
from cxmining.ingest.files.opening import SourceFile, find_files, open_file
from cxmining.ingest.looking.apart import WHOLE, ties_of
from cxmining.ingest.survey.reverse import reverse_notes
from cxmining.schema import InputFile, Reading
from cxmining.study import SourceSettings, Study

__all__ = ["KeptReadings", "Sealed", "Use", "settings_of"]

_LAYOUT: Final = "1"
_TABLES: Final = tuple(f.name for f in fields(Reading) if f.type == "pd.DataFrame")
# What a study says about other things than reading.
_NO_READING: Final = (
    "schema_version", "name", "title", "language", "seed", "source", "rules", "catalogue", "identity", "journeys",
    "discovery", "experience", "drivers", "privacy",
)  # fmt: skip
# Readers that look at the rules: what they map stands beside its visit.
_RULES: Final = frozenset(("auto", "ga4", "segment", "amplitude", "mixpanel"))
# Of more files than this each bundle holds several, by their content: a thousand chats are not a thousand tables.
_MANY: Final = 100
_BUNDLES: Final = 32


@cache
def _code() -> str:
    """Hash of everything that reads: our own files and the versions of all packages we name."""
    home = Path(cxmining.__file__).parent
    rooms = ("ingest", "privacy", "text")
    files = [p for room in rooms for p in sorted((home / room).rglob("*.py"))]
    digest = hashlib.sha256(_LAYOUT.encode())
    for file in [*files, *sorted(home.glob("*.py"))]:
        digest.update(file.relative_to(home).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    for name in sorted(
        {re.split(r"[^\w.-]", r, maxsplit=1)[0] for r in requires("cxmining") or () if "extra" not in r}
    ):
        try:
            digest.update(f"{name}=={version(name)}\0".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


def settings_of(source: SourceSettings, study: Study) -> str:
    """Return a hash of what decides how the files of a source are read, apart from the files."""
    told = {k: v for k, v in study.as_dict().items() if k not in _NO_READING}
    value = {"study": told, "source": source.model_dump(mode="json"), "code": _code(), "rules": ""}
    if study.rules and source.format in _RULES:
        value["rules"] = hashlib.sha256((study.root / study.rules).read_bytes()).hexdigest()
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


class Sealed:
    """A folder of encrypted Parquet files.

    Parameters
    ----------
    folder : Path
        Made when the first thing is put there; readable by its owner only.
    key : bytes
        The pseudonym key; what is kept can be opened with this one only.

    Examples
    --------
    >>> import tempfile
    >>> sealed = Sealed(Path(tempfile.mkdtemp()) / "kept", b"0123456789abcdef")
    >>> sealed.put("one", {"a": pd.DataFrame({"x": [1]})}, {"n": 1})
    >>> tables, told = sealed.get("one")
    >>> tables["a"]["x"].tolist(), told
    ([1], {'n': 1})
    >>> Sealed(sealed.folder, b"another key 1234").get("one") is None
    True
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder, self._key = folder, key

    def name_of(self, *parts: str) -> str:
        """Return the name under which something is kept: a keyed hash, which tells nothing of its parts."""
        return hmac.digest(self._key, "\0".join(("cxmining kept", *parts)).encode(), "sha256").hex()[:32]

    def _file_key(self, name: str, table: str) -> bytes:
        return hmac.digest(self._key, f"cxmining sealed {_LAYOUT}\0{name}\0{table}".encode(), "sha256")

    def put(self, name: str, tables: Mapping[str, pd.DataFrame], told: Mapping[str, Any]) -> None:
        """Keep tables and a JSON value under a name, all or nothing; a folder that takes nothing keeps nothing."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            made = Path(tempfile.mkdtemp(prefix=".", suffix=".partial", dir=self.folder))
        except OSError:
            return
        try:
            note = pd.DataFrame({"told": [json.dumps(told, ensure_ascii=False)]}).astype("str")
            for table, frame in {**tables, "told": note}.items():
                self._write(made / f"{table}.parquet", name, table, frame)
            shutil.rmtree(self.folder / name, ignore_errors=True)
            made.replace(self.folder / name)
        except OSError:  # a full disk, or another run that was first
            return
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _write(self, path: Path, name: str, table: str, frame: pd.DataFrame) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq
        from pyarrow.parquet.encryption import create_encryption_properties

        seal = create_encryption_properties(self._file_key(name, table))
        content = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(content, path, compression="zstd", encryption_properties=seal)

    def get(self, name: str) -> tuple[dict[str, pd.DataFrame], Any] | None:
        """Return what is kept under a name; None when there is nothing, or nothing that can be opened."""
        import pyarrow as pa
        import pyarrow.parquet as pq
        from pyarrow.parquet.encryption import create_decryption_properties

        tables = {}
        try:
            for file in sorted((self.folder / name).glob("*.parquet")):
                opened = create_decryption_properties(self._file_key(name, file.stem))
                tables[file.stem] = pq.read_table(file, decryption_properties=opened).to_pandas()
            told = json.loads(tables.pop("told")["told"].iloc[0])
        except (OSError, ValueError, KeyError, IndexError, TypeError, pa.ArrowException):
            return None
        return tables, told

    def has(self, name: str) -> bool:
        """Whether something lies there, openable or not."""
        return (self.folder / name).is_dir()

    def sweep(self, used: set[str]) -> None:
        """Remove what is not in `used`."""
        if not self.folder.is_dir():
            return
        for entry in self.folder.iterdir():
            if entry.name not in used and re.fullmatch(r"[0-9a-f]{32}", entry.name):
                shutil.rmtree(entry, ignore_errors=True)


@dataclass(frozen=True)
class Use:
    """How a source came to be read.

    Attributes
    ----------
    source : str
    how : str
        ``kept`` (as it was), ``read``, ``part`` (some of its files), or ``spoilt`` (what was kept could not be opened).
    files, read : int
        How many files it has, and how many of them were read.
    whole : mapping of str to str
        Why its files cannot be read one by one, by language (en, nl); empty where they can.
    """

    source: str
    how: str
    files: int = 1
    read: int = 1
    whole: Mapping[str, str] = field(default_factory=dict)


class KeptReadings:
    """Reads sources, those that nothing has changed about from what was kept.

    Parameters
    ----------
    sealed : Sealed
    fresh : bool, default False
        Read every file, and keep what was read.
    """

    def __init__(self, sealed: Sealed, *, fresh: bool = False) -> None:
        self.sealed, self.fresh = sealed, fresh
        self.uses: list[Use] = []
        self.names: set[str] = set()

    def read(self, source: SourceSettings, study: Study) -> Reading:
        """Read one source, or open what was kept of it.

        Raises
        ------
        InputError
            When a file is missing, empty, unreadable, or changes while it is read.
        """
        files = find_files(study.root, source.path, source.name)
        settings = settings_of(source, study)
        once = list({f.sha256: f for f in reversed(files)}.values())[::-1]
        if len(once) > 1 and source.format == "auto":
            source = source.model_copy(update={"format": _one_format(files, source)})
        bundles, whole = self._bundles(once, source, settings)
        found = None
        if len(bundles) > 1:
            found = self._apart(files, bundles, source, study, settings)
        if found is None:
            reading, how = self._read(files, source, study, settings)
            found = reading, how, 0 if how == "kept" else len(once)
        reading, how, n = found
        self.uses.append(Use(source.name, how, len(once), n, whole if len(once) > 1 else {}))
        return reading

    def _read(
        self, files: Sequence[SourceFile], source: SourceSettings, study: Study, settings: str, what: str = "source"
    ) -> tuple[Reading, str]:
        """Open what was kept of these files, else read them and keep that."""
        name = self.sealed.name_of(settings, what, *map(_content, files))
        self.names.add(name)
        there = self.sealed.has(name)
        if there and not self.fresh:
            kept = self.sealed.get(name)
            reading = None if kept is None else _restored(*kept, {f.name: f.sha256 for f in files})
            if reading is not None:
                return reading, "kept"
        reading = read_files(files, source, study)
        if what == "source":
            after = find_files(study.root, source.path, source.name)
        else:
            after = [open_file(f.path, f.name, study.root) for f in files]
        _still(files, after, source.name)
        told = {
            "source": reading.source, "format": reading.format, "notes": list(reading.notes),
            "inputs": [asdict(i) for i in reading.inputs],
        }  # fmt: skip
        tables = {t: getattr(reading, t) for t in _TABLES}
        if not any(frame[c].dtype == object for frame in tables.values() for c in frame.columns):
            self.sealed.put(name, tables, told)
        return reading, "spoilt" if there and not self.fresh else "read"

    def _bundles(
        self, once: Sequence[SourceFile], source: SourceSettings, settings: str
    ) -> tuple[list[list[SourceFile]], Mapping[str, str]]:
        """Lay files that are tied to each other together; say why when they all have to be."""
        if len(once) < 2:
            return [list(once)], {}
        if source.format in WHOLE:
            return [list(once)], WHOLE[source.format]
        bundles: dict[str, list[SourceFile]] = {}
        for file in once:
            bundles.setdefault(
                file.sha256 if len(once) <= _MANY else str(int(file.sha256[:8], 16) % _BUNDLES), []
            ).append(file)
        given = list(bundles.values())
        ties = []
        for bundle in given:
            try:
                found = self._ties(bundle, source, settings)
            except CxminingError:  # what is wrong with a file is said when it is read
                found = None
            if found is None:
                return [list(once)], _TIED
            ties.append(found)
        group = _connected(ties)
        together: dict[int, list[SourceFile]] = {}
        for g, bundle in zip(group, given, strict=True):
            together.setdefault(g, []).extend(bundle)
        order = {f.sha256: k for k, f in enumerate(once)}
        laid = [sorted(bundle, key=lambda f: order[f.sha256]) for bundle in together.values()]
        return laid, {} if len(laid) > 1 else _TIED

    def _ties(self, bundle: Sequence[SourceFile], source: SourceSettings, settings: str) -> Any:
        """Return what may tie these files to others, as it was kept."""
        name = self.sealed.name_of(settings, "ties", *map(_content, bundle))
        self.names.add(name)
        kept = None if self.fresh else self.sealed.get(name)
        if kept is not None and "ties" in kept[0]:
            return kept[0]["ties"]["tie"].to_numpy()
        found = []
        for file in bundle:
            ties = ties_of(file, source, self.sealed.name_of("ties"))
            if ties is None:
                return None
            found.append(ties)
        every = np.unique(np.concatenate(found))
        self.sealed.put(name, {"ties": pd.DataFrame({"tie": every})}, {})
        return every

    def _apart(
        self,
        files: Sequence[SourceFile],
        bundles: Sequence[Sequence[SourceFile]],
        source: SourceSettings,
        study: Study,
        settings: str,
    ) -> tuple[Reading, str, int] | None:
        """Read each bundle of files alone; None when they do not make together what the whole makes."""
        pieces, hows, n = [], set(), 0
        for bundle in bundles:
            try:
                piece, how = self._read(bundle, source, study, settings, "file")
            except CxminingError:
                return None  # the whole is read, or says what is wrong: nobody in this chat is us, but in another one
            pieces.append(piece)
            hows.add(how)
            n += len(bundle) if how != "kept" else 0
        if source.preset is not None and len({piece.notes[:1] for piece in pieces}) > 1:
            return None  # a ready mapping looks at the columns of all files
        tables: dict[str, Any] = {}
        for name in _TABLES:
            frames = [getattr(piece, name) for piece in pieces]
            tables[name] = pd.concat(frames, ignore_index=True) if any(map(len, frames)) else frames[0]
        place = {f.name: k for k, f in enumerate(files)}
        pieces.sort(key=lambda piece: place[piece.inputs[0].name])
        inputs = sorted((i for piece in pieces for i in piece.inputs), key=lambda i: place[i.name])
        notes = list(dict.fromkeys(note for piece in pieces for note in piece.notes))
        if source.survey is not None:
            survey = study.survey(source.survey)
            some = {note for piece in pieces if len(piece.answers) for note in reverse_notes(piece.answers, survey)}
            notes = [note for note in notes if note not in some]
        reading = Reading(source.name, pieces[0].format, tuple(inputs), notes=tuple(notes), **tables)
        reading = _with_copies(reading, [f for f in files if f.name not in {i.name for i in inputs}])
        if source.survey is not None and len(reading.answers):
            said = reverse_notes(reading.answers, survey)
            reading = replace(reading, notes=(*reading.notes, *said))
        return reading, hows.pop() if len(hows) == 1 else "spoilt" if "spoilt" in hows else "part", n


_TIED: Final = {
    "en": "records of each file stand in another one too, or follow records there",
    "nl": "records van elk bestand staan ook in een ander, of volgen op records daarin",
}


def _connected(ties: Sequence[Any]) -> list[int]:
    """Return a number per bundle, the same for those that have a tie in common, directly or by way of others."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    every = np.concatenate(ties)
    owner = np.repeat(np.arange(len(ties)), [len(t) for t in ties])
    order = np.argsort(every, kind="stable")
    same = np.flatnonzero(every[order][1:] == every[order][:-1])
    a, b = owner[order][same], owner[order][same + 1]
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(ties), len(ties)))
    return [int(g) for g in connected_components(graph, directed=False)[1]]


def _content(file: SourceFile) -> str:
    return file.sha256 + Path(file.name).suffix.lower()


def _still(before: Sequence[SourceFile], after: Sequence[SourceFile], source: str) -> None:
    was, now = {f.name: f.sha256 for f in before}, {f.name: f.sha256 for f in after}
    if was == now:
        return
    name = sorted(n for n in {*was, *now} if was.get(n) != now.get(n))[0]
    raise InputError(
        f"source {source!r}: {name} changed while it was read; run again when the export is written to its end"
    )


def _restored(tables: dict[str, pd.DataFrame], told: Mapping[str, Any], files: Mapping[str, str]) -> Reading | None:
    """Make the reading again, its files by their present names; None where a name was said in words."""
    given: dict[str, list[str]] = {}
    for name in sorted(files):
        given.setdefault(files[name], []).append(name)
    inputs, renamed = [], []
    for value in told["inputs"]:
        name = given[value["sha256"]].pop(0)
        if name != value["name"]:
            renamed.append(value["name"])
        inputs.append(InputFile(**{**value, "name": name}))
    words = [*told["notes"], *(tables["ledger"]["reason"].dropna().unique() if "ledger" in tables else ())]
    if any(os.path.basename(old) in word for old in renamed for word in words):  # noqa: PTH119 - a name in the study
        return None
    return Reading(told["source"], told["format"], tuple(inputs), notes=tuple(told["notes"]), **tables)
