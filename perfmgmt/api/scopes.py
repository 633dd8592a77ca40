"""What a token may be allowed: one line per scope. Higher apps declare theirs in `AppConfig.ready()`."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Scope:
    """One scope: `code` is stable ("people:read"), `label` says to the owner what it opens."""

    code: str
    label: str | Promise

    def __str__(self) -> str:
        return self.code


REGISTRY: dict[str, Scope] = {}


def declare_scope(code: str, label: str | Promise) -> Scope:
    """Register and return a scope; a code is declared once."""
    if code in REGISTRY:
        raise ValueError(f"Scope {code!r} is declared twice.")
    REGISTRY[code] = Scope(code, label)
    return REGISTRY[code]


PEOPLE_READ = declare_scope("people:read", _("Read people, their assignments, and the units"))
PEOPLE_CONTACT = declare_scope("people:contact", _("With people: email addresses and phone numbers, too"))
METRICS_READ = declare_scope("metrics:read", _("Read the metric library"))
FACTS_READ = declare_scope("facts:read", _("Read everybody's facts"))
FACTS_WRITE = declare_scope("facts:write", _("Add and correct facts"))
ROLLUPS_READ = declare_scope("rollups:read", _("Read the figures of people and units per period"))
CUSTOMERS_READ = declare_scope("customers:read", _("Read customers and their contacts, with email and phone"))
CUSTOMERS_WRITE = declare_scope("customers:write", _("Add and change contacts, and record their consents"))
