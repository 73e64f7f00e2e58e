"""What the workbench says."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    # chips
    "chip_channel": {"en": "channel: {values}", "nl": "kanaal: {values}"},
    "chip_stage": {"en": "stage: {values}", "nl": "fase: {values}"},
    "chip_segment": {"en": "{name}: {values}", "nl": "{name}: {values}"},
    "chip_class": {"en": "scored as {values}", "nl": "scoorde als {values}"},
    "chip_period": {"en": "{how}: {period}", "nl": "{how}: {period}"},
    "chip_duration": {"en": "lasts {bounds}", "nl": "duurt {bounds}"},
    "chip_coverage": {"en": "most frequent variants, {share}", "nl": "meest gelopen varianten, {share}"},
    "chip_variant": {"en": "variant {ids}", "nl": "variant {ids}"},
    "chip_contains": {"en": "meets {steps}", "nl": "komt langs {steps}"},
    "chip_starts": {"en": "begins with {steps}", "nl": "begint met {steps}"},
    "chip_ends": {"en": "ends with {steps}", "nl": "eindigt met {steps}"},
    "chip_followed": {"en": "{first} → … → {then}{within}", "nl": "{first} → … → {then}{within}"},
    "chip_directly": {"en": "{first} → {then}{within}", "nl": "{first} → {then}{within}"},
    "chip_within": {"en": " within {time}", "nl": " binnen {time}"},
    "chip_not": {"en": "not: {chip}", "nl": "niet: {chip}"},
    "chip_inside": {"en": "wholly in", "nl": "geheel in"},
    "chip_touching": {"en": "any event", "nl": "enig contact"},
    "chip_starting": {"en": "begins", "nl": "begint"},
    "chip_ending": {"en": "ends", "nl": "eindigt"},
    # counts
    "count_journeys": {"en": "{n} of {all} journeys", "nl": "{n} van {all} klantreizen"},
    "count_customers": {"en": "{n} customers", "nl": "{n} klanten"},
    "count_answers": {"en": "{n} answers", "nl": "{n} antwoorden"},
    "count_hidden": {
        "en": "{sign} fewer than {least} customers are left: their figures are not shown",
        "nl": "{sign} er zijn minder dan {least} klanten over: hun cijfers worden niet getoond",
    },
    "score_line": {
        "en": "{metric} {mean} {span}, n = {n} scored journeys",
        "nl": "{metric} {mean} {span}, n = {n} beoordeelde klantreizen",
    },
    # what decides
    "scope_all": {"en": "computed on all {n} responses", "nl": "berekend op alle {n} vragenlijsten"},
    "scope_other": {
        "en": "computed on all {n} responses, not on the journeys that are shown",
        "nl": "berekend op alle {n} vragenlijsten, niet op de getoonde klantreizen",
    },
    "scope_shown": {
        "en": "computed on the {n} responses about the journeys that are shown",
        "nl": "berekend op de {n} vragenlijsten over de getoonde klantreizen",
    },
    "scope_none": {
        "en": "which touchpoints decide was not asked: give the result of cx.find_drivers",
        "nl": "welke contactmomenten beslissen is niet gevraagd: geef het resultaat van cx.find_drivers",
    },
    # a touchpoint
    "quotes_off": {
        "en": 'quotes are off; text="masked" shows them masked',
        "nl": 'citaten staan uit; text="masked" toont ze gemaskeerd',
    },
    "quotes_few": {
        "en": "{sign} fewer than {least} customers wrote about it",
        "nl": "{sign} minder dan {least} klanten schreven erover",
    },
    "quotes_none": {"en": "nobody wrote about it", "nl": "niemand schreef erover"},
}
