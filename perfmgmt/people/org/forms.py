"""Forms of units and positions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.directory import Options
from perfmgmt.people.models import Unit
from perfmgmt.people.records.forms import INDENT


class ParentForm(forms.Form):
    """The unit above."""

    def __init__(self, *args: Any, options: Options, without: Iterable[int] = (), **kwargs: Any) -> None:
        """`without`: units that can't be chosen."""
        super().__init__(*args, **kwargs)
        left_out = set(without)
        choices = [(str(pk), f"{INDENT * depth}{name}") for pk, name, depth in options.units if pk not in left_out]
        self.fields["parent"] = forms.ChoiceField(
            label=_("Below"), choices=[("", _("at the top")), *choices], required=False
        )

    def parent(self) -> Unit | None:
        """Return the unit that was chosen; None for the top."""
        chosen = self.cleaned_data["parent"]
        return Unit.objects.get(pk=int(chosen)) if chosen else None


class NameForm(forms.Form):
    """A unit's name."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=120)


class UnitForm(ParentForm):
    """A new unit."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=120)


class PositionForm(forms.Form):
    """A position, in both languages."""

    name = forms.CharField(label=pgettext_lazy("thing", "Name"), max_length=120)
    name_en = forms.CharField(
        label=_("Name in English"), max_length=120, required=False, help_text=_("For readers of the English pages.")
    )
    code = forms.CharField(label=_("Code"), max_length=40, required=False)
