"""Questionnaires after a contact: Qualtrics, SurveyMonkey, Google Forms, Microsoft Forms and LimeSurvey."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from typing import Any

import numpy as np

from cxmining.simulate import company
from cxmining.simulate.exports.base import Export
from cxmining.simulate.writers.common import write_bytes

__all__ = ["write_googleforms", "write_limesurvey", "write_msforms", "write_qualtrics", "write_surveymonkey"]

CSAT = "Hoe tevreden bent u over het contact met ons?"
CES = "Hoe makkelijk was het om uw vraag te regelen?"
COMMENT = "Wilt u dit toelichten?"


def _responses(x: Export) -> list[tuple[int, int, int, int, str]]:
    """Return who, when finished (UTC), satisfaction, ease and comment of the answered questionnaires."""
    frame = x.stage.surveys.contact
    out = []
    for who, start, duration, csat, ces, says in frame[
        ["who", "start", "duration", "CSAT", "CES", "comments"]
    ].itertuples(index=False, name=None):
        comment = x.stage.writer.comment(int(csat), ["asks about invoice"], month=6) if says else ""
        out.append((int(who), int(start + duration), int(csat), int(ces), comment))
    return out


def _declare(x: Export, csat: str, ces: str, comment: str, account: str = "", email: str = "") -> None:
    who = f'account = "{account}"' if account else f'email = "{email}"'
    x.survey = [
        "", "[[survey]]", f'name = "{x.name}"', 'kind = "transactional"', f"comment = {json.dumps(comment, ensure_ascii=False)}",
        f"customer = {{ {who} }}", "item = [",
        f'  {{ column = {json.dumps(csat, ensure_ascii=False)}, metric = "csat", touchpoint = "(contact)", low = 1, high = 5 }},',
        f'  {{ column = {json.dumps(ces, ensure_ascii=False)}, metric = "ces", touchpoint = "(contact)", low = 1, high = 7 }},', "]",
    ]  # fmt: skip
    x.source |= {"into": "responses", "survey": x.name, "tz": "Europe/Amsterdam"}


def _local(utc: int) -> str:
    return company.local(np.array([utc]))[0]


def _csv(x: Export, file: str, rows: list[list[Any]], **how: Any) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n", **how).writerows(rows)
    write_bytes(x.folder / file, buffer.getvalue().encode())


def _twice(x: Export, rows: list[list[Any]]) -> tuple[list[list[Any]], int]:
    again = [rows[i] for i in x.some(len(rows), 0.05)]
    every = [*rows, *again]
    return [every[i] for i in x.rng.permutation(len(every)).tolist()], len(again)


def write_qualtrics(x: Export) -> None:
    """Write three rows of names, previews, unfinished responses, an answer off the scale."""
    names = ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate", "ResponseId",
             "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference", "LocationLatitude", "LocationLongitude",
             "DistributionChannel", "UserLanguage", "Q1", "Q2", "Q3"]  # fmt: skip
    rows = []
    for k, (who, done, csat, ces, comment) in enumerate(_responses(x)):
        end = _local(done)
        score = 9 if k == 2 else csat  # an answer that the scale does not know is a cell, not a response
        rows.append([_local(done - 120), end, "0", "192.0.2.1", "100", "120", "1", end, f"R_{k:015d}", x.people.last[who], x.people.first[who],
                     "", x.people.account[who], "", "", "email", "NL", score, ces, comment])  # fmt: skip
        x.response(who, done, {} if k == 2 else {"csat": csat}, {"ces": ces})
    body, duplicates = _twice(x, rows)
    preview, unfinished = list(rows[0]), list(rows[1])
    preview[2], preview[8] = "1", "R_preview"
    unfinished[4], unfinished[6], unfinished[8] = "40", "0", "R_unfinished"
    head = [names, [*names[:17], CSAT, CES, COMMENT], [json.dumps({"ImportId": n}) for n in names]]
    _csv(x, "export.csv", [*head, *body, preview, unfinished])
    x.count("export.csv", kept=len(rows), duplicate=duplicates, rejected=2)
    _declare(x, "Q1", "Q2", "Q3", account="ExternalReference")


def write_surveymonkey(x: Export) -> None:
    """Write two rows of names, American dates with AM and PM."""
    rows = []
    for k, (who, done, csat, ces, comment) in enumerate(_responses(x)):
        begun, end = (dt.datetime.fromisoformat(_local(t)).strftime("%m/%d/%Y %I:%M:%S %p") for t in (done - 90, done))
        rows.append(
            [118_000_000_000 + k, 4001, begun, end, "192.0.2.1", x.people.mailbox[who], "", "", "", csat, ces, comment]
        )
        x.response(who, done, {"csat": csat}, {"ces": ces})
    body, duplicates = _twice(x, rows)
    names = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name", "Last Name",
             "Custom Data 1", CSAT, CES, COMMENT]  # fmt: skip
    _csv(x, "export.csv", [names, [*[""] * 9, "Response", "Response", "Open-Ended Response"], *body])
    x.count("export.csv", kept=len(rows), duplicate=duplicates)
    _declare(x, CSAT, CES, COMMENT, email="Email Address")


def write_googleforms(x: Export) -> None:
    """Write responses without an id, whose stamps say their zone."""
    rows = []
    for who, done, csat, ces, comment in _responses(x):
        zone = "GMT+2" if int(company.offset(np.array([done]))[0]) == 7200 else "GMT+1"
        stamp = dt.datetime.fromisoformat(_local(done)).strftime("%Y/%m/%d %-I:%M:%S %p") + f" {zone}"
        rows.append([stamp, x.people.mailbox[who], csat, ces, comment])
        x.response(who, done, {"csat": csat}, {"ces": ces})
    body, duplicates = _twice(x, rows)
    _csv(x, "export.csv", [["Tijdstempel", "E-mailadres", CSAT, CES, COMMENT], *body])
    x.count("export.csv", kept=len(rows), duplicate=duplicates)
    _declare(x, CSAT, CES, COMMENT, email="E-mailadres")
    x.source.pop("tz")


def write_msforms(x: Export) -> None:
    """Write the workbook, with Dutch names of its own columns."""
    import openpyxl

    rows: list[list[Any]] = []
    for k, (who, done, csat, ces, comment) in enumerate(_responses(x)):
        begun, end = (dt.datetime.fromisoformat(_local(t)) for t in (done - 90, done))
        rows.append([k + 1, begun, end, x.people.mailbox[who], "", csat, ces, comment or None])
        x.response(who, done, {"csat": csat}, {"ces": ces})
    body, duplicates = _twice(x, rows)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [["ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam", CSAT, CES, COMMENT], *body]:
        sheet.append(row)
    book.properties.created = book.properties.modified = dt.datetime(2026, 1, 1)
    raw, still = io.BytesIO(), io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(still, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in made.namelist():  # openpyxl stamps each member with now
            content = made.read(name)
            if name == "docProps/core.xml":
                content = _fixed_stamp(content)
            fixed.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    write_bytes(x.folder / "export.xlsx", still.getvalue())
    x.count("export.xlsx", kept=len(rows), duplicate=duplicates)
    _declare(x, CSAT, CES, COMMENT, email="E-mail")


def _fixed_stamp(core: bytes) -> bytes:
    import re

    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-01-01T00:00:00Z", core)


def write_limesurvey(x: Export) -> None:
    """Write responses of which some were never submitted."""
    rows = []
    for k, (who, done, csat, ces, comment) in enumerate(_responses(x)):
        rows.append(
            [
                k + 1,
                _local(done),
                3,
                "nl",
                17,
                x.people.account[who],
                _local(done - 60),
                _local(done),
                "192.0.2.1",
                csat,
                ces,
                comment,
            ]
        )
        x.response(who, done, {"csat": csat}, {"ces": ces})
    body, duplicates = _twice(x, rows)
    body.append(
        [
            9001,
            "",
            1,
            "nl",
            17,
            "x",
            _local(company.EPOCH + 86400),
            _local(company.EPOCH + 86400),
            "192.0.2.1",
            4,
            "",
            "",
        ]
    )
    names = [
        "id",
        "submitdate",
        "lastpage",
        "startlanguage",
        "seed",
        "token",
        "startdate",
        "datestamp",
        "ipaddr",
        "csat",
        "ces",
        "why",
    ]
    _csv(x, "export.csv", [names, *body], quoting=csv.QUOTE_ALL)
    x.count("export.csv", kept=len(rows), duplicate=duplicates, rejected=1)
    _declare(x, "csat", "ces", "why", account="token")
