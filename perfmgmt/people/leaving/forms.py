"""The form in which somebody's open things are given to others."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.forms import PersonField, day_field
from perfmgmt.people.handover import HandoverKind, OpenItem
from perfmgmt.people.leaving.services import MOST_ACCESS_DAYS, Choice


class LastDayForm(forms.Form):
    """The last day."""

    last_day = day_field(_("Last day of work"))


class AccessForm(forms.Form):
    """For how long leavers read their own records."""

    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=MOST_ACCESS_DAYS)


class HandoverForm(forms.Form):
    """For each kind of open things: who takes them over, or that they are dropped."""

    def __init__(
        self, *args: Any, slug: str, found: Iterable[tuple[HandoverKind, list[OpenItem]]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.found = list(found)
        for kind, items in self.found:
            self.fields[f"to_{kind.code}"] = PersonField(slug=slug, label=_("Hand over to"), required=False)
            if kind.may_drop:
                self.fields[f"drop_{kind.code}"] = forms.BooleanField(label=str(kind.drop_label), required=False)
            self.fields[f"keys_{kind.code}"] = forms.CharField(
                widget=forms.HiddenInput, required=False, initial=" ".join(item.key for item in items)
            )

    def clean(self) -> dict[str, Any]:
        """Refuse somebody to take over what is to be dropped."""
        data = super().clean() or self.cleaned_data
        for kind, _items in self.found:
            if data.get(f"to_{kind.code}") and data.get(f"drop_{kind.code}"):
                self.add_error(f"to_{kind.code}", _("Choose one: hand over, or not."))
        return data

    def choices(self) -> Mapping[str, Choice]:
        """Return what was chosen, by the kind's code."""
        data = self.cleaned_data
        return {
            kind.code: Choice(
                frozenset(data[f"keys_{kind.code}"].split()),
                data[f"to_{kind.code}"],
                bool(data.get(f"drop_{kind.code}")),
            )
            for kind, _items in self.found
        }

    def sections(self) -> list[dict[str, Any]]:
        """Return each kind with its items and fields, for the template."""
        return [
            {
                "kind": kind,
                "items": items,
                "to": self[f"to_{kind.code}"],
                "drop": self[f"drop_{kind.code}"] if kind.may_drop else None,
                "keys": self[f"keys_{kind.code}"],
            }
            for kind, items in self.found
        ]
