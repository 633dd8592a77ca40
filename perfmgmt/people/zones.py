"""Time zones as people look for them: by city, country or distance from UTC, in both languages."""

from dataclasses import dataclass
from datetime import UTC as UTC_ZONE
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale, get_global
from babel.dates import get_timezone_gmt
from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

DEFAULT, UTC = "Asia/Shanghai", "UTC"
# Those that come first in the list; the others follow by country.
COMMON = (
    DEFAULT, "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo",
    "Asia/Seoul", "Asia/Bangkok", "Asia/Dubai", "Europe/London", "Europe/Paris", "Europe/Berlin",
    "America/New_York", "America/Chicago", "America/Los_Angeles", "Australia/Sydney", UTC,
)  # fmt: skip
# A text that fits more zones than this is too little to name them all in the answer.
NAMED = 4
FEWEST_LETTERS = 2


@dataclass(frozen=True)
class Zone:
    """A time zone with its words in one language and how far it is from UTC on a day (such as `+08:00`)."""

    name: str
    city: str
    country: str
    offset: str

    @property
    def label(self) -> str:
        """`上海 · 中国 (UTC+08:00) Asia/Shanghai`: what the list offers and the field takes."""
        if self.name == UTC:
            return UTC
        place = f"{self.city} · {self.country}" if self.country else self.city
        return f"{place} (UTC{self.offset}) {self.name}"


def zones() -> list[Zone]:
    """Return the time zones in the language of the moment, the common ones first; no zone stands under two names."""
    return _zones((get_language() or "en").startswith("zh"), timezone.now().date())


@lru_cache(maxsize=4)
def _zones(chinese: bool, day: date) -> list[Zone]:
    locale = Locale.parse("zh_Hans_CN" if chinese else "en")
    former, old = _former_names(), get_global("zone_aliases")
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC_ZONE)
    names = [name for name in known_names() if name == UTC or name not in old]
    listed = [_zone(name, locale, former.get(name, []), now) for name in names]
    first = {name: place for place, name in enumerate(COMMON)}
    return sorted(listed, key=lambda zone: (first.get(zone.name, len(first)), zone.country, zone.city))


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    """Return the names of time zones that have a place in them, old names too, and UTC."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return frozenset([UTC, *places])


@lru_cache(maxsize=1)
def _former_names() -> dict[str, list[str]]:
    """Under which other names a zone stands in the dictionary of cities."""
    found: dict[str, list[str]] = {}
    for old, new in get_global("zone_aliases").items():
        found.setdefault(new, []).append(old)
    return found


def _zone(name: str, locale: Locale, former: list[str], now: datetime) -> Zone:
    cities = (locale.time_zones.get(each, {}).get("city") for each in (name, *former))
    city = next((each for each in cities if each), name.rpartition("/")[2].replace("_", " "))
    territory = get_global("zone_territories").get(name, "")
    country = locale.territories.get(territory, "") if territory not in ("", "001") else ""
    return Zone(name, city, country, get_timezone_gmt(now.astimezone(ZoneInfo(name)), "iso8601", locale=locale))


class ZoneInput(forms.TextInput):
    """A text input that offers the time zones; searching is the browser's own (`<datalist>`)."""

    template_name = "people/zone_input.html"

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off", "spellcheck": "false", "data-select": ""})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Tie the list to the input."""
        list_id = f"{(attrs or {}).get('id', name)}_zones"
        context = super().get_context(name, value, {**(attrs or {}), "list": list_id})
        return {**context, "list_id": list_id, "zones": zones()}


class TimeZoneField(forms.CharField):
    """Takes one of the list, a zone's own name, or as much of city or country as fits one zone only."""

    widget = ZoneInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Time zone"))
        kwargs.setdefault(
            "help_text", _("Type a city, a country or the distance from UTC, and choose from the list.")
        )
        super().__init__(max_length=200, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a zone as the list does."""
        return next((zone.label for zone in zones() if zone.name == value), value)

    def clean(self, value: Any) -> str:
        """Return the name of the zone; ValidationError says how to go on."""
        text = super().clean(value)
        words = text.split()
        if not words:  # asked for it would have been refused by now
            return ""
        exact = {name.lower(): name for name in known_names()}.get(words[-1].lower())
        return exact or _only_one(text)


def _only_one(text: str) -> str:
    wanted = text.lower()
    fitting = [zone for zone in zones() if wanted in zone.label.lower()] if len(wanted) >= FEWEST_LETTERS else []
    whole = [zone for zone in fitting if zone.city.lower() == wanted]
    found = whole if len(whole) == 1 else fitting
    if len(found) == 1:
        return found[0].name
    if 1 < len(found) <= NAMED:
        raise forms.ValidationError(
            _("Several time zones fit: %(names)s. Choose one of them."),
            code="several",
            params={"names": ", ".join(zone.name for zone in found)},
        )
    raise forms.ValidationError(_("Choose a time zone from the list."), code="unknown")
