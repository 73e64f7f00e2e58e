"""Numbers that belong to a person, told by their check digits: accounts, cards, BSN, EAN, telephones, plates.

One scanner finds runs of digits with what people put between them; windows of whole groups are then
held against each kind. A number that a check refuses stays readable, and so does one that the word
before it calls an order, an invoice, a meter.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

from cxmining.privacy._found import Searched, counted_otherwise

__all__ = ["find_ibans", "find_numbers", "find_plates"]

# --- IBAN -----------------------------------------------------------------------------------
_LENGTHS: Final = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TR": 26, "MA": 28, "AE": 23, "SA": 24, "IL": 23, "UA": 29, "RS": 22, "BA": 20, "AL": 28, "MK": 19, "ME": 22, "GE": 22,
}  # fmt: skip
_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])(?:IBAN[: ]{0,2})?(?P<land>[A-Za-z]{2})(?=[ .-]?\d[ .-]?\d)", re.IGNORECASE)
_GAP: Final = frozenset(" .-\n_")
_WIDEST: Final = 3


def find_ibans(searched: Searched) -> None:
    """Find account numbers whose check digits (mod 97) are right, in any grouping."""
    from stdnum import iban

    text = searched.text
    taken = 0
    for match in _IBAN.finditer(text):
        if match.start("land") < taken:
            continue
        length = _LENGTHS.get(match["land"].upper())
        if length is None:
            continue
        body, end = _walk(text, match.start("land"), length)
        if len(body) < length or (end < len(text) and text[end].isalnum() and text[end - 1].isalnum()):
            continue
        if match["land"].upper() == "NL" and not (body[4:8].isalpha() and body[8:].isdigit()):
            continue
        # Words of a sentence are letters: an account is mostly digits.
        if sum(c.isdigit() for c in body) * 2 < length or not body[2:4].isdigit():
            continue
        # The national part is not asked: the library knows the banks of the day it was made.
        if iban.is_valid(body, check_country=False):
            glued = text[match.start("land") - 1 : match.start("land")].isalpha()
            searched.take(match.start() if glued else match.start("land"), end, "iban")
            taken = end


def _walk(text: str, at: int, length: int) -> tuple[str, int]:
    """Return the next `length` letters and digits from `at` on, and where they end."""
    body: list[str] = []
    gap = 0
    while at < len(text) and len(body) < length:
        c = text[at]
        if c.isascii() and c.isalnum():
            body.append(c.upper())
            gap = 0
        elif c in _GAP and gap < _WIDEST:
            gap += 1
        else:
            break
        at += 1
    return "".join(body), at


# --- runs of digits -------------------------------------------------------------------------
_RUN: Final = re.compile(
    r"(?<![\w])(?<![\d][.,:])(?<![A-Za-z]-)(?:\(?\+\(?[ ]?)?\(?(?:[oO](?=6[ \-./]{0,3}\d)|\d)(?:[ .\-/()_\n]{0,3}\d){6,27}(?![A-Za-z\d])"
)
_GROUP: Final = re.compile(r"\d+")
_DAY: Final = re.compile(r"(?:\d{1,2}([ ./-])\d{1,2}\1(?:19|20)\d{2}|(?:19|20)\d{2}([ ./-])\d{1,2}\2\d{1,2})(?!\d)")
_BORN: Final = re.compile(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d\Z")
_BSN_CUE: Final = re.compile(r"\b(?:bsn|burger\s?service|sofi|citizen service|b\.s\.n)", re.IGNORECASE)
_MOST_GROUPS: Final = 24
_CARD_LENGTHS: Final = (13, 14, 15, 16, 19)
_AREA: Final = re.compile(r"0[1-9]\d{8}\Z")
_ABROAD: Final = re.compile(r"(?:00)?31(?:0)?([1-9]\d{8})\Z")
# The lengths in which people group nine digits; any other only behind the word BSN.
_BSN_GROUPS: Final = ((9,), (3, 3, 3), (4, 2, 3))


def find_numbers(searched: Searched) -> None:
    """Find connections, cards, BSN and telephone numbers among the runs of digits."""
    text = searched.text
    for run in _RUN.finditer(text):
        groups = [(m.start() + run.start(), m.end() + run.start()) for m in _GROUP.finditer(run.group())]
        if len(groups) > _MOST_GROUPS:
            groups = groups[:_MOST_GROUPS]
        first = 0
        while first < len(groups):
            hit = _longest(text, run.start(), groups, first)
            if hit is None:
                first += 1
                continue
            last, kind, start = hit
            end = groups[last][1]
            if end < len(text) and text[end] == ")" and "(" in text[start:end] and ")" not in text[start:end]:
                end += 1
            searched.take(start, end, kind)
            first = last + 1


def _longest(text: str, begin: int, groups: list[tuple[int, int]], first: int) -> tuple[int, str, int] | None:
    """Return the longest window of groups from `first` on that is somebody's: last group, kind, where it starts."""
    windows = []
    digits = ""
    for last in range(first, len(groups)):
        digits += text[groups[last][0] : groups[last][1]]
        if len(digits) > 19:
            break
        windows.append((last, digits))
    start = groups[first][0]
    lead = text[max(begin, groups[first - 1][1] if first else begin) : start]
    for last, digits in reversed(windows):
        if len(digits) < 7:
            break
        kind, from_ = _kind(text, start, groups, first, last, digits, lead)
        if kind:
            return last, kind, from_
    return None


def _kind(
    text: str, start: int, groups: list[tuple[int, int]], first: int, last: int, digits: str, lead: str
) -> tuple[str, int]:
    n = len(digits)
    if n == 18 and (digits.startswith("87") or _gs1(digits)):
        # Eighteen digits that begin as Dutch connections do lead to the house even when mistyped.
        return "ean", start
    # Arithmetic first, context after: most windows of a long run are nothing, and must cost nothing.
    plus = "+" in lead
    card = n in _CARD_LENGTHS and digits[0] in "23456" and _luhn(digits)
    eleven = n in (8, 9) and not _BORN.match(digits) and _eleven(digits)
    if not (plus or card or eleven or (10 <= n <= 16 and digits[0] == "0") or (9 <= n <= 12 and digits[0] in "346")):
        return "", start
    whole = text[start : groups[last][1]]
    if _DAY.match(whole):
        return "", start
    phone = _telephone(text, start, digits, lead, plus, whole)
    if phone >= 0:
        return "phone", phone
    if not (card or eleven) or counted_otherwise(text, start):
        return "", start
    if card:
        return "card", start
    # What separates some groups and not others stands between two numbers.
    ties = {text[a:b] for (_, a), (b, _) in itertools.pairwise(groups[first : last + 1])}
    sizes = tuple(b - a for a, b in groups[first : last + 1])
    known = (n == 9 and sizes in _BSN_GROUPS) or _BSN_CUE.search(text, max(0, start - 40), start)
    return ("bsn", start) if len(ties) <= 1 and known else ("", start)


def _telephone(text: str, start: int, digits: str, lead: str, plus: bool, whole: str) -> int:
    """Return where a telephone number begins, or -1."""
    # "o6": the letter is no digit, and stands before the run's first group.
    if digits[0] == "6" and len(digits) == 9 and start and text[start - 1] in "oO":
        return start - 1
    front = start - len(lead) if lead.strip(" .-/)_\n") and (plus or lead.endswith("(")) else start
    if _AREA.match(digits):
        if digits.startswith(("0800", "0900", "0906", "0909")):
            return -1
        sure = digits.startswith("06")
        return front if sure or not counted_otherwise(text, front) else -1
    if digits.startswith("06") and len(digits) == 10:
        return front
    home = _ABROAD.match(digits)
    if home and (plus or digits.startswith(("0031", "316")) or "(0)" in whole):
        return front if plus or digits.startswith(("0031", "316")) or not counted_otherwise(text, front) else -1
    if plus and 8 <= len(digits) <= 15:
        return front if _possible("+" + digits.replace("(0)", "")) else -1
    if (
        digits.startswith("00")
        and digits[2:3] != "0"
        and 11 <= len(digits) <= 16
        and not counted_otherwise(text, front)
    ):
        return front if _possible("+" + digits[2:]) else -1
    if len(digits) in (10, 11) and digits[:2] in ("32", "49") and len(whole) > len(digits):
        return front if not counted_otherwise(text, front) and _possible("+" + digits) else -1
    return -1


def _possible(number: str) -> bool:
    import phonenumbers

    for spelled in (number, re.sub(r"^(\+\d{2})0", r"\1", number)):  # +32 (0)4…
        try:
            if phonenumbers.is_possible_number(phonenumbers.parse(spelled, None)):
                return True
        except phonenumbers.NumberParseException:
            return False
    return False


def _luhn(digits: str) -> bool:
    from stdnum import luhn

    return bool(luhn.is_valid(digits))


def _gs1(digits: str) -> bool:
    from stdnum import ean

    return bool(ean.calc_check_digit(digits[:-1]) == digits[-1])


def _eleven(digits: str) -> bool:
    from stdnum.nl import bsn

    # The library's own test is six times as slow as this sum, which leaves one number in eleven to it.
    total = sum(int(d) * w for d, w in zip(digits.zfill(9), (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return total % 11 == 0 and len(set(digits)) > 1 and bool(bsn.is_valid(digits.zfill(9)))


# --- licence plates -------------------------------------------------------------------------
# The side codes the Dutch registry has issued (RDW): how letters and digits alternate in six signs.
_SIDE_CODES: Final = frozenset(
    ("LL-99-99", "99-99-LL", "99-LL-99", "LL-99-LL", "LL-LL-99", "99-LL-LL", "99-LLL-9", "9-LLL-99", "LL-999-L",
     "L-999-LL", "LLL-99-L", "L-99-LLL", "9-LL-999", "999-LL-9")
)  # fmt: skip
_COMPACT: Final = {code.replace("-", ""): code for code in sorted(_SIDE_CODES)}
_DASHED: Final = re.compile(
    r"(?<![\w-])(?=(?P<all>(?:NL[ -]{1,2})?(?P<plate>[A-Za-z0-9]{1,3}(?P<by>[ ]?[-.][ ]?|[ ]{1,2})[A-Za-z0-9]{2,3}(?P=by)[A-Za-z0-9]{1,3})(?![\w-]|[.,]\d)))"
)
_GLUED: Final = re.compile(r"(?<![\w.,/#-])(?P<plate>(?=[A-Za-z]{0,4}\d)[A-Za-z0-9]{6})(?![\w-]|[.,]\d)")
_PLATE_CUE: Final = re.compile(
    r"(?:kenteken|nummerbord|nummerplaat|licen[cs]e|number\s?plate|numberplate|plate|\bauto|\bbus\b|\bbusje|voertuig|vehicle|"
    r"\bcar\b|laadp\w+|lease)\W{0,3}(?:\w{1,12}\W{1,3}){0,4}\Z",
    re.IGNORECASE,
)
# Since the seventies plates have no vowels and none of C, M, Q, W, Y; anything else of the kind is a product.
_ISSUED: Final = frozenset("BDFGHJKLNPRSTVXZ")
_UNITS: Final = frozenset(
    (
        "KG", "KM", "NR", "HR", "DR", "ST", "TL", "VS", "TD", "JR", "BV", "NV", "TV", "PK", "GB", "MB", "KB",
        "TB", "HZ", "DL", "ML", "BTW", "LT", "GJ", "GR", "PR", "PT", "STK", "XL", "KV", "KL", "BR", "VR",
        "DS", "PS", "FT", "LB",
    )
)  # fmt: skip


def find_plates(searched: Searched) -> None:
    """Find licence plates by side code; without dashes only in letters that are issued."""
    text = searched.text
    for match in _DASHED.finditer(text):
        plate, by = match["plate"], match["by"]
        parts = [p for p in re.split(r"[ .-]+", plate) if p]
        code = "-".join("".join("9" if c.isdigit() else "L" for c in p) for p in parts)
        if code not in _SIDE_CODES:
            continue
        cue = _PLATE_CUE.search(text, max(0, match.start() - 60), match.start()) is not None
        letters = "".join(c for c in plate if c.isalpha()).upper()
        issued = _ISSUED.issuperset(letters)
        plain = by.strip() == "-"
        if counted_otherwise(text, match.start()) and not cue:
            continue
        late = code in ("LL-999-L", "L-999-LL", "LLL-99-L", "L-99-LLL", "9-LL-999", "999-LL-9")
        if code == "99-99-LL" and not plain and not cue:
            continue
        if cue or (plain and (issued or not late)) or (not plain and issued and not _units(parts)):
            searched.take(match.start(), match.end("all"), "plate")
    searched.blank()
    for match in _GLUED.finditer(searched.text):
        plate = match["plate"]
        shape = "".join("9" if c.isdigit() else "L" for c in plate)
        if shape not in _COMPACT or (counted_otherwise(text, match.start())):
            continue
        letters = "".join(c for c in plate if c.isalpha()).upper()
        cue = _PLATE_CUE.search(text, max(0, match.start() - 60), match.start()) is not None
        # 1234AB is a postcode unless a car is spoken of
        if cue or (shape != "9999LL" and _ISSUED.issuperset(letters) and not any(u in _UNITS for u in _runs(plate))):
            searched.take(match.start(), match.end(), "plate")
    searched.blank()


def _units(parts: list[str]) -> bool:
    return any(p.upper() in _UNITS for p in parts)


def _runs(plate: str) -> Iterator[str]:
    return (m.group().upper() for m in re.finditer(r"[A-Za-z]+", plate))
