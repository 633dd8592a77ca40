"""The company's values, which praise names: the list as its address asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from perfmgmt.tenants.errors import NotFound
from reviews.models import CompanyValue, Feedback

PARAMETERS = frozenset({"q", "state", "sort"})
STATES = ("used", "archived")
SORTS = ("", "name", "-name", "praise", "-praise", "state", "-state")


@dataclass(frozen=True)
class WantedValues:
    """What an address of the list asks for, with nonsense taken out."""

    search: str = ""
    state: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.state)


@dataclass(frozen=True)
class ValueLine:
    """A value, and how often praise named it."""

    value: CompanyValue
    n: int


def read(query: Mapping[str, str]) -> WantedValues:
    """Return what an address asks for."""
    state, sort = query.get("state", ""), query.get("sort", "")
    return WantedValues(
        query.get("q", "")[:100].replace("\0", "").strip(), state if state in STATES else "",
        sort if sort in SORTS else "",
    )  # fmt: skip


def listed(wanted: WantedValues) -> list[ValueLine]:
    """Return the values that have what is searched, archived ones last unless sorted; two queries."""
    text = wanted.search.casefold()
    named = dict(Feedback.objects.exclude(value=None).values_list("value_id").annotate(Count("pk")).order_by())
    found = [
        ValueLine(one, named.get(one.pk, 0))
        for one in CompanyValue.objects.all()
        if wanted.state in ("", "archived" if one.is_archived else "used")
        and text in "\n".join((one.name_zh, one.name_en, one.about_zh, one.about_en)).casefold()
    ]
    found.sort(key=lambda line: (line.value.name.casefold(), line.value.pk))
    by, down = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    if by == "name":
        found.sort(key=lambda line: line.value.name.casefold(), reverse=down)
    elif by == "praise":
        found.sort(key=lambda line: line.n, reverse=down)
    else:
        found.sort(key=lambda line: line.value.is_archived, reverse=down)
    return found


def value_of(pk: int) -> CompanyValue:
    """Return a value. Raises NotFound."""
    found = CompanyValue.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
