"""Words beside names: titles, particles, and names that are words of the language too."""

from __future__ import annotations

from typing import Final

__all__ = ["CLOSINGS", "COMMON", "MONTHS", "PARTICLES", "TITLES"]


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTICLES: Final = _listed(
    "van de den der het ter ten te t s v d vd von zu zum la le du da di el al bin ben op aan bij uit tot st"
)
CLOSINGS: Final = _listed(
    "groet groeten groetjes grt gr mvg beste hallo hoi hi hey hello dag dear geachte regards wishes namens heet naam name"
)
TITLES: Final = CLOSINGS | _listed(
    "mevrouw mevr mw mv dhr heer meneer mijnheer mr mrs ms miss sir madam fam familie erven weduwe wed drs ing ir prof "
    "mister herr frau"
)
MONTHS: Final = _listed("jan mei may april june augustus jun")

# Given and family names that a sentence may hold as words. Alone they name nobody, unless nothing else can stand there.
COMMON: Final = _listed(
    """
    aarde abt ad adel adelaar akker art baan baas bak bakker bal bank barend bart bas beek beer berg berk beuk bij
    bijl bill bloem blok blom bob boer boom boon boot borst bos bosch bot bouwman brand breed brink broek broer
    brouwer brug bruijn bruin buis burg bush buur carpenter chase chip christen cook dag daisy dale dam dean dekker
    dijk dik dokter donker draai drew duif duin eik eind engel engels ezel faber faith feit fisher fleur frank frans
    gans gast geel geest geld gerecht glen goed goud graaf grace graf grant gras green groen groot guy haan haas hak
    hall hals hamer haring hart haven heather heer heide held herder hert hill hoed hoek hof holly hond hoop hope
    hout huis huisman hunter iris ivy jack jager jan jet joker jong jonge jonker joy june juni kaas kamp kant kap
    kat kaya keizer kerk kers keus kievit king kist klaver klein klerk klok kok koning kool koper kort korte koster
    kraan kramer kreeft kroon kruis kuiper kuipers laar lam land lane lang lee leer leeuw lente lief liefde lily
    linde linden lock long lopen luit maan maas man mark markt marten may meer mees meester mei melk merel meter
    mijn miles mill mills mol molen molenaar mooi moss mulder nacht nick noor noord oost oostenrijk oud paard page
    parel pas pearl peer pen penny pijl pit plas pool poot post price prins punt raaf ram ray recht reus rich rijk
    ring rob robin rock roet rood roos roosje rose ruby ruiter rush schaap schepper schilder schip schipper school
    sky smid smit smith smits snel spaan spit sport staal stad star steen ster stern stoel stolk stone storm straat
    summer tak timmer timmerman ton toren tromp tuin tuinman turner vader veen veld velde vet victor vink violet vis
    visser vlam voet vogel vonk vos vrede vriend vries vroom waard wade wal walker ward water weg wei wens werf west
    wever wiel wijk wijs wild will wit witte wolf wolk wood young zand zee zeeman zeil zomer zon zonneveld zuid
    zwaan zwart
    """
)
