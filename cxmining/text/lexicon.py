"""Which words carry feeling, which strengthen or turn it, per language."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources
from typing import Final

__all__ = ["Lexicon", "load_lexicon"]

# What they do to a feeling word right behind them; then their own feeling ("erg", "vreselijk") is none.
_MODIFIERS: Final = {
    "nl": {
        **dict.fromkeys(
            ["erg", "heel", "zeer", "echt", "bijzonder", "heerlijk", "zo", "weer", "helemaal", "gewoon", "vooral"], 1.3
        ),
        **dict.fromkeys(
            ["ontzettend", "enorm", "super", "vreselijk", "verschrikkelijk", "ongelooflijk", "ongelofelijk"], 1.6
        ),
        **dict.fromkeys(
            [
                "uiterst",
                "absoluut",
                "volkomen",
                "totaal",
                "hartstikke",
                "mega",
                "ontiegelijk",
                "waanzinnig",
                "knap",
                "behoorlijk",
                "onwijs",
                "zeker",
            ],
            1.5,
        ),
        **dict.fromkeys(["vrij", "redelijk", "nogal", "tamelijk", "wat", "ietwat", "iets", "enigszins", "best"], 0.7),
        **dict.fromkeys(["beetje", "minder", "lichtelijk"], 0.5),
    },
    "en": {
        **dict.fromkeys(
            [
                "very",
                "really",
                "so",
                "extremely",
                "absolutely",
                "totally",
                "completely",
                "too",
                "most",
                "especially",
                "highly",
                "super",
                "truly",
                "such",
                "incredibly",
            ],
            1.3,
        ),
        **dict.fromkeys(["quite", "fairly", "somewhat", "rather", "slightly", "kinda", "bit", "almost", "partly"], 0.7),
    },
}
_NEGATORS: Final = {
    "nl": frozenset(
        [
            "niet",
            "geen",
            "nooit",
            "nergens",
            "nauwelijks",
            "amper",
            "niks",
            "niets",
            "noch",
            "zonder",
            "weinig",
            "nie",
            "allesbehalve",
            "allerminst",
            "evenmin",
            "zonder_enige",
            "verre_van",
            "in_geen_geval",
            "bij_lange_na_niet",
        ]
    ),
    "en": frozenset(
        [
            "not",
            "no",
            "never",
            "none",
            "nothing",
            "nowhere",
            "neither",
            "nor",
            "without",
            "hardly",
            "barely",
            "cannot",
            "cant",
            "can't",
            "dont",
            "don't",
            "doesnt",
            "doesn't",
            "didnt",
            "didn't",
            "isnt",
            "isn't",
            "wasnt",
            "wasn't",
            "arent",
            "aren't",
            "wont",
            "won't",
            "couldnt",
            "couldn't",
            "wouldnt",
            "wouldn't",
            "shouldn't",
            "shouldnt",
            "hasn't",
            "hasnt",
            "haven't",
            "havent",
            "hadn't",
            "hadnt",
            "weren't",
            "werent",
            "ain't",
            "aint",
            "can't",
            "nobody",
            "rarely",
            "seldom",
            "scarcely",
            "lacks",
            "lacking",
            "far_from",
            "less_than",
            "anything_but",
            "by_no_means",
            "used_to_be",
        ]
    ),
}
# A negation reaches over these as if they were not there: "niet zo heel erg goed", "don't think it is a good one".
_LIGHT: Final = {
    "nl": frozenset(
        [
            "de",
            "het",
            "een",
            "is",
            "was",
            "waren",
            "ben",
            "zijn",
            "wordt",
            "werd",
            "dat",
            "dit",
            "deze",
            "die",
            "er",
            "ik",
            "je",
            "u",
            "we",
            "wij",
            "ze",
            "zij",
            "hij",
            "mijn",
            "uw",
            "jullie",
            "ook",
            "als",
            "dan",
            "van",
            "meer",
            "even",
            "meteen",
            "bepaald",
            "persoonlijk",
        ]
    ),
    "en": frozenset(
        [
            "a",
            "an",
            "the",
            "is",
            "was",
            "were",
            "are",
            "be",
            "been",
            "being",
            "it",
            "this",
            "that",
            "these",
            "those",
            "i",
            "you",
            "we",
            "they",
            "he",
            "she",
            "my",
            "your",
            "their",
            "our",
            "to",
            "of",
            "at",
            "all",
            "that's",
            "it's",
            "as",
            "have",
            "had",
            "has",
            "do",
        ]
    ),
}
# A negation ends where another thought begins.
_TURNS: Final = {
    "nl": frozenset(["maar", "echter", "toch", "want", "omdat", "dus", "terwijl", "hoewel", "alleen"]),
    "en": frozenset(["but", "however", "though", "because", "so", "although", "yet", "while", "except"]),
}
_BUT: Final = {"nl": frozenset(("maar", "echter", "toch")), "en": frozenset(("but", "however", "though"))}
_EMOJI: Final = {
    **dict.fromkeys("😀😃😄😁😊🙂☺😍🥰😘🤩👍👏🙏💪🎉🥳💚💛🧡💙💜🤗😇🙌👌✅🌟⭐", 0.6),
    **dict.fromkeys(["❤", "❤️", ":)", ":-)", ":D", ":-D", "<3", "=)", ":p", ":P"], 0.5),
    **dict.fromkeys([";)", ";-)", "😉", "😅", "😂"], 0.2),
    **dict.fromkeys("😆🙃😌😋😎🤠🫶🤝👌💯🔥✨🏆🥇💖💗💝💕💞😻😺🌞☀🌈🎈🎊👑", 0.5),
    **dict.fromkeys("😠😡🤬😤👎💩😭🤮😱🖕👿😾💔🤢😒", -0.7),
    **dict.fromkeys("😢😞😔☹🙁😕🙄😩😫😣😖🤦😬😟😥😓😰😨😧😦😪😿🥺😵🤯⚠❌🚫⛔", -0.5),
    **dict.fromkeys([":(", ":-(", ":'(", ":/", ":-/", ">:(", ":s", ":S"], -0.5),
    **dict.fromkeys(["??"], -0.2),
}  # fmt: skip
_STRENGTHS: Final = ("super", "mega", "reuze", "kei", "over", "hyper", "bloed", "dood")
_VOWELS: Final = "aeiou"


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The words of one language."""

    language: str
    polarity: dict[str, float]
    modifiers: dict[str, float]
    negators: frozenset[str]
    but: frozenset[str]
    light: frozenset[str]
    turns: frozenset[str]
    phrases: re.Pattern[str] | None
    emoji: dict[str, float]

    def feeling(self, word: str) -> float | None:
        """Return the polarity of a word as people write it, or None.

        Letters drawn out ("leuuuuk"), accents for stress ("zó góéd"), strengthening prefixes
        ("supermooi") and the Dutch "on-" are understood.
        """
        found = self.emoji.get(word, self.polarity.get(word))
        if found is not None:
            return found
        for shape in (
            _plain(word),
            re.sub(r"(.)\1{2,}", r"\1\1", word),
            re.sub(r"(.)\1+", r"\1", word) if _DRAWN.search(word) else word,
        ):
            if shape in self.polarity:
                return self.polarity[shape]
        if self.language == "nl":
            for prefix in _STRENGTHS:
                rest = (
                    self.polarity.get(word.removeprefix(prefix))
                    if word.startswith(prefix) and len(word) > len(prefix) + 3
                    else None
                )
                if rest is not None:
                    return max(-1.0, min(1.0, 1.3 * rest))
            rest = self.polarity.get(word[2:]) if word.startswith("on") and len(word) > 6 else None
            if rest is not None and rest > 0:
                return -rest
        return None


_DRAWN: Final = re.compile(r"(.)\1{2,}")
_ACCENTS: Final = str.maketrans("áàâäéèêëíìîïóòôöúùûü", "aaaaeeeeiiiioooouuuu")


def _plain(word: str) -> str:
    return word.translate(_ACCENTS)


@functools.cache
def load_lexicon(language: str) -> Lexicon | None:
    """Return the lexicon of a language, or None when there is none here.

    Parameters
    ----------
    language : str
        ``"nl"``, or ``"en"`` when vaderSentiment (whose lexicon it is) is installed.

    Returns
    -------
    Lexicon or None

    Examples
    --------
    >>> load_lexicon("nl").feeling("leuke") > 0
    True
    >>> load_lexicon("xx") is None
    True
    """
    words = _dutch() if language == "nl" else _english() if language == "en" else None
    if not words:
        return None
    negators = {n.replace("_", " ") for n in _NEGATORS[language] if "_" in n}
    phrases = sorted({w for w in words if " " in w} | negators, key=lambda p: (-len(p), p))
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, phrases)) + r")(?!\w)") if phrases else None
    joined = {w.replace(" ", "_"): p for w, p in words.items()}
    return Lexicon(
        language, joined, _MODIFIERS[language], _NEGATORS[language], _BUT[language],
        _LIGHT[language] | frozenset(_MODIFIERS[language]), _TURNS[language], pattern, _EMOJI,
    )  # fmt: skip


def _lines(name: str) -> list[list[str]]:
    text = (resources.files("cxmining.text") / "data" / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:] if line and not line.startswith("#")]


def _dutch() -> dict[str, float]:
    base = {form: float(polarity) for form, polarity, *_ in _lines("sentiment-nl.tsv") if float(polarity) != 0}
    own = {form: float(polarity) for form, polarity in _lines("contact-nl.tsv")}
    words: dict[str, float] = {}
    for form, polarity in base.items():
        if form in _MODIFIERS["nl"] and abs(polarity) < 0.3:
            continue
        for shape in _inflect(form):
            words.setdefault(shape, polarity)
    return words | base | own


def _inflect(word: str) -> set[str]:
    """Return the forms a Dutch adjective may take; some that nobody writes are among them and do no harm."""
    if " " in word or len(word) < 3:
        return {word}
    stems = {word}
    last, before = word[-1], word[-2]
    if last not in _VOWELS:
        if before in _VOWELS and word[-3] == before and before in "aeou":  # vaag → vage, boos → boze
            stems.add(word[:-2] + last)
        elif before in _VOWELS and word[-3] not in _VOWELS:  # dom → domme
            stems.add(word + last)
        stems |= {s[:-1] + {"f": "v", "s": "z"}[last] for s in stems if last in "fs"}
    forms = {word, word + "s", word + "st", word + "ste"}
    for stem in stems:
        e = stem if stem.endswith("e") else stem + "e"
        forms |= {e, e + "r", e + "re", e + "rs", e + "n"}
    if last == "r":  # duur → duurder
        forms |= {word + "der", word + "dere"}
    return forms


def _english() -> dict[str, float]:
    try:
        text = (resources.files("vaderSentiment") / "vader_lexicon.txt").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        return {}
    rows = (line.split("\t") for line in text.splitlines() if line.strip())
    own = {form: float(polarity) for form, polarity in _lines("contact-en.tsv")}
    return {row[0].lower(): float(row[1]) / 4 for row in rows} | own
