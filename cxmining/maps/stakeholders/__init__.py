"""The stakeholder map: who stands around the customer, what is exchanged, and what the log shows of it."""

from cxmining.maps.stakeholders.people import StakeholderNotes, load_stakeholders
from cxmining.maps.stakeholders.result import StakeholderMap, stakeholder_map

__all__ = ["StakeholderMap", "StakeholderNotes", "load_stakeholders", "stakeholder_map"]
