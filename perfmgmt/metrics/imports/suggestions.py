"""Guessing which column means what, from its name in both languages and from what it holds."""

import re
from collections.abc import Callable
from typing import Any

from perfmgmt.metrics.imports.sniffing import Days, Numbers
from perfmgmt.metrics.imports.suggested_lines import Clues, KnownMetric, Lines, Meanings, words
from perfmgmt.metrics.imports.vocabulary import DATES, NAMES

Inspection = dict[str, Any]
Choices = dict[str, Any]
ATTRIBUTES = ("customer", "customer_type", "product", "series", "region", "channel")
PEOPLE_PARTS = ("number", "name", "email", "phone", "position", "manager", "hired_on", "left_on", "valid_from",
                "sales_role_type", "full_time_share")  # fmt: skip
MOST = 0.6
SAMPLED = 2_000
# Metrics whose columns stand beside the amount of a sale; next to others a plain number is a sum of some kind.
BESIDE_SALES = {"collected_amount", "gross_profit"}


def _within(want: str, have: str) -> bool:
    """Whether a name contains another; short ones say too little."""
    return len(want) > 2 and want in have


class _Columns:
    """The columns of a file; each is given away once."""

    def __init__(self, inspection: Inspection) -> None:
        self.columns: dict[str, dict[str, Any]] = inspection["columns"]
        self.free = list(inspection["header"])

    def take(
        self, part: str, fits: Callable[[dict[str, Any]], bool] = lambda column: True, *, exact: bool = False
    ) -> str:
        """Return the column that a part is most likely in, and give it away; "" for none."""
        names = NAMES.get(part) or DATES[part]
        tests: list[Callable[[str, str], bool]] = [lambda have, want: have == want]
        if not exact:
            tests.append(lambda have, want: _within(want, have))
        for test in tests:
            for want in names:
                for name in self.free:
                    if test(words(name), want) and fits(self.columns[name]):
                        self.free.remove(name)
                        return name
        return ""

    def first(self, fits: Callable[[dict[str, Any]], bool]) -> str:
        """Return the first free column that holds the right kind of thing, and give it away; "" for none."""
        for name in self.free:
            if fits(self.columns[name]):
                self.free.remove(name)
                return name
        return ""


def _days(column: dict[str, Any]) -> bool:
    days = Days(**column["days"])
    return days.texts > 0 and days.known >= MOST * days.texts


def _numbers(column: dict[str, Any]) -> bool:
    numbers = Numbers(**column["numbers"])
    return numbers.texts > 0 and numbers.known >= MOST * numbers.texts


def _any(column: dict[str, Any]) -> bool:
    return True


def _people(column: dict[str, Any]) -> bool:
    return max(column["people"].values()) >= MOST / 2


def people_by(column: dict[str, Any], default: str = "name") -> str:
    """Return how a column names people: what most of its texts are found by."""
    shares: dict[str, float] = column["people"]
    best = max(shares, key=lambda by: shares[by])
    return best if shares[best] > 0 else default


def formats(inspection: Inspection, names: list[str]) -> Choices:
    """Return order of days and decimal mark for some columns, and whether the texts leave it open."""
    columns = [inspection["columns"][name] for name in names if name in inspection["columns"]]
    days = [Days(**column["days"]) for column in columns if _days(column)]
    numbers = [Numbers(**column["numbers"]) for column in columns if _numbers(column) and not _days(column)]
    dmy, mdy = sum(each.dmy for each in days), sum(each.mdy for each in days)
    comma, point = sum(each.comma for each in numbers), sum(each.point for each in numbers)
    return {
        "date_order": "mdy" if mdy > dmy else "dmy",
        "decimal_mark": "," if comma > point else ".",
        "ambiguous_day": "" if dmy or mdy else next((each.ambiguous for each in days if each.ambiguous), ""),
        "ambiguous_number": "" if comma or point else next((e.ambiguous for e in numbers if e.ambiguous), ""),
        "mixed_orders": bool(dmy and mdy),
        "forms": list({form: text for each in days for form, text in each.forms.items()}.values()),
    }


def source_of(file_name: str) -> str:
    """Return a code for where a file comes from: its name without digits, so that next month's is the same."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file_name)
    return re.sub(r"[^A-Za-z]+", "-", stem).strip("-").lower()[:40].strip("-") or "file"


def suggest_facts(inspection: Inspection, file_name: str, metrics: list[KnownMetric]) -> Choices:
    """Return what to fill the page of columns in with, for a file of facts. `metrics`: those that take facts."""
    columns, meanings = _Columns(inspection), Meanings(metrics)
    # Names that say it plainly first; what only the content tells afterwards.
    few = {part: columns.take(part, _few, exact=part != "stage") for part in ("stage", "kind", "on_time", "accurate")}
    metric = columns.take("metric", _texts)
    owner_share = columns.take("owner_share")
    found: Choices = {part: columns.take(part, _texts, exact=True) for part in ("supporter_1", "supporter_2")}
    for number in (1, 2):
        found[f"share_{number}"] = columns.take(f"share_{number}") if found[f"supporter_{number}"] else ""
    found["owner_share"] = owner_share
    numbers = {} if metric else _measured(columns, meanings)
    found["employee"] = columns.take("employee", _people) or columns.first(_people) or columns.take("employee")
    days = _days_of(columns)
    value, counts = numbers.pop("sales_amount", ""), not few["kind"] and bool(numbers.keys() - BESIDE_SALES)
    value = value or ("" if counts else columns.take("value", _numbers))
    found["external_id"] = columns.take("external_id") or columns.first(_unique)
    value = value or ("" if counts or few["kind"] else columns.take("value") or columns.first(_numbers))
    found |= {part: columns.take(part) for part in (*ATTRIBUTES, "currency")}
    found["day"] = days["day"]
    employee = inspection["columns"].get(found["employee"])
    found["employee_by"] = people_by(employee, "number") if employee else "number"
    found["supporter_by"] = next(
        (people_by(inspection["columns"][found[part]]) for part in ("supporter_1",) if found[part]), "name"
    )
    found["source"] = source_of(file_name)
    given = Clues(metric, value, **few, **days, numbers=tuple((name, code) for code, name in numbers.items()))
    rows = min(inspection["rows"], SAMPLED)
    for number, line in enumerate(Lines(inspection["columns"], rows, given, meanings).all(), 1):
        found |= line.choices(number)
    return found


def _measured(columns: _Columns, meanings: Meanings) -> dict[str, str]:
    """Return metric -> the column of numbers whose name speaks of it, and give these columns away."""
    found: dict[str, str] = {}
    for name in list(columns.free):
        code = meanings.of(name) if _numbers(columns.columns[name]) and not _days(columns.columns[name]) else ""
        if code and code not in found and (code != "nps" or _is_scored(columns.columns[name])):
            found[code] = name
            columns.free.remove(name)
    return found


def _is_scored(column: dict[str, Any]) -> bool:
    """Return whether answers to the recommendation question are counted as 100, 0 and -100, as the metric has it."""
    return set(column["texts"]) <= {"100", "0", "-100"}


def _days_of(columns: _Columns) -> Choices:
    """Return the day of the rows, and the columns of days that begin or end something."""
    plain = next((columns.free[at] for at, name in enumerate(map(words, columns.free)) if name in NAMES["day"]
                  and _days(columns.columns[columns.free[at]])), "")  # fmt: skip
    if plain:
        columns.free.remove(plain)
    found = {part: columns.take(part, _days) for part in DATES}
    ends = [found[part] for part in ("delivered", "done", "requested", "assigned", "opened") if found[part]]
    day = plain or columns.take("day", _days)
    return {**found, "day": day or next(iter(ends), "") or columns.first(_days) or columns.take("day")}


def _few(column: dict[str, Any]) -> bool:
    """Whether a column holds a handful of words, or yes and no as 1 and 0."""
    texts = set(column["texts"])
    return 0 < len(texts) <= 12 and (not _numbers(column) or texts <= {"0", "1"}) and not _days(column)


def _texts(column: dict[str, Any]) -> bool:
    """Whether a column may hold names: it is empty, or not mostly numbers."""
    return not _numbers(column)


def _unique(column: dict[str, Any]) -> bool:
    return bool(column["filled"] > 1 and column["different"] == column["filled"]) and not _days(column)


def suggest_people(inspection: Inspection) -> Choices:
    """Return what to fill the page of columns in with, for a file of people."""
    columns = _Columns(inspection)
    days = {"hired_on", "left_on", "valid_from"}
    found: Choices = {part: columns.take(part, _days if part in days else _any) for part in PEOPLE_PARTS}
    found["unit_1"] = columns.take("unit_1")
    found["unit_2"] = columns.take("unit_2")
    manager = inspection["columns"].get(found["manager"])
    found["manager_by"] = people_by(manager, _manager_by(inspection, found)) if manager else "number"
    if not found["unit_2"] and not found["number"] and found["manager_by"] == "name" and found["manager"]:
        found |= {"unit_2": found["manager"], "create_managers": True}
    return found


def _manager_by(inspection: Inspection, found: Choices) -> str:
    """Return how managers are named, where none is known yet: like the numbers of the file, or like its names."""
    if not found["number"]:
        return "name"
    managers = set(inspection["sample"].get(found["manager"], []))
    return "number" if managers & set(inspection["sample"].get(found["number"], [])) else "name"


# In the order in which columns are given away: the plainest names first. What a part is called in the vocabulary.
CONTACT_PARTS = {
    "consent_source": "consent_source", "consent": "consent", "owner": "contact_owner", "email": "email",
    "phone": "phone", "external_id": "company_id", "time_zone": "time_zone", "language": "language",
    "customer_type": "customer_type", "region": "region", "company": "company", "name": "contact_name",
    "title": "contact_title",
}  # fmt: skip


def suggest_contacts(inspection: Inspection) -> Choices:
    """Return what to fill the page of columns in with, for a file of contacts."""
    columns = _Columns(inspection)
    found = {part: columns.take(named, exact=True) for part, named in CONTACT_PARTS.items()}
    return {part: column or columns.take(CONTACT_PARTS[part]) for part, column in found.items()}
