"""The page of columns: a form over the columns of one file, and the mapping that its choices mean."""

from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.imports.mapping import Json
from perfmgmt.metrics.imports.sniffing import Days, date_formats
from perfmgmt.metrics.imports.sources import REASON_COLUMNS
from perfmgmt.metrics.imports.suggestions import ATTRIBUTES, Inspection
from perfmgmt.metrics.models import Aggregation, Metric

LINES, SUPPORTERS = 8, 3
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

    def _column(self, name: str, label: Any, *, required: bool = False, help_text: Any = "") -> None:
        choices = [("", _("— none —")), *((column, column) for column in self.header)]
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
        for name in ATTRIBUTES:
            self._column(name, ATTRIBUTE_LABELS[name])
        for number in range(1, SUPPORTERS + 1):
            self._column(f"supporter_{number}", _("Supporter"))
            self._column(f"share_{number}", _("Their share"))
        self._column("owner_share", _("Owner's share"), help_text=_("Without one: what the supporters leave."))
        self._line_fields()

    def _line_fields(self) -> None:
        chinese = (get_language() or "").startswith("zh")
        self.metrics = {
            metric.code: metric.name_zh if chinese else metric.name_en
            for metric in Metric.objects.filter(archived_at=None).exclude(aggregation=Aggregation.RATIO)
        }
        metrics = [
            ("", _("— nothing —")),
            (_("Metric"), [(f"m:{code}", name) for code, name in self.metrics.items()]),
            (_("The metric's code stands in the column"), [(f"c:{name}", name) for name in self.header]),
        ]
        values = [
            ("n:1", _("1 for each row")),
            (_("The number in the column"), [(f"c:{name}", name) for name in self.header]),
            (_("The days from this column to the day"), [(f"d:{name}", name) for name in self.header]),
        ]
        for line in range(1, LINES + 1):
            self.fields[f"metric_{line}"] = forms.ChoiceField(label=_("Metric"), choices=metrics, required=line == 1)
            self.fields[f"value_{line}"] = forms.ChoiceField(
                label=_("Value"), choices=values, initial="n:1", required=False
            )
            self._column(f"when_{line}", _("Only where"))
            self.fields[f"texts_{line}"] = forms.CharField(label=_("is"), required=False, max_length=500)

    def clean(self) -> dict[str, Any]:
        """Supporters need a share, and a metric that they get their part in; conditions need a text."""
        data = super().clean() or self.cleaned_data
        for number in range(1, SUPPORTERS + 1):
            if data.get(f"supporter_{number}") and not data.get(f"share_{number}"):
                self.add_error(f"share_{number}", _("Say which column has the supporter's share."))
        helped = any(data.get(f"supporter_{number}") for number in range(1, SUPPORTERS + 1))
        if helped and not any(data.get(f"metric_{line}") == "m:sales_amount" for line in range(1, LINES + 1)):
            self.add_error(
                "supporter_1", _("Supporters get their part of the sales amount: add a line with that metric.")
            )
        for line in range(1, LINES + 1):
            if data.get(f"when_{line}") and not _texts(data.get(f"texts_{line}", "")):
                self.add_error(f"texts_{line}", _("Which text must the column have?"))
        return data

    def mapping(self) -> Json:
        """Return the mapping that the choices mean, in the format of mapping files."""
        data = self.cleaned_data
        mapping: Json = {
            "kind": "facts",
            "source": data["source"],
            "external_id": data["external_id"],
            "employee": {"column": data["employee"], "by": data["employee_by"] or "number"},
            "attributes": {name: {"column": data[name]} for name in ATTRIBUTES if data.get(name)},
            "facts": [self._line(line) for line in range(1, LINES + 1) if data.get(f"metric_{line}")],
            "decimal_mark": data["decimal_mark"] or ".",
        }
        if data.get("currency"):
            mapping["currency"] = {"column": data["currency"]}
        helpers = [number for number in range(1, SUPPORTERS + 1) if data.get(f"supporter_{number}")]
        if helpers:
            by = data["supporter_by"] or "name"
            mapping["supporters"] = [
                {"column": data[f"supporter_{n}"], "by": by, "share": {"column": data[f"share_{n}"]}} for n in helpers
            ]
            if data.get("owner_share"):
                mapping["owner_share"] = {"column": data["owner_share"]}
        starts = [value[2:] for line in range(1, LINES + 1) if (value := data.get(f"value_{line}", "")) and
                  value.startswith("d:")]  # fmt: skip
        if formats := self._day_formats(data["day"], *starts):
            mapping["date_formats"] = formats
        return mapping

    def _line(self, line: int) -> Json:
        data = self.cleaned_data
        metric, value = data[f"metric_{line}"], data[f"value_{line}"] or "n:1"
        taken: Json = {"const": 1}
        if value.startswith("c:"):
            taken = {"column": value[2:]}
        elif value.startswith("d:"):
            taken = {"days_between": [value[2:], data["day"]]}
        spec: Json = {
            "metric": metric[2:] if metric.startswith("m:") else {"column": metric[2:]},
            "day": data["day"],
            "value": taken,
        }
        if data[f"when_{line}"]:
            spec["when"] = [{"column": data[f"when_{line}"], "in": _texts(data[f"texts_{line}"])}]
        supported = SUPPORTED.get(metric[2:], "")
        if supported in self.metrics and any(data.get(f"supporter_{n}") for n in range(1, SUPPORTERS + 1)):
            spec["supported"] = supported
        return spec


def _texts(text: str) -> list[str]:
    """Return what stands between commas or semicolons, of either width."""
    for mark in "；;，":
        text = text.replace(mark, ",")
    return [part.strip() for part in text.split(",") if part.strip()]


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
