"""What the ready mappings look for: the words of Dutch and English exports, per kind of table.

Names of columns are compared as `plain` writes them: lower case, everything but letters and digits as ``_``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

__all__ = ["DIRECTIONS", "PRESETS", "TIME_OF_DAY", "Preset"]


@dataclass(frozen=True)
class Preset:
    """One kind of plain table.

    Attributes
    ----------
    what : str
        In words, for messages.
    channel : str
        Of its events, where no column says another.
    touchpoint : str
        Of its events, where no column says another.
    columns : dict of str to tuple of str
        Our column → patterns (RE, whole name) in the order of preference.
    signs : tuple of str
        Patterns of which at least two must match for the table to be taken for this kind.
    values : dict of str to str
        Pattern of a kind or status → touchpoint.
    direction : str
        Of its events, where no column says another.
    attributes : tuple of str
        Patterns of the columns that are kept beside.
    """

    what: str
    channel: str
    touchpoint: str
    columns: dict[str, tuple[str, ...]]
    signs: tuple[str, ...]
    values: dict[str, str] = field(default_factory=dict)
    direction: str = ""
    attributes: tuple[str, ...] = ()


_WHO: Final = {
    "account": (
        r"klant_?(?:nummer|nr|id|code)", r"customer_?(?:id|no|nr|number|code)", r"relatie_?(?:nummer|nr|id)", r"debiteur_?(?:nummer|nr)?",
        r"account_?(?:id|number|nummer)?", r"client_?(?:id|number|nummer)", r"klant|customer",
    ),
    "email": (r"e_?mail(?:_?adres|_address)?(?:_(?:klant|customer))?", r"(?:klant|customer|contact|billing|bill_to)_e_?mail(?:_?adres|_address)?"),
    "phone": (r"tele?foon(?:nummer|_nr|_nummer)?", r"(?:mobile_|tele)?phone(?:_?number|_no)?", r"mobiel(?:_?nummer)?|mobile(?:_number)?|gsm|msisdn"),
    "name": (r"(?:volledige_)?naam|(?:full_)?name", r"(?:klant|customer)_?(?:naam|name)", r"naam_(?:klant|bezoeker|afzender)|(?:sender|visitor)_name"),
}  # fmt: skip
TIME_OF_DAY: Final = (r"tijd|time|uur|tijdstip_uur|time_of_day", r"begintijd|start_time|aankomsttijd|arrival_time")
DIRECTIONS: Final = {
    r"in|inkomend|ingekomen|ontvangen|received|inbound|incoming|mo": "inbound",
    r"uit|out|uitgaand|verzonden|verstuurd|sent|outbound|outgoing|mt|outbound_api|outbound_reply": "outbound",
}  # fmt: skip
_SUBJECT: Final = (r"onderwerp|subject|betreft", r"titel|title", r"kop|headline")
_KIND: Final = (r"soort|type|kind", r"categorie|category", r"reden|reason")
_CASE: Final = (r"zaak_?(?:nummer|id)|case_?(?:id|number)|dossier(?:_?nummer)?",)
_STAFF: Final = (r"medewerker|behandelaar|employee|agent|handled_by|operator",)
_TEAM: Final = (r"afdeling|department|team|queue|wachtrij",)
_WAIT: Final = (r"wachttijd_?(?:s|sec|seconden|in_seconden)|wait_?(?:s|sec|seconds|time_s|time_seconds)",)

PRESETS: Final[dict[str, Preset]] = {
    "social": Preset(
        "social posts", "social", "social post",
        {
            "timestamp": (r"(?:geplaatst|gepubliceerd|posted|published)(?:_op|_at|_on)?", r"(?:post|publicatie|publish|published)_?(?:date|datum|time)", r"created(?:_at|_time)?|aangemaakt_op", r"datum_?tijd|date_?time|timestamp|tijdstip|date_utc", r"datum|date"),
            "account": _WHO["account"], "email": _WHO["email"],
            "cookie": (r"author_id|auteur_?id|user_id|gebruikers_?id|profile_id|profiel_?id", r"author|auteur|handle|username|user_?name|gebruikersnaam|gebruiker|screen_name|account_name|profiel|profile|from"),
            "touchpoint": (r"(?:post|bericht|message|interaction|interactie)_?(?:type|soort)", *_KIND[:2]),
            "direction": (r"richting|direction",), "thread_id": (r"conversation_?id|thread_?id|gesprek_?id|in_reply_to(?:_status_id)?",),
            "text": (r"bericht|message|tekst|text|inhoud|content|caption|tweet|body", r"post"),
            "subject": _SUBJECT[:2], "url": (r"url|link|permalink",), "tags": (r"hashtags|tags|labels",), "resource": _STAFF,
        },
        (r"platform|netwerk|network|social_?media|(?:social_)?kanaal", r"(?:post|tweet|bericht|status)_?id", r"handle|screen_name|username|user_?name|gebruikersnaam|author|auteur",
         r"likes?|vind_?ik_?leuks?|favorites?|reactions?", r"retweets?|shares?|gedeeld|reposts?", r"replies|reacties|comments?_count|reply_count", r"hashtags?|mentions?|vermeldingen", r"volgers|followers|bereik|reach|impressions|weergaven", r"tweet|caption|permalink"),
        {r"dm|direct_?messages?|priv[eé]_?bericht|private_message": "direct message", r"mention|vermelding": "mentions us",
         r"reply|antwoord": "replies on social media", r"comment|reactie|opmerking": "comments on our post", r"review|recensie": "writes review", r"post|tweet|bericht|status": "social post"},
        "inbound", (r"platform|netwerk|network", r"likes?|vind_ik_leuks", r"sentiment"),
    ),
    "review": Preset(
        "reviews", "social", "writes review",
        {
            "timestamp": (r"(?:review|recensie|beoordelings?)_?(?:date|datum|time)(?:_utc)?|datum_(?:review|recensie|beoordeling)", r"(?:geplaatst|gepubliceerd|posted|published|submitted|created)(?:_op|_at|_on|_date|_time)?(?:_utc)?", r"datum_?tijd|date_?time|timestamp|tijdstip", r"datum|date"),
            "account": _WHO["account"], "email": (*_WHO["email"], r"(?:reviewer|consumer)_e_?mail"), "name": (*_WHO["name"], r"reviewer(?:_name)?|auteur|author|(?:consumer|user)_?name|geschreven_door"),
            "case_id": (r"(?:order|bestel)_?(?:id|nummer|number|nr)|reference_?(?:id|number)|referentie(?:nummer)?",),
            "text": (r"(?:review|recensie)_?(?:text|tekst|content|body)", r"review|recensie|toelichting", r"tekst|text|content|body|inhoud|comment|opmerking"),
            "subject": (r"(?:review|recensie)_?(?:title|titel)", *_SUBJECT), "url": (r"url|link|permalink",), "resource": _STAFF,
        },
        (r"rating|sterren|stars|star_rating|waardering|beoordeling|score|cijfer", r"(?:review|recensie).*", r"reviewer.*|geschreven_door", r"helpful.*|nuttig.*|behulpzaam", r"verified.*|geverifieerd.*|uitgenodigd", r"aanbevolen|recommended|would_recommend", r"pluspunten|minpunten|pros|cons", r"productnaam|product(?:_?id|_name|_?titel|_title)?"),
        {}, "inbound", (r"rating|sterren|stars|star_rating|waardering|beoordeling|score|cijfer", r"platform|bron|source", r"product(?:_?id|_name|naam)?"),
    ),
    "sms": Preset(
        "text messages", "sms", "text message",
        {
            "timestamp": (r"(?:date_?)?sent(?:_at|_date|_on)?|sent_?date|verzonden(?:_op)?|verzenddatum", r"received(?:_at)?|ontvangen(?:_op)?", r"date_?created|created(?:_at)?", r"datum_?tijd|date_?time|timestamp|tijdstip", r"datum|date"),
            "account": _WHO["account"],
            "phone": (r"(?:klant|customer|contact)_?(?:nummer|number|phone|telefoon)", *_WHO["phone"], r"nummer|number|recipient|ontvanger", r"to|naar|aan"),
            "direction": (r"richting|direction",), "thread_id": (r"conversation_?id|gesprek_?id|thread_?id",),
            "text": (r"bericht|message|body|tekst|text|inhoud|content",), "status": (r"status|delivery_status|afleverstatus",),
            "touchpoint": (r"campagne|campaign|template|sjabloon", *_KIND[:2]),
        },
        (r"sms.*", r"num_?segments|segmenten|segments|parts", r"message_?sid|messaging_service.*", r"(?:from|van|afzender)", r"(?:to|naar|aan|ontvanger|recipient)", r"bericht|body|message", r"msisdn|mobiel.*|mobile.*|gsm|telefoon.*|phone.*", r"delivery_status|afleverstatus"),
        {}, "", (r"status|delivery_status|afleverstatus",),
    ),
    "post": Preset(
        "a register of scanned post", "post", "letter",
        {
            "timestamp": (r"(?:datum_?)?ontvang(?:st|en)(?:_?datum|_op)?|(?:date_?)?received(?:_at|_on|_date)?|binnen(?:komst|gekomen)(?:_?datum|_op)?|datum_(?:ontvangst|binnenkomst|ingekomen)", r"(?:datum_?)?verzonden(?:_op)?|verzenddatum|(?:date_)?sent(?:_at|_date)?", r"datum_?tijd|date_?time|timestamp|tijdstip", r"scan_?(?:datum|date)|datum_scan|scanned(?:_at|_on)?|gescand(?:_op)?", r"(?:registratie|registration)_?(?:datum|date)", r"datum|date", r"(?:brief|document|letter)_?(?:datum|date)|datum_brief"),
            "account": _WHO["account"], "email": _WHO["email"], "name": (*_WHO["name"], r"afzender|sender|from|van"),
            "touchpoint": (r"(?:document|post|brief|poststuk|letter|mail)_?(?:soort|type|kind|categorie|category|class)|soort_(?:document|post|poststuk|brief)", *_KIND[:2]),
            "subject": _SUBJECT, "case_id": (*_CASE, r"kenmerk|our_reference|ons_kenmerk|reference|referentie"), "direction": (r"richting|direction|in_uit|in_out",),
            "text": (r"(?:ocr|volledige)_?(?:tekst|text)|full_text|tekst|text|omschrijving|description|samenvatting|summary",), "queue": _TEAM, "resource": _STAFF,
        },
        (r"poststuk.*|postnummer|post_?id|mail_?item.*|letter_?(?:id|number|no)|briefnummer", r"document_?(?:id|nummer|nr|number|no|soort|type)|soort_(?:document|post|poststuk)", r"scan.*|gescand.*|datum_scan|ocr.*", r"afzender|sender", r"ontvangst.*|datum_ontvangst|received.*|ingekomen.*|binnenkomst.*|datum_(?:binnenkomst|ingekomen)", r"postregist.*|registratie_?(?:nummer|datum)|registration_(?:number|date)", r"envelop.*|barcode|batch.*|aangetekend|registered", r"betreft|kenmerk|our_reference|ons_kenmerk|uw_kenmerk|your_reference"),
        {}, "", (r"aangetekend|registered",),
    ),
    "desk": Preset(
        "visits to a desk", "desk", "desk visit",
        {
            "timestamp": (r"(?:bezoek|visit|afspraak|appointment)_?(?:datum|date|tijd|time|moment)(?:_?tijd)?", r"aankomst(?:_?tijd)?|arriv(?:al|ed)(?:_at|_time)?|check_?in(?:_time|_at)?|aangemeld(?:_op)?|gemeld_op", r"start(?:_?tijd|_?time|_at)?|begin(?:_?tijd)?", r"datum_?tijd|date_?time|timestamp|tijdstip", r"datum|date"),
            **_WHO, "touchpoint": (r"(?:bezoek|visit|afspraak|appointment)_?(?:reden|reason|soort|type|doel|purpose)|reden_(?:bezoek|van_bezoek)|(?:reason|purpose)_(?:of|for)_visit", r"dienst|service|product", *_KIND),
            "subject": _SUBJECT, "wait_s": _WAIT, "resource": _STAFF, "queue": (r"balie|loket|desk|counter|window", *_TEAM), "case_id": _CASE,
            "text": (r"opmerking(?:en)?|notitie|toelichting|notes?|remarks?|comment|omschrijving|description",),
        },
        (r"balie.*|loket.*|desk.*|counter.*|window", r"bezoek.*|visit.*|reden_(?:van_)?bezoek|(?:reason|purpose)_(?:of|for)_visit", r"afspraak.*|appointment.*", r"volgnummer|nummertje|bonnummer|queue_?(?:number|ticket)|ticket_?(?:number|nummer)", r"wachttijd.*|wait.*", r"vestiging|locatie|filiaal|branch|location|store|winkel|kantoor|office", r"aankomst.*|arriv.*|check_?in.*", r"walk_?in|inloop"),
        {}, "inbound", (r"vestiging|locatie|filiaal|branch|location|store|winkel|kantoor|office",),
    ),
    "order": Preset(
        "orders", "web", "places order",
        {
            "timestamp": (r"(?:status|wijzigings?)_?(?:datum|date|moment|time)|gewijzigd_op|updated_at", r"(?:order|bestel|purchase|aankoop)_?(?:datum|date|moment|time)(?:_?tijd|_?time)?|besteld_op|ordered_(?:at|on)|datum_bestelling", r"created(?:_at)?|aangemaakt(?:_op)?|placed_(?:at|on)|geplaatst_op", r"datum_?tijd|date_?time|timestamp|tijdstip", r"datum|date"),
            **_WHO, "case_id": (r"(?:order|bestel|bestelling|sales_order)_?(?:id|nummer|nr|number|no)|order|bestelling", *_CASE),
            "channel": (r"(?:verkoop|order|sales|bestel)_?(?:kanaal|channel)|kanaal|channel",), "touchpoint": (r"(?:order|bestel|bestelling)_?status|status(?:_order|_bestelling)?", r"(?:fulfil?lment|financial)_status"),
            "text": (r"opmerking(?:en)?|notes?|remarks?|toelichting",),
        },
        (r"(?:order|bestel|bestelling|sales_order)_?(?:id|nummer|nr|number|no)", r"(?:order|bestel|purchase)_?(?:datum|date)|besteld_op|datum_bestelling", r"(?:order|bestel|bestelling)_?status|(?:fulfil?lment|financial)_status", r"totaal.*|total.*|bedrag.*|amount.*|subtotal|orderwaarde|order_value|prijs|price", r"aantal|quantity|qty", r"artikel.*|sku|product.*|line_?items?.*|regels", r"betaal.*|payment.*|paid.*|korting.*|discount.*", r"verzend(?:methode|kosten)|shipping.*"),
        {r"geplaatst|besteld|nieuw|open|ontvangen|placed|ordered|created|new|pending|received|processing|in_behandeling": "places order", r"betaald|paid|captured": "pays order",
         r"verzonden|verstuurd|shipped|dispatched|fulfilled|sent": "order shipped", r"geleverd|afgeleverd|bezorgd|delivered|completed?|voltooid|afgerond": "order delivered",
         r"geannuleerd|cancel+ed|canceled": "cancels order", r"retour.*|geretourneerd|returned|return.*": "returns order", r"terugbetaald|refunded|partially_refunded|gecrediteerd": "order refunded"},
        "", (r"totaal(?:bedrag)?|total(?:_amount)?|bedrag|amount|orderwaarde|order_value", r"aantal|quantity|qty"),
    ),
    "meter": Preset(
        "meter readings", "other", "meter reading",
        {
            "timestamp": (r"(?:opname|meet|meting|stand|uitlees)_?(?:datum|moment|tijdstip)|datum_(?:opname|meterstand|meting)|(?:reading|read|measurement)_?(?:date|time|at|timestamp)|read_at|measured_at|opgenomen_op", r"datum_?tijd|date_?time|timestamp|tijdstip|moment", r"datum|date"),
            "account": _WHO["account"], "email": _WHO["email"],
            "device": (r"ean(?:_?code)?", r"meter_?(?:nummer|nr|id|number|no|serial)|serienummer|serial(?:_number)?", r"aansluiting(?:_?id)?|connection(?:_id)?|meetpunt|metering_point"),
            "touchpoint": (r"(?:opname|reading|meting|gebeurtenis|event)_?(?:soort|type|wijze|reden|reason)|gebeurtenis|event", *_KIND),
            "channel": (r"(?:aanlever|opname)?_?kanaal|channel|aangeleverd_via|submitted_via",),
        },
        (r"meter.*", r"ean.*", r"stand.*|.*reading.*|meterstand.*|uitlezing", r"telwerk|register|tariff?|tarief|hoog_laag", r"verbruik.*|usage|consumption|kwh.*|m3.*|volume|teruglevering", r"opname.*|measured_at|read_at|datum_opname", r"eenheid|unit", r"meetpunt|metering_point|aansluiting.*|connection.*"),
        {r"meterwissel|meter_(?:exchange|change|swap|replacement)": "meter exchange", r"storing|outage": "power outage", r"(?:meter)?stand|opname|reading|periodiek|periodic|jaarlijks|yearly|actual|werkelijk|geschat|estimated": "meter reading",
         r"klant.*|customer.*|self|zelf.*": "submits meter reading", r"verhuizing|move|inhuizing|uithuizing": "meter reading at move"},
        "", (r"stand|meterstand|reading|meter_?reading|waarde|value", r"verbruik|usage|consumption", r"eenheid|unit"),
    ),
    "outage": Preset(
        "outages", "other", "power outage",
        {
            "timestamp": (r"(?:begin|start|aanvang)_?(?:van_)?(?:storing|outage|interruption|onderbreking)?_?(?:datum|tijd|time|date|at|moment)?(?:_?tijd)?|(?:storing|outage|interruption|onderbreking)_?(?:begin|start|started|datum|date)(?:_?at|_?tijd|_time)?|started(?:_at)?|begonnen_op", r"gemeld(?:_op)?|reported(?:_at)?|detected(?:_at)?|melding_?datum", r"datum_?tijd|date_?time|timestamp|tijdstip|moment", r"datum|date"),
            "account": _WHO["account"], "email": _WHO["email"],
            "device": (r"ean(?:_?code)?", r"meter_?(?:nummer|nr|id|number|no)", r"aansluiting(?:_?id)?|connection(?:_id)?|meetpunt|metering_point"),
            "touchpoint": (r"(?:storing|outage)_?(?:soort|type)|soort_storing|gebeurtenis|event", *_KIND[:2]), "case_id": (r"(?:storing|outage|incident|interruption)_?(?:id|nummer|nr|number|no)", *_CASE),
            "duration_s": (r"duu?r_?(?:s|sec|seconden|in_seconden)|duration_?(?:s|sec|seconds|in_seconds)",), "text": (r"oorzaak|cause|omschrijving|description|toelichting",),
        },
        (r".*storing.*", r".*outage.*|.*interruption.*|onderbreking.*", r"incident.*", r"getroffen.*|affected.*|klanten_getroffen", r"oorzaak|cause|root_cause", r"hersteld.*|restored.*|resolved.*|opgelost.*|herstel.*", r"begin.*|start.*|aanvang.*", r"eind.*|end.*", r"duur.*|duration.*|minuten|minutes", r"gebied|netvlak|area|region|station"),
        {r"gepland.*|planned.*|onderhoud|maintenance": "planned outage", r"storing|outage|ongepland|unplanned|spanningsloos": "power outage"},
        "outbound", (r"oorzaak|cause", r"minuten|minutes|duur(?:_min(?:uten)?)?|duration(?:_min(?:utes)?)?"),
    ),
    "delivery": Preset(
        "deliveries", "other", "parcel delivered",
        {
            "timestamp": (r"(?:status|scan|event|gebeurtenis)_?(?:datum|date|time|tijd|moment|at)(?:_?tijd)?", r"(?:bezorg|aflever|lever|delivery|delivered)_?(?:datum|date|moment|time|at|on)(?:_?tijd)?|bezorgd_op|geleverd_op|datum_(?:bezorging|levering)|delivered", r"datum_?tijd|date_?time|timestamp|tijdstip|moment", r"datum|date"),
            **_WHO, "case_id": (r"(?:track(?:ing|_?and_?trace|_trace)?|zending|shipment|parcel|pakket)_?(?:id|nummer|nr|number|no|code)?|barcode|consignment", r"(?:order|bestel)_?(?:id|nummer|nr|number|no)"),
            "touchpoint": (r"(?:bezorg|zending|pakket|delivery|shipment|parcel|tracking)_?status|status(?:_zending|_bezorging|_omschrijving|_description)?", r"gebeurtenis|event(?:_type)?"),
            "text": (r"opmerking(?:en)?|notes?|remarks?|toelichting|instructie|instructions",), "resource": (r"bezorger|driver|courier|chauffeur",),
        },
        (r"track.*|barcode|consignment", r"zending.*|shipment.*|pakket.*|parcel.*", r"bezorg.*|aflever.*|deliver.*", r"vervoerder|carrier|transporteur|courier|bezorger", r"pogingen?|attempts?|bezorgpoging.*", r"verwachte_.*|expected_.*|eta|estimated_.*", r"depot|hub|route|rit|stop", r"handtekening|signature|buren|neighbou?r"),
        {r"bezorgd.*|geleverd|afgeleverd|delivered.*": "parcel delivered", r"onderweg.*|in_transit|out_for_delivery|transit|verzonden|shipped|gesorteerd|sorted|aangemeld|registered|ontvangen|accepted": "parcel on its way",
         r"niet_thuis|not_home|mislukt.*|failed.*|attempted.*|poging.*|exception|vertraagd|delayed": "delivery failed", r"afgehaald|opgehaald|picked_up|collected": "parcel picked up", r"buren|bij_buren|neighbou?r|left_with_neighbou?r": "parcel with neighbours", r"retour.*|returned.*|return_to_sender": "parcel returned"},
        "outbound", (r"vervoerder|carrier",),
    ),
}  # fmt: skip
