"""The service blueprint: what customers do, who serves them, and what happens behind."""

from cxmining.maps.blueprint.result import ServiceBlueprint, blueprint

__all__ = ["ServiceBlueprint", "blueprint"]
