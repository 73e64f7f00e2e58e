"""Persona cards: what people say of a segment beside what the log shows of it."""

from cxmining.maps.personas.people import PersonaNotes, load_personas, match_personas, write_persona_template
from cxmining.maps.personas.result import PersonaCards, persona_cards

__all__ = [
    "PersonaCards",
    "PersonaNotes",
    "load_personas",
    "match_personas",
    "persona_cards",
    "write_persona_template",
]
