"""Studies made in a folder of their own, so that each test shows the whole input."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxmining.ingest import read_source
from cxmining.schema import Reading
from cxmining.study import parse_study

Read = Callable[..., Reading]


@pytest.fixture
def read_one(tmp_path: Path) -> Read:
    """Write `content` to a file and read it as one source."""

    def run(
        content: str | bytes, *, name: str = "export.csv", study: dict[str, Any] | None = None, **source: Any
    ) -> Reading:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        values = {"name": "t", "source": [{"name": "s", "path": name, **source}], **(study or {})}
        made = parse_study(values, tmp_path)
        return read_source(made.sources[0], made)

    return run
