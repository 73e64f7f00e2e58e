"""A company to play with: simulated, written as raw exports, read like one's own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxmining.schema import Dataset

__all__ = ["sample"]


def sample(customers: int = 2000, seed: int = 1) -> Dataset:
    """Simulate a year of a fictional Dutch energy supplier and read its exports.

    Unlike `make_sample` nothing stays on the disk.

    Parameters
    ----------
    customers : int, default 2000
        How many were a customer at some time of the year; at least 200.
    seed : int, default 1
        Same seed, same company.

    Returns
    -------
    Dataset

    Raises
    ------
    StudyError
        When `customers` is below 200.

    Examples
    --------
    >>> sample(customers=200).name
    'zonnestroom'
    """
    from cxmining.ingest import read
    from cxmining.simulate import make_sample

    with tempfile.TemporaryDirectory() as folder:
        return read(make_sample(Path(folder), customers=customers, seed=seed))
