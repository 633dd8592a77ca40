"""Forms of triggers, campaigns and of a survey that somebody starts."""

from datetime import date, datetime, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers.models import Customer
from perfmgmt.metrics.selectors import metrics_that_take_facts
from perfmgmt.people.forms import day_field
from reviews.asking.services import CampaignSettings, TriggerSettings
from reviews.models import AskChannel, AskedAfter, Survey, SurveyCampaign, SurveyTrigger


def _offer(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = choices


class SamplingForm(forms.Form):
    """How many of those who could be asked are."""

    rate = forms.IntegerField(
        label=_("Share that is asked (%)"), min_value=1, max_value=100, initial=100,
        help_text=_("Drawn by chance; nobody can choose or foresee who."),
    )  # fmt: skip
    quota = forms.IntegerField(
        label=_("At most per assistant and month"), min_value=1, max_value=1000, required=False,
        help_text=_("Empty: no limit."),
    )  # fmt: skip
    quiet_days = forms.IntegerField(
        label=_("Quiet period (days)"), min_value=0, max_value=730, initial=30,
        help_text=_("So long this survey leaves the same person alone. The limits over all surveys hold as well."),
    )  # fmt: skip

    def sampling(self) -> dict[str, Any]:
        """Return what was typed; the form must be valid."""
        return {name: self.cleaned_data[name] for name in ("rate", "quota", "quiet_days")}


class TriggerForm(SamplingForm):
    """After what a survey goes out. `trigger`: the one that is changed, whose metric stays."""

    after = forms.ChoiceField(
        label=_("Asked after"), choices=AskedAfter.choices, help_text=_("The mail and the page say it so.")
    )
    metric = forms.ChoiceField(label=_("Each fact of the metric"))
    delay_days = forms.IntegerField(label=_("Days to wait"), min_value=0, max_value=60, initial=1)
    from_day = day_field(_("For what happens from"))
    field_order = ("after", "metric", "delay_days", "from_day", "rate", "quota", "quiet_days")

    def __init__(self, data: Any = None, *, today: date, trigger: SurveyTrigger | None = None) -> None:
        names = ("after", "delay_days", "from_day", "rate", "quota", "quiet_days")
        initial: dict[str, Any] = {"from_day": today}
        if trigger is not None:
            initial = {name: getattr(trigger, name) for name in names} | {"metric": str(trigger.metric_id)}
        super().__init__(data, initial=initial)
        metrics = [trigger.metric] if trigger is not None else list(metrics_that_take_facts())
        choices = sorted(((str(one.pk), one.name) for one in metrics), key=lambda pair: pair[1])
        _offer(self, "metric", choices)
        self.fields["metric"].disabled = trigger is not None

    def settings(self) -> TriggerSettings:
        """Return what was typed; the form must be valid."""
        found = self.cleaned_data
        return TriggerSettings(found["after"], found["delay_days"], found["from_day"], **self.sampling())


class CampaignForm(SamplingForm):
    """Which group is asked once, and when."""

    name = forms.CharField(label=_("Name of the campaign"), max_length=120)
    customer_type = forms.ChoiceField(label=_("Customer type"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    starts_on = day_field(_("Starts on"))
    field_order = ("name", "customer_type", "region", "starts_on", "rate", "quota", "quiet_days")

    def __init__(self, data: Any = None, *, today: date, zone: str, campaign: SurveyCampaign | None = None) -> None:
        self.zone = ZoneInfo(zone)
        initial: dict[str, Any] = {"starts_on": today}
        if campaign is not None:
            names = ("name", "customer_type", "region", "rate", "quota", "quiet_days")
            initial = {name: getattr(campaign, name) for name in names}
            initial["starts_on"] = campaign.starts_at.astimezone(self.zone).date()
        super().__init__(data, initial=initial)
        for name in ("customer_type", "region"):
            known = set(Customer.objects.filter(merged_into=None).order_by().values_list(name, flat=True).distinct())
            known.add(initial.get(name, ""))
            _offer(self, name, [("", _("All")), *((one, one) for one in sorted(known) if one)])

    def settings(self) -> CampaignSettings:
        """Return what was typed, the day as the moment at which it begins; the form must be valid."""
        found = self.cleaned_data
        starts_at = datetime.combine(found["starts_on"], time(), self.zone)
        return CampaignSettings(found["name"], found["customer_type"], found["region"], starts_at, **self.sampling())


class StartForm(forms.Form):
    """Which survey a contact is asked, and how. `by_mail`: whether the contact has an address."""

    survey = forms.ChoiceField(label=_("Customer survey"))
    channel = forms.ChoiceField(
        label=_("How the customer gets it"), choices=AskChannel.choices, widget=forms.RadioSelect, required=False,
        help_text=_("By link: you send it yourself, by WeChat for instance, or let the customer scan the QR code."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, surveys: list[Survey], by_mail: bool = True) -> None:
        self.default = AskChannel.MAIL if by_mail else AskChannel.LINK
        super().__init__(data, initial={"channel": self.default})
        _offer(self, "survey", [(str(one.pk), one.name) for one in surveys])
        if not by_mail:
            _offer(self, "channel", [(str(AskChannel.LINK), AskChannel.LINK.label)])

    def clean_channel(self) -> AskChannel:
        """Return how; without a choice the first that is offered."""
        return AskChannel(self.cleaned_data["channel"] or self.default)
