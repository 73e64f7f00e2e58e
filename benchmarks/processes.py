"""Run something in a process of its own and say what it cost.

The parent stays small: what a child inherits of its parent's memory would count as the child's own peak.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MARK = "@@result "
HERE = Path(__file__).parent
LOOK_EVERY_S = 0.02


def run(arguments: list[str], *, timeout_s: float, memory_gb: float) -> dict[str, Any]:
    """Run a script of this folder; return what it said behind `MARK`, or in `why` how it failed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(
            [sys.executable, str(HERE / arguments[0]), *arguments[1:]],
            stdout=out, stderr=err, env={**os.environ, "RETENTIONEERING_NO_TRACK": "1", "TQDM_DISABLE": "1"},
        )  # fmt: skip
        ended, status, used = _watch(child.pid, time.monotonic() + timeout_s, memory_gb)
        child.returncode = status  # it is waited for already
        out.seek(0)
        err.seek(0)
        said = [line for line in out.read().decode(errors="replace").splitlines() if line.startswith(MARK)]
        complaint = err.read().decode(errors="replace").strip().splitlines()
    cost = {"process_cpu_s": used.ru_utime + used.ru_stime, "process_peak_mb": used.ru_maxrss / _PER_MB}
    if said and ended is None:
        return {**json.loads(said[-1].removeprefix(MARK)), **cost}
    if ended is None:
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        ended = "out of memory (killed)" if killed else (complaint[-1][:200] if complaint else f"ended with {status}")
    return {"status": "failed", "why": ended, **cost}


_PER_MB = 1024 if sys.platform != "darwin" else 1024 * 1024


def _watch(pid: int, deadline: float, memory_gb: float) -> tuple[str | None, int, Any]:
    """Wait for a child; end it when it takes too long or too much memory."""
    ended = None
    while True:
        done, status, used = os.wait4(pid, os.WNOHANG)
        if done:
            return ended, status, used
        if ended is None and time.monotonic() > deadline:
            ended = "too slow: ended at the time limit"
        if ended is None and _resident_gb(pid) > memory_gb:
            ended = f"out of memory (more than {memory_gb:.1f} GB)"
        if ended:
            os.kill(pid, signal.SIGKILL)
        time.sleep(LOOK_EVERY_S)


def _resident_gb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):  # it has just ended, or this is no Linux: no limit then
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e9


def memory_gb() -> float:
    """Memory of this machine that may be used: nine tenths of it."""
    return 0.9 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
