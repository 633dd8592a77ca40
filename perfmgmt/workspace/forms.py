"""The forms of the settings, one per section."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.core import get_global
from babel.numbers import get_territory_currencies
from django import forms
from django.conf import settings
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import EARLIEST
from perfmgmt.people.zones import TimeZoneField
from perfmgmt.tenants.grades import BadBands, check_bands
from perfmgmt.tenants.models import RankingVisibility, WorkspaceRules
from perfmgmt.tenants.workdays import countries
from perfmgmt.web import formats

MOST_BANDS = 8
LAST_YEAR = 2100


@lru_cache(maxsize=4)
def currency_choices(_language: str) -> list[tuple[str, str]]:
    """Return the currencies in use today, by code, with their names in the active language."""
    territories = get_global("territory_currencies")
    codes = {code for territory in territories for code in get_territory_currencies(territory)}
    names = formats.locale().currencies
    return [(code, f"{code} · {names.get(code, code)}") for code in sorted(codes)]


@lru_cache(maxsize=4)
def country_choices(_language: str) -> list[tuple[str, str]]:
    """Return the countries whose holidays are known, by name; China first, and none at all."""
    names = formats.locale().territories
    known = sorted(((code, names.get(code, code)) for code in countries()), key=lambda pair: pair[1])
    return [("CN", names["CN"]), ("", str(_("No public holidays"))), *[pair for pair in known if pair[0] != "CN"]]


class GeneralForm(forms.Form):
    """Name, language, time zone, currency and fiscal year."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=120)
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("Of people who have not chosen one themselves.")
    )
    time_zone = TimeZoneField()
    currency = forms.ChoiceField(label=_("Currency"))
    fiscal_start_month = forms.TypedChoiceField(
        label=_("First month of the fiscal year"),
        coerce=int,
        help_text=_(
            "A change recomputes every quarter and year. It runs as a job with progress; until it is done the old "
            "quarters stay."
        ),
    )

    def __init__(self, *args: Any, currency_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency: Any = self.fields["currency"]
        currency.choices = currency_choices(get_language() or "en")
        month: Any = self.fields["fiscal_start_month"]
        month.choices = [(n, formats.locale().months["stand-alone"]["wide"][n]) for n in range(1, 13)]
        if currency_fixed:
            currency.disabled = True
            currency.help_text = _("Amounts are kept in this currency already, so it can't change any more.")


class PublicCalendarForm(forms.Form):
    """Whose public holidays, and which days are the weekend."""

    country = forms.ChoiceField(label=_("Public holidays of"), required=False)
    weekend = forms.TypedMultipleChoiceField(
        label=_("Weekend"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["country"].choices = country_choices(get_language() or "en")
        fields["weekend"].choices = [(n, formats.locale().days["stand-alone"]["wide"][n - 1]) for n in range(1, 8)]

    def clean_weekend(self) -> list[int]:
        """Somebody has to work some time."""
        weekend: list[int] = self.cleaned_data["weekend"]
        if len(weekend) > 6:
            raise forms.ValidationError(_("Leave at least one working day in the week."))
        return sorted(weekend)


class DayForm(forms.Form):
    """One day of the workspace's own."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    works = forms.TypedChoiceField(
        label=_("On this day we"),
        choices=[("no", _("have a day off")), ("yes", _("work"))],
        coerce=lambda text: text == "yes",
        widget=forms.RadioSelect,
        initial="no",
    )
    name = forms.CharField(
        label=pgettext_lazy("thing", "Name"),
        max_length=80,
        help_text=_("Such as “Founders' day” or “make-up workday”."),
    )

    def clean_day(self) -> date:
        """Keep to years that a calendar is drawn for."""
        day: date = self.cleaned_data["day"]
        if not EARLIEST.year < day.year <= LAST_YEAR:
            raise forms.ValidationError(_("Choose a day between 1901 and 2100."))
        return day


class GradeBandsForm(forms.Form):
    """Grades with their lower bounds, highest first; empty rows are left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, MOST_BANDS + 1):
            self.fields[f"grade_{n}"] = forms.CharField(required=False, max_length=10)
            self.fields[f"from_{n}"] = forms.DecimalField(
                required=False, min_value=0, max_value=1000, max_digits=6, decimal_places=2
            )

    @staticmethod
    def initial_of(bands: list[dict[str, str]]) -> dict[str, str]:
        """Return stored bands as the form's initial values."""
        found = {}
        for n, band in enumerate(bands, 1):
            found[f"grade_{n}"], found[f"from_{n}"] = band["grade"], band["from"]
        return found

    def rows(self) -> list[tuple[int, Any, Any]]:
        """Return the rows with their two fields."""
        return [(n, self[f"grade_{n}"], self[f"from_{n}"]) for n in range(1, MOST_BANDS + 1)]

    def clean(self) -> dict[str, Any]:
        """Read the rows into `cleaned_data["bands"]` and check that they can grade."""
        data = super().clean() or self.cleaned_data
        bands: list[tuple[str, Decimal]] = []
        for n in range(1, MOST_BANDS + 1):
            name, bound = (data.get(f"grade_{n}") or "").strip(), data.get(f"from_{n}")
            if name and bound is None and not self.errors:
                self.add_error(f"from_{n}", _("Give this grade its lower bound."))
            elif name or bound is not None:
                bands.append((name, bound if bound is not None else Decimal(0)))
        if not self.errors:
            self._check(bands)
        data["bands"] = [{"grade": name, "from": f"{bound.normalize():f}"} for name, bound in bands]
        return data

    def _check(self, bands: list[tuple[str, Decimal]]) -> None:
        try:
            check_bands(bands)
        except BadBands as error:
            words = {
                "empty": _("Name every grade, and at least one."),
                "doubled": _("Name each grade once only."),
                "order": _("The lower bounds must fall from row to row."),
            }
            raise forms.ValidationError(words[error.code]) from error


class AnonymityForm(forms.Form):
    """How many people must have answered before anything of a group is shown (RULES.md sections 6 and 14)."""

    names = ("peers", "reports", "internal_customers", "customers", "voices")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.names:
            field = WorkspaceRules._meta.get_field(f"minimum_{name}")
            label = str(field.verbose_name).capitalize()  # type: ignore[union-attr]
            self.fields[f"minimum_{name}"] = forms.IntegerField(label=label, min_value=3, max_value=50)


class SurveyForm(forms.Form):
    """How often customers may be asked."""

    survey_days_between = forms.IntegerField(
        label=_("Days between two surveys"), min_value=0, max_value=365,
        help_text=_("To one customer, over all surveys together."),
    )  # fmt: skip
    surveys_per_year = forms.IntegerField(label=_("Surveys a year for each customer"), min_value=1, max_value=52)
    survey_reminders = forms.IntegerField(label=_("Reminders for each survey"), min_value=0, max_value=3)
    survey_from_hour = forms.IntegerField(
        label=_("Send from (hour)"), min_value=0, max_value=23, help_text=_("In the customer's own time zone.")
    )
    survey_to_hour = forms.IntegerField(label=_("Send until (hour)"), min_value=1, max_value=24)

    def clean(self) -> dict[str, Any]:
        """The window must be open for an hour at least."""
        data = super().clean() or self.cleaned_data
        first, last = data.get("survey_from_hour"), data.get("survey_to_hour")
        if first is not None and last is not None and first >= last:
            self.add_error("survey_to_hour", _("Must be later than the hour before."))
        return data


class RankingForm(forms.Form):
    """Who sees the places of others."""

    ranking_visibility = forms.ChoiceField(
        label=_("What a sales assistant sees of the team's ranking"),
        choices=RankingVisibility.choices,
        widget=forms.RadioSelect,
    )
    ranking_top = forms.IntegerField(label=_("How many best places"), min_value=1, max_value=20)


class RateForm(forms.Form):
    """One exchange rate."""

    currency = forms.ChoiceField(label=_("Currency"))
    valid_from = forms.DateField(
        label=_("Valid from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    rate = forms.DecimalField(
        label=_("Rate"), min_value=Decimal("0.00000001"), max_value=Decimal(1_000_000), max_digits=18,
        decimal_places=8,
    )  # fmt: skip

    def __init__(self, *args: Any, own: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency: Any = self.fields["currency"]
        currency.choices = [pair for pair in currency_choices(get_language() or "en") if pair[0] != own]
        self.fields["rate"].help_text = _("What one unit of the currency is worth in %(own)s.") % {"own": own}
