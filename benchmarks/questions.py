"""What every engine is asked, so that all are asked the same."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

TASKS = ("graph", "variants", "sessions", "matrix", "asof", "filters")
REDUCTIONS = TASKS[:5]

CASE, TIME, TOUCHPOINT, CHANNEL = "case_id", "timestamp", "touchpoint", "channel"
GAP_DAYS = 7
WITHIN_DAYS = 7
CONTAINED = "phone: complains"
FOLLOWED = ("web: logs in", "mail: reminder to pay")
STARTING = "web: compares tariffs"

SAME_SECONDS = 1.0  # medians and means must agree to the second
SAME_SHARE = 1e-9  # sums of billions of microseconds differ in the last digit with the order of adding up


def variants_digest(counted: Iterable[tuple[str, int]], between: str) -> str:
    """Return one name for a set of (sequence joined by `between`, journeys)."""
    lines = sorted(f"{sequence.replace(between, ' > ')}={n}" for sequence, n in counted)
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


def differences(a: Any, b: Any, where: str = "") -> list[str]:
    """Return where two sets of facts contradict each other; what only one of them says is no contradiction."""
    if isinstance(a, dict) and isinstance(b, dict):
        # Below the top the keys are data: an edge that one engine lacks is a contradiction.
        lacking = [f"{where}: only one has {key!r}" for key in sorted(a.keys() ^ b.keys())] if where else []
        both = [key for key in a if key in b]
        return lacking + [line for key in both for line in differences(a[key], b[key], f"{where}/{key}")]
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return [f"{where}: {len(a)} against {len(b)} values"]
        return [line for i, (x, y) in enumerate(zip(a, b, strict=True)) for line in differences(x, y, f"{where}/{i}")]
    if isinstance(a, float) or isinstance(b, float):
        if a is None or b is None:
            return []
        same = abs(a - b) <= max(SAME_SECONDS, SAME_SHARE * abs(a))
    else:
        same = a is None or b is None or a == b
    return [] if same else [f"{where}: {a} against {b}"]
