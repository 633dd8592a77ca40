"""Fields that forms about people share: a person found by name or number, days, and a place in the company."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Employee
from perfmgmt.people.selectors import spelt

# The days of forms: those at the ends of all calendars have none before or after them.
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
_NUMBER = re.compile(r"[(（]([^()（）]+)[)）]\s*$")


def person_text(employee: Employee | None) -> str:
    """Return how a person stands in a `PersonField`: name and number."""
    return f"{employee.name} ({employee.number})" if employee else ""


class PersonInput(forms.TextInput):
    """A text input that offers the people found while typing (`people_pick`)."""

    template_name = "people/person_input.html"

    def __init__(self, url: str) -> None:
        super().__init__(attrs={"autocomplete": "off"})
        self.url = url

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the address that finds people, and the id of the list."""
        context = super().get_context(name, value, attrs)
        context["pick_url"] = self.url
        context["list_id"] = f"{context['widget']['attrs'].get('id', name)}_people"
        context["widget"]["attrs"]["list"] = context["list_id"]
        return context


class PersonField(forms.CharField):
    """A person by "name (number)", number, or name, pinyin or initials that only one has; an Employee or None."""

    def __init__(self, *, slug: str, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        help_text = kwargs.pop("help_text", _("Type a name, pinyin or employee number and choose."))
        super().__init__(widget=PersonInput(reverse("people_pick", args=[slug])), help_text=help_text, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a person as they are found again."""
        return person_text(value) if isinstance(value, Employee) else value

    def clean(self, value: Any) -> Any:
        """Find the person; several or nobody is an error of this field."""
        text = super().clean(value)
        return self._find(text.strip()) if text else None

    def _find(self, text: str) -> Employee:
        match = _NUMBER.search(text)
        for number in ([match[1].strip()] if match else []) + [text]:
            employee = Employee.objects.filter(number__iexact=number).first()
            if employee is not None:
                return employee
        same = list(Employee.objects.filter(name__iexact=text)[:2])
        if len(same) == 1:
            return same[0]
        if not same:
            same = list(spelt(text)[:2])
            if len(same) == 1:
                return same[0]
        if same:
            raise forms.ValidationError(_("Several people are called so. Type the employee number."))
        raise forms.ValidationError(_("Nobody is found by this name or number."))


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    """Return a field for a day from 1900 to 2999, with the browser's own calendar."""
    bounds = {"min": EARLIEST.isoformat(), "max": LATEST.isoformat()}
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **bounds})
    kwargs.setdefault("validators", [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)])
    return forms.DateField(label=label, input_formats=["%Y-%m-%d"], widget=widget, **kwargs)
