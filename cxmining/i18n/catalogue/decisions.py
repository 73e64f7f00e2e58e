"""What is said about drivers put to use: what-ifs, asymmetry, moments of truth, priority and the roadmap."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    # what-if
    "what_title": {"en": "What if it scored a point more?", "nl": "Wat als het een punt hoger scoorde?"},
    "what_under": {
        "en": "Associated difference of {target} among the customers who met the touchpoint, in points, with 95% interval",
        "nl": "Samenhangend verschil in {target} bij de klanten die het contactmoment meemaakten, in punten, met 95%-interval",
    },
    "what_more_1": {"en": "one scale point more", "nl": "één schaalpunt meer"},
    "what_less_1": {"en": "one scale point less", "nl": "één schaalpunt minder"},
    "what_more": {"en": "{k} scale points more", "nl": "{k} schaalpunten meer"},
    "what_less": {"en": "{k} scale points less", "nl": "{k} schaalpunten minder"},
    "what_said": {
        "en": "Among the customers who met {touchpoint} (n = {n}), {points} there goes with an associated difference of {difference} [{low}, {high}] in {target}; the scale leaves {raised} of {asked} on average.",
        "nl": "Bij de klanten die {touchpoint} meemaakten (n = {n}) hangt {points} daar samen met een verschil van {difference} [{low}; {high}] in {target}; de schaal laat daarvan gemiddeld {raised} van {asked} over.",
    },
    "what_none": {"en": "The interval includes 0: no difference can be told.", "nl": "Het interval bevat 0: er is geen verschil aan te wijzen."},
    "what_caveat": {
        "en": "This is association among respondents, adjusted for {others}; not the effect of changing the touchpoint.",
        "nl": "Dit is samenhang onder respondenten, gecorrigeerd voor {others}; niet het effect van een verandering aan het contactmoment.",
    },
    "others": {"en": "the other touchpoints", "nl": "de andere contactmomenten"},
    "others_and": {"en": "the other touchpoints and {controls}", "nl": "de andere contactmomenten en {controls}"},
    "what_foot": {
        "en": "◆ read from a line that may bend, ○ from a straight one; nobody is moved past the end of the scale. n = {n} respondents.",
        "nl": "◆ afgelezen van een lijn die mag buigen, ○ van een rechte; niemand gaat voorbij het eind van de schaal. n = {n} respondenten.",
    },
    "what_axis": {"en": "difference of {target}, in points", "nl": "verschil in {target}, in punten"},
    "what_right": {"en": "n = {n} · mean {mean}", "nl": "n = {n} · gemiddeld {mean}"},
    # asymmetry
    "asym_title": {"en": "Does a bad experience weigh as much as a good one?", "nl": "Weegt een slechte ervaring even zwaar als een goede?"},
    "asym_under": {
        "en": "Associated difference of {target} against a middling experience, in points, with 95% interval",
        "nl": "Samenhangend verschil in {target} tegenover een gemiddelde ervaring, in punten, met 95%-interval",
    },
    "low": {"en": "low experience", "nl": "lage ervaring"},
    "high": {"en": "high experience", "nl": "hoge ervaring"},
    "kind_dissatisfier": {"en": "dissatisfier", "nl": "ontevredenmaker"},
    "kind_satisfier": {"en": "satisfier", "nl": "tevredenmaker"},
    "kind_hybrid": {"en": "both ways", "nl": "beide kanten op"},
    "kind_cannot tell": {"en": "cannot tell", "nl": "niet te zeggen"},
    "asym_foot": {
        "en": "A class is said only where low against high and a line that may bend at the middle agree, corrected for {k} touchpoints. n = {n} respondents. Association, not effect.",
        "nl": "Een klasse staat er alleen waar laag tegenover hoog en een lijn die in het midden mag buigen het eens zijn, gecorrigeerd voor {k} contactmomenten. n = {n} respondenten. Samenhang, geen effect.",
    },
    "asym_right": {"en": "n = {low} / {middle} / {high}", "nl": "n = {low} / {middle} / {high}"},
    # importance and performance
    "ip_title": {"en": "What matters, and how it goes", "nl": "Wat telt, en hoe het gaat"},
    "ip_under": {
        "en": "Importance: share of what explains {target}; performance: mean score; bars are 95% intervals",
        "nl": "Belang: deel van wat {target} verklaart; prestatie: gemiddelde score; balken zijn 95%-intervallen",
    },
    "ip_x": {"en": "performance: mean score", "nl": "prestatie: gemiddelde score"},
    "ip_y": {"en": "importance: share", "nl": "belang: aandeel"},
    "q_improve first": {"en": "improve first", "nl": "eerst verbeteren"},
    "q_keep up": {"en": "keep up", "nl": "vasthouden"},
    "q_low priority": {"en": "low priority", "nl": "lage prioriteit"},
    "q_no more needed": {"en": "no more needed", "nl": "niet meer nodig"},
    "q_on a line": {"en": "on a line", "nl": "op een lijn"},
    "ip_foot": {
        "en": "Lines: importance {importance} (all alike), performance {performance} ({line}). Filled: both intervals clear the lines; open: they do not. n = {n} respondents.",
        "nl": "Lijnen: belang {importance} (alle gelijk), prestatie {performance} ({line}). Gevuld: beide intervallen liggen vrij van de lijnen; open: niet. n = {n} respondenten.",
    },
    "line_mean": {"en": "mean of the touchpoints", "nl": "gemiddelde van de contactmomenten"},
    "line_given": {"en": "as given", "nl": "zoals opgegeven"},
    # rank stability, dominance
    "rank_title": {"en": "How firm the ranking is", "nl": "Hoe vast de volgorde ligt"},
    "rank_under": {
        "en": "Rank of each touchpoint's share in what explains {target}: 95% of the bootstrap draws lie within the bar",
        "nl": "Rang van het aandeel van elk contactmoment in wat {target} verklaart: 95% van de bootstraptrekkingen ligt binnen de balk",
    },
    "rank_axis": {"en": "rank", "nl": "rang"},
    "rank_foot": {
        "en": "Bars that overlap are places that the data do not tell apart. n = {n} respondents.",
        "nl": "Balken die overlappen zijn plaatsen die de gegevens niet onderscheiden. n = {n} respondenten.",
    },
    "share_n": {"en": "{share} · n = {n}", "nl": "{share} · n = {n}"},
    "dom_title": {"en": "Who beats whom, whatever else is known", "nl": "Wie wint van wie, wat er verder ook bekend is"},
    "dom_under": {
        "en": "Part of all subsets of the other touchpoints to which the row adds more of what explains {target} than the column",
        "nl": "Deel van alle groepjes van de andere contactmomenten waaraan de rij meer van wat {target} verklaart toevoegt dan de kolom",
    },
    "dom_foot": {
        "en": "100%: complete dominance; 50%: neither. Read from the {n} respondents; rows in order of their share.",
        "nl": "100%: volledige dominantie; 50%: geen van beide. Afgelezen aan de {n} respondenten; rijen in volgorde van hun aandeel.",
    },
    "dom_sampled": {
        "en": "Estimated from {k} random sets of the others: there are too many to walk all.",
        "nl": "Geschat uit {k} willekeurige groepjes van de andere: het zijn er te veel om alle langs te lopen.",
    },
    # Pareto
    "pareto_title": {"en": "What decides {target}", "nl": "Wat {target} bepaalt"},
    "pareto_under": {"en": "R² = {r2} [{low}, {high}] · n = {n} respondents", "nl": "R² = {r2} [{low}; {high}] · n = {n} respondenten"},
    "pareto_key": {"en": "dotted: {baseline} · band and bars: 95% intervals", "nl": "gestippeld: {baseline} · band en balken: 95%-intervallen"},
    # moments of truth
    "truth_title": {"en": "Moments of truth", "nl": "Momenten van de waarheid"},
    "truth_under": {
        "en": "Every contact under its owner; associated difference in the share of customers, with 95% interval, beside customers like them",
        "nl": "Elk contact onder zijn eigenaar; samenhangend verschil in het deel van de klanten, met 95%-interval, naast vergelijkbare klanten",
    },
    "out_leaves": {"en": "leaves", "nl": "vertrekt"},
    "out_returns": {"en": "comes back", "nl": "komt terug"},
    "out_recommends": {"en": "recommends", "nl": "beveelt aan"},
    "out_detracts": {"en": "advises against", "nl": "raadt af"},
    "makes": {"en": "makes", "nl": "maakt"},
    "breaks": {"en": "breaks", "nl": "breekt"},
    "rare": {"en": "rare", "nl": "zeldzaam"},
    "owner_none": {"en": "No owner known", "nl": "Geen eigenaar bekend"},
    "owner_mined": {"en": "{owner} (mined from the log)", "nl": "{owner} (uit het log)"},
    "owner_differs": {"en": "the log shows others", "nl": "het log toont anderen"},
    "truth_key": {
        "en": "filled: stands after correction for {k} tests · open: does not",
        "nl": "gevuld: blijft staan na correctie voor {k} toetsen · open: niet",
    },
    "truth_right": {"en": "n = {n}", "nl": "n = {n}"},
    "truth_said": {
        "en": "Of the customers who met {touchpoint} (n = {n}) {share} {outcome} within {within}, against {other} of the others: an associated difference of {difference} [{low}, {high}] beside customers like them. Owner: {owner}.",
        "nl": "Van de klanten die {touchpoint} meemaakten (n = {n}) hoort {share} bij wie binnen {within} {outcome}, tegenover {other} van de anderen: een samenhangend verschil van {difference} [{low}; {high}] naast vergelijkbare klanten. Eigenaar: {owner}.",
    },
    "truth_asked": {
        "en": "Of the customers who met {touchpoint} and were asked (n = {n}) {share} {outcome}, against {other} of the others: an associated difference of {difference} [{low}, {high}] beside customers like them. Owner: {owner}.",
        "nl": "Van de klanten die {touchpoint} meemaakten en antwoordden (n = {n}) hoort {share} bij wie {outcome}, tegenover {other} van de anderen: een samenhangend verschil van {difference} [{low}; {high}] naast vergelijkbare klanten. Eigenaar: {owner}.",
    },
    "say_leaves": {"en": "leave", "nl": "vertrekt"},
    "say_returns": {"en": "come back", "nl": "terugkomt"},
    "say_recommends": {"en": "recommend", "nl": "aanbeveelt"},
    "say_detracts": {"en": "advise against", "nl": "afraadt"},
    "truth_none": {
        "en": "No contact stands after correction for {k} tests.", "nl": "Geen contact blijft staan na correctie voor {k} toetsen.",
    },
    # roadmap
    "road_title": {"en": "Roadmap", "nl": "Routekaart"},
    "road_under": {
        "en": "A lane per owner, a column per quarter; solid = people chose the quarter, dashed = proposed by rank",
        "nl": "Een baan per eigenaar, een kolom per kwartaal; doorgetrokken = door mensen gekozen, gestippeld = voorgesteld naar rang",
    },
    "road_later": {"en": "later", "nl": "later"},
    "item_moment": {"en": "moment of truth", "nl": "moment van de waarheid"},
    "item_pain": {"en": "pain point", "nl": "pijnpunt"},
    "item_unmet": {"en": "unmet task: chance", "nl": "onvervulde taak: kans"},
    "road_difference": {"en": "a point more: {target} {difference} [{low}, {high}]", "nl": "een punt hoger: {target} {difference} [{low}; {high}]"},
    "road_cost": {"en": "repeats cost {cost} a year", "nl": "herhaling kost {cost} per jaar"},
    "road_value": {"en": "{value} at stake", "nl": "{value} op het spel"},
    "road_effort": {"en": "effort {effort}", "nl": "inspanning {effort}"},
    "road_effort_none": {"en": "effort: to be filled in", "nl": "inspanning: nog in te vullen"},
    "road_unmet": {"en": "no touchpoint does it well", "nl": "geen contactmoment doet dit goed"},
    "road_no_value": {
        "en": "No value at stake is shown: what a customer is worth was not given.",
        "nl": "Wat er op het spel staat is niet berekend: wat een klant waard is, is niet opgegeven.",
    },
    "road_no_cost": {
        "en": "No cost is shown: what a contact costs was not given.",
        "nl": "Er staan geen kosten: wat een contact kost, is niet opgegeven.",
    },
    "rests_measured": {"en": "measured", "nl": "gemeten"},
    "rests_estimated": {"en": "estimated", "nl": "geschat"},
    "rests_text": {"en": "from text", "nl": "uit tekst"},
    "rests_people": {"en": "set by people", "nl": "opgegeven"},
    "rests_unknown": {"en": "unknown", "nl": "onbekend"},
    "road_n": {"en": "n = {n}", "nl": "n = {n}"},
    "road_foot": {
        "en": "Differences are associations among respondents, no promises; money is what is at stake, not what is won.",
        "nl": "Verschillen zijn samenhang onder respondenten, geen beloften; geld is wat op het spel staat, niet wat gewonnen wordt.",
    },
    # sensitivity
    "sens_title": {"en": "Does the answer hang on a choice?", "nl": "Hangt het antwoord af van een keuze?"},
    "sens_said": {
        "en": "The verdict stays under {verdicts} of {of} other choices, the top three under {tops} of {among}.",
        "nl": "Het oordeel blijft staan bij {verdicts} van de {of} andere keuzes, de top drie bij {tops} van de {among}.",
    },
    "sens_ratings": {"en": "What customers rated", "nl": "Wat klanten beoordeelden"},
    "sens_contacts met": {"en": "What journeys met", "nl": "Wat klantreizen tegenkwamen"},
    "sens_none": {"en": "no analysis", "nl": "geen analyse"},
    "sens_foot": {
        "en": "Shares of the study's top three under each choice, with 95% interval; bold: another verdict. Association, not effect.",
        "nl": "Aandelen van de top drie van de studie bij elke keuze, met 95%-interval; vet: een ander oordeel. Samenhang, geen effect.",
    },
    # priority
    "prio_title": {"en": "Priority: pain × share × reach", "nl": "Prioriteit: pijn × aandeel × bereik"},
    "prio_under": {
        "en": "Product of three parts, each with its interval; a list of its own beside the moments of truth",
        "nl": "Product van drie delen, elk met zijn interval; een lijst op zichzelf naast de momenten van de waarheid",
    },
    "prio_right": {"en": "pain {pain} × share {share} × reach {reach}", "nl": "pijn {pain} × aandeel {share} × bereik {reach}"},
    "prio_foot": {"en": "Pain: {basis}. n per row: {n}.", "nl": "Pijn: {basis}. n per rij: {n}."},
    "basis_gap": {"en": "share of customers whom it disappointed against what they expected", "nl": "deel van de klanten wie het tegenviel vergeleken met hun verwachting"},
    "basis_low": {"en": "share of scores below the middle of the scale", "nl": "deel van de scores onder het midden van de schaal"},
}  # fmt: skip
