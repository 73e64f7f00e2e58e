"""Readers against plain Python in the same run, each in a process of its own.

    python benchmarks/readers.py [--records 200000] [--only ga4,segment]

A case writes a file of its own making, reads it with ``read_source`` (ledger, sessions, identifiers and
all) and, in another process, with what one would write by hand: ``json.loads`` or ``csv.DictReader``, a DataFrame, and
of tables the stamps turned into moments of a zone. The ``bare`` cases are held against less, ``csv.reader`` and a
DataFrame of text. Neither hashes the file, finds its encoding, keeps a ledger, looks for duplicates, joins the legs of
a call, spells identifiers in one way, names records, or knows what a hole or an hour that is there twice means.
Printed are seconds of wall clock and of processor, and peak memory above the imports. To add a
reader, add a writer and a plain reading to `CASES`. Another program on the machine disturbs the clock,
not the processor's seconds.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import by_hand
import centres
import mails

PAGES = [f"https://www.example.nl/page/{i}" for i in range(400)]
NAMES = ("page_view", "scroll", "user_engagement", "click", "session_start", "purchase")
START = 1_735_689_600


def hits(n: int) -> Iterator[dict[str, Any]]:
    """GA4 as BigQuery writes it: a dozen parameters of which three matter, sessions of about six records."""
    rng = random.Random(1)
    for i in range(n):
        person, visit = divmod(i // 6, 4)
        when = START + person % 90 * 86_400 + visit * 7_200 + i % 6 * 20
        texts = {"page_location": rng.choice(PAGES), "page_title": f"Title {i % 99}", "page_referrer": "https://www.google.com/",
                 "campaign": "(direct)", "content_group": "shop", "term": "(none)"}  # fmt: skip
        numbers = {
            "ga_session_id": str(when // 7_200),
            "ga_session_number": str(visit),
            "engagement_time_msec": str(rng.randrange(9999)),
            "entrances": "1",
        }
        params = [{"key": k, "value": {"string_value": v}} for k, v in texts.items()]
        params += [{"key": k, "value": {"int_value": v}} for k, v in numbers.items()]
        yield {
            "event_date": "20250101", "event_timestamp": str(when * 1_000_000 + i % 997), "event_name": NAMES[i % 6], "event_params": params,
            "user_pseudo_id": f"{person * 7919}.{person}", "user_id": str(person) if visit == 3 else None, "platform": "WEB",
            "device": {"category": "mobile", "operating_system": "iOS", "language": "nl-nl", "time_zone_offset_seconds": "3600"},
            "geo": {"city": "Utrecht", "country": "Netherlands"}, "traffic_source": {"name": "(direct)", "medium": "(none)"}, "bundle_sequence_id": str(i),
        }  # fmt: skip


def calls(n: int) -> Iterator[dict[str, Any]]:
    """Segment calls of the size that its browser library sends."""
    for i in range(n):
        person = i // 24
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(START + person % 90 * 86_400 + i % 24 * 900))
        yield {
            "type": "page" if i % 3 else "track", "event": None if i % 3 else NAMES[i % 6], "messageId": f"ajs-{i}", "anonymousId": f"a-{person}",
            "userId": str(person) if i % 24 > 18 else None, "timestamp": f"{stamp}.123Z", "sentAt": f"{stamp}.500Z", "properties": {"url": PAGES[i % 400], "title": "x"},
            "context": {"library": {"name": "analytics.js", "version": "5"}, "ip": "203.0.113.9", "locale": "nl-NL", "userAgent": "Mozilla/5.0 (Macintosh)"},
        }  # fmt: skip


def write_lines(rows: Callable[[int], Iterator[dict[str, Any]]]) -> Callable[[Path, int], None]:
    def write(path: Path, n: int) -> None:
        with path.open("w") as out:
            out.writelines(json.dumps(row) + "\n" for row in rows(n))

    return write


def write_array(path: Path, n: int) -> None:
    with path.open("w") as out:
        out.write("[")
        out.writelines(("," if i else "") + "\n" + json.dumps(row) for i, row in enumerate(hits(n)))
        out.write("\n]")


def write_table(path: Path, n: int) -> None:
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["klant", "stap", "tijd", "kanaal", "toelichting"])
        for i in range(n):
            stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(START + i * 60))
            rows.writerow([10_000 + i % 9_973, NAMES[i % 6], stamp, "web", f"note, number {i}"])


def write_cdr(path: Path, n: int) -> None:
    with path.open("w", newline="") as out:
        rows = csv.writer(out, quoting=csv.QUOTE_ALL)
        for i in range(n):
            begin, answer, end = (
                time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(START + i * 30 + d)) for d in (0, 12, 95)
            )
            caller = f"06{10_000_000 + i % 99_991:08d}"
            rows.writerow(["", caller, "100", "in", f'"" <{caller}>', f"PJSIP/trunk-{i:08x}", f"PJSIP/100-{i:08x}", "Queue", "help,t", begin, answer, end, "95", "83", "ANSWERED", "DOCUMENTATION", f"{START + i}.{i}", ""])  # fmt: skip


def plain_lines(path: Path) -> int:
    import pandas as pd

    with path.open() as lines:
        return len(pd.DataFrame([json.loads(line) for line in lines]))


def plain_array(path: Path) -> int:
    import pandas as pd

    return len(pd.DataFrame(json.loads(path.read_text())))


def plain_table(path: Path) -> int:
    import pandas as pd

    with path.open(newline="") as lines:
        return len(pd.DataFrame(list(csv.reader(lines))))


def plain_moments(stamps: tuple[str, ...], names: tuple[str, ...] | None = None) -> Callable[[Path], int]:
    def plain(path: Path) -> int:
        import pandas as pd

        with path.open(newline="") as lines:
            frame = pd.DataFrame(list(csv.DictReader(lines, names)))
        for name in stamps:
            moments = pd.to_datetime(frame[name], format="%Y-%m-%d %H:%M:%S", errors="coerce")
            local = moments.dt.tz_localize("Europe/Amsterdam", ambiguous="NaT", nonexistent="shift_forward")
            frame[name] = local.dt.tz_convert("UTC")
        return len(frame)

    return plain


class Case(NamedTuple):
    """How a file is made, read by hand, and declared as a source."""

    write: Callable[[Path, int], None]
    plain: Callable[[Path], int]
    source: dict[str, Any]
    most: int | None = None
    """Records that are enough: a mail is 20 KB."""
    by_hand: Callable[[Path], int] | None = None
    """What one writes to get the same events, where that is more than a DataFrame of what `json.loads` returns."""


CDR = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer",
    "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield",
)  # fmt: skip
COLUMNS = {"account": "klant", "touchpoint": "stap", "timestamp": "tijd"}
TABLE = {"format": "csv", "columns": COLUMNS, "constants": {"channel": "web"}}
CASES = {
    "ga4": Case(write_lines(hits), plain_lines, {"format": "ga4"}),
    "ga4 array": Case(write_array, plain_array, {"format": "ga4"}),
    "segment": Case(write_lines(calls), plain_lines, {"format": "segment"}),
    "csv": Case(write_table, plain_moments(("tijd",)), TABLE),
    "csv bare": Case(write_table, plain_table, TABLE),
    "cdr": Case(write_cdr, plain_moments(("start", "answer", "end"), CDR), {"format": "asterisk"}),
    "cdr bare": Case(write_cdr, plain_table, {"format": "asterisk"}),
    "mbox": Case(mails.write_mails, mails.plain_mails, {"format": "mbox"}, 100_000),
    "mbox raw": Case(mails.write_mails, mails.fast_mails, {"format": "mbox"}, 100_000),
    "genesys": Case(write_lines(centres.genesys), plain_lines, {"format": "genesys"}, by_hand=by_hand.genesys),
    "connect": Case(write_lines(centres.connect), plain_lines, {"format": "connect"}, by_hand=by_hand.connect),
    "twilio": Case(write_lines(centres.twilio), plain_lines, {"format": "twilio"}, by_hand=by_hand.twilio),
    "intercom": Case(write_lines(centres.intercom), plain_lines, {"format": "intercom"}, by_hand=by_hand.intercom),
    "zendesk": Case(write_lines(centres.zendesk), plain_lines, {"format": "zendesk"}, by_hand=by_hand.zendesk),
}


def measure(case: Case, path: Path, what: str) -> dict[str, Any]:
    """Read once in this process and say what it took."""
    import pandas as pd  # noqa: F401 - imports are not what is measured

    from cxmining.ingest import read_source
    from cxmining.study import parse_study

    def declared(folder: Path) -> Any:
        entry = {"name": "s", "path": path.name, "tz": "Europe/Amsterdam", **case.source}
        return parse_study({"name": "b", "source": [entry]}, folder)

    if what not in ("plain", "hand"):  # imports are not what is measured: a file of a hundred records makes them
        with tempfile.TemporaryDirectory() as folder:
            case.write(Path(folder) / path.name, 100)
            small = declared(Path(folder))
            read_source(small.sources[0], small)
    study = declared(path.parent)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, used = time.perf_counter(), time.process_time()
    if what == "plain":
        n = case.plain(path)
    elif what == "hand" and case.by_hand is not None:
        n = case.by_hand(path)
    elif what == "parse":
        from cxmining.ingest.files.json_records import batches
        from cxmining.ingest.files.opening import open_file
        from cxmining.ingest.web.ga4 import KIND
        from cxmining.ingest.web.hits import Hits

        found = Hits(KIND.paths, plain=("time",))
        for batch in batches(open_file(path, path.name)):
            found.add_batch(batch)
        n = found.n
        found.take()
    else:
        n = read_source(study.sources[0], study).inputs[0].counts["read"]
    wall, used = time.perf_counter() - wall, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"records": n, "wall": wall, "cpu": used, "mb": (peak - before) / 1024}


def main() -> None:
    """Run the cases, two processes each, and print a table."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--records", type=int, default=200_000)
    ask.add_argument("--only", default=",".join(CASES))
    ask.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = ask.parse_args()
    if given.child:
        name, path, what = given.child
        print(json.dumps(measure(CASES[name], Path(path), what)))
        return
    print(f"{'case':10} {'how':7} {'records':>9} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}  plain / this (cpu, wall)")
    with tempfile.TemporaryDirectory() as folder:
        for name in given.only.split(","):
            path = Path(folder) / "export.txt"
            CASES[name].write(path, min(given.records, CASES[name].most or given.records))
            plain: dict[str, Any] = {}
            between = ["parse"] * (CASES[name].source["format"] == "ga4") + ["hand"] * (CASES[name].by_hand is not None)
            for what in ("plain", *between, "reader"):
                asked = [sys.executable, __file__, "--child", name, str(path), what]
                told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
                took = json.loads(told.splitlines()[-1])
                plain = plain or took
                ratio = (
                    f"{plain['cpu'] / took['cpu']:.1f}, {plain['wall'] / took['wall']:.1f}" if what != "plain" else ""
                )
                print(
                    f"{name:10} {what:7} {took['records']:9,} {took['wall']:8.1f} {took['cpu']:8.1f} {took['mb']:8.0f}  {ratio}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
