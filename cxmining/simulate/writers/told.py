"""What the people of the company say of its customers and of who stands around them: two files beside the study."""

from __future__ import annotations

from typing import Final

__all__ = ["PERSONAS", "STAKEHOLDERS"]

PERSONAS: Final = """\
# Wie de klanten achter de segmenten zijn, volgens de mensen van Zonnestroom Energie. Elke persona hoort bij het
# segment dat zich het meest gedraagt als hier staat; een nieuwe levering verandert daar niets aan.

[[persona]]
name = "Olga Oriënteert"
by = "Marketing"
context = "Huurt sinds kort een eigen woning, heeft het contract van de vorige bewoner overgenomen en wil daarvan af."
ambitions = "Niet te veel betalen en er daarna een jaar niet meer aan hoeven denken."
goal = "In een avond een aanbod vinden dat te vertrouwen is."
chooses_on = "Prijs over het eerste jaar, en of de voorwaarden op één scherm passen."
behaviour = { "channel: web" = 1.0, "topic: compares tariffs" = 1.0, "contacts per year" = 1.0, "repeat contacts" = 0.0, "switches channel" = 0.0 }

[[persona]]
name = "Daan Doet-het-zelf"
by = "Digitaal"
context = "Gezin met zonnepanelen en een slimme meter; de app staat op het eerste scherm."
ambitions = "Grip op het verbruik, minder gas, op termijn een warmtepomp."
goal = "Zien of het termijnbedrag klopt, zonder iemand te hoeven spreken."
chooses_on = "Een app die alles laat zien en een jaarafrekening zonder verrassing."
behaviour = { "channel: app" = 0.84, "channel: web" = 0.03, "topic: checks usage" = 0.46, "topic: views invoice" = 0.27, "topic: submits meter reading" = 0.06, "contacts per year" = 12.0 }

[[persona]]
name = "Daan Doet-het-zelf"
by = "Klantenservice"
goal = "Zekerheid dat er niets misgaat: belt alsnog als de app en de rekening niet hetzelfde zeggen."

[[persona]]
name = "Bep Belt liever"
by = "Klantenservice"
context = "Woont alleen, doet de administratie op papier en wil een mens horen."
ambitions = "Rondkomen, en niet van het kastje naar de muur."
goal = "Eén keer bellen en dan is het geregeld."
chooses_on = "Bereikbaarheid en een vast gezicht; pas daarna op prijs."
behaviour = { "channel: phone" = 0.39, "channel: chat" = 0.15, "channel: mail" = 0.1, "channel: app" = 0.02, "channel: web" = 0.01, "topic: asks about invoice" = 0.22, "topic: asks about instalment" = 0.12, "topic: asks about contract" = 0.11, "contacts per year" = 1.6 }

[[persona]]
name = "Ruud Regelt per mail"
by = "Verkoop"
context = "Kleine ondernemer die alles schriftelijk wil hebben."
ambitions = "Geen tijd kwijt zijn aan energie."
goal = "Elke afspraak terug kunnen vinden."
chooses_on = "Een vaste contactpersoon en een zakelijk tarief."
behaviour = { "channel: mail" = 0.8, "channel: phone" = 0.2, "topic: asks about contract" = 0.4, "contacts per year" = 6.0 }
"""
STAKEHOLDERS: Final = """\
# Wie er om de klant van Zonnestroom Energie heen staan, volgens de mensen die ermee werken. Invloed en belang: 1 (laag)
# tot 5 (hoog). De log zegt ernaast hoeveel contacten er zijn; een nieuwe levering verandert hier niets.

[[stakeholder]]
name = "Netbeheerder"
by = "Directie"
kind = "partner"
role = "Beheert het net en de meter; lost storingen op."
influence = 5
interest = 3
we_do = "Verhuizingen en switches op tijd doorgeven, en de eerste vragen bij een storing opvangen."
they_do = "Stroom leveren tot de meter, storingen herstellen, meters wisselen."

[[stakeholder]]
name = "Netbeheerder"
by = "Klantenservice"
influence = 4
interest = 2

[[stakeholder]]
name = "ACM"
by = "Directie"
kind = "regulator"
role = "Houdt toezicht op vergunning, tarieven en de jaarafrekening."
influence = 5
interest = 2
we_do = "Rapporteren over tarieven, opzegtermijnen en klachten."
they_do = "Vergunning verlenen, regels stellen, en het vertrouwen van klanten in de markt bewaken."

[[stakeholder]]
name = "Installateur Zon op Dak"
by = "Verkoop"
kind = "partner"
role = "Plaatst zonnepanelen en thuisbatterijen bij klanten."
influence = 3
interest = 4
we_do = "Klanten aandragen die willen verduurzamen."
they_do = "Panelen plaatsen en de klant uitleggen wat er op de rekening verandert."

[[stakeholder]]
name = "Incasso"
by = "Facturatie"
kind = "partner"
role = "Int wat na twee herinneringen open staat."
influence = 2
interest = 3
we_do = "Dossiers aanleveren, met wat er al met de klant is afgesproken."
they_do = "Openstaande rekeningen innen en betalingsregelingen treffen."

[[stakeholder]]
name = "Incasso"
by = "Klantenservice"
influence = 4

[[stakeholder]]
name = "Vergelijkingssite"
by = "Marketing"
kind = "partner"
role = "Toont aanbod van alle leveranciers en brengt nieuwe klanten aan."
influence = 4
interest = 4
we_do = "Tarieven aanleveren en betalen per nieuwe klant."
they_do = "Ons aanbod tonen en aanmeldingen doorsturen."

[[stakeholder]]
name = "Klantenservice"
by = "Directie"
influence = 4
interest = 5
they_do = "Vragen beantwoorden en zorgen dat iemand niet nog eens hoeft te bellen."

[[stakeholder]]
name = "Facturatie"
by = "Directie"
influence = 5
interest = 3
they_do = "Een rekening die klopt en te begrijpen is."

[[stakeholder]]
name = "Digitaal"
by = "Directie"
influence = 4
interest = 4
they_do = "App en website waarin klanten het zelf kunnen."

[[stakeholder]]
name = "Pricing"
by = "Marketing"
influence = 4
interest = 2
they_do = "Tarieven en termijnbedragen bepalen."

[[stakeholder]]
name = "Marketing"
by = "Marketing"
influence = 3
interest = 4

[[stakeholder]]
name = "Verkoop"
by = "Verkoop"
influence = 3
interest = 4

[[stakeholder]]
name = "Klachtenteam"
by = "Klantenservice"
influence = 3
interest = 5

[[stakeholder]]
name = "Retentie"
by = "Marketing"
influence = 2
interest = 4

[[stakeholder]]
name = "Meetdienst"
by = "Facturatie"
influence = 2
interest = 2

[[tie]]
from = "ACM"
to = "Netbeheerder"
by = "Directie"
gives = "Stelt de nettarieven vast en bewaakt hoe lang storingen duren."
gets = "Verantwoording over storingen en wachttijden."

[[tie]]
from = "Netbeheerder"
to = "Meetdienst"
by = "Facturatie"
gives = "Standen van slimme meters, elke dag."
gets = "Meldingen van meters die niet kloppen."

[[tie]]
from = "Incasso"
to = "Facturatie"
by = "Facturatie"
gives = "Terugkoppeling over wat er is betaald."
gets = "Dossiers van wie na twee herinneringen niet betaalde."

[[tie]]
from = "Installateur Zon op Dak"
to = "Verkoop"
by = "Verkoop"
gives = "Gegevens van de installatie voor het juiste contract."
gets = "Aanvragen van klanten."

[[tie]]
from = "customer"
to = "Installateur Zon op Dak"
by = "Verkoop"
gives = "Betaalt de installatie en vertelt het aan de buren."
gets = "Werkende panelen en één aanspreekpunt."
"""
