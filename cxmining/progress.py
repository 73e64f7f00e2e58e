"""Progress that is right where it is read: a terminal, a pipe, a notebook, a rendered page.

A terminal gets one living line per step, a pipe one line per finished step, a notebook one output
that closes to a plain line (a widget would be blank in static HTML).
"""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Progress", "StepTiming"]


class StepTiming(dict[str, float]):
    """``seconds`` and ``peak_mib`` (highest resident memory of the process so far) of one step."""


class Progress:
    """Shows and times the steps of a run.

    Parameters
    ----------
    quiet : bool, default False
        Show nothing; still time.

    Examples
    --------
    >>> progress = Progress(quiet=True)
    >>> with progress.step("reading"):
    ...     pass
    >>> list(progress.timings)
    ['reading']
    """

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.timings: dict[str, StepTiming] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Run the body as step `name`."""
        started = time.perf_counter()
        show = _Silent() if self.quiet else _shower()
        show.start(name)
        done = False
        try:
            yield
            done = True
        finally:
            seconds = time.perf_counter() - started
            self.timings[name] = StepTiming(seconds=round(seconds, 3), peak_mib=round(_peak_mib(), 1))
            show.stop(f"{name}: {seconds:.1f} s" if done else f"{name}: stopped")


class _Silent:
    def start(self, name: str) -> None: ...

    def stop(self, line: str) -> None: ...


class _Pipe(_Silent):
    def stop(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)  # noqa: T201


class _Terminal(_Silent):
    def start(self, name: str) -> None:
        from rich.console import Console

        self.console = Console(stderr=True)
        self.status = self.console.status(f"{name} …")
        self.status.start()

    def stop(self, line: str) -> None:
        self.status.stop()
        self.console.print(f"  {line}", style="dim", markup=False, highlight=False)


class _Notebook(_Silent):
    def start(self, name: str) -> None:
        from IPython.display import display

        show: Any = display
        self.handle: Any = show(_Line(f"{name} …"), display_id=True)

    def stop(self, line: str) -> None:
        self.handle.update(_Line(line))


class _Line:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<div>{html.escape(self.text)}</div>"


def _shower() -> _Silent:
    if _in_kernel():
        return _Notebook()
    return _Terminal() if sys.stderr.isatty() else _Pipe()


def _in_kernel() -> bool:
    ipython = sys.modules.get("IPython")
    if ipython is None:
        return False
    shell = ipython.get_ipython()
    return type(shell).__name__ == "ZMQInteractiveShell"


def _peak_mib() -> float:
    try:
        import resource
    except ImportError:  # Windows keeps its own high-water mark
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 2**20
    peak = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
