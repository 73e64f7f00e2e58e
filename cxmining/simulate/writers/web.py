"""App and website: the GA4 export to BigQuery, as JSON lines; times are UTC microseconds, numbers are text.

BigQuery's own table has dozens of columns more; this is the query an analyst would schedule:
the declared key events, without the automatic ones, and the columns that are needed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cxmining.simulate import company, noise
from cxmining.simulate.writers.common import Owned, Stage, doubled, write_owned

__all__ = ["write_web"]

PAGES = {
    "campaign": ("page_view", "/actie?utm_campaign=lente"),
    "comparison": ("page_view", "/?utm_source=energievergelijk"),
    "tariffs": ("page_view", "/tarieven"),
    "calculator": ("use_calculator", "/rekentool"),
    "signs": ("purchase", "/bedankt"),
}


def write_web(stage: Stage, path: Path) -> None:
    """Write app and web events in order of time."""
    p, rng = stage.people, stage.rng
    app, web = stage.world.app, stage.world.web
    micro = rng.integers(0, 10**6, len(app) + len(web)).tolist()
    t = stage.traces
    rows: list[tuple[int, Owned]] = []
    for w, utc, kind, m in zip(app["who"].tolist(), app["utc"].tolist(), app["kind"].tolist(), micro, strict=False):
        user = f',"user_id":"{t.account(w, utc)}"' if t.logged_in() else ""
        rows.append((utc, ((f'{{"event_timestamp":"{utc}{m:06d}","event_name":"{kind}","event_params":[],'
                            f'"user_pseudo_id":"{t.device(w, utc)}"{user}}}'), w)))  # fmt: skip
    for who, cookie, utc, kind, m in zip(
        web["who"].tolist(),
        web["cookie"].tolist(),
        web["utc"].tolist(),
        web["kind"].tolist(),
        micro[len(app) :],
        strict=True,
    ):
        name, page = PAGES[kind]
        user = f',"user_id":"{p.account[who]}"' if kind == "signs" else ""
        rows.append(
            (utc, ((f'{{"event_timestamp":"{utc}{m:06d}","event_name":"{name}","event_params":[{{"key":"page_location","value":'
                   f'{{"string_value":"{company.SITE}{page}"}}}}],"user_pseudo_id":"{t.cookie(cookie, utc)}"{user}}}'),
                   cookie if who < 0 else who))
        )  # fmt: skip
    rows.sort(key=lambda r: r[0])
    lines = t.again(doubled(rng, [row for _, row in rows], noise.DUPLICATE_ROWS / 2))
    at = int(np.floor(len(lines) * 0.7))
    write_owned(stage, path, "ga4.jsonl", [*lines[:at], (lines[at][0][:60], None), *lines[at:]])
