"""The words by which questions of surveys are recognised, in Dutch and English (and some German).

All patterns are searched for in lower case. A name of a column is compared with everything but letters and digits
as ``_``, so that ``Q1_NPS`` and ``q1 nps`` are one.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "AGAINST",
    "DERIVED",
    "LABELS",
    "NAMES",
    "NEVER_MET",
    "NO_ANSWER",
    "NO_QUESTION",
    "SCALES",
    "SOLVED",
    "TEXTS",
]

NAMES: Final = {
    "nps": r"(?:^|_)nps(?:_|$|\d)|net_?promot|netpro|likel.*recommend|(?:^|_)ltr(?:_|$)|aanbevel|recommend",
    "csat": r"(?:^|_)c_?sat(?:_|$|\d)|satisf|tevreden",
    "ces": r"(?:^|_)ces(?:_|$|\d)|effort|(?:^|_)moeite|(?:^|_)gemak",
    "rapportcijfer": r"rapport_?cijfer|(?:^|_)cijfer|(?:^|_)grade(?:_|$)|report_mark",
    "expectation": r"verwacht|expect|(?:^|_)exp(?:_|$|\d)",
    "resolved": r"resolved|opgelost|(?:^|_)fcr(?:_|$)|solved",
}
"""What a column may be called."""

TEXTS: Final = {
    "nps": r"aanbev|aanra(?:ad|den)|beveel\w*\b.{0,40}\baan\b|recommend|weiterempf|empfehlen",
    "ces": r"how (?:easy|difficult|hard|simple)|hoe (?:ge)?makkelijk|hoe eenvoudig|hoe moeilijk|moeite|(?:your|much|little|low|of) effort|effort (?:did|was|score)|made? it easy|maakte?n? het (?:mij |me |u )?(?:ge)?makkelijk|gemak (?:van|waarmee)|hoe(?:veel)? inspanning|easy (?:was it|is it|to (?:do|find|get|use))|wie einfach",
    "csat": r"(?:on)?tevreden|(?:dis)?satisf|zufrieden",
    "rapportcijfer": r"rapportcijfer|welk cijfer|(?:een|het) cijfer|cijfer (?:geeft|geef|zou|van|voor)|report (?:mark|grade)|what (?:grade|mark)|mark out of|schulnote|welche note",
    "expectation": r"verwacht|expect|erwart",
    "resolved": r"opgelost|resolved|solved|beantwoord|geholpen|afgehandeld|answered (?:your|my)|gelöst",
    "perception": r"wat (?:vindt|vond) u|(?:vindt|vond) u (?:van|de|het|onze)|hoe (?:beoordeel|waardeer|ervaar|vond|vindt)|how (?:was|were|would you rate|do you rate|did you (?:find|experience))|\brate\b|beoordeel|mee eens|(?:dis)?agree|eens met|oneens|quality of|kwaliteit van|stimm",
}
"""What a question may ask."""

AGAINST: Final = {
    # "did it meet your expectations" rates what happened: it asks for no expectation
    "expectation": r"voldeed|voldaan|voldoe|aan (?:uw|je|mijn) verwachting|m[ee]e?ts? (?:your|my)|met (?:your|my)|exceed|overtrof|overtroffen|than (?:you |i )?expect|dan (?:u |ik |je )?(?:had )?verwacht|compared|vergeleken|unexpected|onverwacht",
    "nps": r"is (?:aanbevolen|recommended) (?:by|door)|recommended by|who recommended|wie heeft|waarom|\bwhy\b|\breasons?\b|\breden(?:en)?\b",
    "csat": r"waarom|\bwhy\b|\breasons?\b|\breden(?:en)?\b",
}
"""What says that a question asks something else after all."""

SCALES: Final = {
    "nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "rapportcijfer": (1, 10), "expectation": (1, 10), "perception": (1, 5),
    "resolved": (0, 1),
}  # fmt: skip
"""Low and high where neither the question nor the answers say otherwise."""

DERIVED: Final = (
    (r"_group$", "a group that the survey tool derived from a score"),
    (r"_(?:first_click|last_click|page_submit|click_count)$|_timing", "how long a page was shown"),
    (r"_do$|_do_\d|display_?order", "the order in which answers were shown"),
    (r"sentiment_?(?:score|polarity)?$|(?:parent_)?topics?$|_topic_|text_?iq", "what a text analysis made of an answer"),
    (r"^q_|_browser|_operating_system|_version$|_resolution$|useragent", "about the respondent's device"),
)  # fmt: skip
"""Names of columns that a survey tool writes and nobody answered."""

NO_QUESTION: Final = (
    (r"leeftijd|(?:^|[^a-z])age(?:$|[^a-z])|geboorte|birth|how old|hoe oud", "an age"),
    (r"postcode|zip ?code|postal", "a postcode"),
    (r"hoeveel(?!.{0,30}(?:moeite|inspanning|effort))|how many|aantal|number of|how often|hoe vaak", "a number of something"),
    (r"in welk jaar|what year|which year|sinds wanneer|since when", "a year"),
    (r"inkomen|income|salaris|salary", "an income"),
    (r"weegfactor|\bweight\b|^gewicht", "a weight"),
)  # fmt: skip
"""Questions whose numbers are no scores."""

NEVER_MET: Final = r"n\.?\s?v\.?\s?t\.?|niet van toepassing|not applicable|n/a|nooit (?:gebruikt|mee te maken)?.*|never used.*|(?:heb|have).{0,20}(?:niet|not).{0,20}(?:gebruikt|used|contact).*|geen (?:contact|ervaring).*|did not use|no experience"
NO_ANSWER: Final = r"weet (?:ik )?(?:het )?niet.*|weet niet/.*|geen (?:mening|antwoord|idee).*|do(?:n'?t| not) know.*|no (?:opinion|answer|idea).*|prefer not.*|zeg ik liever niet|unsure|keine angabe|weiß nicht|-|\?"
SOLVED: Final = {"ja": 1.0, "yes": 1.0, "deels": 0.5, "gedeeltelijk": 0.5, "partly": 0.5, "partially": 0.5, "nee": 0.0, "no": 0.0}  # fmt: skip

LABELS: Final = (
    ("csat", ("zeer ontevreden", "ontevreden", "niet tevreden, niet ontevreden|neutraal|niet ontevreden, niet tevreden|noch tevreden, noch ontevreden", "tevreden", "zeer tevreden")),
    ("csat", ("very dissatisfied", "dissatisfied|somewhat dissatisfied", "neither satisfied nor dissatisfied|neutral", "satisfied|somewhat satisfied", "very satisfied")),
    ("perception", ("helemaal (?:mee )?oneens|zeer (?:mee )?oneens|helemaal niet mee eens", "(?:mee )?oneens|niet mee eens", "neutraal|niet mee eens, niet mee oneens|niet eens, niet oneens", "(?:mee )?eens", "helemaal (?:mee )?eens|zeer (?:mee )?eens")),
    ("perception", ("strongly disagree", "disagree|somewhat disagree", "neither agree nor disagree|neutral", "agree|somewhat agree", "strongly agree")),
    ("ces", ("zeer moeilijk|heel moeilijk", "moeilijk", "niet makkelijk, niet moeilijk|neutraal", "(?:ge)?makkelijk|eenvoudig", "(?:zeer|heel) (?:ge)?makkelijk|zeer eenvoudig")),
    ("ces", ("very difficult", "difficult|somewhat difficult", "neither easy nor difficult|neutral", "easy|somewhat easy", "very easy")),
    ("perception", ("zeer slecht|heel slecht", "slecht", "matig|redelijk|neutraal|gemiddeld|niet slecht, niet goed", "goed", "zeer goed|heel goed|uitstekend")),
    ("perception", ("very poor|very bad|terrible", "poor|bad", "fair|average|neutral|ok", "good", "very good|excellent")),
    ("nps", ("zeer onwaarschijnlijk", "onwaarschijnlijk", "neutraal", "waarschijnlijk", "zeer waarschijnlijk")),
    ("nps", ("very unlikely|extremely unlikely", "unlikely", "neutral|neither likely nor unlikely", "likely", "very likely|extremely likely")),
)  # fmt: skip
"""Scales of five words, the worst first; alternatives are divided by ``|`` (RE)."""
