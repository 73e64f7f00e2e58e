"""Masking: what names a person in free text is replaced by what it was.

Order matters: the kinds with a check digit go first, because a telephone pattern would eat half an
IBAN. What a check refuses stays readable, so that "factuur 2024001234" survives. Masking lowers the
risk and does not end it: people describe themselves in words that no pattern knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

import pandas as pd

__all__ = ["KINDS", "mask"]

KINDS: Final = ("email", "iban", "card", "ean", "bsn", "phone", "plate", "address", "name")

# %40 is how an address of a page writes the @ of an address of a person
_EMAIL: Final = re.compile(r"[\w.+'-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_IBAN: Final = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ .]?[A-Za-z0-9]{4}){2,7}(?:[ .]?[A-Za-z0-9]{1,3})?\b")
_DIGITS: Final = re.compile(r"(?<![\w.,])\d(?:[ .-]?\d){7,18}(?![\w])")
_PHONE: Final = re.compile(r"(?<![\w.,/-])(?:\+|00|\(?0)[\d][\d ()./-]{6,17}\d(?!\w)")
# A day is no telephone number, though its digits could be one: 01-04-2012, perhaps with an hour.
_DAY: Final = re.compile(r"\d{1,2}([ ./-])\d{1,2}\1(?:19|20)\d{2}(?:[ T]\d{1,2})?")
_PLATE: Final = re.compile(r"(?<![\w-])[A-Za-z0-9]{1,3}-[A-Za-z0-9]{2,3}-[A-Za-z0-9]{1,2}(?![\w-])")
# The side codes the Dutch registry has issued (RDW): how letters and digits alternate in six signs.
_SIDE_CODES: Final = frozenset(
    [
        "LL-99-99",
        "99-99-LL",
        "99-LL-99",
        "LL-99-LL",
        "LL-LL-99",
        "99-LL-LL",
        "99-LLL-9",
        "9-LLL-99",
        "LL-999-L",
        "L-999-LL",
        "LLL-99-L",
        "L-99-LLL",
        "9-LL-999",
        "999-LL-9",
    ]
)
# No postcode holds SA, SD or SS, and none begins with 0; a house number before (street) or after it.
_ADDRESS: Final = re.compile(
    r"(?:\b[A-Z][\w.'-]+(?:[ ](?:[a-z]{2,4}[ ]|[A-Z])[\w.'-]*){0,3}[ ]\d{1,5}(?:[ -]?[a-zA-Z]{1,2})?,?\s{1,3})?"
    r"\b[1-9]\d{3}\s?(?!SA|SD|SS)[A-Z]{2}\b(?:[ ,]{1,3}(?:huisnummer|huisnr\.?|nr\.?|nummer|number|no\.?)?\s?\d{1,5}(?:[ -]?[a-zA-Z]{1,2}\b)?)?"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_STREET: Final = re.compile(
    r"\b[A-Z][\w.'-]*(?:[ ][A-Z][\w.'-]*){0,2}"
    r"(?:straat|laan|weg|plein|gracht|kade|singel|hof|dijk|steeg|dreef|pad|plantsoen|park|burg|veld)[ ]\d{1,5}(?:[ -]?[a-zA-Z]{1,2}\b)?"
)


def mask(texts: pd.Series, names: Iterable[str] = (), *, parts: bool = True) -> tuple[pd.Series, dict[str, int]]:
    """Replace personal data in texts by ``[kind]``.

    Parameters
    ----------
    texts : Series of str
        Free text; missing stays missing.
    names : iterable of str
        People the sources name (identifiers of kind ``name``). Full names, and their parts of three
        letters or more that begin with a capital, are masked where they stand as words with a capital.
    parts : bool, default True
        Whether parts of names count; without, only full names of two words or more.

    Returns
    -------
    texts : Series of str
        On the index of `texts`.
    counts : dict of str to int
        How many of each of `KINDS` were replaced.

    Examples
    --------
    >>> import pandas as pd
    >>> masked, counts = mask(pd.Series(["Bel Anna op 06-12345678, IBAN NL91ABNA0417164300"]), ["Anna Bos"])
    >>> masked[0]
    'Bel [name] op [phone], IBAN [iban]'
    >>> {k: n for k, n in counts.items() if n}
    {'iban': 1, 'phone': 1, 'name': 1}
    """
    counts = dict.fromkeys(KINDS, 0)
    known = _Names(names, parts)

    def put(kind: str) -> str:
        counts[kind] += 1
        return f"[{kind}]"

    def one(text: str) -> str:
        if "@" in text or "%40" in text:
            text = _EMAIL.sub(lambda m: put("email"), text)
        if any(c.isdigit() for c in text):
            text = _IBAN.sub(lambda m: _iban(m, put), text)
            text = _ADDRESS.sub(lambda m: _address(m, put), text)
            text = _STREET.sub(lambda m: put("address"), text)
            text = _DIGITS.sub(lambda m: _number(m, put), text)
            text = _PHONE.sub(lambda m: _phone(m, put), text)
            text = _PLATE.sub(lambda m: _plate(m, put), text)
        return known.sub(put, text)

    masked = [one(v) if isinstance(v, str) else None for v in texts]
    return pd.Series(masked, index=texts.index, name=texts.name, dtype="str"), counts


def _iban(match: re.Match[str], put: Callable[[str], str]) -> str:
    from stdnum import iban

    text = match.group()
    # The pattern may have taken the words behind the number too: the longest part that checks is it.
    for end in range(len(text), 14, -1):
        part = text[:end].rstrip(" .")
        whole = end == len(text) or not (text[end].isalnum() and text[end - 1].isalnum())
        # Check digits only: the national part knows the banks of the day the library was made.
        if whole and iban.is_valid(part.replace(".", ""), check_country=False):
            return put("iban") + text[len(part) :]
    return text


def _number(match: re.Match[str], put: Callable[[str], str]) -> str:
    from stdnum import ean, luhn
    from stdnum.nl import bsn

    text = match.group()
    digits = re.sub(r"\D", "", text)
    # 18 digits that begin as Dutch connections do are one even when mistyped: it still leads to the house.
    if len(digits) == 18 and (digits.startswith("87") or ean.calc_check_digit(digits[:-1]) == digits[-1]):
        return put("ean")
    if 13 <= len(digits) <= 19 and digits[0] in "23456" and luhn.is_valid(digits):
        return put("card")
    if len(digits) == 9 and bsn.is_valid(digits):
        return put("bsn")
    return _phone(match, put) if digits[0] == "0" or digits[:2] in ("31", "32", "49") else text


def _phone(match: re.Match[str], put: Callable[[str], str]) -> str:
    import phonenumbers

    text = match.group()
    if _DAY.fullmatch(text):
        return text
    raw = text if text.startswith(("+", "0", "(")) else "+" + text
    try:
        number = phonenumbers.parse(raw, "NL")
    except phonenumbers.NumberParseException:
        return text
    # Possible, not valid: a mistyped number may still be one digit from a real person's.
    return put("phone") if phonenumbers.is_possible_number(number) else text


def _plate(match: re.Match[str], put: Callable[[str], str]) -> str:
    text = match.group()
    shape = "".join("9" if c.isdigit() else "-" if c == "-" else "L" for c in text)
    return put("plate") if shape in _SIDE_CODES else text


def _address(match: re.Match[str], put: Callable[[str], str]) -> str:
    text = match.group()
    # "2000 KW" and "in 2023 EN in 2024" are no postcodes; with a house number or a street they are.
    unit = re.fullmatch(r"\d{4} ?(?:KW|MW|GW|EU|PK|CM|MM|KM|KG)", text)
    year = re.fullmatch(
        r"(?:19|20)\d{2} (?:EN|IN|OP|OF|DE|IS|TO|OR|BY|AT|ON|WE|IK|JE|NU|AL|TE|ZE|UW|MY|NO|SO|DO|GO)", text
    )
    return text if unit or year else put("address")


class _Names:
    """Looks words up instead of trying patterns: a CRM names a hundred thousand people."""

    def __init__(self, names: Iterable[str], parts: bool = True) -> None:
        whole = {" ".join(n.split()) for n in names if isinstance(n, str) and len(n.strip()) >= 3}
        self.parts = {
            p for n in whole for p in re.split(r"[\s,]+", n) if len(p) >= 3 and p[:1].isupper() and p.isalpha()
        }
        self.parts |= {n for n in whole if " " not in n}
        if not parts:
            self.parts.clear()
        self.starts: dict[str, set[tuple[str, ...]]] = {}
        for words in (tuple(w.lower() for w in _WORD.findall(n)) for n in whole):
            if len(words) > 1:
                self.starts.setdefault(words[0], set()).add(words)

    def sub(self, put: Callable[[str], str], text: str) -> str:
        out, end, skip = [], 0, 0
        words = list(_WORD.finditer(text))
        for i, word in enumerate(words):
            if i < skip:
                continue
            length = self._match(words, i)
            if not length:
                continue
            out += [text[end : word.start()], put("name")]
            end, skip = words[i + length - 1].end(), i + length
        return "".join([*out, text[end:]]) if out else text

    def _match(self, words: list[re.Match[str]], i: int) -> int:
        """Return how many words from `i` on are a known name: a full one in any case, else a capitalised part."""
        candidates = self.starts.get(words[i].group().lower(), ())
        for name in sorted(candidates, key=len, reverse=True):
            if tuple(w.group().lower() for w in words[i : i + len(name)]) == name:
                return len(name)
        return 1 if words[i].group() in self.parts else 0
