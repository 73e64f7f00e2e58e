"""Long work beside the notebook: it runs on, says that it does, and stops when it is told to."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

__all__ = ["Job", "Stopped"]


class Stopped(BaseException):
    """Raised inside long work that was told to stop; no handler of errors catches it on the way."""


class Job:
    """Work on a thread of its own.

    Parameters
    ----------
    work : callable
        Without arguments; what it returns goes to `done`.
    done : callable
        Called with the result.
    failed : callable
        Called with the exception that `work` raised; not when it was stopped.
    room : lock, optional
        Held while `done` is called: one that whoever stops the work may hold already.

    Examples
    --------
    >>> found = []
    >>> Job(lambda: 6 * 7, found.append, found.append).wait()
    >>> found
    [42]
    """

    def __init__(
        self, work: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None],
        room: AbstractContextManager[Any] | None = None,
    ) -> None:  # fmt: skip
        self._work, self._done, self._failed = work, done, failed
        self._over = room or threading.RLock()
        self._stopped = self._handed = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="cxmining workbench")
        self._thread.start()

    def _run(self) -> None:
        try:
            result = self._work()
            with self._over:
                self._handed = True
                if not self._stopped:
                    self._done(result)
        except Stopped:
            return
        except Exception as error:  # noqa: BLE001  # shown to the reader as what it is: a widget must not swallow it
            if not self._stopped:
                self._failed(error)

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Stop it at the next step of its Python code; its result, should one still come, is dropped."""
        with self._over:
            self._stopped = True
            handed = self._handed
        if not handed and self._thread.ident is not None and self._thread.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread.ident), ctypes.py_object(Stopped))

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it is over."""
        self._thread.join(seconds)
