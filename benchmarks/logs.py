"""A large event log of one's own: 10 million events, 1.09 million cases, 181,000 variants, 260 edges.

    python benchmarks/logs.py --events 1e6 --out FOLDER

Writes ``log.parquet`` (case_id, timestamp, touchpoint, channel; in order of time, as a warehouse appends),
``responses.parquet`` (case_id, timestamp, score: about one case in ten) and ``truth.json`` with the counts
that were drawn. Written chunk by chunk, so that 100 million events need no more memory than one million.
No two events of a case fall on one moment: engines that break ties in no stated order are not tripped here.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

TOUCHPOINTS = (
    "app: opens the app", "app: pays an invoice", "app: reports a reading", "chat: asks about a bill",
    "chat: asks about a move", "chat: complains", "desk: visits the shop", "mail: answers a survey",
    "mail: asks a question", "mail: complaint", "mail: receives an answer", "mail: receives the contract",
    "mail: reminder to pay", "phone: asks about a bill", "phone: asks about a move", "phone: call-back",
    "phone: cancels", "phone: complains", "phone: status", "post: receives a letter", "web: compares tariffs",
    "web: logs in", "web: orders", "web: reads help", "web: requests a quote", "web: tracks an order",
)  # fmt: skip
CHANNELS = ("app", "chat", "desk", "mail", "phone", "post", "web")

EVENTS_PER_CASE = 9.17
START = (20, 24, 21)  # compares tariffs, requests a quote, logs in
START_SHARES = (0.6, 0.25, 0.15)
SUCCESSORS = 10
USUAL_NEXT = 0.902  # so that 1.09 million cases make about 181,000 variants, four in five of them in frequent ones
RARER = 0.7
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
FIRST_US = 1_672_531_200 * SECOND_US  # 2023-01-01
PERIOD_US = 730 * DAY_US
LONGEST_GAP_US = 60 * DAY_US
CASES_PER_CHUNK = 50_000
RESPONDING = 0.1

LOG_SCHEMA = pa.schema(
    [("case_id", pa.string()), ("timestamp", pa.timestamp("us", "UTC")), ("touchpoint", pa.string()),
     ("channel", pa.string())]
)  # fmt: skip
RESPONSE_SCHEMA = pa.schema([("case_id", pa.string()), ("timestamp", pa.timestamp("us", "UTC")), ("score", pa.int64())])


@dataclass
class _Walk:
    """Events (or responses) as flat arrays."""

    case: np.ndarray
    time: np.ndarray
    code: np.ndarray

    def take(self, at: np.ndarray) -> _Walk:
        return _Walk(self.case[at], self.time[at], self.code[at])

    def __add__(self, other: _Walk) -> _Walk:
        return _Walk(*(np.concatenate([getattr(self, f), getattr(other, f)]) for f in ("case", "time", "code")))


NONE = _Walk(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))


class _Process:
    """Who follows whom with which chance, and after how long."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 0])
        k = len(TOUCHPOINTS)
        self.next = np.array([rng.permutation(k)[:SUCCESSORS] for _ in range(k)])
        tail = RARER ** np.arange(SUCCESSORS - 1)
        self.chance = np.cumsum(np.concatenate([[USUAL_NEXT], (1 - USUAL_NEXT) * tail / tail.sum()]))
        self.log_gap = np.log(rng.uniform(0.5, 72.0, (k, SUCCESSORS)) * 3600 * SECOND_US)
        self.stop = 1 / EVENTS_PER_CASE

    def walk(self, rng: np.random.Generator, cases: np.ndarray, start: np.ndarray) -> tuple[_Walk, np.ndarray]:
        """Return the events of these cases, and the edges they walked as a matrix of counts."""
        k = len(TOUCHPOINTS)
        edges = np.zeros(k * k, dtype=np.int64)
        case, time = cases, start.copy()
        code = rng.choice(START, size=len(cases), p=START_SHARES)
        steps = []
        while len(case):
            steps.append(_Walk(case, time, code))
            on = rng.random(len(case)) >= self.stop
            case, time, code = case[on], time[on], code[on]
            rank = np.minimum(np.searchsorted(self.chance, rng.random(len(case)), side="right"), SUCCESSORS - 1)
            gap = np.exp(self.log_gap[code, rank] + rng.normal(0, 1.2, len(case)))
            time = time + np.clip(gap, SECOND_US, LONGEST_GAP_US).astype(np.int64)
            following = self.next[code, rank]
            edges += np.bincount(code * k + following, minlength=k * k)
            code = following
        every = _Walk(*(np.concatenate([getattr(s, f) for s in steps]) for f in ("case", "time", "code")))
        return every, edges


def write_log(folder: Path, events: int, seed: int = 1) -> dict[str, object]:
    """Write a log of about `events` events into `folder`; return the counts that were drawn.

    The period is always two years: a larger log has more cases in it, not longer ones.
    """
    folder.mkdir(parents=True, exist_ok=True)
    process = _Process(seed)
    cases = max(round(events / EVENTS_PER_CASE), 1)
    chunks = -(-cases // CASES_PER_CHUNK)
    late, late_answers = NONE, NONE
    written = answers = 0
    edges = np.zeros(len(TOUCHPOINTS) ** 2, dtype=np.int64)
    with (
        pq.ParquetWriter(folder / "log.parquet", LOG_SCHEMA) as log,
        pq.ParquetWriter(folder / "responses.parquet", RESPONSE_SCHEMA) as responses,
    ):
        for chunk in range(chunks):
            rng = np.random.default_rng([seed, 1, chunk])
            mine = np.arange(chunk * CASES_PER_CHUNK, min((chunk + 1) * CASES_PER_CHUNK, cases))
            opens, closes = (FIRST_US + PERIOD_US * x // chunks for x in (chunk, chunk + 1))
            start = rng.integers(opens, closes, len(mine))
            walked, counts = process.walk(rng, mine, start)
            edges += counts
            who = rng.random(len(mine)) < RESPONDING
            # Some answer before their first contact that is known: there is no event to join them to.
            asked = start[who] + rng.integers(-2 * DAY_US, 40 * DAY_US, int(who.sum()))
            answered = _Walk(mine[who], asked, rng.integers(0, 11, int(who.sum())))
            last = chunk == chunks - 1
            late, n = _write(log, late + walked, None if last else closes, _events)
            late_answers, m = _write(
                responses, late_answers + answered, None if last else closes - 2 * DAY_US, _responses
            )
            written, answers = written + n, answers + m
    names = [f"{a} → {b}" for a in TOUCHPOINTS for b in TOUCHPOINTS]
    truth = {
        "events": written,
        "cases": cases,
        "responses": answers,
        "seed": seed,
        "edges": {name: n for name, n in zip(names, edges.tolist(), strict=True) if n},
    }
    (folder / "truth.json").write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")
    return truth


def _write(writer: pq.ParquetWriter, pending: _Walk, until: int | None, as_table: object) -> tuple[_Walk, int]:
    """Write what no later case can precede, in order of time; return what must wait, and how much was written."""
    ready = pending.time < until if until is not None else np.ones(len(pending.time), dtype=bool)
    now = pending.take(np.flatnonzero(ready))
    now = now.take(np.lexsort((now.case, now.time)))
    if len(now.time):
        writer.write_table(as_table(now))
    return pending.take(np.flatnonzero(~ready)), len(now.time)


def _events(walk: _Walk) -> pa.Table:
    channel = np.array([CHANNELS.index(t.split(":")[0]) for t in TOUCHPOINTS])
    return pa.table(
        [_ids(walk.case), _stamps(walk.time), _labels(walk.code, TOUCHPOINTS), _labels(channel[walk.code], CHANNELS)],
        schema=LOG_SCHEMA,
    )


def _responses(walk: _Walk) -> pa.Table:
    return pa.table([_ids(walk.case), _stamps(walk.time), pa.array(walk.code)], schema=RESPONSE_SCHEMA)


def _ids(case: np.ndarray) -> pa.Array:
    # An odd factor permutes the numbers below 2^32: ids are unique, and their order says nothing.
    mixed = (case.astype(np.uint64) * np.uint64(2_654_435_761)) & np.uint64(0xFFFF_FFFF)
    digits = pc.utf8_lpad(pc.cast(pa.array(mixed), pa.string()), width=10, padding="0")
    return pc.binary_join_element_wise("C", digits, "")


def _stamps(time: np.ndarray) -> pa.Array:
    return pa.array(time).cast(pa.timestamp("us", "UTC"))


def _labels(codes: np.ndarray, names: tuple[str, ...]) -> pa.Array:
    return pa.array(names).take(pa.array(codes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=float, default=1e6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    truth = write_log(arguments.out, round(arguments.events), arguments.seed)
    print(f"{truth['events']:,} events of {truth['cases']:,} cases, {len(truth['edges'])} edges, in {arguments.out}")


if __name__ == "__main__":
    main()
