"""The words customers and staff use. Slots in braces are filled by texts.py."""

from __future__ import annotations

from typing import Final

Lines = tuple[str, ...]

GREETING: Final[Lines] = ("Beste Zonnestroom,", "Goedemorgen,", "Goedemiddag,", "Hallo,", "Hoi,", "L.S.,", "Geachte heer/mevrouw,",
    "Beste,", "Beste medewerker,", "Dag,", "Goedenavond,", "hallo", "Geachte klantenservice,", "hoi zonnestroom")  # fmt: skip
CLOSING_FORMAL: Final[Lines] = ("Met vriendelijke groet,", "Hoogachtend,", "Vriendelijke groet,", "Met vriendelijke groeten,",
    "Alvast dank voor uw reactie.", "Ik zie uw antwoord graag tegemoet.")  # fmt: skip
CLOSING_INFORMAL: Final[Lines] = (
    "Groetjes,",
    "Groet,",
    "Gr.",
    "Mvg",
    "Alvast bedankt!",
    "gr",
    "Thanks,",
    "Bedankt alvast",
)

# What it is about, first time. u-form and je-form side by side.
PROBLEM: Final[dict[str, Lines]] = {
    "asks about invoice": (
        "Ik heb de jaarafrekening gekregen en moet {amount} bijbetalen. Dat kan toch niet kloppen?",
        "Op mijn jaarafrekening staat een verbruik van {kwh} kWh, vorig jaar was dat {kwh2}. Kunt u uitleggen waar dat vandaan komt?",
        "{amount} bijbetalen?? we zijn met z'n tweeën en stoken nauwelijks",
        "Ik snap mijn factuur van {month} niet. Er staat een bedrag van {amount} bij 'overige kosten', wat is dat?",
        "Volgens de eindnota heb ik recht op {amount} terug maar ik heb nog niks ontvangen.",
        "Er is {month} twee keer {small} afgeschreven. Graag één keer terugstorten.",
        "De btw op de factuur van {month} klopt volgens mij niet.",
        "de teruglevering van mijn zonnepanelen staat niet op de afrekening, hoe kan dat",
        "Ik kan de factuur van {month} niet openen in de app, kan iemand hem mailen?",
        "Waarom betaal ik ineens terugleverkosten? Dat stond niet in mijn contract.",
        "Mijn jaarafrekening is gebaseerd op geschatte standen terwijl ik ze gewoon heb doorgegeven ({stand}).",
        "Vraag over de afrekening: de vaste leveringskosten zijn hoger dan op de site staat. Klopt dat?",
        "ik heb een slimme meter en toch is er geschat. EAN {ean}. graag nakijken",
        "Kan de nota van {amount} in termijnen betaald worden? In één keer lukt mij niet.",
        "Kunt u mij de factuur van {month} nogmaals sturen, op naam van mijn bedrijf?",
        "Het bedrag van {amount} is veel hoger dan in de app stond voorspeld, hoe kan dat verschil zo groot zijn?",
    ),
    "asks about instalment": (
        "termijnbedrag ineens van {t1} naar {t2}??",
        "Mijn termijnbedrag is verhoogd van {t1} naar {t2} euro. Ik wil dit graag weer omlaag.",
        "Ik heb het maandbedrag in de app op {t1} gezet maar er is toch {t2} afgeschreven.",
        "Kan mijn maandbedrag omlaag? Ik krijg elk jaar honderden euro's terug.",
        "Waarom gaat mijn termijn omhoog terwijl ik minder verbruik dan vorig jaar?",
        "Graag het termijnbedrag aanpassen naar {t1} per maand, sinds de warmtepomp verbruiken we veel minder gas.",
        "In de app kan ik het bedrag niet lager zetten dan {t2}. Wie bepaalt dat?",
        "Ik betaal nu {t2} per maand voor een appartement van 60 m2. Dat is toch niet normaal",
        "Kan de incassodatum van het termijnbedrag naar de 27e? Dan is mijn salaris binnen.",
        "Hallo, mijn partner is overleden en het verbruik is gehalveerd. Kan het voorschot worden aangepast?",
    ),
    "asks about meter": (
        "Mijn meterstanden kan ik niet doorgeven, de site zegt 'stand te laag'. Stand is {stand}.",
        "De slimme meter geeft sinds {month} geen standen meer door. EAN {ean}",
        "Er zou iemand komen om de meter te vervangen maar er is niemand geweest.",
        "welke stand moet ik doorgeven, 1.8.1 of 1.8.2?",
        "Ik heb per ongeluk de verkeerde meterstand ingevuld: moet {stand} zijn.",
        "Krijg een brief dat ik standen moet doorgeven, maar ik heb toch een slimme meter?",
        "In de app zie ik al {n} dagen geen verbruik. Ligt dat aan de meter?",
        "Wanneer wordt mijn oude draaischijfmeter vervangen? Ik lees er van alles over.",
        "Gasmeterstand is {stand} op {day} {month}, kunnen jullie dat verwerken?",
    ),
    "asks about contract": (
        "Mijn contract loopt in {month} af. Welke mogelijkheden heb ik?",
        "Ik heb een aanbod gekregen om te verlengen maar op jullie site is hetzelfde tarief goedkoper. Hoe kan dat?",
        "Wat is de opzegvergoeding als ik nu overstap? Ik heb vast tot {month} volgend jaar.",
        "Brief ontvangen over nieuwe tarieven. Kan ik nu nog vastzetten?",
        "wat kost een dynamisch contract en kan ik maandelijks terug",
        "Ik wil mijn contract op naam van mijn partner zetten, hoe regel ik dat?",
        "Volgens de vergelijkingssite kreeg ik {small} welkomstkorting, die zie ik nergens terug.",
        "Ik overweeg over te stappen, een ander biedt {t1} per maand. Kunnen jullie daar iets mee?",
        "Per wanneer gaat het variabele tarief omhoog en met hoeveel?",
        "Blijft de salderingsregeling in mijn vaste contract gewoon gelden?",
    ),
    "reports move": (
        "Wij verhuizen per {day} {month}. Hoe geef ik dat door?",
        "Ik ga per {day} {month} samenwonen en wil mijn contract stopzetten. Kan dat zonder boete?",
        "De sleuteloverdracht is op {day} {month}, wanneer moet ik de meterstand doorgeven?",
        "verhuizing doorgegeven via de site maar krijg geen bevestiging",
        "We zijn verhuisd maar krijgen nog facturen van het oude adres ({small}).",
        "Mijn moeder gaat naar een verzorgingshuis, ik wil haar energie per {day} {month} beëindigen.",
        "Nieuwe huis heeft EAN {ean}, kunnen jullie het contract meeverhuizen?",
        "Kan ik mijn vaste tarief meenemen naar het nieuwe adres?",
    ),
    "reports outage": (
        "Geen stroom in onze straat sinds een half uur. Is dat bekend?",
        "stroom uit, hele wijk donker. hoe lang gaat dit duren?",
        "Al {n} uur geen stroom en niemand die iets kan zeggen!",
        "Hier in {city} is de stroom uitgevallen, ik ben afhankelijk van een medisch apparaat.",
        "Is er een storing? zit zonder licht en internet",
        "Krijg ik een vergoeding voor de stroomstoring? vriezer ontdooid.",
        "hoi, heb ik alleen geen stroom of ligt het aan jullie?",
    ),
    "files complaint": (
        "Ik dien hierbij een klacht in. Ik heb al {n} keer contact gehad en krijg elke keer een ander antwoord.",
        "KLACHT. Al {n}x uitgelegd, nog steeds niet opgelost. Ik wil dat iemand met verstand van zaken mij belt.",
        "Dit is de zoveelste keer. Als het deze week niet is opgelost stap ik naar de Geschillencommissie.",
        "Ik ben zwaar teleurgesteld. Toegezegd was dat ik binnen 5 werkdagen bericht kreeg, dat is nu {n} weken geleden.",
        "Formele klacht over de afhandeling van mijn vraag. Ik verwacht een schriftelijke reactie binnen 14 dagen.",
        "Jullie maken een fout en ik moet er achteraan bellen, en dan ook nog een aanmaning sturen. Schandalig.",
    ),
}  # fmt: skip

AGAIN: Final[Lines] = (
    "Ik heb hier vorige week al over gebeld maar het is nog niet opgelost.",
    "al {n}x uitgelegd, zie vorige mails",
    "Nog geen reactie gehad op mijn vorige bericht.",
    "Vorige keer zou ik teruggebeld worden. Niks gehoord.",
    "Jullie collega zei dat het geregeld was, maar dat is het niet.",
    "Dit is nu de {n}e keer dat ik hierover contact opneem.",
    "Even een herinnering, want ik wacht nog steeds.",
    "lekker dan, weer opnieuw mijn verhaal doen",
    "Zoals eerder gemeld (zie hieronder) klopt het nog steeds niet.",
    "Ik kreeg een standaardantwoord waar ik niks aan heb.",
)  # fmt: skip
FORCED_TO_PHONE: Final[Lines] = (
    "via de chat kon het niet dus nu zo",
    "In de app lukt het niet en de site zegt dat ik moet bellen.",
)
DETAIL: Final[Lines] = (
    "Mijn klantnummer is {account}.", "Klantnr {account}", "klantnummer: {account}", "Het gaat om EAN {ean}.",
    "Adres: {postcode}.", "Ik ben bereikbaar op {phone}.", "Zie ook de bijlage.", "Ik ben al {years} jaar klant.",
    "Graag vóór het einde van de maand.", "Ik hoor het graag.", "Kunt u dit uitzoeken?", "Kunnen jullie hier even naar kijken?",
    "Wij zijn een gezin van vier en letten echt op ons verbruik.", "Er is in huis niets veranderd.",
    "Wie kan mij dit uitleggen?", "Ik betaal altijd netjes op tijd.", "Volgens mij gaat er iets mis in het systeem.",
    "Op de site kan ik hier niets over vinden.", "Bij mijn vorige leverancier was dit nooit een probleem.",
)  # fmt: skip
ANGRY: Final[Lines] = ("Belachelijk.", "Dit kan echt niet.", "lekker dan", "Ik vind dit niet normaal!!", "Wat een waardeloze service zeg",
    "Ik baal hier enorm van.", "Heel vervelend dit.", "Zo ga je niet met klanten om.", "nou fijn weer")  # fmt: skip

ENGLISH: Final[dict[str, Lines]] = {
    "asks about invoice": ("Hi, I received my annual statement and have to pay {amount} extra. Could you explain why?",
        "I don't understand the invoice for {month_en}, the amount is much higher than agreed.",
        "Was charged twice in {month_en} ({small}), please refund one of them."),
    "asks about instalment": ("Why did my monthly payment go from {t1} to {t2}?", "I'd like to lower my monthly amount to {t1} please."),
    "asks about meter": ("The app doesn't show any usage for {n} days now, is something wrong with my smart meter?",
        "I can't submit my reading, it says 'value too low'. It is {stand}."),
    "asks about contract": ("My fixed contract ends in {month_en}, what are my options?", "Is there a fee if I cancel my contract now?"),
    "reports move": ("We are moving on {day} {month_en}, how do I transfer my contract?", "I moved out already but still get invoices."),
    "reports outage": ("Power is out in our street, any news?", "No electricity for {n} hours now!!"),
    "files complaint": ("I want to file a complaint. I've explained this {n} times and nobody helps.",),
}  # fmt: skip
ENGLISH_END: Final[Lines] = ("Kind regards,", "Thanks in advance,", "Best,", "Regards,")

SUBJECT: Final[dict[str, Lines]] = {
    "asks about invoice": ("Jaarafrekening", "Vraag over jaarafrekening", "Factuur {month}", "afrekening klopt niet", "Jaarnota {account}",
        "Bezwaar tegen eindafrekening", "nota", "dubbele afschrijving", "vraag factuur"),
    "asks about instalment": ("Termijnbedrag", "termijnbedrag te hoog", "Maandbedrag aanpassen", "Verhoging voorschot", "maandbedrag?"),
    "asks about meter": ("Meterstand", "meterstanden doorgeven", "Slimme meter", "Standen {month}", "verkeerde meterstand"),
    "asks about contract": ("Contract", "verlengen contract", "Tariefwijziging", "Opzegvergoeding", "vraag over nieuwe tarieven"),
    "reports move": ("Verhuizing", "verhuizing per {day} {month}", "Adreswijziging", "Verhuizen, contract meenemen"),
    "reports outage": ("Storing", "Stroomstoring {city}", "vergoeding storing", "geen stroom"),
    "files complaint": ("KLACHT", "Klacht over afhandeling", "Formele klacht", "klacht klantnr {account}"),
}  # fmt: skip
CITIES: Final[Lines] = (
    "Zwolle",
    "Amersfoort",
    "Breda",
    "Haarlem",
    "Almere",
    "Delft",
    "Ede",
    "Helmond",
    "Assen",
    "Gouda",
)

REPLY: Final[Lines] = (
    "Bedankt voor uw bericht. Ik heb het voor u nagekeken. {answer}",
    "Dank voor uw mail. {answer}",
    "Wat vervelend dat dit is gebeurd. {answer}",
    "Fijn dat u contact opneemt. {answer} Heeft u nog vragen, dan horen we het graag.",
    "U vroeg ons naar {about}. {answer}",
    "Excuses voor het lange wachten. {answer}",
)  # fmt: skip
ANSWER_SOLVED: Final[Lines] = (
    "De afrekening is gecorrigeerd, u ontvangt binnen 5 werkdagen een nieuwe.", "Het bedrag wordt binnen 10 dagen teruggestort.",
    "Wij hebben het voor u aangepast per 1 {month}.", "De stand is verwerkt.", "Uw verhuizing is doorgevoerd.",
    "Het hogere bedrag komt door de hogere tarieven sinds 1 januari; in de bijlage ziet u de berekening.",
    "U kunt dit zelf wijzigen in Mijn Zonnestroom onder 'Termijnbedrag'. Ik heb het nu alvast voor u gedaan.",
)  # fmt: skip
ANSWER_OPEN: Final[Lines] = (
    "Ik heb uw vraag doorgezet naar onze collega's van de backoffice. U hoort binnen 5 werkdagen van ons.",
    "Voor deze vraag kunt u bellen met 088 001 2300 op werkdagen tussen 8.00 en 20.00 uur.",
    "Op onze website vindt u meer informatie over dit onderwerp.", "Kunt u ons uw meterstanden en een foto van de meter sturen?",
    "Wij wachten op informatie van de netbeheerder.",
)  # fmt: skip
AGENT_CHAT: Final[Lines] = ("Goedemiddag, je chat met {agent}. Waarmee kan ik je helpen?", "Hallo! Ik ben {agent}, ik kijk het even voor je na.",
    "Momentje, ik zoek het op.", "Mag ik je klantnummer en postcode?", "Dankjewel, een ogenblik.", "Fijn dat je het meldt, ik kijk meteen mee.")  # fmt: skip
CUSTOMER_CHAT: Final[Lines] = ("{account}", "klantnummer {account}", "ja klopt", "ok", "ja dat is goed", "nee helaas niet", "hoe lang duurt dat dan?",
    "{postcode}", "oke top bedankt", "en wanneer hoor ik dat?", "hmm dat zei je collega ook al")  # fmt: skip
AUTO_REPLY: Final[Lines] = (
    "Bedankt voor uw bericht. Wij streven ernaar binnen 2 werkdagen te antwoorden. Op deze mail kunt u niet reageren.",
)
OUT_OF_OFFICE: Final[Lines] = ("Ik ben met vakantie tot en met {day} {month}. Uw mail wordt niet doorgestuurd.",
    "Momenteel ben ik afwezig. Vanaf {day} {month} lees ik mijn mail weer.")  # fmt: skip
SIGNATURE: Final[Lines] = (
    "Verstuurd vanaf mijn iPhone",
    "Verzonden met Outlook voor Android",
    "Verstuurd vanaf mijn Galaxy",
    "Sent from my iPhone",
)

# Comments: short judgements about one touchpoint, good and bad, and about nothing in particular.
GOOD: Final[dict[str, Lines]] = {
    "": ("prima", "tevreden", "gaat goed zo", "Geen klachten.", "ben al jaren klant en tevreden", "Alles naar wens", "doorgaan zo!",
        "goede service en duidelijke app", "Nooit problemen gehad", "top", "prijs is ok, service ook", "all good, thanks"),
    "asks about invoice": ("vriendelijke mevrouw die alles rustig uitlegde", "Snel geholpen met mijn vraag over de rekening",
        "medewerker wist waar hij het over had", "fout op de afrekening werd meteen hersteld, netjes"),
    "asks about instalment": ("termijnbedrag direct aangepast", "kon mijn maandbedrag zo aanpassen, fijn"),
    "asks about meter": ("goed geholpen met de meterstanden", "binnen 5 min opgelost"),
    "asks about contract": ("goed advies gekregen over vast of variabel", "eerlijk verhaal over de tarieven"),
    "reports move": ("verhuizing was zo geregeld", "verhuizen ging verrassend soepel, alles in 1 gesprek"),
    "reports outage": ("goed op de hoogte gehouden tijdens de storing", "Snel iemand aan de lijn, wist precies wat er aan de hand was"),
    "yearly statement": ("jaarafrekening was helder en precies wat de app voorspelde", "kreeg geld terug, dus blij",
        "duidelijke afrekening dit jaar"),
    "checks usage": ("app werkt fijn, je ziet precies wat je verbruikt", "handig dat je per uur kunt zien wat je gebruikt"),
    "power outage": ("storing was vervelend maar snel opgelost",),
    "files complaint": ("klacht is uiteindelijk goed afgehandeld",),
}  # fmt: skip
BAD: Final[dict[str, Lines]] = {
    "": ("te duur", "Slecht bereikbaar.", "matig", "Ik stap over zodra het kan", "voelt als een nummer", "prijzen blijven maar stijgen",
        "beloven veel maar doen niks", "lekker dan", "nooit meer"),
    "asks about invoice": ("al 3x uitgelegd en nog steeds klopt de factuur niet", "elke keer een ander verhaal over mijn rekening",
        "20 minuten in de wacht en dan doorverbonden worden", "niemand kan mij uitleggen waar dat bedrag vandaan komt"),
    "asks about instalment": ("termijnbedrag ineens van {t1} naar {t2}??", "maandbedrag wordt zomaar verhoogd zonder overleg"),
    "asks about meter": ("Meterstanden doorgeven blijft een ramp", "monteur niet komen opdagen, vrije dag voor niks genomen"),
    "asks about contract": ("nieuwe klanten krijgen korting en ik betaal de hoofdprijs", "kreeg geen duidelijk antwoord over de opzegboete"),
    "reports move": ("na verhuizing nog maanden facturen van het oude adres", "verhuizing {n}x moeten doorgeven"),
    "reports outage": ("Niemand wist iets van de storing", "geen enkele info gekregen, uren in het donker"),
    "yearly statement": ("jaarafrekening van {amount} kwam als een klap, terwijl app iets anders zei", "onbegrijpelijke jaarafrekening, 6 pagina's en nog weet ik niks",
        "Afrekening klopt niet, geschatte standen gebruikt!!", "moest ineens {amount} bijbetalen, nergens voor gewaarschuwd"),
    "tariff change letter": ("weer een tariefsverhoging, en dat noemen ze een brief met goed nieuws",),
    "checks usage": ("app loopt steeds vast", "verbruik in de app loopt dagen achter"),
    "power outage": ("{n} uur zonder stroom en geen vergoeding", "storing duurde veel te lang"),
    "files complaint": ("klacht ligt er al weken, geen reactie",),
}  # fmt: skip
ADDITION: Final[Lines] = (", verder wel ok", " en dat al jaren", ". Jammer.", ", ga zo door", " maar de website kan beter", ". Prijs mag lager.",
    ", dat mag echt beter", " en ik kreeg een vriendelijke medewerker", ", hopelijk blijft dat zo", ". Zie ook mijn mail.")  # fmt: skip
