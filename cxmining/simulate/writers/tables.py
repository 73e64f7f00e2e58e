"""The plain tables: CRM, invitations, outgoing messages, and what the grid operator delivers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cxmining.simulate import company, customers, noise
from cxmining.simulate.writers.common import Stage, doubled, write_lines

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
    rows = []
    for i in range(n):
        name = "" if nameless[i] else f"{p.first[i]} {p.last[i]}"
        phone = p.phone[i]
        phone = (
            f"+31 {phone[1]} {phone[2:]}"
            if abroad[i]
            else f"{phone[:2]}-{phone[2:]}"
            if phone.startswith("06")
            else phone
        )
        wish = KNOWN_AS[customers.CHANNELS[p.wanted[i]]] if p.stated[i] else ""
        rows.append(
            f"{p.account[i]};{name};{p.email[i]};{phone};{p.postcode[i]};{p.segment[i]};{since[i]};"
            f"{left[i] if p.leaves[i] else ''};{p.ean[i]};{wish};{'en' if p.english[i] else 'nl'}"
        )
    write_lines(path, lines + doubled(rng, rows, noise.DUPLICATE_ROWS), "utf-8")


def write_invitations(stage: Stage, path: Path) -> None:
    """Write who was asked, when, by which channel and about what; stamps are local."""
    p, rng = stage.people, stage.rng
    inv = stage.surveys.invitations
    at = company.local(inv["utc"].to_numpy())
    rows = []
    for who, when, survey, channel, contact in zip(
        inv["who"].tolist(), at, inv["survey"].tolist(), inv["channel"].tolist(), inv["contact"].tolist(), strict=True
    ):
        reference = stage.refs.get(contact, "")
        # After a call whose number was withheld, or an anonymous chat, there is nobody to name.
        hidden = reference in stage.unknown
        rows.append(
            f"{survey},{when[:16]},{'' if hidden else p.email[who]},{'' if hidden else p.account[who]},{channel},{reference}"
        )
    write_lines(path, ["survey,invited_at,email,account,channel,reference", *doubled(rng, rows, noise.DUPLICATE_ROWS)])


def write_messages(stage: Stage, path: Path) -> None:
    """Write what was sent to customers: invoices, letters, requests; stamps are local."""
    p, rng = stage.people, stage.rng
    m = stage.world.messages.sort_values(["utc", "who", "kind"], kind="stable")
    at = company.local(m["utc"].to_numpy())
    rows = [
        f"{p.account[w]};{t[:16]};{k};{c}"
        for w, t, k, c in zip(m["who"].tolist(), at, m["kind"].tolist(), m["channel"].tolist(), strict=True)
    ]
    rows = doubled(rng, rows, noise.DUPLICATE_ROWS / 4)
    rows.insert(len(rows) // 2, f"{p.account[0]};2025-02-30 07:00;factuur;mail")  # a day that does not exist
    write_lines(path, ["account;stamp;kind;channel", *rows])


def write_meter(stage: Stage, path: Path) -> None:
    """Write the grid operator's events per connection; stamps carry their offset."""
    p, rng = stage.people, stage.rng
    m = stage.world.meter.sort_values(["utc", "who"], kind="stable")
    utc = m["utc"].to_numpy()
    zone = (company.offset(utc) // 3600).tolist()
    at = company.local(utc, "iso")
    rows = [
        f"{p.ean[w]},{t}+{z:02d}:00,{k},{'' if np.isnan(d) else int(d)}"
        for w, t, z, k, d in zip(m["who"].tolist(), at, zone, m["kind"].tolist(), m["minutes"].tolist(), strict=True)
    ]
    rows = doubled(rng, rows, noise.DUPLICATE_ROWS)
    rows.insert(len(rows) // 2, f"{p.ean[0]},onbekend,storing,")
    write_lines(path, ["ean,moment,gebeurtenis,minuten", *rows])
