"""Names, streets of mail and numbers for people who do not exist."""

from __future__ import annotations

from typing import Final

FIRST_F: Final = (
    "Anna Emma Sophie Julia Lisa Eva Sanne Lotte Femke Anouk Marieke Ingrid Petra Monique Esther Wilma Ria Truus Joke "
    "Corrie Hanneke Saskia Linda Sandra Mirjam Karin Yvonne Astrid Nicole Bianca Fatima Samira Aylin Elif Naima Zeynep "
    "Priya Shanti Mei Olga Katarzyna Agnieszka Maria Ans Greet Tineke Marloes Iris Fleur Noor Roos Maud Tess Lieke "
    "Merel Janneke Annemarie Gerda Willemijn Jolanda"
).split()
FIRST_M: Final = (
    "Jan Piet Kees Henk Gerrit Hans Peter Willem Bas Tim Tom Daan Sem Lucas Thijs Ruben Jeroen Martijn Bart Erik Rob "
    "Marcel Dennis Mark Frank Wouter Sander Joost Maarten Arjan Mohammed Ahmed Youssef Mehmet Murat Emre Rachid Ravi "
    "Sunil Wei Piotr Tomasz Andrei Cor Wim Theo Ton Ad Joop Sjaak Bram Stijn Niels Koen Jasper Floris Hugo Casper "
    "Gijs Rik"
).split()
LAST: Final = (
    "de Jong|Jansen|de Vries|van den Berg|van Dijk|Bakker|Janssen|Visser|Smit|Meijer|de Boer|Mulder|de Groot|Bos|Vos|"
    "Peters|Hendriks|van Leeuwen|Dekker|Brouwer|de Wit|Dijkstra|Smits|de Graaf|van der Meer|van der Linden|Kok|Jacobs|"
    "de Haan|Vermeulen|van den Heuvel|van der Veen|van den Broek|de Bruijn|de Bruin|van der Heijden|Schouten|Willems|"
    "van Beek|Maas|Verhoeven|Koster|van Vliet|Prins|Hoekstra|Kuipers|Peeters|van Dam|Jonker|Postma|Veenstra|Sanders|"
    "Wiersma|Terpstra|Hofman|Bosman|Yılmaz|Kaya|Öztürk|Demir|El Amrani|Bouzid|Aziz|Ramdin|Singh|Jagessar|Pinas|"
    "Kowalski|Nowak|Chen|Wong|Nguyen|Müller|Schröder|Gómez|Ferreira|Tromp|Blom|Kramer|Scholten|van Wijk|Post|Kuiper|"
    "Huisman|van Loon|Timmermans|Groen|Gerritsen|Bosch|van der Velde|Zijlstra|Hermans|Martens|Coppens|Böhmer|Daniëls|"
    "Heijnen|van 't Hof|Oosterhuis|Rietveld|Ypma"
).split("|")
MAIL_DOMAINS: Final = (
    "mail.example", "webpost.example", "thuisnet.example", "kabelmail.example", "planeet.example", "snelnet.example",
    "example.com", "example.org", "example.net",
)  # fmt: skip
AREA_CODES: Final = ("010", "020", "030", "070", "040", "013", "050", "058", "038", "024", "073", "076")
PLAIN: Final = str.maketrans("ıÖöüÜóëéşğç", "iOouUoeesgc")


def mailbox_part(text: str) -> str:
    """Return `text` as it stands before the @.

    Examples
    --------
    >>> mailbox_part("van 't Hof"), mailbox_part("Öztürk")
    ('vanthof', 'ozturk')
    """
    return "".join(c for c in text.translate(PLAIN).lower() if c.isascii() and c.isalnum())
