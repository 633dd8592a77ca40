"""Forms of scorecards: what one is called and for whom, and publishing a version."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.models import Position, SalesRoleType
from perfmgmt.people.viewer import Workspace
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.web import formats
from reviews.models import Rhythm, Scorecard
from reviews.scorecards.services import CardDraft


class ScorecardForm(forms.Form):
    """What a scorecard is called, in both languages, how often it counts, and for whom."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    name_en = forms.CharField(
        label=_("Name in English"), max_length=120, required=False, help_text=_("One of the two is enough.")
    )
    rhythm = forms.TypedChoiceField(label=_("Rhythm"), choices=Rhythm.choices, coerce=int, initial=Rhythm.QUARTER)
    position = forms.TypedChoiceField(label=_("Position"), coerce=int, empty_value=None, required=False)
    sales_role_type = forms.ChoiceField(
        label=_("Sales role type"), required=False,
        help_text=_("Of several scorecards that fit, the narrowest counts: position and type, position, type, all."),
    )  # fmt: skip

    def __init__(self, data: Any, *, card: Scorecard | None = None, fixed: bool = False, **kwargs: Any) -> None:
        if card is not None:
            kwargs.setdefault("initial", {
                "name_zh": card.name_zh, "name_en": card.name_en, "rhythm": card.rhythm,
                "position": card.position_id, "sales_role_type": card.sales_role_type,
            })  # fmt: skip
        super().__init__(data, **kwargs)
        everybody = ("", _("Everybody"))
        positions = [(one.pk, str(one)) for one in Position.objects.order_by("name")]
        self.fields["position"].choices = [everybody, *positions]  # type: ignore[attr-defined]
        self.fields["sales_role_type"].choices = [everybody, *SalesRoleType.choices]  # type: ignore[attr-defined]
        for name in ("rhythm", "position", "sales_role_type") if fixed else ():
            self.fields[name].disabled = True

    def draft(self) -> CardDraft:
        """Return what was entered; the form must be valid."""
        found = self.cleaned_data
        return CardDraft(
            found["name_zh"].strip(), found["name_en"].strip(), found["rhythm"], found["position"],
            found["sales_role_type"],
        )  # fmt: skip


def periods_from(card: Scorecard, first: date | None, workspace: Workspace) -> list[Period]:
    """Return the periods from which a version may count: a year back, and some to come, none before `first`."""
    running = Period.containing(Grain(card.rhythm), workspace.today(), workspace.fiscal_start_month)
    back, ahead = {Rhythm.MONTH: (12, 3), Rhythm.QUARTER: (4, 3), Rhythm.YEAR: (1, 2)}[Rhythm(card.rhythm)]
    found = [running.next(step) for step in range(-back, ahead + 1)]
    return [period for period in found if first is None or period.start >= first]


class PublishForm(forms.Form):
    """From which period on a version counts."""

    valid_from = forms.ChoiceField(
        label=_("Counts for periods from"),
        help_text=_("Usually the next period: people should know how they are assessed before it begins."),
    )

    def __init__(self, data: Any, *, periods: list[Period], workspace: Workspace) -> None:
        following = next((one for one in periods if one.start > workspace.today()), None)
        super().__init__(data, initial={"valid_from": following.start.isoformat() if following else None})
        choices = [(one.start.isoformat(), formats.period(one)) for one in periods]
        self.fields["valid_from"].choices = choices  # type: ignore[attr-defined]

    def day(self) -> date:
        """Return the first day; the form must be valid."""
        return date.fromisoformat(self.cleaned_data["valid_from"])
