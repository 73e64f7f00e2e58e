"""The report's sentences, in English and Dutch."""

from __future__ import annotations

from typing import Any, Final

from cxmining.errors import UnknownNameError, nearest

__all__ = ["MESSAGES", "say"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    "kind": {"en": "Customer journeys", "nl": "Klantreizen"},
    "journeys": {"en": "journeys", "nl": "klantreizen"},
    "customers": {"en": "customers", "nl": "klanten"},
    "contacts": {"en": "contacts and steps", "nl": "contacten en stappen"},
    "responses": {"en": "answered surveys", "nl": "ingevulde enquêtes"},
    "channels": {"en": "Channels", "nl": "Kanalen"},
    "period": {"en": "Period", "nl": "Periode"},
    "notion": {"en": "One journey is", "nl": "Eén klantreis is"},
    "hash": {"en": "Data", "nl": "Data"},
    "hash_title": {
        "en": "Fingerprint of all input files together: equal data, equal fingerprint",
        "nl": "Vingerafdruk van alle invoerbestanden samen: gelijke data, gelijke vingerafdruk",
    },
    "contents": {"en": "Contents", "nl": "Inhoud"},
    "until": {"en": "to", "nl": "tot en met"},
    # levels
    "relationship": {"en": "Relationship survey", "nl": "Relatieonderzoek"},
    "journey": {"en": "Journey survey", "nl": "Klantreisonderzoek"},
    "transactional": {"en": "After a contact", "nl": "Na een contact"},
    "rate": {"en": "{rate} of {invited} invitations answered", "nl": "{rate} van {invited} uitnodigingen beantwoord"},
    "rate_unknown": {"en": "response rate unknown: no invitations delivered", "nl": "respons onbekend: geen uitnodigingen aangeleverd"},
    "level_hidden": {"en": "hidden: too few answers", "nl": "verborgen: te weinig antwoorden"},
    "mean": {"en": "mean", "nl": "gemiddelde"},
    "scale": {"en": "mean, scale {low}–{high}", "nl": "gemiddelde, schaal {low}–{high}"},
    "points": {"en": "scale −100…100", "nl": "schaal −100…100"},
    # sections
    "map": {"en": "The journey", "nl": "De klantreis"},
    "map_lead": {
        "en": "Which touchpoints customers meet, and where they go from there. Choose one to see it everywhere on this page.",
        "nl": "Welke contactmomenten klanten tegenkomen, en waar ze daarna heen gaan. Kies er een om het overal op deze pagina te zien.",
    },
    "map_nostage": {
        "en": "No touchpoint has a stage (no catalogue was given), so the map runs in the order in which touchpoints follow each other.",
        "nl": "Geen contactmoment heeft een fase (er is geen catalogus gegeven); de kaart staat daarom in de volgorde waarin contactmomenten op elkaar volgen.",
    },
    "map_empty": {"en": "There is no touchpoint to draw.", "nl": "Er is geen contactmoment om te tekenen."},
    "emotion": {"en": "The emotional journey", "nl": "De emotionele klantreis"},
    "emotion_lead": {
        "en": "How customers rated each touchpoint, and what they had expected. Points are not joined: different customers rate different touchpoints.",
        "nl": "Hoe klanten elk contactmoment beoordeelden, en wat ze hadden verwacht. De punten zijn niet verbonden: het zijn steeds andere klanten.",
    },
    "emotion_none": {
        "en": "No emotional journey can be drawn: no touchpoint has a score of its own. It takes a survey whose answers can be linked to touchpoints.",
        "nl": "Er kan geen emotionele klantreis getekend worden: geen contactmoment heeft een eigen score. Daarvoor is een enquête nodig waarvan de antwoorden aan contactmomenten te koppelen zijn.",
    },
    "emotion_all_hidden": {
        "en": "No emotional journey can be drawn: every touchpoint was rated by fewer than {n} customers, and such figures are not shown.",
        "nl": "Er kan geen emotionele klantreis getekend worden: elk contactmoment is door minder dan {n} klanten beoordeeld, en zulke cijfers worden niet getoond.",
    },
    "emotion_nobody": {"en": "Not in the picture: {n} touchpoints that nobody rated.", "nl": "Niet in beeld: {n} contactmomenten die niemand beoordeelde."},
    "emotion_too_few": {"en": "Rated by too few customers to be shown ({sign}): {n}.", "nl": "Door te weinig klanten beoordeeld om te tonen ({sign}): {n}."},
    "key_point": {"en": "mean score with 95% interval", "nl": "gemiddelde score met 95%-interval"},
    "key_above": {"en": "better than expected (95% interval of the gap above 0)", "nl": "beter dan verwacht (95%-interval van het verschil boven 0)"},
    "key_below": {"en": "worse than expected (95% interval below 0)", "nl": "slechter dan verwacht (95%-interval onder 0)"},
    "key_expected": {"en": "expected before", "nl": "vooraf verwacht"},
    "key_moment": {
        "en": "▲ WOW, ▼ pain: answers where experience was at least {wow} points above (below) what that same customer expected",
        "nl": "▲ WOW, ▼ pijn: antwoorden waarin de beleving minstens {wow} punten boven (onder) de verwachting van diezelfde klant lag",
    },
    "decide": {"en": "Which touchpoints decide", "nl": "Welke contactmomenten beslissen"},
    "decide_lead": {
        "en": "Left: how much of what is explained each touchpoint carries (fair share). Right: how much the first so many predict together, largest share first. Both are needed: where touchpoints move together, any few predict well.",
        "nl": "Links: hoeveel van wat verklaard is elk contactmoment draagt (eerlijk deel). Rechts: hoeveel de eerste zoveel samen voorspellen, grootste deel eerst. Beide zijn nodig: waar contactmomenten samen bewegen, voorspelt elk handjevol goed.",
    },
    "decide_none": {"en": "No driver analysis can be shown.", "nl": "Er kan geen drijveranalyse getoond worden."},
    "bars_title": {"en": "Fair share per touchpoint", "nl": "Eerlijk deel per contactmoment"},
    "curve_title": {"en": "What the first so many predict together", "nl": "Wat de eerste zoveel samen voorspellen"},
    "key_curve": {"en": "part of what all predict, with 95% band", "nl": "deel van wat alle voorspellen, met 95%-band"},
    "key_baseline": {"en": "what any so many would predict if all mattered equally (flat halo)", "nl": "wat willekeurige zoveel zouden voorspellen als alle even zwaar telden (vlakke halo)"},
    "verdict": {"en": "Verdict", "nl": "Oordeel"},
    "concentrated": {"en": "Concentrated", "nl": "Geconcentreerd"},
    "interchangeable": {"en": "Interchangeable", "nl": "Uitwisselbaar"},
    "spread": {"en": "Spread", "nl": "Gespreid"},
    "cannot tell": {"en": "Cannot tell", "nl": "Niet te zeggen"},
    "no_verdict": {"en": "Nothing to explain", "nl": "Niets te verklaren"},
    "explains": {
        "en": "All {p} touchpoints together explain {r2} {span} of the differences in {target}: R² adjusted for their number, with its 95% interval (n = {n}; unadjusted R² {raw}).",
        "nl": "Alle {p} contactmomenten samen verklaren {r2} {span} van de verschillen in {target}: R² gecorrigeerd voor hun aantal, met 95%-interval (n = {n}; ongecorrigeerde R² {raw}).",
    },
    "explains_raw": {
        "en": "All {p} touchpoints together explain {raw} of the differences in {target}: R², not adjusted for their number (n = {n}).",
        "nl": "Alle {p} contactmomenten samen verklaren {raw} van de verschillen in {target}: R², niet gecorrigeerd voor hun aantal (n = {n}).",
    },
    "two_answers": {
        "en": "Prediction: the best {k} of {p} predict {psi} of what all predict. Fair share: the largest {k} carry {fair} of it.",
        "nl": "Voorspelling: de beste {k} van {p} voorspellen {psi} van wat alle voorspellen. Eerlijk deel: de grootste {k} dragen daarvan {fair}.",
    },
    "two_answers_fair": {
        "en": "Fair share: the largest {k} of {p} carry {fair} of what is explained.",
        "nl": "Eerlijk deel: de grootste {k} van {p} dragen {fair} van wat verklaard is.",
    },
    "association": {
        "en": "An association among those who answered; not the effect of changing a touchpoint.",
        "nl": "Een samenhang onder wie antwoordde; niet het effect van het veranderen van een contactmoment.",
    },
    "table": {"en": "All touchpoints", "nl": "Alle contactmomenten"},
    "table_lead": {"en": "Sort by any heading; choose a row to see it in the pictures.", "nl": "Sorteer op elke kop; kies een rij om die in de beelden te zien."},
    "small_score": {
        "en": "Score: {metric}. Small beneath each mean: its 95% interval and n, the number of answers.",
        "nl": "Score: {metric}. Klein onder elk gemiddelde: het 95%-interval en n, het aantal antwoorden.",
    },
    "small_sentiment": {"en": "Sentiment runs from −1 to 1; its n counts texts.", "nl": "Sentiment loopt van −1 tot 1; n telt daar teksten."},
    "small_wait": {
        "en": "Wait: the median, beneath it the time within which nine in ten were helped (p90), and n.",
        "nl": "Wachttijd: de mediaan, daaronder de tijd waarbinnen negen op de tien geholpen waren (p90), en n.",
    },
    "moments": {"en": "▲ WOW / ▼ pain among answers with an expectation; sorts by pain", "nl": "▲ WOW / ▼ pijn onder antwoorden met een verwachting; sorteert op pijn"},
    "of_pairs": {"en": "of {n}", "nl": "van {n}"},
    "wider": {"en": "Wider than the screen: scroll sideways", "nl": "Breder dan het scherm: schuif opzij"},
    "ways": {"en": "The most walked ways", "nl": "De meest gelopen routes"},
    "ways_lead": {
        "en": "{shown} sequences with at least {min} customers, of {all} in all; the first ten.",
        "nl": "{shown} routes met minstens {min} klanten, van {all} in totaal; de eerste tien.",
    },
    "ways_none": {
        "en": "No sequence of touchpoints is shared by at least {min} customers: every journey is (nearly) its own. {all} different sequences were found.",
        "nl": "Geen route wordt door minstens {min} klanten gedeeld: elke klantreis is (bijna) uniek. Er zijn {all} verschillende routes gevonden.",
    },
    "model": {
        "en": "Mined process model ({miner} miner, noise {noise}): fitness {fitness}, precision {precision}, simplicity {simplicity}.",
        "nl": "Gevonden procesmodel ({miner} miner, ruis {noise}): fitness {fitness}, precisie {precision}, eenvoud {simplicity}.",
    },
    "model_of": {"en": "Mined from the {variants} most frequent sequences: {journeys} journeys.", "nl": "Gevonden uit de {variants} meest gelopen routes: {journeys} klantreizen."},
    "one_step": {"en": "one step", "nl": "één stap"},
    "by_customer": {"en": "all contacts of one customer", "nl": "alle contacten van één klant"},
    "by_case": {"en": "one case of the source", "nl": "één zaak van de bron"},
    "by_thread": {"en": "one thread of messages", "nl": "één berichtenwisseling"},
    "by_gap": {"en": "a new one after {gap} of silence", "nl": "een nieuwe na {gap} stilte"},
    "by_without": {"en": "without {names}", "nl": "zonder {names}"},
    "counted": {"en": "What was counted", "nl": "Wat er geteld is"},
    "ledger": {"en": "Inputs", "nl": "Invoer"},
    "ledger_lead": {
        "en": "Every record that was read is accounted for: read = kept + rejected + duplicate + merged + context.",
        "nl": "Elk gelezen record is verantwoord: gelezen = behouden + afgekeurd + dubbel + samengevoegd + context.",
    },
    "ledger_wrong": {"en": "The counts of {names} do not add up.", "nl": "De tellingen van {names} kloppen niet."},
    "links": {"en": "Answers linked to what happened", "nl": "Antwoorden gekoppeld aan wat er gebeurde"},
    "links_none": {"en": "No survey was read, so no answer could be linked.", "nl": "Er is geen enquête gelezen, dus er viel geen antwoord te koppelen."},
    "method": {"en": "How this was made", "nl": "Hoe dit gemaakt is"},
    "total": {"en": "Total", "nl": "Totaal"},
    # columns
    "c_touchpoint": {"en": "Touchpoint", "nl": "Contactmoment"},
    "c_stage": {"en": "Stage", "nl": "Fase"},
    "c_channel": {"en": "Channel", "nl": "Kanaal"},
    "c_owner": {"en": "Owner", "nl": "Eigenaar"},
    "c_events": {"en": "Contacts", "nl": "Contacten"},
    "c_journeys": {"en": "Journeys", "nl": "Klantreizen"},
    "c_reach": {"en": "Reach", "nl": "Bereik"},
    "c_score": {"en": "Score", "nl": "Score"},
    "c_gap": {"en": "Gap", "nl": "Verschil"},
    "c_moments": {"en": "▲ / ▼", "nl": "▲ / ▼"},
    "c_sentiment": {"en": "Sentiment", "nl": "Sentiment"},
    "c_wait": {"en": "Wait", "nl": "Wachttijd"},
    "c_source": {"en": "Source", "nl": "Bron"},
    "c_file": {"en": "File", "nl": "Bestand"},
    "c_read": {"en": "Read", "nl": "Gelezen"},
    "c_kept": {"en": "Kept", "nl": "Behouden"},
    "c_rejected": {"en": "Rejected", "nl": "Afgekeurd"},
    "c_duplicate": {"en": "Duplicate", "nl": "Dubbel"},
    "c_merged": {"en": "Merged", "nl": "Samengevoegd"},
    "c_context": {"en": "Context", "nl": "Context"},
    "c_sha": {"en": "Fingerprint", "nl": "Vingerafdruk"},
    "c_survey": {"en": "Survey", "nl": "Enquête"},
    "c_rule": {"en": "Rule", "nl": "Regel"},
    "c_answers": {"en": "Answers", "nl": "Antwoorden"},
    "c_matched": {"en": "Linked", "nl": "Gekoppeld"},
    "c_unmatched": {"en": "Not linked", "nl": "Niet gekoppeld"},
    "c_ambiguous": {"en": "Ambiguous", "nl": "Meerduidig"},
    "c_lag": {"en": "Median time between", "nl": "Mediane tijd ertussen"},
    "c_way": {"en": "Way", "nl": "Route"},
    "c_share": {"en": "Share", "nl": "Aandeel"},
    "c_duration": {"en": "Median duration", "nl": "Mediane duur"},
    # footers and legends
    "chain": {"en": "{journeys} journeys of {customers} customers · one journey = {notion}", "nl": "{journeys} klantreizen van {customers} klanten · één reis = {notion}"},
    "chain_hidden": {"en": "{n} figures hidden ({sign})", "nl": "{n} cijfers verborgen ({sign})"},
    "chain_open": {"en": "no figure hidden", "nl": "geen cijfer verborgen"},
    "sign_hidden": {"en": "known, not shown: about fewer than {n} customers", "nl": "bekend, niet getoond: over minder dan {n} klanten"},
    "sign_missing": {"en": "not measured", "nl": "niet gemeten"},
    "noscript": {"en": "The picture needs JavaScript; all its figures stand in the table below.", "nl": "Het beeld heeft JavaScript nodig; alle cijfers staan in de tabel hieronder."},
    "m_interval": {
        "en": "Intervals are 95% intervals, clustered by customer where one customer can count more than once.",
        "nl": "Intervallen zijn 95%-intervallen, geclusterd per klant waar één klant vaker kan meetellen.",
    },
    "m_flow": {
        "en": "Lines on the map count journeys in which the one touchpoint follows directly on the other; the time is the median between the two.",
        "nl": "Lijnen op de kaart tellen klantreizen waarin het ene contactmoment direct op het andere volgt; de tijd is de mediaan ertussen.",
    },
    "m_reach": {"en": "Reach is the share of all customers who met a touchpoint at least once.", "nl": "Bereik is het deel van alle klanten dat een contactmoment minstens één keer had."},
    "m_drivers": {
        "en": "Fair share is LMG: a touchpoint's mean contribution to R² over all orders of entry (Lindeman, Merenda & Gold 1980; Grömping 2006). Prediction (ψ) is the R² of the best so many touchpoints over that of all, adjusted for their number.",
        "nl": "Eerlijk deel is LMG: de gemiddelde bijdrage van een contactmoment aan R² over alle volgordes (Lindeman, Merenda & Gold 1980; Grömping 2006). Voorspelling (ψ) is de R² van de beste zoveel contactmomenten gedeeld door die van alle, gecorrigeerd voor hun aantal.",
    },
    "m_privacy": {
        "en": "Customers are pseudonyms. Figures about fewer than {n} customers are not shown; {hidden} are hidden ({sign}).",
        "nl": "Klanten zijn pseudoniemen. Cijfers over minder dan {n} klanten worden niet getoond; {hidden} zijn verborgen ({sign}).",
    },
    "m_versions": {"en": "Made with {versions}.", "nl": "Gemaakt met {versions}."},
    "m_notes": {"en": "Notes from processing", "nl": "Aantekeningen van de verwerking (Engels)"},
}  # fmt: skip


def say(key: str, language: str, **values: Any) -> str:
    """Return the sentence `key` in `language`.

    Examples
    --------
    >>> say("total", "nl")
    'Totaal'
    """
    if language not in ("en", "nl"):
        raise UnknownNameError(f"language {language!r}: {nearest(language, ['en', 'nl'])}")
    text = MESSAGES[key][language]
    return text.format(**values) if values else text
