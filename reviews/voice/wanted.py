"""What an address of results or words asks for, nonsense left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from reviews.asking.selectors import read as read_months
from reviews.models import SurveyPurpose

PARAMETERS = (
    "from",
    "to",
    "purpose",
    "unit",
    "employee",
    "type",
    "product",
    "question",
    "q",
    "band",
    "theme",
    "sort",
    "by",
)
#: What a page of results shows instead of a breakdown.
RESPONSE = "response"
BANDS = ("low", "middle", "high")
SORTS = ("-day", "day", "score", "-score")


@dataclass(frozen=True)
class Wanted:
    """Months (first day of one to last day of another), one purpose, and what narrows the answers."""

    first: date | None = None
    last: date | None = None
    purpose: str = SurveyPurpose.SCORED
    unit: int | None = None
    employee: int | None = None
    customer_type: str = ""
    product: str = ""
    question: str = ""
    search: str = ""
    band: str = ""
    theme: int | None = None
    sort: str = "-day"
    by: str = ""

    @property
    def dimensions(self) -> list[str]:
        """Which breakdowns are narrowed to one of their parts."""
        return [by for by in ("employee", "unit", "type", "product") if self.value(by) is not None]

    def value(self, by: str) -> int | str | None:
        """Return the part of a breakdown that is asked for; None for all."""
        found: dict[str, int | str | None] = {
            "employee": self.employee, "unit": self.unit, "type": self.customer_type or None,
            "product": self.product or None,
        }  # fmt: skip
        return found[by]

    @property
    def narrows(self) -> bool:
        """Whether anything but months and purpose narrows the figures."""
        return bool(self.dimensions)

    @property
    def filters(self) -> int:
        """How many things narrow the figures; the months are one."""
        return len(self.dimensions) + bool(self.first or self.last)

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows what is shown."""
        return bool(self.narrows or self.first or self.last or self.search or self.band or self.theme)


def read(query: Mapping[str, str], purpose: str) -> Wanted:
    """Return what an address asks for; without a purpose in it: the survey's own."""
    months = read_months(query)
    sent = query.get("purpose", "")
    return Wanted(
        first=months.first, last=months.last,
        purpose=sent if sent in SurveyPurpose.values else purpose,
        unit=_number(query.get("unit", "")), employee=_number(query.get("employee", "")),
        customer_type=_text(query.get("type", ""), 60), product=_text(query.get("product", ""), 200),
        question=_text(query.get("question", ""), 20), search=_text(query.get("q", ""), 100),
        band=query.get("band", "") if query.get("band") in BANDS else "",
        theme=_number(query.get("theme", "")),
        sort=query.get("sort", "") if query.get("sort") in SORTS else "-day", by=_text(query.get("by", ""), 10),
    )  # fmt: skip


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _text(text: str, longest: int) -> str:
    return text[:longest].replace("\0", "").strip()
