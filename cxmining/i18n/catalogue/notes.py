"""Notes of runs and results: the English sentence as it is made, and the Dutch one.

``{name}`` is what was filled in, a number where it is called n, m or k; ``[one|many]`` is one of the two, by the number filled in before it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["NOTES"]


def _notions() -> list[tuple[str, str]]:
    """What one journey is, as a case notion writes itself."""
    by = {
        "customer": "alle contacten van één klant",
        "case": "één zaak van de bron",
        "thread": "één berichtenwisseling",
    }
    gap = {"": "", ", gap {gap}": ", een nieuwe na {gap} stilte"}
    ends = {
        "": "", ", cut where the process starts anew": ", geknipt waar het proces opnieuw begint",
        ", goal from {first} to {last}": ", doel: van {first} naar {last}",
    }  # fmt: skip
    rest = {"": "", ", without {names}": ", zonder {names}"}
    return [(b + g + e + r, by[b] + gap[g] + ends[e] + rest[r]) for b in by for g in gap for e in ends for r in rest]


NOTES: Final[tuple[tuple[str, str], ...]] = (
    *_notions(),
    # what was read
    ("source {source}: {note}", "bron {source}: {note}"),
    ("{n} record[|s] of {m} session[|s] became {k} event[|s]", "{n} [record|records] van {m} [sessie|sessies] [werd|werden] {k} [gebeurtenis|gebeurtenissen]"),
    ("{n} stamp[|s] [lies|lie] in the hour that summer time skips; read with the offset that was valid before", "{n} [tijd ligt|tijden liggen] in het uur dat de zomertijd overslaat; gelezen met het verschil dat ervoor gold"),
    ("{n} stamp[|s] [lies|lie] in the hour that winter time repeats; read as the first of the two", "{n} [tijd ligt|tijden liggen] in het uur dat de wintertijd herhaalt; gelezen als de eerste van de twee"),
    ("{n} stamp[|s] [lies|lie] before {a} or after {b}, as dates do that mean *never*; they count as no moment", "{n} [tijd ligt|tijden liggen] voor {a} of na {b}, zoals datums die *nooit* betekenen; ze tellen als geen moment"),
    ("{copy} has the same content as {original}; it was read once", "{copy} heeft dezelfde inhoud als {original}; het is één keer gelezen"),
    ("channel 'other' for values that are no channel: {values}", "kanaal ‘other’ voor waarden die geen kanaal zijn: {values}"),
    ("attribute channel holds {value}, which is no channel", "attribuut channel bevat {value}, en dat is geen kanaal"),
    ("{n} events have a channel that is none; they are 'other'", "{n} gebeurtenissen hebben een kanaal dat er geen is; ze zijn ‘other’"),
    ("{n} traces hold no event", "{n} traces bevatten geen gebeurtenis"),
    ("there is no ticket among its files, so it makes no event", "er is geen ticket onder de bestanden, dus geeft het geen gebeurtenis"),
    ("there is neither a call nor a message among its files, so it makes no event", "er is geen gesprek en geen bericht onder de bestanden, dus geeft het geen gebeurtenis"),
    ("company.domains is empty, so the direction of mails is unknown", "company.domains is leeg, dus de richting van mails is onbekend"),
    ("{n} mail[|s] [has|have] no readable Date; [its|their] Received header[|s] [dates it|date them]", "{n} [mail heeft|mails hebben] geen leesbare datum; de Received-kop geeft die"),
    ("{n} mail[|s] [has|have] no readable Date; [its|their] From_ line[|s] [dates it|date them]", "{n} [mail heeft|mails hebben] geen leesbare datum; de From_-regel geeft die"),
    ("{n} mail[|s] [has|have] no readable Date; its file's name dates it", "{n} mail heeft geen leesbare datum; de naam van het bestand geeft die"),
    ("{n} mails have no readable Date; their files' names date them", "{n} mails hebben geen leesbare datum; de namen van de bestanden geven die"),
    ("{n} mail[|s] [carries|carry] a clock without a zone; read as {tz}", "{n} [mail heeft|mails hebben] een klok zonder tijdzone; gelezen als {tz}"),
    ("{n} mail[|s] [holds|hold] bytes that [its|their] charset does not; read as UTF-8 or Windows-1252", "{n} [mail bevat|mails bevatten] bytes die de tekenset niet kent; gelezen als UTF-8 of Windows-1252"),
    ("{n} mail[|s] [goes|go] to several outside addresses; the first is taken as the customer", "{n} [mail gaat|mails gaan] naar meer adressen buiten; het eerste geldt als de klant"),
    ("{n} mail bears the Message-ID of another one and differs from it; both are kept", "{n} mail draagt de Message-ID van een andere en verschilt ervan; beide zijn behouden"),
    ("{n} mails bear the Message-ID of another one and differ from it; all are kept", "{n} mails dragen de Message-ID van een andere en verschillen ervan; alle zijn behouden"),
    ("{n} mail[|s] [ends|end] before [its|their] parts do; what is there was read", "{n} [mail eindigt|mails eindigen] voor de delen dat doen; wat er is, is gelezen"),
    ("the sheet {name} was read; not read: {also}. options.sheet = \"…\" reads another", "het blad {name} is gelezen; niet gelezen: {also}. options.sheet = \"…\" leest een ander"),
    ("{n} of {m} events match no rule and keep their raw label", "{n} van {m} gebeurtenissen passen bij geen regel en houden hun ruwe naam"),
    ("rule {i} ({rule}) maps no event: {why}", "regel {i} ({rule}) benoemt geen gebeurtenis: {why}"),
    ("masked in {n} labels: {kinds}", "gemaskeerd in {n} namen: {kinds}"),
    ("{n} labels are longer than {m} characters and were cut", "{n} namen zijn langer dan {m} tekens en zijn afgekort"),
    ("survey {survey}: turned round as declared (reverse): {items}", "enquête {survey}: omgedraaid zoals opgegeven (reverse): {items}"),
    ("survey {survey}: item {item} falls as the others rise (item-total correlation {r} [{span}], n = {n}); if it is worded against them say reverse = true (or higher_is_better = false); it was left as it is",
     "enquête {survey}: item {item} daalt als de andere stijgen (item-totaalcorrelatie {r} [{span}], n = {n}); is het omgekeerd gesteld, zeg dan reverse = true (of higher_is_better = false); het is gelaten zoals het is"),
    ("certain identities only (confidence from {least} on): left out are {what}; {n} of {m} customers with events remain", "alleen zekere identiteiten (vertrouwen vanaf {least}): weggelaten zijn {what}; {n} van {m} klanten met gebeurtenissen blijven over"),
    ("addresses with a typing error were not looked for: there are {n} addresses, and the search is for up to {m}; log.identity.suspects is empty for that reason",
     "naar adressen met een tikfout is niet gezocht: er zijn {n} adressen, en zoeken gaat tot {m}; log.identity.suspects is daarom leeg"),
    # the catalogue
    ("the catalogue does not know {n} touchpoint[|s] of the log: {names}", "de catalogus kent {n} [contactmoment|contactmomenten] van het log niet: {names}"),
    ("{n} touchpoint[|s] of the catalogue [does|do] not happen in the log: {names}", "{n} [contactmoment|contactmomenten] van de catalogus [komt|komen] niet voor in het log: {names}"),
    # journeys
    ("{n} event[|s] [belongs|belong] to no known customer and [is|are] in no journey", "{n} [gebeurtenis hoort|gebeurtenissen horen] bij geen bekende klant en [staat|staan] in geen klantreis"),
    ("{n} event[|s] [has|have] no {word} and [is a journey|are journeys] of one event[| each]", "{n} [gebeurtenis heeft|gebeurtenissen hebben] geen {word} en [is een klantreis|zijn elk een klantreis] van één gebeurtenis"),
    ("{n} journey[|s] [has|have] events of more than one customer; [it counts|they count] as the first one's", "{n} [klantreis heeft|klantreizen hebben] gebeurtenissen van meer dan één klant; [die telt|ze tellen] als die van de eerste"),
    ("neither steps nor silences tell where the process starts anew: nothing was cut", "stappen noch stiltes zeggen waar het proces opnieuw begint: er is niets geknipt"),
    ("cut at {n} place[|s] where the process starts anew: {a} journey[|s] became {b} (expected: {wrong} of cuts wrong, {missed} missed)",
     "geknipt op {n} [plaats|plaatsen] waar het proces opnieuw begint: {a} [klantreis|klantreizen] werden er {b} (verwacht: {wrong} van de knippen fout, {missed} gemist)"),
    ("{n} of {m} journey[|s] reached the goal", "{n} van {m} [klantreis|klantreizen] bereikten het doel"),
    ("{n} of {m} journey[|s] reached the goal; {k} did not before the log ends or falls silent and [is|are] kept, open",
     "{n} van {m} [klantreis|klantreizen] bereikten het doel; {k} niet voordat het log eindigt of stilvalt: [die is|die zijn] behouden, open"),
    ("{n} event[|s] of {m} [lies|lie] outside any way to the goal, in no journey", "{n} [gebeurtenis|gebeurtenissen] van {m} liggen buiten elke weg naar het doel, in geen klantreis"),
    ("{n} customer[|s] of {m} never set out and [has|have] no journey", "{n} [klant|klanten] van {m} gingen nooit op weg en hebben geen klantreis"),
    ("{n} touchpoint[|s] without a stage in the catalogue got a proposed one", "{n} [contactmoment|contactmomenten] zonder fase in de catalogus kregen een voorgestelde"),
    ("the log holds one journey: nothing can be compared, and small cells hide its figures", "het log bevat één klantreis: er valt niets te vergelijken, en kleine cellen verbergen de cijfers"),
    ("no model: {error}", "geen model: {error}"),
    # what decides
    ("control {name} has no value and was left out", "controlevariabele {name} heeft geen waarde en is weggelaten"),
    ("control {name}: {n} missing values took the mean", "controlevariabele {name}: {n} ontbrekende waarden kregen het gemiddelde"),
    ("{n} of {m} rows have no usable score on {what} and were left out", "{n} van {m} rijen hebben geen bruikbare score op {what} en zijn weggelaten"),
    ("{n} of {m} rows have no weight, or weight 0 and were left out", "{n} van {m} rijen hebben geen gewicht, of gewicht 0, en zijn weggelaten"),
    ("{n} of {m} rows rated no touchpoint and were left out", "{n} van {m} rijen beoordeelden geen contactmoment en zijn weggelaten"),
    ("blanks by customers who met a touchpoint took the mean of those who met it: {list}", "lege antwoorden van klanten die een contactmoment hadden kregen het gemiddelde van wie het had: {list}"),
    ("touchpoint {name} takes no part: {why}", "contactmoment {name} doet niet mee: {why}"),
    ("nobody met it", "niemand had het"),
    ("nobody who met it gave a score", "niemand die het had gaf een score"),
    ("{blank} of those who met it gave no score; at most {limit} may be filled in (max_imputed)", "{blank} van wie het had gaf geen score; hoogstens {limit} mag worden ingevuld (max_imputed)"),
    ("all its scores are {mean}", "alle scores zijn {mean}"),
    ("it has a single score", "het heeft één score"),
    ("{n} touchpoints have too many subsets to walk (limit {limit}): shares come from random orders, the best set from a stepwise search",
     "{n} contactmomenten hebben te veel deelverzamelingen om af te lopen (grens {limit}): aandelen komen uit toevallige volgordes, de beste verzameling uit stapsgewijs zoeken"),
    ("shares are exact; for {n} touchpoints (more than {limit}) their intervals come from random orders",
     "aandelen zijn exact; voor {n} contactmomenten (meer dan {limit}) komen hun intervallen uit toevallige volgordes"),
    ("{n} effective responses: below 1,000 a true difference may go unseen", "{n} effectieve antwoorden: onder 1.000 kan een echt verschil ongezien blijven"),
    ("{n} event[|s] at {names} [is|are] no step of a journey and left out", "{n} [gebeurtenis|gebeurtenissen] bij {names} [is|zijn] geen stap van een klantreis en weggelaten"),
    # the emotional journey
    ("no touchpoint was scored: there is no line of scores or gaps", "geen contactmoment is beoordeeld: er is geen lijn van scores of verschillen"),
    ("{n} score[|s] about an event that is in none of these journeys: in no line", "{n} [score|scores] over een gebeurtenis in geen van deze klantreizen: in geen lijn"),
    ("expectations were not asked: the gap is to an estimate from earlier scores", "naar verwachtingen is niet gevraagd: het verschil is met een schatting uit eerdere scores"),
    ("the gap holds asked expectations only", "het verschil gaat alleen over verwachtingen waarnaar is gevraagd"),
    ("no text of the customers' own: there is no line of emotion", "geen eigen tekst van klanten: er is geen lijn van emotie"),
    ("{n} answer[|s] on another scale than most: left out", "{n} [antwoord|antwoorden] op een andere schaal dan de meeste: weggelaten"),
    ("{n} answer[|s] dated more than a year after the last event: left out", "{n} [antwoord|antwoorden] van meer dan een jaar na de laatste gebeurtenis: weggelaten"),
    ("{n} answer[|s] about an event that the same customer scored again later", "{n} [antwoord|antwoorden] over een gebeurtenis die dezelfde klant later opnieuw beoordeelde"),
    ("{n} expectation[|s] on another scale than the score: left out", "{n} [verwachting|verwachtingen] op een andere schaal dan de score: weggelaten"),
    ("thresholds are those of a 1-to-10 scale in points of {low} to {high}", "drempels zijn die van een schaal van 1 tot 10, in punten van {low} tot {high}"),
    ("{n} score[|s] without any expectation: not asked, nothing earlier to estimate it from", "{n} [score|scores] zonder verwachting: niet gevraagd, en niets eerders om die uit te schatten"),
    ("estimated expectations are no answers: where it was asked too, the estimate is {error} points off on average (n = {n}); the intervals do not hold that error",
     "geschatte verwachtingen zijn geen antwoorden: waar er ook naar gevraagd is, zit de schatting er gemiddeld {error} punten naast (n = {n}); de intervallen bevatten die fout niet"),
    ("estimated expectations are no answers: none was asked, so how far off the estimates are is not known; the intervals do not hold that error",
     "geschatte verwachtingen zijn geen antwoorden: er is niet naar gevraagd, dus hoe ver de schattingen ernaast zitten is niet bekend; de intervallen bevatten die fout niet"),
    # effort, change, time
    ("CES of relationship surveys", "CES uit relatieonderzoek"),
    ("CES of transactional surveys", "CES uit onderzoek na een contact"),
    ("CES of journey surveys", "CES uit onderzoek na een klantreis"),
    ("CES of {kind} surveys", "CES van {kind}-enquêtes"),
    ("{n} answers of another kind or scale are left out", "{n} antwoorden van een andere soort of schaal zijn weggelaten"),
    ("{n} answers on another scale than {low} to {high} are left out", "{n} antwoorden op een andere schaal dan {low} tot {high} zijn weggelaten"),
    ("the log does not show contacts", "het log toont geen contacten"),
    ("the log does not show contacts per task", "het log toont geen contacten per taak"),
    ("the log does not show waiting, seconds", "het log toont geen wachttijd"),
    ("the log does not show hand-overs", "het log toont geen doorverbindingen"),
    ("{n} journey[|s] of {m} customer[|s]; case notion: {notion}", "{n} [klantreis|klantreizen] van {m} [klant|klanten]; één klantreis is {notion}"),
    ("case notion: {notion}", "één klantreis is {notion}"),
    ("case notion after: {notion}", "één klantreis is erna {notion}"),
    ("n = {n} answers", "n = {n} antwoorden"),
    ("n = {n} journeys", "n = {n} klantreizen"),
    ("n = {n} invitations", "n = {n} uitnodigingen"),
    ("answers about {touchpoint}", "antwoorden over {touchpoint}"),
    ("{step}: {n} of {m} journeys", "{step}: {n} van {m} klantreizen"),
    ("before: {step}: {n} of {m} journeys", "ervoor: {step}: {n} van {m} klantreizen"),
    ("after: {step}: {n} of {m} journeys", "erna: {step}: {n} van {m} klantreizen"),
    ("control: {step}: {n} of {m} journeys", "vergelijking: {step}: {n} van {m} klantreizen"),
    ("control: all journeys", "vergelijking: alle klantreizen"),
    ("control: answers about {touchpoint}", "vergelijking: antwoorden over {touchpoint}"),
    ("control: {note}", "vergelijking: {note}"),
    ("{n} answers over {a} weeks before and {b} from the date on", "{n} antwoorden over {a} weken ervoor en {b} vanaf de datum"),
    ("{n} answers over {a} months before and {b} from the date on", "{n} antwoorden over {a} maanden ervoor en {b} vanaf de datum"),
    ("less than two years: a season cannot be told from the change", "minder dan twee jaar: een seizoen is niet van de verandering te onderscheiden"),
    ("limits of fewer than {n} points are provisional", "grenzen van minder dan {n} punten zijn voorlopig"),
    ("the month of {day} is not over: more may come in", "de maand van {day} is niet voorbij: er kan nog meer binnenkomen"),
    ("the week of {day} is not over: more may come in", "de week van {day} is niet voorbij: er kan nog meer binnenkomen"),
    ("the quarter of {day} is not over: more may come in", "het kwartaal van {day} is niet voorbij: er kan nog meer binnenkomen"),
    ("{n} month[|s] without any value", "{n} [maand|maanden] zonder waarde"),
    ("{n} week[|s] without any value", "{n} [week|weken] zonder waarde"),
    ("{n} quarter[|s] without any value", "{n} [kwartaal|kwartalen] zonder waarde"),
    ("by when a journey began; what comes before the data begin or after they end is not seen", "naar wanneer een klantreis begon; wat voor het begin of na het einde van de data komt is niet gezien"),
    ("{n} response[|s] on both sides: the groups overlap", "{n} [antwoord|antwoorden] aan beide kanten: de groepen overlappen"),
    ("{n} of {m} {what} with fewer than {least} answers on a side: read with care", "{n} van {m} {what} met minder dan {least} antwoorden aan een kant: lees met zorg"),
    # satisfied is not loyal
    ("{n} customer[|s] answered less than {days} days before the log ends: what they did afterwards is not counted", "{n} [klant|klanten] antwoordden minder dan {days} dagen voor het einde van het log: wat ze daarna deden telt niet mee"),
    ("{n} customer[|s] answered less than {days} days before the log ends: what they did afterwards is not counted; the earliest answer is followed {k} days",
     "{n} [klant|klanten] antwoordden minder dan {days} dagen voor het einde van het log: wat ze daarna deden telt niet mee; het vroegste antwoord is {k} dagen gevolgd"),
    ("buying is not known: no touchpoint is of the stage purchase; name them with purchase=", "kopen is niet bekend: geen contactmoment hoort bij de fase kopen; noem ze met purchase="),
    ("leaving is not known: name its touchpoints with leaving=", "vertrekken is niet bekend: noem de contactmomenten met leaving="),
)  # fmt: skip
