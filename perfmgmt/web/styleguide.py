"""Made-up content for the style guide: long names, many rows, no rows, missing values, in both languages."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from perfmgmt.web import formats, styleguide_work
from perfmgmt.web.charts import Chart, Series
from perfmgmt.web.context_processors import shell
from perfmgmt.web.navigation import GROUPS, NavGroup, NavLink
from perfmgmt.web.statuses import STATUSES

if TYPE_CHECKING:
    from django.http import HttpRequest

CURRENCY = "CNY"
NAMES = [
    "李晓雯", "王建国", "欧阳喆", "Maria Chen", "赵敏", "Darcel Schlecht", "买买提·阿布都热依木", "张伟",
    "Bartholomew Featherstonehaugh-Cholmondeley", "陈思思",
]  # fmt: skip
#: Share of target, satisfaction, state; None is a value that is missing.
FIGURES: list[tuple[str | None, str | None, str]] = [
    ("1.12", "4.8", "ahead"), ("0.97", "4.6", "on_track"), ("0.78", "4.7", "at_risk"),
    ("0.52", "4.2", "off_track"), ("0.84", None, "on_track"), ("1.31", "4.9", "ahead"),
    ("0.66", "4.4", "at_risk"), (None, None, "no_target"),
    ("0.91", "4.5", "on_track"), ("0", "3.9", "off_track"),
]  # fmt: skip
MONTHS = [
    318_200,
    402_950,
    413_522,
    988_300,
    1_012_440,
    1_085_371,
    965_010,
    1_050_059,
    None,
    940_808,
    938_943,
    922_921,
]
LAST_YEAR = [
    290_000,
    350_400,
    395_000,
    720_000,
    880_500,
    905_000,
    860_000,
    921_000,
    877_000,
    870_000,
    902_000,
    899_000,
]


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("As it stands in the contract."))
    email = forms.EmailField(label=gettext_lazy("Email"))
    target = forms.DecimalField(label=gettext_lazy("Monthly target"), min_value=0, required=False)
    grain = forms.ChoiceField(
        label=gettext_lazy("Period"),
        choices=[
            ("month", gettext_lazy("Month")),
            ("quarter", gettext_lazy("Quarter")),
            ("year", gettext_lazy("Year")),
        ],
    )
    file = forms.FileField(
        label=gettext_lazy("Spreadsheet"),
        help_text=gettext_lazy("CSV or Excel, up to 100 MB."),
        required=False,
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("For whom"),
        choices=[("me", gettext_lazy("Me")), ("team", gettext_lazy("My team"))],
        widget=forms.RadioSelect,
        required=False,
    )
    agree = forms.BooleanField(label=gettext_lazy("Send a message to the team"), required=False)

    def clean(self) -> None:
        """Add an error of the whole form to those of the fields."""
        if self.errors:
            self.add_error(None, gettext_lazy("Nothing was saved. Correct the fields below."))


def context(request: HttpRequest, here: str) -> dict[str, Any]:
    """Everything that the style guide's template shows."""
    rows = _rows(40)
    page = Paginator(_sorted(rows, request.GET.get("sort", "")), 10).get_page(request.GET.get("page"))
    empty = Chart("chart-empty", _("Sales by month"), ["1"], [Series(_("Sales"), [None])])
    return {
        "shell": {**shell(request)["shell"], **_frame(here)},
        "periods": [("month", _("This month")), ("quarter", _("This quarter")), ("year", _("This year"))],
        "period": request.GET.get("period", "quarter"),
        "ranking": rows[:8],
        "page": page,
        "wide": [formats.month_short(2017, month) for month in range(1, 13)],
        "wide_rows": [(name, [formats.number(value) for value in MONTHS]) for name in NAMES[:4]],
        "charts": _charts(),
        "empty_chart": empty,
        "form": SampleForm(initial={"name": "李晓雯", "scope": "team"}, prefix="good"),
        "bad_form": SampleForm(data={"bad-email": "li@", "bad-target": "-5"}, prefix="bad"),
        "all_states": list(STATUSES),
        "jobs": styleguide_work.jobs(),
        "notices": styleguide_work.notices(),
        "groups": styleguide_work.groups(),
        "formats": _formats(),
        "sales": formats.money(4_812_300, CURRENCY),
        "target_text": _("Target %(target)s · due by now %(due)s")
        % {"target": formats.money(5_520_000, CURRENCY), "due": formats.money(3_383_000, CURRENCY)},
    }


def _frame(here: str) -> dict[str, Any]:
    """A workspace and its navigation, although the page stands outside of every workspace."""
    titles = [
        ("work", _("My team"), "users-group", True),
        ("work", _("Targets"), "target-arrow", False),
        ("work", _("Facts"), "list-details", False),
        ("admin", _("People"), "users", False),
        ("admin", pgettext("library", "Metrics"), "ruler-measure", False),
        ("admin", _("Imports"), "table-import", False),
        ("admin", _("Jobs"), "progress-check", False),
    ]
    groups = [
        NavGroup(
            GROUPS[name],
            [NavLink(here, label, icon, on) for group, label, icon, on in titles if group == name],
        )
        for name in ("work", "admin")
    ]
    workspace = SimpleNamespace(name=_("East China Sales Centre"), slug="demo", currency=CURRENCY)
    return {"workspace": workspace, "nav": groups, "switch_url": here}


def _rows(count: int) -> list[dict[str, Any]]:
    rows = []
    for index in range(count):
        share, satisfaction, state = FIGURES[index % len(FIGURES)]
        exact = None if share is None else Decimal(share)
        rows.append(
            {
                "name": NAMES[index % len(NAMES)],
                "sales": Decimal(540_000 - 9_870 * index),
                "share": exact,
                "satisfaction": satisfaction,
                "state": state,
                "tone": {"at_risk": "warn", "off_track": "bad"}.get(state, ""),
            }
        )
    return rows


def _sorted(rows: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    key = sort.removeprefix("-")
    if key not in {"name", "sales", "share"}:
        return rows
    known = [row for row in rows if row[key] is not None]
    missing = [row for row in rows if row[key] is None]
    return sorted(known, key=lambda row: row[key], reverse=sort.startswith("-")) + missing


def _charts() -> list[Chart]:
    months = [formats.month_short(2017, month) for month in range(1, 13)]
    people = NAMES[:8]
    return [
        Chart(
            "chart-line",
            _("Sales by month"),
            months,
            [
                Series(_("Sales"), MONTHS),
                Series(_("Same month last year"), LAST_YEAR, role="muted", style="dash"),
            ],
            unit="money",
            currency=CURRENCY,
            category_title=_("Month"),
            summary=_("April brought the jump; September has not been imported."),
        ),
        Chart(
            "chart-bar",
            _("Win rate by quarter"),
            [formats.quarter_label(2017, quarter) for quarter in range(1, 5)],
            [
                Series(_("My team"), [0.592, 0.634, 0.641, 0.628]),
                Series(_("Company"), [0.61, 0.63, 0.62, 0.655], role="muted"),
            ],
            kind="bar",
            unit="percent",
            category_title=_("Quarter"),
        ),
        Chart(
            "chart-people",
            _("Sales by person"),
            people,
            [Series(_("Sales"), [Decimal(540_000 - 51_870 * index) for index in range(len(people))])],
            kind="hbar",
            unit="money",
            currency=CURRENCY,
            category_title=_("Name"),
            height="tall",
        ),
    ]


def _formats() -> list[tuple[str, str]]:
    return [
        ("1234567.5 CNY", formats.money(Decimal("1234567.5"), "CNY")),
        ("-86000 USD", formats.money(-86_000, "USD")),
        ("4812300 CNY", formats.money_short(4_812_300, "CNY")),
        ("0.9145", formats.percent(Decimal("0.9145"))),
        ("51.782 days", formats.by_unit(Decimal("51.782"), "days")),
        ("None", formats.number(None)),
        ("2017-03", formats.period("2017-03")),
        ("2017-Q2", formats.period("2017-Q2")),
        ("2017", formats.period("2017")),
        ("2017-W05", formats.period("2017-W05")),
        ("2017-03-01", formats.period("2017-03-01")),
    ]
