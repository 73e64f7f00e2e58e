"""The telephone exchange: Asterisk ``Master.csv``.

No header; the standard order accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp,
lastdata, start, answer, end, duration, billsec, disposition, amaflags, uniqueid, userfield. Stamps
are local (``usegmtime`` is off). Text is quoted, numbers are not, as ``cdr_csv`` writes them.

This company's exchange writes two things of its own, which the reader may rely on: ``accountcode``
is the queue, and ``userfield`` is the *linkedid*: the ``uniqueid`` of the call's first leg. A transfer
is a second leg with its own ``uniqueid`` and the first one's *linkedid*.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cxmining.simulate import company, noise
from cxmining.simulate.writers.common import Owned, Stage, doubled, write_owned

__all__ = ["write_phone"]


def _row(queue: str, src: str, dst: str, name: str, first: str, second: str, times: tuple[str, str, str], seconds: tuple[int, int],
         uniqueid: str, linkedid: str) -> str:  # fmt: skip
    clid = f'""{name}"" <{src}>' if name else src
    state = "ANSWERED" if times[1] else "NO ANSWER"
    fields = (queue, src, dst, "from-pstn" if len(src) > 5 or src == "anonymous" else "outbound", clid, first, second,
              "Queue" if queue else "Dial", f"{queue},t,,,600" if queue else f"PJSIP/{dst},60", *times)  # fmt: skip
    text = ",".join(f'"{f}"' for f in fields)
    return f'{text},{seconds[0]},{seconds[1]},"{state}","DOCUMENTATION","{uniqueid}","{linkedid}"'


def write_phone(stage: Stage, path: Path) -> None:
    """Write the calls and hand out their ids."""
    p, rng = stage.people, stage.rng
    c = stage.world.contacts
    c = c[c["channel"] == 0]
    count = len(c)
    who = c["who"].to_numpy()
    withheld = rng.random(count) < noise.WITHHELD_NUMBER
    wait, talk = c["wait_s"].to_numpy(dtype=np.int64), c["talk_s"].to_numpy(dtype=np.int64)
    hung_up, moved = c["abandoned"].to_numpy(), c["transferred"].to_numpy()
    talk = np.where(moved, talk * 2 // 5 + 20, talk)
    start = c["utc"].to_numpy()
    end = start + wait + np.where(hung_up, 0, talk)
    second_answer = end + c["second_wait_s"].to_numpy(dtype=np.int64)
    second_end = second_answer + talk + 60
    serial = 2 * np.arange(count) + 1
    texts = [company.local(x) for x in (start, start + wait, end, second_answer, second_end)]
    agents = c["agent"].tolist()
    topics = c["topic"].tolist()
    named = (rng.random(count) < 0.25).tolist()
    rows: list[tuple[int, str, int]] = []
    back = (~c["solved"].to_numpy() & ~hung_up & (rng.random(count) < 0.10)).tolist()
    back_delay = rng.integers(3600, 2 * 86400, count)
    back_start = end + back_delay
    hour = (back_start + company.offset(back_start)) // 3600 % 24
    back_start = np.where((hour < 9) | (hour > 17), back_start + 9 * 3600, back_start)
    back_texts = [company.local(back_start + k) for k in (0, 14, 160)]
    latest = company.EPOCH + company.DAYS * 86400 - 7200
    for i, (contact, w) in enumerate(zip(c["contact"].tolist(), who.tolist(), strict=True)):
        uniqueid = f"{start[i]}.{serial[i]}"
        stage.refs[contact] = uniqueid
        src = "anonymous" if withheld[i] else stage.traces.number(w)
        if withheld[i]:
            stage.unknown.add(uniqueid)
        queue = company.QUEUES[topics[i]]
        name = f"{p.first[w][0]} {p.last[w]}".upper() if named[i] and not withheld[i] else ""
        inward = f"PJSIP/trunk-{serial[i]:08x}"
        times = (texts[0][i], "" if hung_up[i] else texts[1][i], texts[2][i])
        seconds = (int(end[i] - start[i]), 0 if hung_up[i] else int(talk[i]))
        agent = "" if hung_up[i] else f"PJSIP/{8001 + agents[i]}-{serial[i]:08x}"
        rows.append(
            (
                int(start[i]),
                _row(queue, src, company.EXTENSION, name, inward, agent, times, seconds, uniqueid, uniqueid),
                w,
            )
        )
        if moved[i]:
            leg = f"{end[i]}.{serial[i] + 1}"
            stage.replies.setdefault(contact, []).append(leg)
            line = company.SECOND_LINE[topics[i]]
            other = f"PJSIP/{8001 + (agents[i] + 7) % company.AGENTS}-{serial[i] + 1:08x}"
            rows.append((int(end[i]), _row(line, src, f"{8100 + topics[i]}", name, agent, other,
                        (texts[2][i], texts[3][i], texts[4][i]), (int(second_end[i] - end[i]), int(talk[i]) + 60), leg, uniqueid), w))  # fmt: skip
        if back[i] and not withheld[i] and back_start[i] < latest:
            call = f"{back_start[i]}.{serial[i] + 2 * count}"
            stage.replies.setdefault(contact, []).append(call)
            ext = f"{8001 + agents[i]}"
            times = (back_texts[0][i], back_texts[1][i], back_texts[2][i])
            rows.append((int(back_start[i]), _row("", ext, src, "", f"PJSIP/{ext}-{serial[i]:08x}", "PJSIP/trunk", times,
                        (160, 146), call, call), w))  # fmt: skip
    rows.sort()
    lines: list[Owned] = stage.traces.again(doubled(rng, [(r, w) for _, r, w in rows], noise.DUPLICATE_ROWS))
    broken = '"facturen","0612345678","8800","from-pstn","0612345678"'  # cut off by a full disk
    undated = _row("storing", "0201234567", company.EXTENSION, "", "PJSIP/trunk-0000dead", "", ("0000-00-00 00:00:00", "", "0000-00-00 00:00:00"),
                   (0, 0), "0.0", "0.0")  # fmt: skip
    at = len(lines) // 3
    write_owned(stage, path, "Master.csv",
                [*lines[:at], (broken, None), *lines[at : 2 * at], (undated, None), *lines[2 * at :]])  # fmt: skip
