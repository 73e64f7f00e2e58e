"""The words on the journey map and the difference map."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    "title": {"en": "Journey map: {name}", "nl": "Klantreis: {name}"},
    "customers_1": {"en": "1 customer", "nl": "1 klant"},
    "customers_n": {"en": "{n} customers", "nl": "{n} klanten"},
    "journeys_1": {"en": "1 journey", "nl": "1 klantreis"},
    "journeys_n": {"en": "{n} journeys", "nl": "{n} klantreizen"},
    "walks_1": {"en": "1 time", "nl": "1 keer"},
    "walks_n": {"en": "{n} times", "nl": "{n} keer"},
    "contacts_1": {"en": "1 contact", "nl": "1 contact"},
    "contacts_n": {"en": "{n} contacts", "nl": "{n} contacten"},
    "touchpoints_1": {"en": "1 touchpoint", "nl": "1 contactmoment"},
    "touchpoints_n": {"en": "{n} touchpoints", "nl": "{n} contactmomenten"},
    "edges_1": {"en": "1 edge", "nl": "1 lijn"},
    "edges_n": {"en": "{n} edges", "nl": "{n} lijnen"},
    "more_1": {"en": "1 more touchpoint", "nl": "nog 1 contactmoment"},
    "more_n": {"en": "{n} more touchpoints", "nl": "nog {n} contactmomenten"},
    "grouped": {
        "en": "“{label}”: those that fewest customers meet stand together as one.",
        "nl": "“{label}”: die de minste klanten meemaken staan samen als één.",
    },
    "coverage": {"en": "edges {shown} of {all}, {share} of the flow", "nl": "lijnen {shown} van {all}, {share} van de stroom"},
    "coverage_hidden": {
        "en": "{hidden} more about fewer than {least} customers",
        "nl": "nog {hidden} over minder dan {least} klanten",
    },
    "no_edges": {"en": "No touchpoint follows another: there are no edges to draw.", "nl": "Geen contactmoment volgt op een ander: er zijn geen lijnen."},
    "no_edges_hidden": {
        "en": "No edge may be drawn: each is about fewer than {least} customers.",
        "nl": "Geen lijn mag getekend worden: elk gaat over minder dan {least} klanten.",
    },
    "only_loops": {"en": "Touchpoints follow only themselves.", "nl": "Contactmomenten volgen alleen op zichzelf."},
    "chain": {"en": "Case notion: {notion} · {chain}", "nl": "Case-notie: {notion} · {chain}"},
    "all": {"en": "all journeys", "nl": "alle klantreizen"},
    "experience": {"en": "experience ({metric} {low}–{high}):", "nl": "beleving ({metric} {low}–{high}):"},
    "bad": {"en": "bad", "nl": "slecht"},
    "good": {"en": "good", "nl": "goed"},
    "unrated": {"en": "not rated", "nl": "niet beoordeeld"},
    "score_hidden": {"en": "score hidden, too few customers", "nl": "score verborgen, te weinig klanten"},
    "no_scores": {"en": "no touchpoint has a score: circles show reach only", "nl": "geen contactmoment heeft een score: cirkels tonen alleen bereik"},
    "size_reach": {"en": "larger circle = more customers (reach)", "nl": "grotere cirkel = meer klanten (bereik)"},
    "line_count": {"en": "thicker = more journeys", "nl": "dikker = meer klantreizen"},
    "line_switch": {"en": "dashed = the channel mostly changes", "nl": "gestreept = het kanaal wisselt meestal"},
    "line_back": {"en": "stronger = back to an earlier stage", "nl": "sterker = terug naar een eerdere fase"},
    "numbers_count": {"en": "numbers at lines, where there is room: journeys", "nl": "getallen bij lijnen, waar plaats is: klantreizen"},
    "numbers_time": {"en": "numbers at lines, where there is room: median time between", "nl": "getallen bij lijnen, waar plaats is: mediane tijd ertussen"},
    "numbers_both": {"en": "numbers at lines, where there is room: journeys · median time between", "nl": "getallen bij lijnen, waar plaats is: klantreizen · mediane tijd ertussen"},
    "marks": {"en": "▸ many journeys start, ■ many end here", "nl": "▸ veel reizen beginnen, ■ veel eindigen hier"},
    "median": {"en": "median {time} (n = {n})", "nl": "mediaan {time} (n = {n})"},
    "switches": {"en": "channel changes in {share}", "nl": "kanaal wisselt in {share}"},
    "no_switch": {"en": "channel does not change", "nl": "kanaal wisselt niet"},
    "usual_switch": {"en": "usual channels differ", "nl": "gebruikelijke kanalen verschillen"},
    "reached": {"en": "reach {share}", "nl": "bereik {share}"},
    "happy": {"en": "Happy path", "nl": "Happy flow"},
    "promoters": {"en": "Promoters", "nl": "Promotors"},
    "detractors": {"en": "Detractors", "nl": "Criticasters"},
    "promoters_high": {"en": "Satisfied customers (upper third of {metric})", "nl": "Tevreden klanten (bovenste derde van {metric})"},
    "detractors_low": {"en": "Dissatisfied customers (lower third of {metric})", "nl": "Ontevreden klanten (onderste derde van {metric})"},
    "variant": {"en": "most frequent path", "nl": "meest gelopen route"},
    "flow": {"en": "path along which most go on", "nl": "route waarlangs de meesten verder gaan"},
    "path": {
        "en": "{path}, {how}: {steps} (n = {n} of {of} customers, {share} {interval})",
        "nl": "{path}, {how}: {steps} (n = {n} van {of} klanten, {share} {interval})",
    },
    "path_hidden": {"en": "{path}: hidden, walked by fewer than {least} customers", "nl": "{path}: verborgen, gelopen door minder dan {least} klanten"},
    "path_none": {"en": "{path}: no journey has two different touchpoints", "nl": "{path}: geen klantreis heeft twee verschillende contactmomenten"},
    "path_nobody": {"en": "{path}: nobody", "nl": "{path}: niemand"},
    "path_same": {"en": "{path}: the same path as {other}", "nl": "{path}: dezelfde route als {other}"},
    "paths_unknown": {
        "en": "No journey has a score: the paths of promoters and detractors are not known.",
        "nl": "Geen klantreis heeft een score: de routes van promotors en criticasters zijn onbekend.",
    },
    "paths": {"en": "Paths", "nl": "Routes"},
    "signs": {"en": "– not measured, {hidden} known but about fewer than {least} customers or answers", "nl": "– niet gemeten, {hidden} bekend maar over minder dan {least} klanten of antwoorden"},
    "told": {
        "en": "Journey map of {touchpoints} touchpoints; {coverage}.",
        "nl": "Klantreis van {touchpoints} contactmomenten; {coverage}.",
    },
    # the difference map
    "difference_title": {"en": "How {a} and {b} travel differently", "nl": "Hoe {a} en {b} verschillend reizen"},
    "difference_group": {"en": "{name}: n = {customers}, {journeys}", "nl": "{name}: n = {customers}, {journeys}"},
    "difference_chain": {"en": "{name} made by: {chain}", "nl": "{name} gemaakt met: {chain}"},
    "difference_more": {"en": "more often: {name}", "nl": "vaker: {name}"},
    "difference_grey": {"en": "no difference beyond chance, or too few to tell", "nl": "geen verschil boven toeval, of te weinig om te zeggen"},
    "difference_numbers": {
        "en": "numbers: difference of the share of journeys, {a} less {b}, in percentage points",
        "nl": "getallen: verschil in aandeel van de klantreizen, {a} min {b}, in procentpunten",
    },
    "difference_found": {
        "en": "{nodes} of {tested_nodes} touchpoints and {edges} of {tested_edges} edges differ beyond chance (false discovery rate {rate} over all of them together, clustered by customer).",
        "nl": "{nodes} van {tested_nodes} contactmomenten en {edges} van {tested_edges} lijnen verschillen meer dan toeval (false discovery rate {rate} over alle samen, geclusterd per klant).",
    },
    "difference_none": {
        "en": "No difference survives correction: of {tested_nodes} and {tested_edges} tested, none differs between {a} and {b} beyond chance (false discovery rate {rate}). That is no proof that they travel alike.",
        "nl": "Geen verschil blijft over na correctie: van {tested_nodes} en {tested_edges} die getoetst zijn verschilt er geen tussen {a} en {b} meer dan toeval (false discovery rate {rate}). Dat bewijst niet dat zij hetzelfde reizen.",
    },
    "difference_drawn": {
        "en": "Drawn: {shown} of {all}, those that differ or are walked most.",
        "nl": "Getekend: {shown} van {all}, die verschillen of het meest gelopen worden.",
    },
    "difference_left": {
        "en": "Drawn: {shown} of {all}, those that differ or are met most.",
        "nl": "Getekend: {shown} van {all}, die verschillen of het meest voorkomen.",
    },
    "difference_tip": {
        "en": "{what}: {a} {share_a}, {b} {share_b} of journeys; difference {difference} points {interval}",
        "nl": "{what}: {a} {share_a}, {b} {share_b} van de klantreizen; verschil {difference} punten {interval}",
    },
    "difference_sure": {"en": "survives correction (q = {q})", "nl": "blijft over na correctie (q = {q})"},
    "difference_unsure": {"en": "does not survive correction (q = {q})", "nl": "blijft niet over na correctie (q = {q})"},
    "difference_same": {"en": "the same in both groups", "nl": "in beide groepen gelijk"},
    "difference_untested": {"en": "not tested: too few customers", "nl": "niet getoetst: te weinig klanten"},
    "difference_both": {"en": "{n} in both groups", "nl": "{n} in beide groepen"},
    "associated": {"en": "Associated with the groups, not caused by what tells them apart.", "nl": "Samenhangend met de groepen, niet veroorzaakt door wat ze onderscheidt."},
}  # fmt: skip
"""What is said, a key at a time."""
