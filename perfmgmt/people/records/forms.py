"""Forms about one person: record, place, absence, stand-in."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.directory import Options
from perfmgmt.people.forms import PersonField, day_field
from perfmgmt.people.models import (
    FOREVER,
    AbsenceKind,
    Assignment,
    Employee,
    Gender,
    Position,
    SalesRoleType,
    Unit,
)
from perfmgmt.people.records.assignments import Place

INDENT = "\N{IDEOGRAPHIC SPACE}"


def unit_choices(options: Options) -> list[tuple[str, str]]:
    """Return the open units as choices, indented by their depth."""
    return [(str(pk), f"{INDENT * depth}{name}") for pk, name, depth in options.units]


class RecordForm(forms.Form):
    """What HR knows of a person."""

    name = forms.CharField(label=_("Name"), max_length=120)
    number = forms.CharField(label=_("Employee number"), max_length=40)
    email = forms.EmailField(label=_("Email"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    hired_on = day_field(_("Hire date"), required=False)
    gender = forms.ChoiceField(
        label=_("Gender"),
        choices=[("", "—"), *Gender.choices],
        required=False,
        help_text=_("Only for the fairness check of groups; leave it out if your company doesn't record it."),
    )

    def clean_email(self) -> str:
        """Addresses are kept in lower case, as the sign-in keeps them."""
        return str(self.cleaned_data["email"]).lower()


def record_of(employee: Employee) -> dict[str, Any]:
    """Return the initial values of a RecordForm."""
    return {name: getattr(employee, name) for name in RecordForm.base_fields}


class PlaceForm(forms.Form):
    """Where somebody works: unit, position, manager, kind of selling, share of full time."""

    def __init__(
        self,
        *args: Any,
        slug: str,
        options: Options,
        unit_required: bool = True,
        present: Unit | None = None,
        **kwargs: Any,
    ) -> None:
        """`present` is the unit that is set now: it can stay even if it is archived."""
        super().__init__(*args, **kwargs)
        units, positions = unit_choices(options), [(str(pk), name) for pk, name in options.positions]
        if present is not None and str(present.pk) not in dict(units):
            units.insert(0, (str(present.pk), present.name))
        self.fields["unit"] = forms.ChoiceField(
            label=_("Org unit"), choices=[("", "—"), *units], required=unit_required
        )
        self.fields["position"] = forms.ChoiceField(
            label=_("Position"), choices=[("", "—"), *positions], required=False
        )
        self.fields["manager"] = PersonField(slug=slug, label=_("Manager"), required=False)
        self.fields["sales_role_type"] = forms.ChoiceField(
            label=_("Sales role type"), choices=[("", "—"), *SalesRoleType.choices], required=False
        )
        self.fields["share"] = forms.DecimalField(
            label=_("Full-time share in percent"), min_value=Decimal("0.1"), max_value=100, decimal_places=1,
            max_digits=4, initial=100,
        )  # fmt: skip
        self.order_fields(("day", "valid_from", "valid_to", "unit", "position", "manager"))

    def place(self) -> Place:
        """Return the place that was chosen; a unit is among it."""
        data = self.cleaned_data
        position = Position.objects.get(pk=int(data["position"])) if data["position"] else None
        share = (data["share"] / 100).quantize(Decimal("0.001"))
        return Place(
            Unit.objects.get(pk=int(data["unit"])), position, data["manager"], data["sales_role_type"], share
        )


def place_of(spell: Assignment) -> dict[str, Any]:
    """Return the initial values of a PlaceForm."""
    share = spell.full_time_share * 100
    return {
        "unit": str(spell.unit_id),
        "position": str(spell.position_id or ""),
        "manager": spell.manager,
        "sales_role_type": spell.sales_role_type,
        "share": f"{share:f}".rstrip("0").rstrip(".") if share != share.to_integral() else int(share),
        "valid_from": spell.valid_from,
        "valid_to": None if spell.valid_to == FOREVER else spell.valid_to,
    }


class SpellForm(PlaceForm):
    """A place and its days."""

    valid_from = day_field(_("From"))
    valid_to = day_field(_("To"), required=False, help_text=_("Empty: until further notice."))


class ChangeForm(PlaceForm):
    """A place and the day from which it holds."""

    day = day_field(_("From this day on"))


class EndForm(forms.Form):
    """The last day of an assignment."""

    day = day_field(_("Last day"))


class AbsenceForm(forms.Form):
    """Days on which somebody is away, and who stands in."""

    kind = forms.ChoiceField(label=_("Kind"), choices=AbsenceKind.choices)
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    hours = forms.DecimalField(
        label=_("Hours a day"), required=False, min_value=Decimal("0.25"), max_value=Decimal("23.75"),
        max_digits=4, decimal_places=2, help_text=_("Only for a part of the day; empty: whole days."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, slug: str, with_stand_in: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if with_stand_in:
            self.fields["stand_in"] = PersonField(
                slug=slug, label=_("Stand-in on these days"), required=False,
                help_text=_("Decides in this person's place. Empty: nobody."),
            )  # fmt: skip


class StandInForm(forms.Form):
    """Who decides in a person's place, and when."""

    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)
    field_order = ("stand_in", "first_day", "last_day", "reason")

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stand_in"] = PersonField(slug=slug, label=_("Stand-in"))
        self.order_fields(self.field_order)
