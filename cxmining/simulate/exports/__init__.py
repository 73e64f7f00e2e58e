"""The simulated year in the formats of many vendors, with mess, and what reading each should give."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.simulate import company
from cxmining.simulate.exports.base import Export
from cxmining.simulate.exports.chat import write_intercom, write_salesforce, write_whatsapp, write_zendesk
from cxmining.simulate.exports.mail import write_eml, write_maildir, write_mbox
from cxmining.simulate.exports.more import MORE
from cxmining.simulate.exports.survey import (
    write_googleforms,
    write_limesurvey,
    write_msforms,
    write_qualtrics,
    write_surveymonkey,
)
from cxmining.simulate.exports.tables import TABLES, write_ocel, write_xes
from cxmining.simulate.exports.voice import write_asterisk, write_connect, write_genesys, write_twilio
from cxmining.simulate.exports.web import write_amplitude, write_ga4, write_mixpanel, write_segment
from cxmining.simulate.journeys import World
from cxmining.simulate.mess import Mess, Traces
from cxmining.simulate.writers.common import Stage, write_lines

__all__ = ["FORMATS", "make_exports"]

ZONE: Final = "Europe/Amsterdam"
AGAIN: Final = int(np.datetime64("2025-10-26T01:00", "s").astype(np.int64))  # the second time it is two o'clock
# just behind the hour that spring skips, and both passes of the one that autumn repeats
TURNS: Final = (int(np.datetime64("2025-03-30T01:10", "s").astype(np.int64)), AGAIN - 1800, AGAIN + 1800)
Writer = Callable[[Export], None]
FORMATS: Final[dict[str, Writer]] = {
    "asterisk": write_asterisk, "connect": write_connect, "genesys": write_genesys, "twilio": write_twilio,
    "intercom": write_intercom, "salesforce": write_salesforce, "zendesk": write_zendesk, "whatsapp": write_whatsapp,
    "ga4": write_ga4, "segment": write_segment, "amplitude": write_amplitude, "mixpanel": write_mixpanel,
    "mbox": write_mbox, "eml": write_eml, "maildir": write_maildir,
    "qualtrics": write_qualtrics, "surveymonkey": write_surveymonkey, "googleforms": write_googleforms, "msforms": write_msforms,
    "limesurvey": write_limesurvey, **TABLES, "xes": write_xes, "ocel": write_ocel, **MORE,
}  # fmt: skip
_READ_AS: Final[dict[str, str]] = {
    "maildir": "eml",
    **dict.fromkeys((*TABLES, "social", "delivery"), "csv"),
    "ga4_parquet": "ga4",
    **dict.fromkeys(("ocel_sqlite", "ocel_xml"), "ocel"),
}  # whose format is not called as the export


def make_exports(
    out: str | Path,
    formats: Iterable[str] | None = None,
    *,
    customers: int = 300,
    seed: int = 1,
    mess: Mess | bool = False,
) -> Path:
    """Write one simulated year as the exports of many vendors, with a study that reads them and the truth.

    Each export is a folder of its own, named like its format, and has what such exports have in the
    wild: records delivered twice, older copies of records that were updated later, records out of
    order, empty cells, one that is broken, contacts in the nights in which the clock is turned.

    Parameters
    ----------
    out : path-like
        Folder to write into; made when absent.
    formats : iterable of str, optional
        Some of `FORMATS`; default all.
    customers : int, default 300
        At least 200.
    seed : int, default 1
        Same seed, same bytes.
    mess : Mess or bool, default False
        Whether identities are messy too, as in `make_sample`.

    Returns
    -------
    Path
        Of ``study.toml``. Beside it ``truth.json`` has per export ``files`` (per file how many records
        should be kept, rejected, duplicate, merged, context) and ``events`` (account, seconds UTC,
        touchpoint of each event that should come of it; account null where nobody can know it), and
        ``responses`` (account, seconds UTC, score per metric).

    Raises
    ------
    UnknownNameError
        When a format is not among `FORMATS`.
    StudyError
        When there are fewer than 200 customers.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = make_exports(folder, ["connect"], customers=200)
    ...     sorted(p.name for p in study.parent.rglob("*.*"))
    ['crm.csv', 'ctr.jsonl', 'pseudonym.key', 'rules.toml', 'study.toml', 'truth.json']
    """
    from cxmining.simulate.customers import make_people
    from cxmining.simulate.journeys import make_world
    from cxmining.simulate.surveys import make_surveys
    from cxmining.simulate.texts import Writer as Texts

    if customers < 200:
        raise StudyError(f"customers = {customers}: exports need at least 200 to have every kind of event in them")
    wanted = list(dict.fromkeys(FORMATS if formats is None else formats))
    for name in wanted:
        if name not in FORMATS:
            raise UnknownNameError(f"format {name!r} cannot be simulated; {nearest(name, list(FORMATS))}")
    folder = Path(out)
    who, year, asked, dirt, words = (np.random.default_rng([seed, k]) for k in range(5))
    people = make_people(who, customers)
    world = make_world(year, people, customers)
    surveys = make_surveys(asked, people, world)
    _turn_the_clock(world)
    traces = Traces(people, world, np.random.default_rng([seed, 5]), Mess() if mess is True else mess or None)
    stage = Stage(people, world, surveys, dirt, Texts(words), traces)
    done = []
    for name in wanted:
        # A stream of its own per format: one export more or less changes no other.
        x = Export(name, folder / name, stage, np.random.default_rng([seed, 6, list(FORMATS).index(name)]))
        FORMATS[name](x)
        if x.source.get("tz") == ZONE:  # the hour that local clocks show twice is read as its first
            x.events = [(a, _as_first(t), p) for a, t, p in x.events]
            x.responses = [(a, _as_first(t), s) for a, t, s in x.responses]
        done.append(x)
    _write_crm(stage, folder / "crm.csv")
    write_lines(folder / "study.toml", _study(done, seed))
    write_lines(folder / "rules.toml", _rules(done))
    write_lines(folder / "pseudonym.key", ["public-zonnestroom-energie-bestaat-niet-0123456789"])
    (folder / "pseudonym.key").chmod(0o600)
    truth = {
        x.name: {
            "files": x.counts,
            "events": sorted(x.events, key=lambda e: (e[1], str(e[0]))),
            "responses": x.responses,
        }
        for x in done
    }
    write_lines(folder / "truth.json", [json.dumps({"exports": truth}, ensure_ascii=False, separators=(",", ":"))])
    return folder / "study.toml"


def _turn_the_clock(world: World) -> None:
    """Let some of every kind fall into the nights in which the clock is turned."""
    for frame, kind in ((world.contacts, "channel"), (world.app, "kind")):
        for k, (_, rows) in enumerate(frame.groupby(kind, sort=True)):
            alone = rows.drop_duplicates("who", keep=False).index[: len(TURNS)]
            frame.loc[alone, "utc"] = [t + 7 * k for t in TURNS[: len(alone)]]


def _as_first(utc: float) -> float:
    return utc - 3600 if AGAIN <= utc < AGAIN + 3600 else utc


def _write_crm(stage: Stage, path: Path) -> None:
    """Write who has which account, address, number and device, so that all exports are about the same people."""
    p = stage.people
    rows = ["klantnummer;naam;email;telefoon;toestel"]
    rows += [
        f"{p.account[i]};{p.first[i]} {p.last[i]};{p.mailbox[i]};{p.number[i]};{p.device[i]}" for i in range(len(p))
    ]
    write_lines(path, rows)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(str(k))} = {_toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _study(done: list[Export], seed: int) -> list[str]:
    lines = [
        "# Zonnestroom Energie (fictional): one year in the exports of many vendors.",
        "schema_version = 1", 'name = "exports"', 'language = "nl"', f"seed = {seed}", 'time_zone = "Europe/Amsterdam"',
        'rules = "rules.toml"', "", "[company]", f'name = "{company.NAME}"', f'domains = ["{company.DOMAIN}"]', 'country = "NL"',
        f'numbers = ["+31880012300", "{company.EXTENSION}"]', "",
        "[[source]]", 'name = "crm"', 'path = "crm.csv"', 'format = "csv"', 'into = "customers"', 'delimiter = ";"',
        'columns = { account = "klantnummer", name = "naam", email = "email", phone = "telefoon", device = "toestel" }',
    ]  # fmt: skip
    for x in done:
        path = f"{x.name}/{x.pattern or next(iter(x.counts))}"
        lines += [
            "",
            "[[source]]",
            f'name = "{x.name}"',
            f'path = "{path}"',
            f'format = "{_READ_AS.get(x.name, x.name)}"',
        ]
        lines += [f"{key} = {_toml(value)}" for key, value in x.source.items()]
    lines += [line for x in done for line in x.survey]
    return [*lines, "", "[privacy]", 'key_file = "pseudonym.key"']


def _rules(done: list[Export]) -> list[str]:
    lines = ["# Which raw record is which touchpoint: the first rule that matches wins."]
    for x in done:
        for conditions, touchpoint in x.rules:
            lines += ["", "[[rule]]", *(f"{k} = {json.dumps(v)}" for k, v in conditions.items())]
            lines.append(f'touchpoint = "{touchpoint}"')
    return lines
