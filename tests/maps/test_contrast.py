"""Every text is readable on what it stands on, in the light and in the dark: WCAG 2.2 AA, computed from the drawings."""

import re
from pathlib import Path

import pytest
from every_map import MAPS, scene

from cxmining.figures import palette
from cxmining.figures.measure import width_of
from cxmining.figures.scene import Box, Circle, Line, Words

AA, AA_LARGE = 4.5, 3.0
CSS = Path(__file__).parents[2] / "cxmining" / "report" / "templates" / "report.css"


def rgb(colour):
    return tuple(int(colour.lstrip("#")[i : i + 2], 16) for i in (0, 2, 4))


def luminance(colour):
    """Relative luminance of WCAG 2.2."""
    parts = [v / 255 for v in rgb(colour)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def covers(item, x, y):
    if isinstance(item, Box):
        return item.fill != palette.CLEAR and item.x <= x <= item.x + item.width and item.y <= y <= item.y + item.height
    if isinstance(item, Circle):
        return item.fill != palette.CLEAR and (item.x - x) ** 2 + (item.y - y) ** 2 <= item.radius**2
    if isinstance(item, Line) and item.closed and item.fill != palette.CLEAR:
        xs, ys = zip(*item.points, strict=True)
        return min(xs) <= x <= max(xs) and min(ys) <= y <= max(ys)
    return False


def pairs(drawn):
    """Return (ink, ground, large) of each text: what it stands on is what was drawn last below its middle."""
    found = set()
    for i, item in enumerate(drawn.items):
        if not isinstance(item, Words) or not item.text.strip() or item.turn:
            continue
        wide = width_of(item.text, item.size, bold=item.bold)
        x = item.x + {"start": wide / 2, "middle": 0, "end": -wide / 2}[item.anchor]
        under = [k for k in drawn.items[:i] if covers(k, x, item.y - item.size * 0.35)]
        ground = palette.PAPER if not under else under[-1].fill
        large = item.size >= 24 or (item.bold and item.size >= 18.66)
        found.add((item.colour, ground, large))
    return found


def in_dark(colour):
    return palette.DARK.get(colour, colour)


@pytest.mark.parametrize("name", MAPS)
def test_texts_are_readable_in_light_and_dark(name):
    weak = []
    for ink, ground, large in pairs(scene(name, 6)):
        if ground.startswith("rgba"):  # a band that shines through
            continue
        for theme, (a, b) in {"light": (ink, ground), "dark": (in_dark(ink), in_dark(ground))}.items():
            if contrast(a, b) < (AA_LARGE if large else AA):
                weak.append((theme, ink, ground, round(contrast(a, b), 2)))
    assert weak == []


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)  # the lightest grey that AA allows on white


def variables(block):
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})", block))


def long(colour):
    return "#" + "".join(c * 2 for c in colour[1:]) if len(colour) == 4 else colour


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_the_inks_of_the_page_are_readable_on_its_grounds(theme):
    css = CSS.read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    light, dark, printed = blocks[0], blocks[1], blocks[2]
    own = {k: long(v) for k, v in variables({"light": light, "dark": dark, "print": printed}[theme]).items()}
    grounds = {
        "ink": ("paper", "soft", "chosen"),
        "muted": ("paper", "soft", "chosen"),
        "teal": ("paper", "good"),
        "red": ("paper", "bad", "soft"),
        "amber": ("paper",),
    }
    weak = {
        (i, g): round(contrast(own[i], own[g]), 2)
        for i, many in grounds.items()
        for g in many
        if contrast(own[i], own[g]) < AA
    }
    assert weak == {}
    assert contrast("#ffffff", own["head"]) >= AA
    assert contrast("#b9cde4", own["head"]) >= AA  # the small words of the head
