"""Words that say nothing of what a text is about, in Dutch and English: function words, greetings, months."""

from __future__ import annotations

from typing import Final

__all__ = ["STOP_WORDS"]

_DUTCH: Final = """
aan aangezien achter af al aldus alle alleen alles als alsnog altijd ander andere anders bedankt been behalve ben beste
betreft bij bijna binnen boven buiten daar daarna daarom daarvan dacht dag dan dank dankjewel dat de den der deze dezelfde
die dien dit doe doen doet door dus echt echter een eens eerst eerste eigen elk elke en enige enkel enkele er erg ergens
euro even ga gaan gaat geacht geachte gebeurd gedaan geef geeft geen gehad gek geweest gewoon ging goed goede goedemiddag
goedemorgen goedenavond graag groet groeten groetjes had hadden hallo heb hebben hebt heeft heel heer hele helaas hem hen
het hier hierbij hij hoe hoi hoogachtend hun iedereen ieder iets ik in ineens inmiddels intussen is ja jaar je jij jou jouw
jullie kan kant keer kom komen komt kon konden krijg krijgen krijgt kreeg kun kunnen kunt laat laatste lang later laten liet
maar maak maakt maand maanden maken man me mee meer meest men met meteen mevrouw mij mijn minder misschien moest moet moeten
mocht mochten mogelijk mogen mvg na naar nadat nee net niemand niet niets nieuw nieuwe nog nogmaals nooit nou nu of om omdat
onder ons onze ook op opnieuw over pas per paar precies reactie reeds sinds sindsdien snel soms spoedig staan staat steeds
stond straks te tegen tegenover terug terwijl tijd toch toe toen tot totdat tussen twee uit uw uwe van vanaf vandaag
vanwege veel vele ver verder via volgens volgende voor vooraf vooral vorig vorige vraag vragen vriendelijk vriendelijke
waar waarom wanneer want waren was wat we weer week weet weken wel weg welk welke wie wij wil willen word worden wordt
worden zal ze zeer zeg zeggen zegt zei zelf zelfde zelfs zet zich zie ziet zij zijn zitten zo zoals zodat zonder zou zouden
zowel zullen zult alvast bvd gr ivm ipv evt mbt tav nl eea iemand iemands beide bent daarbij daarmee doorgaans eind
medewerker bel belt klantenservice klantnummer klantnr telefoonnummer naam adres mail email mailtje bericht bellen gebeld
januari februari maart april mei juni juli augustus september oktober november december
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
"""
_ENGLISH: Final = """
a about above after again against all also always am an and any are as at back be because been before being below between
both but by can cannot could day days dear did do does doing done down during each few first for from further get gets
getting give given go going good got greetings had has have having he hello help her here hers hi him his hope how i if in
into is it its just kind know last let like look make many may me might more most much must my need never new next no nor
not nothing now of off on once one only or other our ours out over own please pls put really regards reply same say see
she should since sincerely sir so some still such take than thank thanks that the their theirs them then there these they
thing things this those through till to too two under until up us use very via want was way we well went were what when
where which while who whom why will with within without would yes yet you your yours madam best wishes kindly greatly
customer service number name address email mail message call called
january february march april june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
"""

STOP_WORDS: Final = frozenset((_DUTCH + _ENGLISH).split())
"""In lower case."""
