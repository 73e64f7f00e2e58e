"""The two questionnaires: Qualtrics CSV with three header rows, the second in Dutch; stamps are local."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd

from cxmining.simulate import company, noise
from cxmining.simulate.writers.common import Stage, write_bytes

__all__ = ["CONTACT_COLUMNS", "NOT_USED", "relationship_columns", "write_questionnaires"]

NOT_USED = "niet van toepassing"
STANDARD = (
    ("StartDate", "Startdatum"), ("EndDate", "Einddatum"), ("Status", "Responstype"), ("IPAddress", "IP-adres"),
    ("Progress", "Voortgang"), ("Duration (in seconds)", "Duur (in seconden)"), ("Finished", "Voltooid"),
    ("RecordedDate", "Vastgelegde datum"), ("ResponseId", "Respons-ID"), ("RecipientLastName", "Achternaam van ontvanger"),
    ("RecipientFirstName", "Voornaam van ontvanger"), ("RecipientEmail", "E-mailadres van ontvanger"),
    ("ExternalReference", "Externe gegevensreferentie"), ("LocationLatitude", "Breedtegraad van locatie"),
    ("LocationLongitude", "Lengtegraad van locatie"), ("DistributionChannel", "Distributiekanaal"),
    ("UserLanguage", "Gebruikerstaal"),
)  # fmt: skip
CONTACT_COLUMNS = (
    ("Q1", "Hoe tevreden bent u over het contact dat u onlangs met ons had? (1 = zeer ontevreden, 5 = zeer tevreden)"),
    ("Q2", "Hoe makkelijk was het om uw vraag te regelen? (1 = heel moeilijk, 7 = heel makkelijk)"),
    ("Q3", "Is uw vraag opgelost?"),
    ("Q4", "Wilt u dit toelichten?"),
    ("ContactRef", "ContactRef"),
    ("Kanaal", "Kanaal"),
)


def relationship_columns() -> tuple[tuple[str, str], ...]:
    """Return column and Dutch question of the relationship survey."""
    nl = {t.name: t.nl for t in company.TOUCHPOINTS}
    columns = [
        ("Q1", "Hoe waarschijnlijk is het dat u Zonnestroom aanbeveelt aan vrienden of collega's? (0-10)"),
        ("Q2", "Hoe tevreden bent u alles bij elkaar over Zonnestroom? (1 = zeer ontevreden, 5 = zeer tevreden)"),
        ("Q3", "Welk rapportcijfer geeft u Zonnestroom? (1-10)"),
        ("Q4", "Hoe makkelijk maakt Zonnestroom het u om zaken te regelen? (1 = heel moeilijk, 7 = heel makkelijk)"),
    ]
    columns += [(f"Q5_{j + 1}", f"Welk cijfer geeft u voor: {nl[t]} (1-10)") for j, t in enumerate(company.BATTERY)]
    columns += [
        (f"Q6_{j + 1}", f"Welk cijfer had u vooraf verwacht voor: {nl[t]} (1-10)")
        for j, t in enumerate(company.BATTERY)
        if t not in company.NO_EXPECTATION
    ]
    columns += [
        (f"Q7_{i + 1}", f"Wat vindt u van de {what}? (1-5)") for i, (_, _, what) in enumerate(company.PERCEPTIONS)
    ]
    return (*columns, ("Q8", "Wat wilt u ons verder nog meegeven?"))


def _cell(value: float) -> str:
    return "" if np.isnan(value) else NOT_USED if value < 0 else str(int(value))


def _write(path: Path, columns: tuple[tuple[str, str], ...], rows: list[list[str]]) -> None:
    every = [*STANDARD, *columns]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([a for a, _ in every])
    writer.writerow([b for _, b in every])
    # Built-in columns bear names of their own in ImportId, questions their QID.
    writer.writerow(
        [json.dumps({"ImportId": a[0].lower() + a[1:] if a in dict(STANDARD) else f"QID_{a}"}) for a, _ in every]
    )
    writer.writerows(rows)
    write_bytes(path, buffer.getvalue().encode())


def _standard(stage: Stage, frame: pd.DataFrame, hidden: list[bool]) -> list[list[str]]:
    p, rng, t = stage.people, stage.rng, stage.traces
    begin = company.local(frame["start"].to_numpy())
    end = company.local((frame["start"] + frame["duration"]).to_numpy())
    address = rng.integers(1, 255, len(frame)).tolist()
    reached_by_account = (rng.random(len(frame)) < 0.8).tolist()
    rows = []
    for i, (who, rid, asked, seconds, unfinished) in enumerate(
        frame[["who", "id", "invited", "duration", "unfinished"]].itertuples(index=False, name=None)
    ):
        email = "" if hidden[i] else t.invited(who, asked)
        account = "" if hidden[i] or (email and not reached_by_account[i]) else t.account(who, asked)
        net = ("192.0.2.", "198.51.100.", "203.0.113.")[address[i] % 3]
        rows.append(
            [begin[i], end[i], "0", f"{net}{address[i]}", "55" if unfinished else "100", str(seconds), "0" if unfinished else "1",
             end[i], rid, "" if hidden[i] else p.last[who], "" if hidden[i] else p.first[who], email, account, "", "", "email",
             "EN" if p.english[who] else "NL"]
        )  # fmt: skip
    return rows


def _preview(like: list[str], number: int, comment: int) -> list[str]:
    row = list(like)
    row[comment] = "test"
    row[2], row[3], row[8], row[9], row[10], row[11], row[12] = "1", "", f"R_preview{number:08d}", "", "", "", ""
    return row


def write_questionnaires(stage: Stage, folder: Path) -> None:
    """Write both surveys."""
    w = stage.writer
    frame = stage.surveys.relationship
    rows = _standard(stage, frame, [False] * len(frame))
    k = len(company.BATTERY)
    for row, values in zip(rows, frame.to_dict("records"), strict=True):
        stop = 8 if row[6] == "0" else 99
        answers = [str(values["NPS"]), str(values["CSAT"]), str(values["cijfer"]), str(values["CES"])]
        answers += [_cell(values[f"r{j}"]) for j in range(k)]
        answers += [_cell(values[f"e{j}"]) for j in range(k) if company.BATTERY[j] not in company.NO_EXPECTATION]
        answers += [_cell(values[f"p{i}"]) for i in range(len(company.PERCEPTIONS))]
        met = [t for j, t in enumerate(company.BATTERY) if values[f"r{j}"] > 0]
        answers.append(
            w.comment(values["CSAT"], met, month=11, english=bool(stage.people.english[values["who"]]))
            if values["comments"] and stop == 99
            else ""
        )
        row += [a if i < stop else "" for i, a in enumerate(answers)]
    whole = next(i for i, r in enumerate(rows) if r[6] == "1")
    rows[whole][17] = "11"  # an NPS that the scale does not know: typed over from a paper form
    rows += [_preview(rows[whole], i, len(rows[whole]) - 1) for i in range(noise.PREVIEWS)]
    rows.append(list(rows[whole + 1]))  # exported twice
    whose = [*frame["who"].tolist(), *[None] * noise.PREVIEWS, int(frame["who"].iloc[whole + 1])]
    stage.owners["surveys/relatie.csv"] = whose
    _write(folder / "relatie.csv", relationship_columns(), rows)

    frame = stage.surveys.contact
    about = [stage.refs.get(c, "") for c in frame["contact"].tolist()]
    rows = _standard(stage, frame, [a in stage.unknown for a in about])
    intents = stage.world.contacts["intent"].to_numpy()
    made_to_call = stage.world.contacts["forced"].to_numpy()
    for row, values, reference in zip(rows, frame.to_dict("records"), about, strict=True):
        topic = [str(intents[values["contact"]])] if values["contact"] >= 0 else ["checks usage"]
        stop = 1 if row[6] == "0" else 99
        forced = values["contact"] >= 0 and bool(made_to_call[values["contact"]])
        month = int(company.months_of(np.array([(values["invited"] - company.EPOCH) // 86400]))[0])
        comment = (
            w.comment(values["CSAT"], topic, month=month, forced=forced) if values["comments"] and stop == 99 else ""
        )
        answers = [str(values["CSAT"]), str(values["CES"]), values["resolved"], comment]
        row += [a if i < stop else "" for i, a in enumerate(answers)] + [reference, values["channel"]]
    whole = next(i for i, r in enumerate(rows) if r[6] == "1")
    rows += [_preview(rows[whole], i, 20) for i in range(noise.PREVIEWS)]
    stage.owners["surveys/contact.csv"] = [*frame["who"].tolist(), *[None] * noise.PREVIEWS]
    _write(folder / "contact.csv", CONTACT_COLUMNS, rows)
