"""What results about feeling, effort and change say."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    "before": {"en": "before", "nl": "ervoor"},
    "after": {"en": "after", "nl": "erna"},
    "mix": {"en": "mix", "nl": "samenstelling"},
    "rate": {"en": "level within", "nl": "niveau binnen"},
    "respondents": {"en": "who answered", "nl": "wie antwoordde"},
    "total": {"en": "change", "nl": "verandering"},
    "change_title": {"en": "Why {metric} moved: {change} {interval}", "nl": "Waarom {metric} bewoog: {change} {interval}"},
    "change_mix": {
        "en": "{change} {interval} goes with the mix: which {by} the answers are about.",
        "nl": "{change} {interval} hangt samen met de samenstelling: over welke {by} de antwoorden gaan.",
    },
    "change_rate": {
        "en": "{change} {interval} goes with the level within each {by}.",
        "nl": "{change} {interval} hangt samen met het niveau binnen elke {by}.",
    },
    "change_respondents": {
        "en": "{change} {interval} goes with who answered among those who were invited.",
        "nl": "{change} {interval} hangt samen met wie van de uitgenodigden antwoordde.",
    },
    "change_unknown": {
        "en": "Who answered among those who were invited is not known ({why}): a change of it is within the other two parts.",
        "nl": "Wie van de uitgenodigden antwoordde is niet bekend ({why}): een verandering daarvan zit in de andere twee delen.",
    },
    "why_none": {"en": "no invitations to it were read", "nl": "er zijn geen uitnodigingen ingelezen"},
    "why_few": {"en": "too few were invited to model it", "nl": "te weinig uitgenodigden voor een model"},
    "why_off": {"en": "not asked for", "nl": "niet gevraagd"},
    "why_ces": {"en": "nobody was asked how easy it was", "nl": "niemand is gevraagd hoe makkelijk het was"},
    "why_fewces": {"en": "too few journeys have an answer on it", "nl": "te weinig klantreizen hebben er een antwoord op"},
    "why_equal": {"en": "all answers are equal", "nl": "alle antwoorden zijn gelijk"},
    "noise": {"en": " It may be chance.", "nl": " Het kan toeval zijn."},
    "rate_of": {"en": "Part of the change, per {by} (● level within, ◆ mix)", "nl": "Deel van de verandering, per {by} (● niveau binnen, ◆ samenstelling)"},
    "touchpoint": {"en": "touchpoint", "nl": "contactmoment"},
    "touchpoints": {"en": "touchpoints", "nl": "contactmomenten"},
    "track_title": {"en": "{metric} by {period}", "nl": "{metric} per {period}"},
    "M": {"en": "month", "nl": "maand"},
    "W": {"en": "week", "nl": "week"},
    "Q": {"en": "quarter", "nl": "kwartaal"},
    "months": {"en": "months", "nl": "maanden"},
    "weeks": {"en": "weeks", "nl": "weken"},
    "track_quiet": {
        "en": "No {period} is told apart from noise: all lie within what chance makes.",
        "nl": "Geen {period} is van ruis te onderscheiden: alles ligt binnen wat toeval maakt.",
    },
    "track_signal": {"en": "{start}: {value}, {rules}.", "nl": "{start}: {value}, {rules}."},
    "effect_level": {"en": "step at the date", "nl": "sprong op de datum"},
    "effect_slope": {"en": "change of the slope, per {period}", "nl": "verandering van de helling, per {period}"},
    "effect_average": {"en": "average difference since", "nl": "gemiddeld verschil sindsdien"},
    "its_found": {
        "en": "Since {date} {metric} is on average {change} {interval} off the line that it would have followed.",
        "nl": "Sinds {date} ligt {metric} gemiddeld {change} {interval} van de lijn die het anders had gevolgd.",
    },
    "its_none": {
        "en": "No change of {metric} at {date} is told apart from chance (p = {p}); the average difference since is {change} {interval}.",
        "nl": "Geen verandering van {metric} op {date} is van toeval te onderscheiden (p = {p}); het gemiddelde verschil sindsdien is {change} {interval}.",
    },
    "its_shape": {
        "en": "At {date} {metric} took another course (step {level}, slope {slope} per {period}); the average difference since, {change} {interval}, may be none.",
        "nl": "Op {date} nam {metric} een andere loop (sprong {level}, helling {slope} per {period}); het gemiddelde verschil sindsdien, {change} {interval}, kan nul zijn.",
    },
    "its_caveat": {
        "en": "Associated with the date: other things that changed then, season included, are in it too.",
        "nl": "Hangt samen met de datum: wat toen nog meer veranderde, ook het seizoen, zit er ook in.",
    },
    "its_control": {
        "en": "Associated with the date, beyond what the control series did: what changed then for these alone is in it too.",
        "nl": "Hangt samen met de datum, boven wat de vergelijkingsreeks deed: wat toen alleen hier veranderde, zit er ook in.",
    },
    "its_title": {"en": "{metric} before and after {date}", "nl": "{metric} voor en na {date}"},
    "its_difference": {"en": "{metric} less the control series", "nl": "{metric} min de vergelijkingsreeks"},
    "counterfactual": {"en": "had it gone on as before", "nl": "als het zo was doorgegaan"},
    "effort_title": {"en": "Effort: contacts per journey, and how easy it was found", "nl": "Moeite: contacten per klantreis, en hoe makkelijk het werd gevonden"},
    "effort_plain": {"en": "Effort: contacts per journey", "nl": "Moeite: contacten per klantreis"},
    "effort_contacts": {"en": "contacts in the journey", "nl": "contacten in de klantreis"},
    "effort_share": {"en": "% of journeys", "nl": "% van de klantreizen"},
    "effort_useless": {
        "en": "Behaviour predicts the asked effort no better than its mean does: R² = {r2} {interval}, n = {n}.",
        "nl": "Gedrag voorspelt de gevraagde moeite niet beter dan het gemiddelde: R² = {r2} {interval}, n = {n}.",
    },
    "effort_some": {
        "en": "Behaviour predicts part of the asked effort: R² = {r2} {interval}, rank correlation {rho} {rho_interval}, n = {n}.",
        "nl": "Gedrag voorspelt een deel van de gevraagde moeite: R² = {r2} {interval}, rangcorrelatie {rho} {rho_interval}, n = {n}.",
    },
    "effort_unasked": {"en": "How well behaviour predicts the asked effort is not known: {why}.", "nl": "Hoe goed gedrag de gevraagde moeite voorspelt is niet bekend: {why}."},
    "curve_title": {"en": "Emotional journey: score, emotion, gap to expectation", "nl": "Emotionele klantreis: score, emotie, verschil met verwachting"},
    "curve_emotion": {"en": "emotion −1–1", "nl": "emotie −1–1"},
    "curve_gap": {"en": "gap, points", "nl": "verschil, punten"},
    "curve_expected": {"en": "expected before", "nl": "vooraf verwacht"},
    "curve_of": {"en": " of {n} customers", "nl": " van {n} klanten"},
    "curve_foot": {
        "en": "n under each panel; intervals 95%, by customer. At each point other customers may have answered.",
        "nl": "n onder elk paneel; intervallen 95%, per klant. Op elk punt kunnen andere klanten hebben geantwoord.",
    },
    "curve_asked": {"en": "Gap: score less what the same customer said to expect, in scale points.", "nl": "Verschil: score min wat dezelfde klant zei te verwachten, in schaalpunten."},
    "curve_estimated": {
        "en": "Gap: score less an ESTIMATED expectation, in scale points; nobody was asked.",
        "nl": "Verschil: score min een GESCHATTE verwachting, in schaalpunten; niemand is ernaar gevraagd.",
    },
    "curve_some": {"en": "{shown} of {all} groups are drawn.", "nl": "{shown} van {all} groepen zijn getekend."},
    "row_n": {"en": "n", "nl": "n"},
    "row_score": {"en": "score", "nl": "score"},
    "row_emotion": {"en": "emotion", "nl": "emotie"},
    "row_gap": {"en": "gap", "nl": "verschil"},
    "row_low": {"en": "95%: from", "nl": "95%: van"},
    "row_high": {"en": "to", "nl": "tot"},
    "row_wow": {"en": "▲ WOW", "nl": "▲ WOW"},
    "row_pain": {"en": "▼ pain", "nl": "▼ pijn"},
    "lane_title": {
        "en": "Emotions named in customers' own texts: larger, the larger the share of texts (n) that name it",
        "nl": "Emoties in eigen teksten van klanten: groter naarmate een groter deel van de teksten (n) ze noemt",
    },
    "lane_share": {"en": "{share} of {n} texts", "nl": "{share} van {n} teksten"},
    "foot_notion": {"en": "Journeys: {notion}", "nl": "Klantreizen: {notion}"},
    "foot_filter": {"en": "filter: {step}", "nl": "filter: {step}"},
}  # fmt: skip
