"""E-mail addresses and addresses of houses, also as people write them who mean to hide them."""

from __future__ import annotations

import re
from typing import Final

from cxmining.privacy._found import Searched

__all__ = ["find_emails", "find_houses"]

# Every quantifier is bounded and no two neighbours take the same sign: time grows with the text, not its square.
_AT: Final = re.compile(
    r"(?P<sign>[ \n]{0,2}(?:@|%40)[ \n]{0,2})"
    r"|(?P<marked>[ \n]{0,2}(?:[(\[{<] ?(?:at|apenstaart(?:je)?|apestaart(?:je)?) ?[)\]}>]|-at-|_at_)[ \n]{0,2})"
    r"|(?P<tail>[ \n]{1,2}(?:apenstaart(?:je)?|apestaart(?:je)?)[ \n]{1,2})"
    r"|(?P<word>[ \n]{1,2}at[ \n]{1,2})",
    re.IGNORECASE,
)
_LOCAL: Final = re.compile(r"[\w.+'%-]{1,64}\Z")
_TLDS: Final = r"(?:nl|com|org|net|eu|be|de|fr|uk|info|biz|io|co|es|it|pl|lu|ch|at|dk|se|no|me|tv|nu|frl|amsterdam|example|test|email|online|app)"
_DOT: Final = rf"(?:\.|[ ]?[(\[{{<] ?(?:dot|punt|\.) ?[)\]}}>][ ]?|[ ](?:dot|punt)[ ]|[ ]?[.,][ ]?(?={_TLDS}\b))"
_DOMAIN: Final = re.compile(rf"[\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,6}}", re.IGNORECASE)
_BARE: Final = re.compile(r"[A-Za-z][\w-]{2,40}")
_TLD: Final = re.compile(r"[A-Za-z]{2,24}\Z")
_MAIL_CUE: Final = re.compile(
    r"(?:mail|account|adres|address|contact|bereik)\w{0,6}\W{0,3}(?:\w{1,10}\W{1,3}){0,3}\Z", re.I
)


def find_emails(searched: Searched) -> None:
    """Find addresses with an ``@`` or what people say for it."""
    text = searched.text
    low = text.lower() if "@" not in text else ""
    if low and "%40" not in low and "at" not in low and "staart" not in low:
        return
    taken = 0
    for sign in _AT.finditer(text):
        local = _LOCAL.search(text, max(taken, sign.start() - 64), sign.start())
        domain = _DOMAIN.match(text, sign.end())
        if local is None:
            continue
        start = local.start() + len(local.group()) - len(local.group().lstrip(".'%-+"))
        if start >= sign.start():
            continue
        name = text[start : sign.start()]
        if domain is None or not _TLD.search(domain.group()):
            bare = _BARE.match(text, sign.end()) if sign.group().strip() == sign.group() and sign["sign"] else None
            if bare is None or len(name) < 3:
                continue
            domain = bare
        if sign["word"] and not _meant(text, start, name, domain.group()):
            continue
        if sign["sign"] and " " in sign.group() and not (_is_local(name) or "." in domain.group()):
            continue
        end = domain.end()
        searched.take(start, end, "email")
        taken = end


def _is_local(name: str) -> bool:
    return any(c in "._+-" or c.isdigit() for c in name)


def _meant(text: str, start: int, name: str, domain: str) -> bool:
    """Say whether "at" stands for the sign: not in "we were at zonnestroom.nl"."""
    spelled = " dot " in domain.lower() or " punt " in domain.lower()
    return spelled or _is_local(name) or _MAIL_CUE.search(text, max(0, start - 40), start) is not None


# --- houses ---------------------------------------------------------------------------------
_WORDS: Final = (
    r"(?:EN|IN|OP|OF|DE|IS|TO|OR|BY|AT|ON|WE|IK|JE|NU|AL|TE|ZE|UW|MY|NO|SO|DO|GO|ER|OM|HET|KW|MW|GW|EU|PK|CM|MM|KM|KG|GJ|KV|WP|"
    r"HP|GB|MB|TB|NA|ST|ZO|HE|WH|VA|DB|DM|ML|CL|DL|CC|BV|NV|AF|UP|AN|AS|BE|IF|IT|US|ME|AM|PM|MA|DI|WO|DO|VR|ZA|JA|SA|SD|SS)"
)
_UP: Final = r"(?-i:(?!SA|SD|SS)[A-Z]{2})"
_UP_APART: Final = r"(?-i:(?!EN|IN|OP|OF|TO|OR|KW|MW|GW|EU|SA|SD|SS)[A-Z]{2})"  # "in 2023 EN in 2024"
_LOW_GLUED: Final = r"(?!KW|MW|GW|EU|PK|CM|MM|KM|KG|GJ|KV|WP|HP|GB|MB|TB|DB|ML|WH|VA|SA|SD|SS)[A-Za-z]{2}"
_PC: Final = (
    rf"[1-9]\d{{3}}(?:{_UP}|{_LOW_GLUED}|[ -]{{1,2}}{_UP_APART}|[ ]{{1,2}}(?!{_WORDS}\b)[A-Za-z]{{2}})(?![A-Za-z0-9])"
)
_PC_LOW: Final = rf"[1-9]\d{{3}}[ ]{{0,2}}(?!{_WORDS}\b)[A-Za-z]{{2}}(?![A-Za-z0-9])"
_MORE: Final = (
    r"(?:[ ]?-?[ ]?(?:bis|hs|huis|[IVX]{1,4}|zw|rd)\b|[ ]?-[ ]?\d{1,3}\b|[ ][A-Z]\b|[ ]\d[eE]\b|[a-zA-Z]{1,2}(?![\w]))?"
)
_NR: Final = r"(?:huisnummer|huisnr|hnr|nummer|nr|house number|number|no)\.?:?[ ]{0,2}"
_HOUSE: Final = rf"(?:{_NR})?\d{{1,5}}(?![\d.,:]\d){_MORE}"
_POST: Final = r"(?:(?:postcode|postal code|post code|zip code|zip|pc):?[ ]{1,2})?"
_BEHIND: Final = rf"{_POST}(?:%s)[ ]{{0,2}}[,/|(\n-]{{0,2}}[ ]{{0,2}}{_HOUSE}\)?"
_BEFORE: Final = rf"(?<![\w.,-])(?:{_NR})?\d{{1,5}}{_MORE}[ ]{{0,2}}[,/|(\n-]{{0,2}}[ ]{{0,2}}{_POST}(?:%s)\)?"
_CODE_FIRST: Final = re.compile(rf"(?<![\w.,])(?:{_BEHIND % _PC})", re.IGNORECASE)
_CODE_LAST: Final = re.compile(_BEFORE % _PC, re.IGNORECASE)
# Letters that are a unit too (2510 KW, 7922 cc) are a postcode where an address is spoken of, or stands alone.
_UNIT: Final = (
    r"(?!EN|IN|OP|OF|DE|IS|TO|OR|BY|AT|ON|WE|IK|JE|NU|AL|TE|ZE|MY|NO|SO|DO|SA|SD|SS)[A-Za-z]{2}(?![A-Za-z0-9])"
)
_CODE_SPOKEN: Final = re.compile(
    rf"(?:(?:woon|woont|wonen|adres|address|verhuis\w{{0,4}}|moved|bewoners)(?:[ :]{{1,2}}(?:is|wordt|op|van|naar|to|from|at|te)){{0,2}}[ :]{{1,3}}"
    rf"|\n|\A|\bop[ ])(?P<code>[1-9]\d{{3}}[ ]{{0,2}}{_UNIT}[ ]{{0,2}},?[ ]{{1,2}}{_HOUSE})",
    re.IGNORECASE,
)
_CASE: Final = re.compile(r"\d{4}[ ]{0,2}-?([A-Za-z]{2})")
_SUFFIX: Final = (
    r"(?:straat|str\.|laan|weg|plein|gracht|kade|singel|hof|dijk|steeg|dreef|pad|plantsoen|park|burg|veld|haven|markt|brink|wal|"
    r"baan|erf|poort|vest|werf|ring|boulevard|hoeve|kamp|vaart|sloot|gaarde|akker|street|road|lane|avenue)"
)
_SURE: Final = r"(?:straat|str\.|laan|weg|plein|gracht|kade|singel|dijk|steeg|dreef|plantsoen)"
_STREET: Final = re.compile(
    rf"(?<![\w'-])(?:(?:[A-Z'\d][\w.'-]{{0,30}}[ ]){{0,3}}(?:van[ ]|de[ ]|den[ ]|der[ ]|het[ ]|ter[ ]){{0,2}})"
    rf"(?:[A-Z][\w.'-]{{0,40}}?)?{_SUFFIX}[ ]{{1,2}}{_HOUSE}",
)
_STREET_LOW: Final = re.compile(
    rf"(?<![\w'-])(?!onderweg|halverweg|snelweg|autoweg|uitweg|werkplein)"
    rf"(?:(?:burgemeester|koningin|koning|prins|prinses|sint|st\.?|van|de|van der|van de|oude|nieuwe|het|\de)[ ]){{0,3}}"
    rf"(?:[\w'-]{{2,40}}[ ])?[\w.'-]{{3,40}}?{_SURE}[ ]{{1,2}}{_HOUSE}",
    re.IGNORECASE,
)
_LANE_OF: Final = re.compile(
    rf"(?<!\w)(?:laan|plein|weg|hof)[ ]van[ ](?:de[ ]|den[ ]|der[ ]|het[ ])?[\w'-]{{3,30}}[ ]{{1,2}}{_HOUSE}", re.I
)
_PLACE: Final = re.compile(
    rf"(?<![\w'-])(?:(?:Het|De|Den|Oude|Nieuwe|Achter|Op|Aan|Onder|Bij|Grote|Kleine|Lange|Korte|Hoge|Lage|In)[ ](?:de[ ]|het[ ]|den[ ])?"
    rf"[A-Z][\w'-]{{2,30}}|(?:HET|DE|OUDE|NIEUWE|ACHTER)[ ](?:DE[ ]|HET[ ])?[A-Z]{{3,30}})[ ]{{1,2}}{_HOUSE}"
)
_HOME_CUE: Final = re.compile(
    rf"\b(?:\w{{0,12}}adres\w{{0,4}}|address|woon|woont|wonen|wonende|verhuis\w{{0,4}}|verhuizen|moved?|living|bewoners|pand|huis)"
    rf"(?:[ :]{{1,2}}(?:is|wordt|op|aan|van|naar|te|to|from|at|in|het|de)){{0,2}}[ :]{{1,3}}"
    rf"(?P<house>(?!in\b|op\b|te\b|aan\b|nr\b|post|huisn|zip|house|hnr|pc\b)[^\W\d_][\w'.-]{{1,30}}(?:[ ][\w'.-]{{1,30}}){{0,3}}?[ ]{{1,2}}{_HOUSE})",
    re.IGNORECASE,
)
_MONTHS: Final = re.compile(
    r"\b(?:jan\w*|feb\w*|maart|mrt|march|apr\w*|mei|may|juni?|june|juli?|july|aug\w*|sep\w*|okt\w*|oct\w*|nov\w*|dec\w*|"
    r"maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|week|dag|per|model|versie|type|sinds|since|since|uur|om)\b",
    re.IGNORECASE,
)
_PC_ANY: Final = r"[1-9]\d{3}[ ]{0,2}[A-Z]{2}(?![A-Za-z0-9])"  # behind a street nothing else is meant
_TO_CODE: Final = re.compile(rf"[ ]{{0,2}}[,|/(\n-]{{0,2}}[ \n]{{0,2}}{_POST}(?:{_PC_LOW}|{_PC_ANY})\)?")
_FROM_STREET: Final = re.compile(
    r"(?:[A-Z'\d][\w.'-]{0,30}[ ](?:(?:van|de|den|der|het|\'t)[ ]){0,2}){0,2}[A-Z][\w.'-]{1,40}[ ]{1,2}\Z"
    r"|(?:(?:het|de|den|oude|nieuwe|achter|op|aan|grote|kleine|lange|korte)[ ]){1,3}[\w'-]{3,30}[ ]{1,2}\Z"
    r"|\b[\w'-]{3,30}(?:pad|hof|park|veld|burg|haven|markt)[ ]{1,2}\Z"
)


def find_houses(searched: Searched) -> None:
    """Find streets with a number, and postcodes beside a house number; a postcode alone is no house."""
    for pattern in (_STREET, _LANE_OF, _STREET_LOW, _PLACE):
        for match in pattern.finditer(searched.text):
            if pattern is _PLACE and _MONTHS.search(match.group()):
                continue
            _take_house(searched, match.start(), match.end())
        searched.blank()
    for pattern in (_CODE_LAST, _CODE_FIRST):
        for match in pattern.finditer(searched.text):
            letters = _CASE.search(match.group())
            start = match.start()
            if pattern is _CODE_LAST:
                before = _FROM_STREET.search(searched.text, max(0, start - 80), start)
                start = before.start() if before else start
            if letters is not None and (letters.group(1).isupper() or _plain(letters.group(1))):
                searched.take(start, match.end(), "address")
        searched.blank()
    for match in _CODE_SPOKEN.finditer(searched.text):
        searched.take(match.start("code"), match.end("code"), "address")
    searched.blank()
    for match in _HOME_CUE.finditer(searched.text):
        if not _MONTHS.search(match["house"]) and "\0" not in match["house"]:
            _take_house(searched, match.start("house"), match.end("house"))
    searched.blank()


def _plain(letters: str) -> bool:
    return letters.islower() or letters.istitle()


def _take_house(searched: Searched, start: int, end: int) -> None:
    more = _TO_CODE.match(searched.text, end)
    searched.take(start, more.end() if more else end, "address")
