"""A JupyterLab of one's own for browser tests: started once, given notebooks, looked at with the network watched."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
TOKEN = "made-for-this-test"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def code_cell(source: str = "", outputs: Sequence[dict[str, Any]] = (), name: str = "one") -> dict[str, Any]:
    """Write one cell as a notebook file holds it; a cell with outputs was run."""
    return {"cell_type": "code", "id": name, "metadata": {}, "execution_count": 1 if outputs else None,
            "outputs": list(outputs), "source": source}  # fmt: skip


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that runs: its address, the folder of its notebooks, and the environment it was started in."""

    address: str
    notes: Path
    environment: dict[str, str]

    def write(self, name: str, *cells: dict[str, Any], widgets: dict[str, Any] | None = None) -> Path:
        """Put a notebook into its folder, as somebody sends one: signed by nobody."""
        metadata: dict[str, Any] = {"kernelspec": KERNEL}
        if widgets is not None:
            metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": widgets}
        notebook = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        path = self.notes / name
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    def trust(self, path: Path) -> None:
        """Sign a notebook, as ``jupyter trust`` does."""
        subprocess.run(
            [sys.executable, "-m", "nbformat.sign", str(path)], check=True, capture_output=True, env=self.environment
        )

    def url(self, name: str) -> str:
        """Where a notebook is looked at, in a workspace that remembers nothing."""
        return f"{self.address}/lab/tree/{name}?token={TOKEN}&reset"

    def ours(self, url: str) -> bool:
        """Say whether a request stays between browser and Lab."""
        return url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:", "chrome"))


@contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """Start a JupyterLab in an empty folder, with settings, signatures and kernels of its own."""
    (home / "notes").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {f"JUPYTER_{k}_DIR": str(home / k) for k in ("CONFIG", "DATA", "RUNTIME")}
    folders |= {f"JUPYTERLAB_{k}_DIR": str(home / k) for k in ("SETTINGS", "WORKSPACES")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, **folders, "PATH": path}
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={home / 'notes'}",
        "--LabApp.expose_app_in_browser=True",
    ]
    with (home / "log").open("w") as log:
        command = [sys.executable, "-m", "jupyterlab", *options]
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            lab = Lab(f"http://127.0.0.1:{port}", home / "notes", environment)
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"{lab.address}/api?token={TOKEN}", timeout=1)
                    break
                except (urllib.error.URLError, OSError):
                    if server.poll() is not None:
                        break
                    time.sleep(0.2)
            else:
                server.kill()
            if server.poll() is not None:
                raise AssertionError((home / "log").read_text()[-2000:])
            yield lab
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:  # it waits for its kernels, which on a busy machine takes its time
                server.kill()
                server.wait()
