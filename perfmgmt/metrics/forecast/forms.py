"""The form of one row of the market index, and that of pasted ones."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.forecast.index import MOST_FACTOR, PLACES, Entry
from perfmgmt.metrics.models import MarketIndex


class MarketForm(forms.Form):
    """One month's factor, for all or for a region or a product."""

    month = forms.DateField(
        label=_("Month"),
        input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
    )
    factor = forms.DecimalField(
        label=_("Factor"), min_value=Decimal("0.0001"), max_value=MOST_FACTOR, max_digits=6, decimal_places=PLACES,
        help_text=_("1 is a usual market; 0.97 means 3% less is to be had."),
    )  # fmt: skip
    region = forms.CharField(
        label=_("Region"), max_length=120, required=False,
        help_text=_("The name of a unit: counts for everybody in it and below. Empty: for all."),
    )  # fmt: skip
    product = forms.CharField(
        label=_("Product or series"), max_length=200, required=False,
        help_text=_("Counts for metrics of this product or series only. Empty: for all."),
    )  # fmt: skip
    source = forms.CharField(
        label=_("Source"), max_length=300, required=False, help_text=_("Where the number comes from.")
    )

    @staticmethod
    def initial_of(row: MarketIndex | None, today: date) -> dict[str, Any]:
        """Return what the form begins with."""
        if row is None:
            return {"month": today.replace(day=1)}
        values = {name: getattr(row, name) for name in ("month", "region", "product", "source")}
        return {**values, "factor": f"{row.factor.normalize():f}"}

    def entry(self) -> Entry:
        """Return what was typed; after validation."""
        data = self.cleaned_data
        return Entry(
            data["month"].replace(day=1), data["region"].strip(), data["product"].strip(), data["factor"],
            data["source"].strip(),
        )  # fmt: skip


class PasteForm(forms.Form):
    """Many rows at once, from a spreadsheet."""

    lines = forms.CharField(
        label=_("Rows"),
        max_length=500_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": "2026-03\t\t\t0.97\tNBS"}),
        help_text=_("Month, region, product, factor, source: one row a line, as copied from a spreadsheet."),
    )
