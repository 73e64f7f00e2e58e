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
        "Ik snap mijn factuur van {last} niet. Er staat een bedrag van {amount} bij 'overige kosten', wat is dat?",
        "Volgens de eindnota heb ik recht op {amount} terug maar ik heb nog niks ontvangen.",
        "Er is {last} twee keer {small} afgeschreven. Graag één keer terugstorten.",
        "De btw op de factuur van {last} klopt volgens mij niet.",
        "de teruglevering van mijn zonnepanelen staat niet op de afrekening, hoe kan dat",
        "Ik kan de factuur van {last} niet openen in de app, kan iemand hem mailen?",
        "Waarom betaal ik ineens terugleverkosten? Dat stond niet in mijn contract.",
        "Mijn jaarafrekening is gebaseerd op geschatte standen terwijl ik ze gewoon heb doorgegeven ({stand}).",
        "Vraag over de afrekening: de vaste leveringskosten zijn hoger dan op de site staat. Klopt dat?",
        "ik heb een slimme meter en toch is er geschat. EAN {ean}. graag nakijken",
        "Kan de nota van {amount} in termijnen betaald worden? In één keer lukt mij niet.",
        "Kunt u mij de factuur van {last} nogmaals sturen, op naam van mijn bedrijf?",
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
        "De slimme meter geeft sinds {last} geen standen meer door. EAN {ean}",
        "Er zou iemand komen om de meter te vervangen maar er is niemand geweest.",
        "welke stand moet ik doorgeven, 1.8.1 of 1.8.2?",
        "Ik heb per ongeluk de verkeerde meterstand ingevuld: moet {stand} zijn.",
        "Krijg een brief dat ik standen moet doorgeven, maar ik heb toch een slimme meter?",
        "In de app zie ik al {n} dagen geen verbruik. Ligt dat aan de meter?",
        "Wanneer wordt mijn oude draaischijfmeter vervangen? Ik lees er van alles over.",
        "Gasmeterstand is vandaag {stand}, kunnen jullie dat verwerken?",
    ),
    "asks about contract": (
        "Mijn contract loopt in {next} af. Welke mogelijkheden heb ik?",
        "Ik heb een aanbod gekregen om te verlengen maar op jullie site is hetzelfde tarief goedkoper. Hoe kan dat?",
        "Wat is de opzegvergoeding als ik nu overstap? Ik heb vast tot {next} 2026.",
        "Brief ontvangen over nieuwe tarieven. Kan ik nu nog vastzetten?",
        "wat kost een dynamisch contract en kan ik maandelijks terug",
        "Ik wil mijn contract op naam van mijn partner zetten, hoe regel ik dat?",
        "Volgens de vergelijkingssite kreeg ik {small} welkomstkorting, die zie ik nergens terug.",
        "Ik overweeg over te stappen, een ander biedt {t1} per maand. Kunnen jullie daar iets mee?",
        "Per wanneer gaat het variabele tarief omhoog en met hoeveel?",
        "Blijft de salderingsregeling in mijn vaste contract gewoon gelden?",
    ),
    "reports move": (
        "Wij verhuizen per {day} {next}. Hoe geef ik dat door?",
        "Ik ga per {day} {next} samenwonen en wil mijn contract stopzetten. Kan dat zonder boete?",
        "De sleuteloverdracht is op {day} {next}, wanneer moet ik de meterstand doorgeven?",
        "verhuizing doorgegeven via de site maar krijg geen bevestiging",
        "We zijn verhuisd maar krijgen nog facturen van het oude adres ({small}).",
        "Mijn moeder gaat naar een verzorgingshuis, ik wil haar energie per {day} {next} beëindigen.",
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
FORCED_TO_PHONE: Final[Lines] = ("via de chat kon het niet dus moest ik bellen", "in de app lukt het niet en de site zegt dat ik moet bellen",
    "wilde het online regelen maar moest bellen", "chat verwees me naar de telefoon")  # fmt: skip
IDENT: Final[Lines] = ("Mijn klantnummer is {account}.", "Klantnr {account}", "klantnummer: {account}", "Het gaat om EAN {ean}.",
    "EAN-code {ean}", "postcode {postcode}", "Ik ben bereikbaar op {phone}.", "U kunt mij bellen op {phone}")  # fmt: skip
DETAIL: Final[Lines] = (
    "Zie ook de bijlage.", "Ik ben al {years} jaar klant.", "Graag vóór het einde van de maand.", "Ik hoor het graag.",
    "Kunt u dit uitzoeken?", "Kunnen jullie hier even naar kijken?", "Wie kan mij dit uitleggen?",
    "Op de site kan ik hier niets over vinden.", "Bij mijn vorige leverancier was dit nooit een probleem.",
    "In de veelgestelde vragen staat het niet.", "Ik kom er zelf niet uit.", "Laat even weten wat jullie van mij nodig hebben.",
    "Bellen lukt overdag niet vanwege mijn werk.", "Mijn buurvrouw heeft hetzelfde.", "Het liefst per mail antwoord.",
    "Ik stuur dit ook namens mijn vader, hij is 84 en snapt de app niet.", "Heb het al op de website geprobeerd.",
)  # fmt: skip
MORE: Final[dict[str, Lines]] = {
    "asks about invoice": ("Wij zijn een gezin van vier en letten echt op ons verbruik.", "Er is in huis niets veranderd.",
        "Ik betaal altijd netjes op tijd.", "Volgens mij gaat er iets mis in het systeem.", "De app gaf steeds aan dat ik op schema lag.",
        "Sinds vorig jaar hebben we 8 zonnepanelen.", "We zijn drie weken weg geweest in die periode.", "Ik betaal dit pas als het duidelijk is."),
    "asks about instalment": ("De app gaf steeds aan dat ik op schema lag.", "Ik betaal altijd netjes op tijd.", "Daar heb ik niet om gevraagd.",
        "Ik leef van een AOW en kan dit niet missen.", "Vorig jaar kreeg ik nog geld terug.", "We stoken amper."),
    "asks about meter": ("Foto van de meter zit erbij.", "De meter hangt in de kelder.", "De monteur van de netbeheerder zei dat alles goed was.",
        "Het display is zwart."),
    "asks about contract": ("Ik wil niet weer in een variabel contract vallen.", "Op internet zie ik lagere prijzen.", "Ik beslis deze week."),
    "reports move": ("De nieuwe bewoners hebben al een leverancier.", "De makelaar zegt dat jullie dit regelen.", "Het is een nieuwbouwwoning."),
    "reports outage": ("De netbeheerder neemt niet op.", "Bij de buren ook.", "De straatverlichting doet het wel."),
    "files complaint": ("Ik heb alle mails bewaard.", "Ik wil een bevestiging van deze klacht.", "Ik reken op een vergoeding voor mijn tijd."),
}  # fmt: skip
ANGRY: Final[Lines] = ("Belachelijk.", "Dit kan echt niet.", "lekker dan", "Ik vind dit niet normaal!!", "Wat een waardeloze service zeg",
    "Ik baal hier enorm van.", "Heel vervelend dit.", "Zo ga je niet met klanten om.", "nou fijn weer")  # fmt: skip

ENGLISH: Final[dict[str, Lines]] = {
    "asks about invoice": ("Hi, I received my annual statement and have to pay {amount} extra. Could you explain why?",
        "I don't understand the invoice for {last_en}, the amount is much higher than agreed.",
        "Was charged twice in {last_en} ({small}), please refund one of them."),
    "asks about instalment": ("Why did my monthly payment go from {t1} to {t2}?", "I'd like to lower my monthly amount to {t1} please."),
    "asks about meter": ("The app doesn't show any usage for {n} days now, is something wrong with my smart meter?",
        "I can't submit my reading, it says 'value too low'. It is {stand}."),
    "asks about contract": ("My fixed contract ends in {next_en}, what are my options?", "Is there a fee if I cancel my contract now?"),
    "reports move": ("We are moving on {day} {next_en}, how do I transfer my contract?", "I moved out already but still get invoices."),
    "reports outage": ("Power is out in our street, any news?", "No electricity for {n} hours now!!"),
    "files complaint": ("I want to file a complaint. I've explained this {n} times and nobody helps.",),
}  # fmt: skip
ENGLISH_END: Final[Lines] = ("Kind regards,", "Thanks in advance,", "Best,", "Regards,")

SUBJECT: Final[dict[str, Lines]] = {
    "asks about invoice": ("Jaarafrekening", "Vraag over jaarafrekening", "Factuur {last}", "afrekening klopt niet", "Jaarnota {account}",
        "Bezwaar tegen eindafrekening", "nota", "dubbele afschrijving", "vraag factuur"),
    "asks about instalment": ("Termijnbedrag", "termijnbedrag te hoog", "Maandbedrag aanpassen", "Verhoging voorschot", "maandbedrag?"),
    "asks about meter": ("Meterstand", "meterstanden doorgeven", "Slimme meter", "Standen {last}", "verkeerde meterstand"),
    "asks about contract": ("Contract", "verlengen contract", "Tariefwijziging", "Opzegvergoeding", "vraag over nieuwe tarieven"),
    "reports move": ("Verhuizing", "verhuizing per {day} {next}", "Adreswijziging", "Verhuizen, contract meenemen"),
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
    "Naar aanleiding van uw bericht: {answer}",
    "{answer} Ik hoop u hiermee voldoende te hebben geïnformeerd.",
    "Excuses voor het lange wachten. {answer}",
)  # fmt: skip
ANSWER_SOLVED: Final[dict[str, Lines]] = {
    "asks about invoice": ("De afrekening is gecorrigeerd, u ontvangt binnen 5 werkdagen een nieuwe.", "Het bedrag van {small} wordt binnen 10 dagen teruggestort.",
        "Het hogere bedrag komt door de hogere tarieven sinds 1 januari; in de bijlage vindt u de berekening.",
        "Ik heb een betalingsregeling van zes termijnen voor u klaargezet.", "De factuur van {last} is zojuist opnieuw naar u gemaild.",
        "Uw eigen meterstand ({stand}) is alsnog verwerkt; daarmee daalt het bedrag."),
    "asks about instalment": ("Het termijnbedrag is per 1 {next} verlaagd naar {t1} euro.", "De incasso vindt voortaan rond de 27e plaats.",
        "U kunt dit zelf wijzigen in Mijn Zonnestroom onder 'Termijnbedrag'. Ik heb het nu alvast voor u gedaan.",
        "Het voorstel van {t2} euro is berekend op uw verbruik van vorig jaar; ik heb het teruggezet naar {t1} euro."),
    "asks about meter": ("De stand {stand} is verwerkt.", "De meter is op afstand opnieuw aangemeld; morgen ziet u weer verbruik in de app.",
        "U hoeft niets te doen: de slimme meter geeft de standen zelf door.", "Er is een nieuwe afspraak gemaakt met de monteur van de netbeheerder."),
    "asks about contract": ("Uw tarief staat vast tot 1 {next} 2026.", "De opzegvergoeding is in uw geval {small}.", "Het aanbod is aangepast, u ziet het in Mijn Zonnestroom.",
        "De welkomstkorting wordt met de eerste jaarafrekening verrekend."),
    "reports move": ("Uw verhuizing per {day} {next} is doorgevoerd.", "Het contract verhuist mee naar het nieuwe adres, tegen hetzelfde tarief.",
        "Geef de meterstanden door op de dag van de sleuteloverdracht, dan regelen wij de rest."),
    "reports outage": ("De storing is bekend bij de netbeheerder; de verwachting is dat u binnen twee uur weer stroom heeft.",
        "De storing is verholpen. Een vergoeding volgt vanzelf als de storing langer dan vier uur duurde.", "Het gaat om een storing in de wijk, er wordt aan gewerkt."),
    "files complaint": ("Uw klacht is gegrond. Wij hebben het hersteld en {small} vergoed voor het ongemak.",
        "Ik heb u zojuist gebeld en samen hebben we het opgelost. Nogmaals excuses."),
}  # fmt: skip
ANSWER_OPEN: Final[Lines] = (
    "Ik heb uw vraag doorgezet naar onze collega's van de backoffice. U hoort binnen 5 werkdagen van ons.",
    "Voor deze vraag kunt u bellen met 088 001 2300 op werkdagen tussen 8.00 en 20.00 uur.",
    "Op onze website vindt u meer informatie over dit onderwerp.", "Kunt u ons een foto van de meter sturen?",
    "Wij wachten op informatie van de netbeheerder.", "Ik kan dit in mijn systeem niet zien, een collega neemt contact met u op.",
    "Helaas kan ik hier nu niets aan veranderen.", "Wilt u uw klantnummer en geboortedatum doorgeven? Dan kijken wij verder.",
)  # fmt: skip
AGENT_CHAT: Final[Lines] = ("Goedemiddag, je chat met {agent}. Waarmee kan ik je helpen?", "Hallo! Ik ben {agent}, ik kijk het even voor je na.",
    "Momentje, ik zoek het op.", "Mag ik je klantnummer en postcode?", "Dankjewel, een ogenblik.", "Fijn dat je het meldt, ik kijk meteen mee.")  # fmt: skip
CUSTOMER_CHAT: Final[Lines] = ("{account}", "klantnummer {account}", "ja klopt", "ok", "ja dat is goed", "nee helaas niet", "hoe lang duurt dat dan?",
    "{postcode}", "oke top bedankt", "en wanneer hoor ik dat?", "hmm dat zei je collega ook al")  # fmt: skip
AUTO_REPLY: Final[Lines] = (
    "Bedankt voor uw bericht. Wij streven ernaar binnen 2 werkdagen te antwoorden. Op deze mail kunt u niet reageren.",
)
OUT_OF_OFFICE: Final[Lines] = ("Ik ben met vakantie tot en met {day} {next}. Uw mail wordt niet doorgestuurd.",
    "Momenteel ben ik afwezig. Vanaf {day} {next} lees ik mijn mail weer.")  # fmt: skip
SIGNATURE: Final[Lines] = (
    "Verstuurd vanaf mijn iPhone",
    "Verzonden met Outlook voor Android",
    "Verstuurd vanaf mijn Galaxy",
    "Sent from my iPhone",
)

# Survey comments are put together: what it is about, a judgement that fits the mood, sometimes a reason and an end.
ABOUT: Final[dict[str, Lines]] = {
    "": ("Zonnestroom", "de service", "klantenservice", "het geheel", "deze leverancier", "jullie service"),
    "monthly invoice": ("de maandfactuur", "maandelijkse factuur", "de factuur"),
    "yearly statement": ("jaarafrekening", "de jaarafrekening", "mijn afrekening", "de jaarnota", "eindafrekening"),
    "tariff change letter": ("de brief over de tarieven", "tariefwijziging", "de nieuwe tarieven"),
    "checks usage": ("de app", "app", "verbruik in de app", "het verbruiksoverzicht"),
    "views invoice": ("facturen in de app", "de app"),
    "submits meter reading": ("meterstanden doorgeven", "standen invullen"),
    "changes instalment": ("termijnbedrag wijzigen", "maandbedrag aanpassen in de app"),
    "asks about invoice": ("het telefoontje over mijn rekening", "uitleg over de factuur", "contact over mijn afrekening", "jullie hulp met de rekening"),
    "asks about instalment": ("contact over mijn termijnbedrag", "vraag over maandbedrag", "de hulp"),
    "asks about meter": ("contact over de meter", "vraag over meterstanden", "hulp met de slimme meter"),
    "asks about contract": ("advies over mijn contract", "gesprek over verlengen", "de uitleg"),
    "reports move": ("de verhuizing", "verhuizing doorgeven", "verhuizen"),
    "power outage": ("de storing", "stroomstoring", "die storing in {last}"),
    "reports outage": ("de storingslijn", "contact tijdens de storing"),
    "files complaint": ("mijn klacht", "de klachtafhandeling"),
    "signs contract": ("aanmelden", "overstappen naar Zonnestroom"),
    "renewal offer": ("het verlengaanbod", "aanbod om te verlengen"),
}  # fmt: skip
# Judgements and reasons differ by what kind of thing it is; three moods each: bad, mixed, good.
KIND: Final[dict[str, str]] = {
    "monthly invoice": "letter", "yearly statement": "letter", "tariff change letter": "letter", "renewal offer": "letter",
    "checks usage": "digital", "views invoice": "digital", "submits meter reading": "digital", "changes instalment": "digital",
    "signs contract": "digital", "asks about invoice": "contact", "asks about instalment": "contact", "asks about meter": "contact",
    "asks about contract": "contact", "reports move": "contact", "reports outage": "contact", "files complaint": "contact",
    "power outage": "outage",
}  # fmt: skip
Moods = tuple[Lines, Lines, Lines]
JUDGED: Final[dict[str, Moods]] = {
    "letter": (("is onbegrijpelijk", "klopt niet", "viel vies tegen", "snap ik niks van", "is veel te hoog", "was een onaangename verrassing"),
        ("mag duidelijker", "is wel ok maar lang", "kost wat puzzelen", "kan beter"),
        ("is duidelijk", "klopte precies", "viel me 100% mee", "is prima", "was in één keer helder", "is netjes verzorgd")),
    "digital": (("werkt gewoon niet", "is een drama", "loopt steeds vast", "is veel te ingewikkeld", "loopt dagen achter"),
        ("kan beter", "is wat traag", "is wisselend", "gaat wel"),
        ("werkt fijn", "is prima", "is handig", "werkt snel en duidelijk", "gaat zonder problemen", "doet wat het moet doen")),
    "contact": (("was een drama", "duurde eindeloos", "ging helemaal mis", "heeft me uren gekost", "was ronduit slecht", "viel vies tegen"),
        ("was ok maar onpersoonlijk", "duurde wat lang", "kon beter", "was redelijk", "ging wel"),
        ("ging soepel", "was prima", "ging snel en vriendelijk", "was keurig geregeld", "was goed", "ging beter dan verwacht", "was top")),
    "outage": (("duurde veel te lang", "is nu al de tweede keer", "werd slecht gecommuniceerd"),
        ("duurde lang maar kan gebeuren", "was vervelend"), ("was snel verholpen", "viel mee", "werd goed opgelost")),
    "": (("is waardeloos", "is te duur", "is onvoldoende", "valt tegen", "wordt elk jaar minder"),
        ("is redelijk", "kan beter", "is wisselend", "is niet slecht, niet geweldig"),
        ("is prima", "is gewoon goed", "bevalt goed", "is al jaren goed", "werkt voor mij")),
}  # fmt: skip
REASON: Final[dict[str, Moods]] = {
    "letter": (("moest ineens {amount} bijbetalen", "bedrag ging van {t1} naar {t2}", "geschatte standen gebruikt", "nergens voor gewaarschuwd",
            "{n} pagina's en nog weet ik niks", "de app zei heel iets anders", "nieuwe klanten zijn goedkoper uit", "zonder enige uitleg"),
        ("letters zijn te klein", "te veel pagina's", "bedrag viel mee, uitleg niet", "moest het {n} keer lezen"),
        ("bedrag was precies wat de app voorspelde", "kreeg {small} terug", "heldere taal", "alles op één pagina", "geen verrassingen")),
    "digital": (("krijg steeds een foutmelding", "moet elke keer opnieuw inloggen", "vorige versie was beter", "al dagen geen verbruik te zien", "kan niks vinden"),
        ("vooral het inloggen is omslachtig", "op de tablet doet hij het niet", "grafiek mag groter"),
        ("je ziet precies wat je verbruikt", "alles online te regelen", "in twee minuten klaar", "zelfs voor mij te doen", "handig per uur te zien")),
    "contact": (("al {n}x uitgelegd", "elke keer een ander verhaal", "{n} keer doorverbonden", "half uur in de wacht", "niemand die belt terug",
            "nog steeds niet opgelost", "krijg alleen standaardantwoorden", "wacht nu {n} weken op antwoord", "ik moet overal zelf achteraan"),
        ("medewerker was aardig maar kon weinig", "uiteindelijk wel opgelost", "wachttijd te lang", "moest {n} keer bellen", "had in één keer gekund"),
        ("vriendelijke mevrouw die alles rustig uitlegde", "binnen {n} minuten geholpen", "medewerker wist waar hij het over had",
            "kreeg meteen antwoord", "fout werd direct hersteld", "alles in één keer geregeld", "werd netjes teruggebeld", "aardige jongen aan de lijn")),
    "outage": (("geen enkele info gekregen", "uren in het donker", "vriezer ontdooid en geen vergoeding", "niemand wist iets"),
        ("bericht kwam pas achteraf",), ("kreeg een sms met de verwachte tijd", "binnen een uur weer stroom", "goed op de hoogte gehouden")),
    "": (("prijzen blijven stijgen", "beloven veel en doen weinig", "voel me een nummer", "trouwe klanten betalen de rekening"),
        ("prijs is ok", "verder geen klachten", "app goed, brieven minder"),
        ("ben al {years} jaar klant", "eerlijke prijs", "geen gedoe", "fijn dat het groene stroom is", "nooit omkijken naar")),
}  # fmt: skip
END_GOOD: Final[Lines] = (
    "ga zo door!",
    "bedankt",
    "blijf zo",
    "aanrader",
    "complimenten",
    "tevreden klant",
    "dank aan de medewerker",
    ":)",
)
END_BAD: Final[Lines] = (
    "lekker dan",
    "jammer",
    "ik stap over",
    "volgend jaar ben ik weg",
    "doe er wat aan",
    "voelt niet eerlijk",
    "nooit meer",
    "baal ervan",
    "zonde",
)
END_MIXED: Final[Lines] = ("dus een zesje", "kijk daar eens naar", "we zien wel", "verder ok", "succes ermee")
SHORT: Final[tuple[Lines, Lines, Lines]] = (
    ("te duur", "slecht bereikbaar", "waardeloos", "lekker dan", "zie boven", "duur en traag", "wordt elk jaar slechter", "Nee.", "stap over"),
    ("gaat wel", "kan beter", "matig", "geen mening verder", "niet goed niet slecht", "prijs!!", "mwah", "nvt"),
    ("prima", "tevreden", "gaat goed zo", "geen klachten", "top", "alles naar wens", "Nooit problemen gehad.", "fijne app", "goed bedrijf", "prima zo", "😊", "dikke 8"),
)  # fmt: skip
COMMENT_EN: Final[tuple[Lines, Lines, Lines]] = (
    ("Had to explain my problem {n} times, still not solved.", "Bill went from {t1} to {t2} without any warning.", "Nobody speaks English on the phone."),
    ("It's ok, but letters are only in Dutch.", "Average. App could be better."),
    ("All good, thanks.", "Very helpful agent, quick answer.", "Easy to use app and clear invoices."),
)  # fmt: skip
