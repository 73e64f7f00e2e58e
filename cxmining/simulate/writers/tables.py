"""The plain tables: CRM, invitations, outgoing messages, and what the grid operator delivers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cxmining.simulate import company, customers, noise
from cxmining.simulate.writers.common import Owned, Stage, doubled, write_owned

__all__ = ["write_customers", "write_invitations", "write_messages", "write_meter"]

KNOWN_AS = {
    "phone": "telefoon",
    "chat": "chat",
    "whatsapp": "whatsapp",
    "mail": "e-mail",
    "web": "website",
    "social": "social",
}


def write_customers(stage: Stage, path: Path) -> None:
    """Write the CRM export: semicolons, Dutch dates, Windows characters."""
    p, rng = stage.people, stage.rng
    n = len(p)
    since = company.stamps(company.EPOCH + p.since * 86400, "date")
    left = company.stamps(company.EPOCH + p.end * 86400, "date")
    nameless = (rng.random(n) < noise.NO_NAME).tolist()
    abroad = (rng.random(n) < 0.3).tolist()  # +31 6… instead of 06…: typed by people over the years
    lines = ["klantnummer;naam;email;telefoon;postcode;segment;klant_sinds;opgezegd_per;ean;voorkeurskanaal;taal"]
    rows: list[Owned] = []

    def spelled(phone: str, foreign: bool) -> str:
        if foreign and phone:
            return f"+31 {phone[1]} {phone[2:]}"
        return f"{phone[:2]}-{phone[2:]}" if phone.startswith("06") else phone

    for i in range(n):
        name = "" if nameless[i] else f"{p.first[i]} {p.last[i]}"
        wish = KNOWN_AS[customers.CHANNELS[p.wanted[i]]] if p.stated[i] else ""
        end = f"{left[i] if p.leaves[i] else ''};{{}};{wish};{'en' if p.english[i] else 'nl'}"
        phone = spelled(stage.traces.phone[i], abroad[i])
        rows.append((
            (f"{p.account[i]};{name};{stage.traces.email[i]};{phone};{p.postcode[i]};{p.segment[i]};{since[i]};"
            f"{end.format(p.ean[i])}"), i))  # fmt: skip
        for row in stage.traces.further(i):
            day = company.stamps(np.array([company.EPOCH + row.since * 86400]), "date")[0]
            phone = spelled(row.phone, not abroad[i])
            rows.append(
                (f"{row.account};{row.name};{row.email};{phone};;{p.segment[i]};{day};{end.format(row.ean)}", i)
            )
    write_owned(stage, path, "customers.csv", stage.traces.again(doubled(rng, rows, noise.DUPLICATE_ROWS)), lines)


def write_invitations(stage: Stage, path: Path) -> None:
    """Write who was asked, when, by which channel and about what; stamps are local."""
    rng = stage.rng
    inv = stage.surveys.invitations
    at = company.local(inv["utc"].to_numpy())
    rows: list[Owned] = []
    for who, utc, when, survey, channel, contact in zip(
        *(inv[c].tolist() for c in ("who", "utc")), at, *(inv[c].tolist() for c in ("survey", "channel", "contact")),
        strict=True,
    ):  # fmt: skip
        reference = stage.refs.get(contact, "")
        # After a call whose number was withheld, or an anonymous chat, there is nobody to name.
        hidden = reference in stage.unknown
        email, account = ("", "") if hidden else (stage.traces.invited(who, utc), stage.traces.account(who, utc))
        rows.append((f"{survey},{when[:16]},{email},{account},{channel},{reference}", who))
    rows = stage.traces.again(doubled(rng, rows, noise.DUPLICATE_ROWS))
    write_owned(stage, path, "invitations.csv", rows, ["survey,invited_at,email,account,channel,reference"])


def write_messages(stage: Stage, path: Path) -> None:
    """Write what was sent to customers: invoices, letters, requests; stamps are local."""
    p, rng = stage.people, stage.rng
    m = stage.world.messages.sort_values(["utc", "who", "kind"], kind="stable")
    at = company.local(m["utc"].to_numpy())
    rows: list[Owned] = [
        (f"{stage.traces.account(w, utc)};{t[:16]};{k};{c}", w)
        for w, utc, t, k, c in zip(
            m["who"].tolist(), m["utc"].tolist(), at, m["kind"].tolist(), m["channel"].tolist(), strict=True
        )
    ]
    rows = stage.traces.again(doubled(rng, rows, noise.DUPLICATE_ROWS / 4))
    rows.insert(len(rows) // 2, (f"{p.account[0]};2025-02-30 07:00;factuur;mail", None))  # a day that does not exist
    write_owned(stage, path, "messages.csv", rows, ["account;stamp;kind;channel"])


def write_meter(stage: Stage, path: Path) -> None:
    """Write the grid operator's events per connection; stamps carry their offset."""
    p, rng = stage.people, stage.rng
    m = stage.world.meter.sort_values(["utc", "who"], kind="stable")
    utc = m["utc"].to_numpy()
    zone = (company.offset(utc) // 3600).tolist()
    at = company.local(utc, "iso")
    rows: list[Owned] = [
        (f"{stage.traces.ean(w, u)},{t}+{z:02d}:00,{k},{'' if np.isnan(d) else int(d)}", w)
        for w, u, t, z, k, d in zip(
            m["who"].tolist(), utc.tolist(), at, zone, m["kind"].tolist(), m["minutes"].tolist(), strict=True
        )
    ]
    rows = stage.traces.again(doubled(rng, rows, noise.DUPLICATE_ROWS))
    rows.insert(len(rows) // 2, (f"{p.ean[0]},onbekend,storing,", None))
    write_owned(stage, path, "meter.csv", rows, ["ean,moment,gebeurtenis,minuten"])
