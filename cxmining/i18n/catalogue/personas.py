"""The words on the persona cards."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    "title": {"en": "Personas: {name}", "nl": "Persona's: {name}"},
    "section": {"en": "Personas", "nl": "Persona's"},
    "none": {
        "en": "There are too few customers, or none who made a contact: no segments of behaviour, and no personas.",
        "nl": "Er zijn te weinig klanten, of geen die zelf contact had: geen segmenten naar gedrag, en geen persona's.",
    },
    "lead": {
        "en": "Left what people say (✎), right what the log shows (●). A segment is found by behaviour; people make a persona of it.",
        "nl": "Links wat mensen zeggen (✎), rechts wat de log laat zien (●). Een segment is gevonden op gedrag; mensen maken er een persona van.",
    },
    "size": {"en": "{customers} customers · {segments}", "nl": "{customers} klanten · {segments}"},
    "segment_1": {"en": "1 segment by behaviour", "nl": "1 segment naar gedrag"},
    "segment_n": {"en": "{n} segments by behaviour", "nl": "{n} segmenten naar gedrag"},
    "under": {
        "en": "{chain} · figures about fewer than {least} customers hidden · 95% intervals",
        "nl": "{chain} · cijfers over minder dan {least} klanten verborgen · 95%-intervallen",
    },
    "all": {"en": "no filter", "nl": "geen filter"},
    "people": {"en": "What people say", "nl": "Wat mensen zeggen"},
    "log": {"en": "What the log shows", "nl": "Wat de log laat zien"},
    "segment": {"en": "Segment: {label}", "nl": "Segment: {label}"},
    "nobody": {"en": "No persona yet", "nl": "Nog geen persona"},
    "nobody_why": {
        "en": "Nobody has told who these customers are. Give a name, context, ambitions, goal and what they choose on in personas.toml.",
        "nl": "Niemand heeft verteld wie deze klanten zijn. Geef naam, context, ambities, doel en waarop ze kiezen in personas.toml.",
    },
    "context": {"en": "Context", "nl": "Context"},
    "ambitions": {"en": "Ambitions", "nl": "Ambities"},
    "goal": {"en": "Goal", "nl": "Doel"},
    "chooses_on": {"en": "Chooses on", "nl": "Kiest op"},
    "open": {"en": "not told yet", "nl": "nog niet verteld"},
    "differ": {"en": "people differ", "nl": "meningen verschillen"},
    "customers": {"en": "{share} of customers {span}, n = {n}", "nl": "{share} van de klanten {span}, n = {n}"},
    "hidden": {"en": "{sign} about fewer than {least} customers", "nl": "{sign} over minder dan {least} klanten"},
    "stable": {"en": "stable: {value} comes back in halves", "nl": "stabiel: {value} komt terug in helften"},
    "unstable": {
        "en": "NOT STABLE: only {value} comes back in halves",
        "nl": "NIET STABIEL: slechts {value} komt terug in helften",
    },
    "one": {"en": "one group, nothing to compare with", "nl": "één groep, niets om mee te vergelijken"},
    "one_group": {
        "en": "The customers are one group: no split by behaviour comes back when other customers are looked at. This card is about all of them.",
        "nl": "De klanten zijn één groep: geen indeling naar gedrag komt terug als naar andere klanten wordt gekeken. Deze kaart gaat over iedereen.",
    },
    "shaky": {
        "en": "These segments did not pass every test of stability: read them as a sketch, not as a finding.",
        "nl": "Deze segmenten doorstonden niet elke stabiliteitstoets: lees ze als schets, niet als bevinding.",
    },
    "score": {"en": "{metric} {value} {span}, n = {n}", "nl": "{metric} {value} {span}, n = {n}"},
    "marks": {"en": "Against all others: {said}", "nl": "Tegenover alle anderen: {said}"},
    "points": {"en": "{value} points", "nl": "{value} punten"},
    "path": {"en": "Typical journey", "nl": "Typische klantreis"},
    "path_small": {
        "en": "most frequent way among journeys of median length: {share} {span} of {n} journeys of their own doing; repeats taken once",
        "nl": "meest gelopen weg onder reizen van mediane lengte: {share} {span} van {n} reizen met eigen contact; herhalingen één keer",
    },
    "path_hidden": {
        "en": "{sign} fewer than {least} customers go the same way",
        "nl": "{sign} minder dan {least} klanten gaan dezelfde weg",
    },
    "path_none": {"en": "no journey with a contact of their own", "nl": "geen reis met een eigen contact"},
    "more": {"en": "+ {n}", "nl": "+ {n}"},
    "channel": {"en": "Channel habits", "nl": "Kanaalgewoonten"},
    "channel_small": {
        "en": "share of own contacts, mean over n = {n} customers",
        "nl": "deel van eigen contacten, gemiddelde over n = {n} klanten",
    },
    "task": {"en": "Tasks", "nl": "Taken"},
    "task_small": {
        "en": "share of n = {n} customers who came for it",
        "nl": "deel van n = {n} klanten dat ervoor kwam",
    },
    "task_none": {
        "en": "the catalogue names no tasks of these contacts",
        "nl": "de catalogus noemt geen taken bij deze contacten",
    },
    "few_n": {"en": "{sign} {n} more, about too few", "nl": "{sign} nog {n}, over te weinig"},
    "habit": {"en": "Habits", "nl": "Gewoonten"},
    "habit_small": {"en": "mean over n = {n} customers", "nl": "gemiddelde over n = {n} klanten"},
    "felt": {"en": "Emotional journey", "nl": "Emotionele reis"},
    "felt_score": {
        "en": "{metric} per stage with interval; dash = expected before. Not the same people at each stage: no line",
        "nl": "{metric} per fase met interval; streepje = vooraf verwacht. Niet telkens dezelfde mensen: geen lijn",
    },
    "felt_emotion": {
        "en": "sentiment of own texts per stage, −1 to 1, with interval",
        "nl": "sentiment van eigen teksten per fase, −1 tot 1, met interval",
    },
    "felt_none": {
        "en": "no stage with scores or texts of enough customers",
        "nl": "geen fase met scores of teksten van genoeg klanten",
    },
    "driver": {"en": "What goes with {target}", "nl": "Wat samenhangt met {target}"},
    "driver_none": {"en": "What goes with satisfaction", "nl": "Wat samenhangt met tevredenheid"},
    "driver_small": {
        "en": "part of what is explained, n = {n} answers; association, not effect",
        "nl": "deel van wat verklaard wordt, n = {n} antwoorden; samenhang, geen effect",
    },
    "driver_few": {
        "en": "too few answers to tell: {n}, and {least} are needed",
        "nl": "te weinig antwoorden om iets te zeggen: {n}, en {least} zijn nodig",
    },
    "driver_unknown": {"en": "no overall score to explain", "nl": "geen totaalscore om te verklaren"},
    "unmatched": {"en": "No segment behaves like this", "nl": "Geen segment gedraagt zich zo"},
    "unmatched_why": {
        "en": "People described this persona; in these data no segment behaves like it. Nearest is “{label}”, at distance {value} (0 the same, 1 nothing in common; at most {far} counts).",
        "nl": "Mensen beschreven deze persona; in deze data gedraagt geen segment zich zo. Het dichtst bij staat ‘{label}’, op afstand {value} (0 gelijk, 1 niets gemeen; hoogstens {far} telt).",
    },
    "unmatched_taken": {
        "en": "People described this persona; the segment that is most like it, “{label}”, is nearer to another persona.",
        "nl": "Mensen beschreven deze persona; het segment dat er het meest op lijkt, ‘{label}’, staat dichter bij een andere persona.",
    },
    "unmatched_new": {
        "en": "People described this persona with behaviour that these data do not describe: nothing to compare.",
        "nl": "Mensen beschreven deze persona met gedrag dat deze data niet beschrijven: niets om te vergelijken.",
    },
    "matched": {"en": "matched by behaviour, distance {value}", "nl": "herkend aan gedrag, afstand {value}"},
    "signs": {
        "en": "✎ set by people · ● measured, with n and 95% interval · {hidden} about too few customers · – not measured",
        "nl": "✎ opgegeven door mensen · ● gemeten, met n en 95%-interval · {hidden} over te weinig klanten · – niet gemeten",
    },
    "told": {
        "en": "{n} persona cards; their cells stand in the table beside them.",
        "nl": "{n} personakaarten; de cellen staan in de tabel erbij.",
    },
}
