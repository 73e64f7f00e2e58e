"""Round numbers along an axis."""

from __future__ import annotations

from math import ceil, floor, isfinite, log10

__all__ = ["nice_ticks"]


def nice_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers within a range.

    Examples
    --------
    >>> nice_ticks(-0.12, 0.31)
    [-0.1, 0.0, 0.1, 0.2, 0.3]
    """
    span = high - low
    if not isfinite(span) or span <= 0:
        return [low]
    raw = span / most
    power: float = 10.0 ** floor(log10(raw))
    step = next(k * power for k in (1, 2, 5, 10) if k * power >= raw - 1e-12)
    first = ceil(low / step - 1e-9)
    return [round(i * step, 10) + 0.0 for i in range(first, floor(high / step + 1e-9) + 1)]
