"""What can be wrong with a record, a cell or a file, and what helps: a name and a remedy per code."""

from __future__ import annotations

from typing import Final

__all__ = ["FILES", "MESSAGES", "RECORDS"]

RECORDS: Final[dict[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "no-time": (
        ("no moment", "geen moment"),
        ("Export the column of the moment too, or say which other column holds it (columns, options).",
         "Exporteer de kolom met het moment ook, of zeg in welke andere kolom het staat (columns, options)."),
    ),
    "bad-time": (
        ("a moment that cannot be read", "een moment dat niet te lezen is"),
        ("Set timestamp_format to how the moment is written there, or correct the record in its system.",
         "Zet timestamp_format op hoe het moment daar geschreven is, of verbeter het record in zijn systeem."),
    ),
    "time-never": (
        ("a date that stands for never", "een datum die voor nooit staat"),
        ("Leave it: the system writes such a date for never; choose another column when all are so.",
         "Laat het zo: het systeem schrijft zo'n datum voor nooit; kies een andere kolom als ze allemaal zo zijn."),
    ),
    "negative-time": (
        ("an end before its beginning", "een einde voor het begin"),
        ("Correct the clock or the record in its system; an end before its beginning is no duration.",
         "Verbeter de klok of het record in zijn systeem; een einde voor het begin is geen duur."),
    ),
    "no-touchpoint": (
        ("no touchpoint", "geen contactmoment"),
        ("Map another column to the touchpoint, give a constant, or leave such records out of the export.",
         "Wijs een andere kolom aan als contactmoment, geef een vaste waarde, of laat zulke records uit de export."),
    ),
    "no-id": (
        ("no id", "geen id"),
        ("Export the column of the id too; without it a record can be neither found nor joined.",
         "Exporteer de kolom met het id ook; zonder id is een record niet te vinden en niet te koppelen."),
    ),
    "no-customer": (
        ("nobody named", "niemand genoemd"),
        ("Export account, e-mail address or telephone number too, and name it in the study.",
         "Exporteer klantnummer, e-mailadres of telefoonnummer ook, en noem die in de studie."),
    ),
    "no-parent": (
        ("what it belongs to is missing", "waar het bij hoort ontbreekt"),
        ("Export what it belongs to as well, over the same period or a longer one.",
         "Exporteer ook waar het bij hoort, over dezelfde periode of een langere."),
    ),
    "bad-number": (
        ("no number", "geen getal"),
        ("Correct the value in its system, or map a column that holds a number from 0 on.",
         "Verbeter de waarde in zijn systeem, of wijs een kolom aan met een getal vanaf 0."),
    ),
    "out-of-scale": (
        ("outside the scale", "buiten de schaal"),
        ("Correct the scale of the item in the study, or name the code under blank, not_used or codes.",
         "Verbeter de schaal van de vraag in de studie, of noem de code onder blank, not_used of codes."),
    ),
    "unknown-value": (
        ("a value that the format does not know", "een waarde die het formaat niet kent"),
        ("Check that the export is of the product and version that the format names.",
         "Controleer of de export van het product en de versie is die het formaat noemt."),
    ),
    "unknown-survey": (
        ("a survey that is not declared", "een enquête die niet is beschreven"),
        ("Declare the survey as [[survey]], or leave its records out of the export.",
         "Beschrijf de enquête als [[survey]], of laat haar records uit de export."),
    ),
    "no-response": (
        ("no answered questionnaire", "geen ingevulde vragenlijst"),
        ("Leave it: previews, tests, spam and unfinished questionnaires are nobody's answer.",
         "Laat het zo: voorbeelden, tests, spam en onvoltooide vragenlijsten zijn niemands antwoord."),
    ),
    "deleted": (
        ("deleted in its system", "in zijn systeem verwijderd"),
        ("Leave it: the system itself has deleted the record.", "Laat het zo: het systeem zelf heeft het record verwijderd."),
    ),
    "bad-shape": (
        ("another thing than a record", "iets anders dan een record"),
        ("Export with the product's own export; a copy has put one thing where another belongs.",
         "Exporteer met de export van het product zelf; een kopie heeft iets op de plaats van iets anders gezet."),
    ),
    "wrong-width": (
        ("too many or too few fields", "te veel of te weinig velden"),
        ("Quote fields that hold the delimiter or a line break, or set delimiter.",
         "Zet velden met het scheidingsteken of een regeleinde tussen aanhalingstekens, of zet delimiter."),
    ),
    "truncated": (
        ("cut off or damaged", "afgebroken of beschadigd"),
        ("Export or copy the file again: the record is damaged or cut off.",
         "Exporteer of kopieer het bestand opnieuw: het record is beschadigd of afgebroken."),
    ),
    "bad-encoding": (
        ("characters that cannot be read", "tekens die niet te lezen zijn"),
        ("Export as UTF-8, or set encoding to the one that the file is written in.",
         "Exporteer als UTF-8, of zet encoding op die waarin het bestand geschreven is."),
    ),
    "too-deep": (
        ("nested too deep", "te diep genest"),
        ("Look at the record in the file: no export nests so deep.",
         "Bekijk het record in het bestand: geen export nest zo diep."),
    ),
    "too-long": (
        ("too long", "te lang"),
        ("Look at the record in the file: no record is so long; most often a quotation mark is missing.",
         "Bekijk het record in het bestand: geen record is zo lang; meestal ontbreekt een aanhalingsteken."),
    ),
    "empty": (
        ("nothing in it", "er staat niets in"),
        ("Leave it, or export with content: there is nothing in the record that happened to a customer.",
         "Laat het zo, of exporteer met inhoud: er staat niets in het record dat een klant overkwam."),
    ),
    "no-record": (
        ("no record", "geen record"),
        ("Leave it: it stands in the file without being a record of the export.",
         "Laat het zo: het staat in het bestand zonder een record van de export te zijn."),
    ),
    "other": (
        ("another reason", "een andere reden"),
        ("Read the reason; the record is in the file at the place that is named.",
         "Lees de reden; het record staat in het bestand op de genoemde plaats."),
    ),
}  # fmt: skip
"""Code → (name, remedy), each in English and Dutch, of a record or a cell."""

FILES: Final[dict[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "file-missing": (
        ("no such file", "geen bestand"),
        ("Put the file where the study says, or correct path in the study.",
         "Zet het bestand waar de studie het zoekt, of verbeter path in de studie."),
    ),
    "file-changed": (
        ("changed while it was read", "gewijzigd tijdens het lezen"),
        ("Wait until the export is written to its end, and run again.", "Wacht tot de export klaar is en draai opnieuw."),
    ),
    "not-a-file": (
        ("a folder or a link", "een map of een koppeling"),
        ("Name the files in the folder by a pattern, or copy the file itself into the folder of the study.",
         "Noem de bestanden in de map met een patroon, of kopieer het bestand zelf in de map van de studie."),
    ),
    "file-empty": (
        ("empty", "leeg"),
        ("Export again with the right period and filter, or take the file out of the study.",
         "Exporteer opnieuw met de juiste periode en filter, of haal het bestand uit de studie."),
    ),
    "file-locked": (
        ("locked by a password", "beveiligd met een wachtwoord"),
        ("Save it without a password.", "Sla het op zonder wachtwoord."),
    ),
    "archive-refused": (
        ("an archive that is not unpacked", "een archief dat niet wordt uitgepakt"),
        ("Unpack it yourself if you trust it, and name the files in the study.",
         "Pak het zelf uit als u het vertrouwt, en noem de bestanden in de studie."),
    ),
    "xml-refused": (
        ("XML with declarations of its own", "XML met eigen declaraties"),
        ("Export the log again without a DTD; it could name files of this computer.",
         "Exporteer het log opnieuw zonder DTD; die kan bestanden van deze computer noemen."),
    ),
    "file-damaged": (
        ("damaged or cut off", "beschadigd of afgebroken"),
        ("Export or copy the file again; compare its size with that at its origin.",
         "Exporteer of kopieer het bestand opnieuw; vergelijk de grootte met die bij de herkomst."),
    ),
    "file-encoding": (
        ("in another encoding", "in een andere codering"),
        ("Leave encoding out of the study to have it found, or name the right one.",
         "Laat encoding weg uit de studie om het te laten vinden, of noem de juiste."),
    ),
    "no-zone": (
        ("moments without a time zone", "momenten zonder tijdzone"),
        ('Say in which zone they were written: tz = "Europe/Amsterdam" (local clock) or tz = "UTC".',
         'Zeg in welke zone ze geschreven zijn: tz = "Europe/Amsterdam" (lokale klok) of tz = "UTC".'),
    ),
    "day-or-month": (
        ("day and month cannot be told apart", "dag en maand zijn niet te onderscheiden"),
        ("Set timestamp_format (or options.order of a chat) to the order that the export uses.",
         "Zet timestamp_format (of options.order van een chat) op de volgorde die de export gebruikt."),
    ),
    "needs-extra": (
        ("a format that needs one more library", "een formaat waarvoor een bibliotheek ontbreekt"),
        ("Install cxmining with the extra that the message names.", "Installeer cxmining met de extra die de melding noemt."),
    ),
    "who-is-us": (
        ("who is the company is not known", "onbekend wie het bedrijf is"),
        ("Name the company, its numbers or its names in chats: company, or options = {us = [\"…\"]}.",
         "Noem het bedrijf, zijn nummers of zijn namen in chats: company, of options = {us = [\"…\"]}."),
    ),
    "wrong-format": (
        ("of another format", "van een ander formaat"),
        ("Set format to what the file is, or export it as that format; `cxmining inspect FILE` says what it is taken for.",
         "Zet format op wat het bestand is, of exporteer het zo; `cxmining inspect BESTAND` zegt waarvoor het wordt aangezien."),
    ),
    "wrong-layout": (
        ("laid out otherwise", "anders ingedeeld"),
        ("Say which row, sheet or columns hold what (options, columns), or export with the product's own export.",
         "Zeg welke rij, welk blad of welke kolommen wat bevatten (options, columns), of exporteer met het product zelf."),
    ),
    "file-unreadable": (
        ("cannot be opened", "niet te openen"),
        ("See to it that the file may be read and lies on a disk that is there.",
         "Zorg dat het bestand gelezen mag worden en op een bereikbare schijf staat."),
    ),
    "file-other": (
        ("another reason", "een andere reden"),
        ("Read the message; it names the file and what was expected.",
         "Lees de melding; die noemt het bestand en wat er verwacht werd."),
    ),
}  # fmt: skip
"""The same of a whole file."""


MESSAGES: Final[dict[str, dict[str, str]]] = {
    "quality": {"en": "Data quality", "nl": "Datakwaliteit"},
    "none": {"en": "nothing was rejected", "nl": "er is niets afgewezen"},
    "rejected": {"en": "{records} and {cells} rejected", "nl": "{records} en {cells} afgewezen"},
    "record": {"en": "{n} record", "nl": "{n} record"},
    "records": {"en": "{n} records", "nl": "{n} records"},
    "cell": {"en": "{n} cell", "nl": "{n} cel"},
    "cells": {"en": "{n} cells", "nl": "{n} cellen"},
    "of_read": {"en": "of {n} read", "nl": "van {n} gelezen"},
    "all_mapped": {"en": "every event has its touchpoint by a rule", "nl": "elke gebeurtenis heeft haar contactmoment door een regel"},
    "unmapped_n": {"en": "{n} of {all} events without a rule", "nl": "{n} van {all} gebeurtenissen zonder regel"},
    "no_rules": {"en": "the study has no rules", "nl": "de studie heeft geen regels"},
    "lead": {
        "en": "What was rejected, why, where an example lies and what helps. A rejected cell leaves the rest of its record standing. No content of a record is shown.",
        "nl": "Wat is afgewezen, waarom, waar een voorbeeld staat en wat helpt. Een afgewezen cel laat de rest van haar record staan. Van een record wordt geen inhoud getoond.",
    },
    "why": {"en": "Rejected records and cells", "nl": "Afgewezen records en cellen"},
    "c_why": {"en": "Why", "nl": "Waarom"},
    "c_n": {"en": "Number", "nl": "Aantal"},
    "c_where": {"en": "Example", "nl": "Voorbeeld"},
    "c_fix": {"en": "What helps", "nl": "Wat helpt"},
    "whole_record": {"en": "record", "nl": "record"},
    "in_cell": {"en": "cell {name}", "nl": "cel {name}"},
    "unmapped": {"en": "Touchpoints that no rule maps", "nl": "Contactmomenten zonder regel"},
    "unmapped_lead": {
        "en": "These events keep the label that their source gives. Write a rule for them, or leave them as they are.",
        "nl": "Deze gebeurtenissen houden het label dat hun bron geeft. Schrijf er een regel voor, of laat ze zo.",
    },
    "c_label": {"en": "Label in the source", "nl": "Label in de bron"},
    "c_events": {"en": "Events", "nl": "Gebeurtenissen"},
    "c_share": {"en": "Of all events", "nl": "Van alle gebeurtenissen"},
    "rest": {"en": "{n} labels of fewer than {min} customers", "nl": "{n} labels van minder dan {min} klanten"},
    "rest_one": {"en": "1 label of fewer than {min} customers", "nl": "1 label van minder dan {min} klanten"},
    "longer": {"en": "The first {n} of {all}; all stand in {file}.", "nl": "De eerste {n} van {all}; alle staan in {file}."},
}  # fmt: skip
