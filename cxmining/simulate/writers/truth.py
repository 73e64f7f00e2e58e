"""``truth.json``: what the mining should find, in the records' own natural ids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from cxmining.simulate import company, noise
from cxmining.simulate.shares import true_shares
from cxmining.simulate.writers.common import Stage, write_lines

__all__ = ["write_truth"]

PREFIX = {0: "p:", 1: "z:", 2: "z:", 3: "m:", 4: "z:", 5: "z:"}


def write_truth(stage: Stage, path: Path) -> None:
    """Write who is who, which contacts belong together, true shares, planted WOW and pain, needless contacts.

    Records are ``p:`` + uniqueid (telephone), ``m:`` + Message-ID (mail), ``z:`` + ticket id, ``q:`` +
    ResponseId. An issue is ``[account, topic, solved at first contact, [records…]]``; the first record
    of each contact stands for it in ``preventable`` and ``forced``.

    Of a sample with mess it says also whose *every* record is: ``people`` has per file one entry per
    record, in the order of the file (the ledger's ``seq``, less one): the account that the customer
    began the year with, ``v:`` and the first cookie of a visitor who stayed one, or null for a broken
    record, a preview, or a user of the desk that several people share. ``mess`` lists what was planted.
    """
    p, c, s = stage.people, stage.world.contacts, stage.surveys
    issues: dict[int, list[Any]] = {}
    names: list[str] = []
    for contact, issue, who, channel, base, number, solved in c[
        ["contact", "issue", "who", "channel", "base", "round", "solved"]
    ].itertuples(index=False, name=None):
        prefix = PREFIX[channel]
        name = prefix + stage.refs[contact]
        names.append(name)
        entry = issues.setdefault(issue, [p.account[who], company.QUEUES[base], int(solved and number == 0), []])
        entry[3] += [name, *(prefix + r for r in stage.replies.get(contact, ()))]
    joined = np.flatnonzero(p.joins)
    shares, r2 = true_shares(s.exposed, s.ratings, s.overall, noise.OVERALL_WEIGHTS)
    truth: dict[str, Any] = {
        "schema_version": 1,
        "records": {
            "p": "Master.csv uniqueid",
            "m": "mail.mbox Message-ID",
            "z": "zendesk ticket id",
            "q": "ResponseId",
        },
        "issues": list(issues.values()),
        "cookies": {p.cookie[i]: p.account[i] for i in joined.tolist()},
        "devices": "ga4 user_id is the account",
        "responses": {
            f"q:{rid}": p.account[who]
            for frame in (s.relationship, s.contact)
            for rid, who in zip(frame["id"].tolist(), frame["who"].tolist(), strict=True)
        },
        "unknowable": sorted(stage.unknown),
        "shares": {t: round(float(x), 4) for t, x in zip(company.BATTERY, shares, strict=True)},
        "r2": round(r2, 4),
        "wow": [[f"q:{r}", t] for r, t in s.wow.itertuples(index=False, name=None)],
        "pain": [[f"q:{r}", t] for r, t in s.pain.itertuples(index=False, name=None)],
        "preventable": [n for n, x in zip(names, c["preventable"].tolist(), strict=True) if x],
        "forced": [n for n, x in zip(names, c["forced"].tolist(), strict=True) if x],
    }
    if stage.traces.mess is not None:
        account = p.account
        truth["people"] = {
            file: [o if o is None else f"v:{o}" if isinstance(o, str) else account[o] for o in owners]
            for file, owners in sorted(stage.owners.items())
        }
        truth["mess"] = stage.traces.planted
    lines = [f'"{k}":{json.dumps(v, ensure_ascii=False, separators=(",", ":"))}' for k, v in truth.items()]
    write_lines(path, ["{" + ",\n".join(lines) + "}"])
