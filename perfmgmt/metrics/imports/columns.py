"""The page of columns: a form over the columns of one file, and the mapping that its choices mean."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.metrics import own_sources
from perfmgmt.metrics.imports.contacts_mapping import NAMING
from perfmgmt.metrics.imports.line_fields import (
    CONDITIONS,
    TESTS,
    between,
    condition,
    day_columns,
    metric_choices,
    metric_names,
    named_metrics,
    spellings,
    texts_of,
    value_choices,
)
from perfmgmt.metrics.imports.mapping import Json
from perfmgmt.metrics.imports.reasons import Refusal
from perfmgmt.metrics.imports.sniffing import Days, date_formats
from perfmgmt.metrics.imports.sources import REASON_COLUMNS
from perfmgmt.metrics.imports.suggested_lines import LINES, ONE
from perfmgmt.metrics.imports.suggestions import ATTRIBUTES, Inspection
from perfmgmt.metrics.imports.supporters import share_of

SUPPORTERS = 3
NONE = _("— none —")
BY = [("number", _("Employee number")), ("name", _("Name")), ("email", _("Email"))]
ATTRIBUTE_LABELS = {
    "customer": _("Customer"), "customer_type": _("Customer type"), "product": _("Product"),
    "series": _("Series"), "region": _("Region"), "channel": _("Channel"),
}  # fmt: skip
# What supporters of a row get their part in.
SUPPORTED = {"sales_amount": "supported_sales_amount"}


class _ColumnsForm(forms.Form):
    """Selects over the columns of a file."""

    date_order = forms.ChoiceField(
        label=_("Day or month first"),
        choices=[("dmy", _("day first: 31/12/2026")), ("mdy", _("month first: 12/31/2026"))],
        help_text=_("Only for dates that end with the year."),
        required=False,
    )

    def __init__(self, *args: Any, inspection: Inspection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.inspection = inspection
        self.header = [name for name in inspection["header"] if name not in REASON_COLUMNS]

    def _column(
        self, name: str, label: Any, *, required: bool = False, help_text: Any = "", none: Any = NONE
    ) -> None:
        choices = [("", none), *((column, column) for column in self.header)]
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=required, help_text=help_text)

    def _day_formats(self, *names: str) -> list[str]:
        columns = [self.inspection["columns"][name] for name in names if name in self.inspection["columns"]]
        order = self.cleaned_data.get("date_order") or "dmy"
        return date_formats(order, [Days(**column["days"]) for column in columns])


class FactsColumns(_ColumnsForm):
    """Which columns make facts."""

    source = forms.RegexField(
        label=_("Where the rows come from"),
        regex=r"^[A-Za-z0-9_-]{1,40}$",
        help_text=_("Letters, digits, - and _. With the id it makes a row unique: use the same one next time."),
    )
    decimal_mark = forms.ChoiceField(
        label=_("Numbers are written"), choices=[(".", "1,234.56"), (",", "1.234,56 / 1 234,56")], required=False
    )

    def clean_source(self) -> str:
        """The name of a source that is not the product's own."""
        source: str = self.cleaned_data["source"]
        if own_sources.is_reserved(source):
            raise forms.ValidationError(_("Facts of this name are written by the product itself. Choose another."))
        return source

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._column("external_id", _("Id of the row"), required=True, help_text=_("An order number, for instance."))
        self._column(
            "employee", pgettext_lazy("credit", "Owner"), required=True, help_text=_("Whose facts these are.")
        )
        self._column("day", _("Day"), required=True)
        for name in ("employee_by", "supporter_by"):
            self.fields[name] = forms.ChoiceField(label=_("Found by"), choices=BY, initial="number", required=False)
        self._column("currency", _("Currency"), help_text=_("Without one: the currency of the workspace."))
        for name in (*ATTRIBUTES, "currency"):
            if name != "currency":
                self._column(name, ATTRIBUTE_LABELS[name])
            self.fields[f"spelled_{name}"] = forms.CharField(
                label=ATTRIBUTE_LABELS.get(name, _("Currency")),
                required=False,
                max_length=20_000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        for number in range(1, SUPPORTERS + 1):
            self._column(f"supporter_{number}", _("Supporter"))
            self._column(f"share_{number}", _("Their share"))
            self.fields[f"always_{number}"] = forms.CharField(
                label=_("or always"),
                required=False,
                max_length=10,
                widget=forms.TextInput(attrs={"placeholder": "30%"}),
            )
        self._column("owner_share", _("Owner's share"), help_text=_("Without one: what the supporters leave."))
        for number in range(1, CONDITIONS + 1):
            self._condition("row_", number)
        self._line_fields()

    def _condition(self, prefix: str, number: int) -> None:
        """A column, how it is tested, and the texts it must have."""
        self._column(f"{prefix}when_{number}", _("Only where"), none=_("— always —"))
        self.fields[f"{prefix}test_{number}"] = forms.ChoiceField(label=_("Test"), choices=TESTS, required=False)
        self.fields[f"{prefix}texts_{number}"] = forms.CharField(label=_("Texts"), required=False, max_length=500)

    def _line_fields(self) -> None:
        self.metrics = metric_names()
        metrics, values = (
            metric_choices(self.metrics, self.header),
            value_choices(self.header, self.inspection),
        )
        for line in range(1, LINES + 1):
            self.fields[f"metric_{line}"] = forms.ChoiceField(label=_("Metric"), choices=metrics, required=line == 1)
            self.fields[f"value_{line}"] = forms.ChoiceField(
                label=_("Value"), choices=values, initial=ONE, required=False
            )
            self._column(f"day_{line}", _("Day"), none=_("the day of the row"))
            self._condition("", line)

    def clean(self) -> dict[str, Any]:
        """Supporters need a share, and a metric that they get their part in; conditions need a text."""
        data = super().clean() or self.cleaned_data
        self._clean_supporters(data)
        conditions = [("", line) for line in range(1, LINES + 1)]
        for prefix, n in [*conditions, *(("row_", number) for number in range(1, CONDITIONS + 1))]:
            is_text = (data.get(f"{prefix}test_{n}") or "in") == "in"
            if data.get(f"{prefix}when_{n}") and is_text and not texts_of(data.get(f"{prefix}texts_{n}", "")):
                self.add_error(f"{prefix}texts_{n}", _("Which text must the column have?"))
        for name in (*ATTRIBUTES, "currency"):
            try:
                self._text(name, data)
            except forms.ValidationError as error:
                self.add_error(f"spelled_{name}", error)
        return data

    def _clean_supporters(self, data: dict[str, Any]) -> None:
        numbers = range(1, SUPPORTERS + 1)
        for number in numbers:
            fixed = data.get(f"always_{number}", "")
            if data.get(f"supporter_{number}") and not data.get(f"share_{number}") and not fixed:
                self.add_error(f"share_{number}", _("Say which column has the supporter's share."))
            if fixed and not _is_share(fixed):
                self.add_error(f"always_{number}", _("Write a share between 0% and 100%."))
        helped = any(data.get(f"supporter_{number}") for number in numbers)
        if helped and not any(data.get(f"metric_{line}") == "m:sales_amount" for line in range(1, LINES + 1)):
            self.add_error(
                "supporter_1", _("Supporters get their part of the sales amount: add a line with that metric.")
            )

    def mapping(self) -> Json:
        """Return the mapping that the choices mean, in the format of mapping files."""
        data = self.cleaned_data
        mapping: Json = {
            "kind": "facts",
            "source": data["source"],
            "external_id": data["external_id"],
            "employee": {"column": data["employee"], "by": data["employee_by"] or "number"},
            "attributes": {name: text for name in ATTRIBUTES if (text := self._text(name, data))},
            "facts": [self._line(line) for line in range(1, LINES + 1) if data.get(f"metric_{line}")],
            "decimal_mark": data["decimal_mark"] or ".",
        }
        if currency := self._text("currency", data):
            mapping["currency"] = currency
        counted = [part for n in range(1, CONDITIONS + 1) for part in self._when("row_", n)]
        if counted:
            mapping["conditions"] = counted
        mapping |= self._supporters(data)
        if formats := self._day_formats(*self._days(mapping)):
            mapping["date_formats"] = formats
        return mapping

    def _text(self, name: str, data: dict[str, Any]) -> Json | None:
        """Return an attribute as a mapping has it: a column, with other spellings, or one text for every row."""
        column, written = data.get(name, ""), (data.get(f"spelled_{name}") or "").strip()
        if not column:
            if "=" in written.replace("＝", "=") or "\n" in written:
                raise forms.ValidationError(_("Choose a column first, or write one text that every row gets."))
            return {"const": written} if written else None
        return {"column": column, "translate": spellings(written)} if written else {"column": column}

    def _supporters(self, data: dict[str, Any]) -> Json:
        helpers = [number for number in range(1, SUPPORTERS + 1) if data.get(f"supporter_{number}")]
        if not helpers:
            return {}
        by = data["supporter_by"] or "name"
        shares = {n: {"column": data[f"share_{n}"]} if data[f"share_{n}"] else data[f"always_{n}"] for n in helpers}
        found: Json = {
            "supporters": [{"column": data[f"supporter_{n}"], "by": by, "share": shares[n]} for n in helpers]
        }
        return found | ({"owner_share": {"column": data["owner_share"]}} if data.get("owner_share") else {})

    def _when(self, prefix: str, number: int) -> list[Json]:
        data = self.cleaned_data
        return condition(*(data.get(f"{prefix}{part}_{number}") or "" for part in ("when", "test", "texts")))

    def _days(self, mapping: Json) -> list[str]:
        """Return every column that days are read from."""
        named = [mapping["facts"][0]["day"]]
        for spec in mapping["facts"]:
            named += [spec["day"], *spec["value"].get("days_between", ())]
        return list(dict.fromkeys(named))

    def _line(self, line: int) -> Json:
        data = self.cleaned_data
        metric, value = data[f"metric_{line}"], data[f"value_{line}"] or ONE
        pair = between(value, day_columns(self.header, self.inspection))
        taken: Json = {"column": value[2:]} if value.startswith("c:") else {"const": 1}
        spec: Json = {
            "metric": metric[2:] if metric.startswith("m:") else self._named_metric(metric[2:]),
            "day": data.get(f"day_{line}") or data["day"],
            "value": {"days_between": list(pair)} if pair else taken,
        }
        # A row that lacks one of the two days has no such value; it is no fault of the row.
        when = self._when("", line) + [{"column": name, "filled": True} for name in pair or ()]
        if when:
            spec["when"] = when
        supported = SUPPORTED.get(metric[2:], "")
        if supported in self.metrics and any(data.get(f"supporter_{n}") for n in range(1, SUPPORTERS + 1)):
            spec["supported"] = supported
        return spec

    def _named_metric(self, column: str) -> Json:
        """Return the metric that a column names, by its code or by its name."""
        names = {text: code for text, code in named_metrics().items() if text in self._texts_in(column)}
        return {"column": column, "translate": names} if names else {"column": column}

    def _texts_in(self, column: str) -> set[str]:
        return set(self.inspection["columns"][column]["texts"]) | set(self.inspection["sample"][column])


def _is_share(text: str) -> bool:
    try:
        return bool(share_of(text))
    except Refusal:
        return False


PERSON_LABELS = {
    "number": _("Employee number"), "name": _("Name"), "email": _("Email"), "phone": _("Phone"),
    "position": _("Position"), "hired_on": _("Hire date"), "left_on": _("Leave date"),
    "valid_from": _("Assignment from"), "sales_role_type": _("Sales role type"),
    "full_time_share": _("Full-time share"),
}  # fmt: skip


class PeopleColumns(_ColumnsForm):
    """Which columns make people, their units and their assignments."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in PERSON_LABELS.items():
            self._column(name, label, required=name == "name")
        self._column("unit_1", _("Unit, highest level"), required=True)
        self._column("unit_2", _("Unit below it"))
        self._column("unit_3", _("Unit below that"))
        self._column("manager", _("Manager"))
        self.fields["manager_by"] = forms.ChoiceField(label=_("Found by"), choices=BY, required=False)
        self.fields["create_managers"] = forms.BooleanField(
            label=_("Managers without a row of their own become people, in the highest unit"), required=False
        )
        self.fields["first_day"] = forms.DateField(
            label=_("Assignments begin on"),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}),
            help_text=_("For rows without a date of their own; empty: the hire date, else today."),
        )

    def clean(self) -> dict[str, Any]:
        """Managers can be made by name only."""
        data = super().clean() or self.cleaned_data
        if data.get("create_managers") and (data.get("manager_by") != "name" or not data.get("manager")):
            self.add_error("create_managers", _("This needs a column of managers that are found by name."))
        return data

    def mapping(self) -> Json:
        """Return the mapping that the choices mean, in the format of mapping files."""
        data = self.cleaned_data
        mapping: Json = {"kind": "people"}
        mapping |= {part: {"column": data[part]} for part in PERSON_LABELS if data.get(part)}
        if data.get("first_day") and not data.get("valid_from"):
            mapping["valid_from"] = data["first_day"].isoformat()
        mapping["unit"] = [{"column": data[f"unit_{n}"]} for n in (1, 2, 3) if data.get(f"unit_{n}")]
        if data.get("manager"):
            mapping["manager"] = {"column": data["manager"], "by": data["manager_by"] or "number"}
            if data.get("create_managers"):
                mapping["manager"]["create"] = {"unit": [{"column": data["unit_1"]}]}
        if formats := self._day_formats(*(data.get(name) or "" for name in ("hired_on", "left_on", "valid_from"))):
            mapping["date_formats"] = formats
        return mapping


CONTACT_LABELS = {
    "company": _("Customer"), "external_id": _("Id in your systems"), "customer_type": _("Customer type"),
    "region": _("Region"), "owner": _("Owner's employee number"), "name": _("Name"), "email": _("Email"),
    "phone": _("Phone"), "title": _("Position"), "language": _("Language of mail"), "time_zone": _("Time zone"),
    "consent": _("Consent"), "consent_source": _("Known from"),
}  # fmt: skip


class ContactsColumns(_ColumnsForm):
    """Which columns make contacts, their companies and what they agreed to."""

    date_order = None  # type: ignore[assignment]  # there are no days in such a file

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hints = {
            "external_id": _("The text by which facts name the customer. Without one: the name."),
            "consent": _("given, withdrawn or refused, in words of either language."),
        }
        for name, label in CONTACT_LABELS.items():
            self._column(name, label, help_text=hints.get(name, ""))

    def clean(self) -> dict[str, Any]:
        """Something must tell the rows from each other."""
        data = super().clean() or self.cleaned_data
        if not any(data.get(name) for name in NAMING):
            raise forms.ValidationError(_("Say which column has the customer, or the contact's name or email."))
        return data

    def mapping(self) -> Json:
        """Return the mapping that the choices mean, in the format of mapping files."""
        data = self.cleaned_data
        return {"kind": "contacts"} | {part: {"column": data[part]} for part in CONTACT_LABELS if data.get(part)}
