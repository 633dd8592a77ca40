"""Forms of customers, contacts, owners and consents."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfmgmt.customers.models import ConsentState, Customer, Language
from perfmgmt.people.forms import PersonField, day_field
from perfmgmt.people.zones import TimeZoneField
from perfmgmt.web.attachments import ACCEPT

_NOTE = forms.Textarea(attrs={"rows": 2})


class CustomerForm(forms.Form):
    """A company. Who may not manage all customers can't change the id."""

    external_id = forms.CharField(
        label=_("Id in your systems"), max_length=200,
        help_text=_("The text by which your facts name the customer, letter by letter."),
    )  # fmt: skip
    name = forms.CharField(label=_("Name"), max_length=200, required=False, help_text=_("Empty: the id is the name."))
    customer_type = forms.CharField(label=_("Customer type"), max_length=60, required=False)
    region = forms.CharField(label=_("Region"), max_length=60, required=False)
    note = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=_NOTE)

    def __init__(self, *args: Any, whole: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not whole:
            del self.fields["external_id"]


class CustomerField(forms.CharField):
    """A company by its id, or by a name that only one has; a Customer or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("The id or the whole name. Empty: no company."))
        super().__init__(max_length=200, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a company as it is found again."""
        return value.external_id if isinstance(value, Customer) else value

    def clean(self, value: Any) -> Any:
        """Find the company; several or none is an error of this field."""
        text = super().clean(value).strip()
        if not text:
            return None
        there = Customer.objects.filter(merged_into=None)
        same = list(there.filter(external_id=text)[:1]) or list(there.filter(name=text)[:2])
        if len(same) == 1:
            return same[0]
        if same:
            raise forms.ValidationError(_("Several customers are called so. Type the id."))
        raise forms.ValidationError(_("No customer has this id or name."))


class ContactForm(forms.Form):
    """A contact; `company` is there for who manages all customers."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    title = forms.CharField(label=_("Position"), max_length=120, required=False)
    email = forms.EmailField(
        label=_("Email"), max_length=254, required=False,
        help_text=_("Empty for who is reached by QR code or WeChat only."),
    )  # fmt: skip
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language of mail"), choices=Language.choices)
    time_zone = TimeZoneField(required=False, help_text=_("Empty: that of the workspace."))
    note = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=_NOTE)

    def __init__(self, *args: Any, whole: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if whole:
            self.fields["company"] = CustomerField(label=_("Customer"), required=False)

    def values(self) -> dict[str, Any]:
        """Return the fields to write."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "company"}
        if "company" in self.cleaned_data:
            company = self.cleaned_data["company"]
            found["customer_id"] = company.pk if company else None
        return found


class OwnerForm(forms.Form):
    """Who looks after a customer from a day on."""

    from_day = day_field(_("From"))

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"] = PersonField(
            slug=slug, label=_("Looked after by"), required=False,
            help_text=_("Type a name, pinyin or employee number and choose. Empty: nobody."),
        )  # fmt: skip
        self.order_fields(["employee", "from_day"])


class ConsentForm(forms.Form):
    """What the contact said, when, from where that is known, and what proves it."""

    state = forms.ChoiceField(label=_("What was said"), choices=ConsentState.choices, initial=ConsentState.GIVEN)
    day = day_field(_("Day"))
    source = forms.CharField(
        label=_("Known from"), max_length=120, help_text=_("A contract, a form, a call, a trade fair.")
    )
    proof = forms.CharField(
        label=_("Proof"), max_length=1000, required=False, widget=_NOTE,
        help_text=_("The wording that was agreed to, or where the signed paper lies."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("File"), required=False, widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
        help_text=_("PDF, PNG, JPEG, DOCX or XLSX, 10 MB."),
    )  # fmt: skip

    def at(self, today: date, zone: str) -> datetime:
        """Return the time of the day that was given: now for today, noon of another."""
        day: date = self.cleaned_data["day"]
        return timezone.now() if day == today else datetime.combine(day, time(12), ZoneInfo(zone))


class EraseForm(forms.Form):
    """Erasing is for good, so it is said twice."""

    sure = forms.BooleanField(label=_("Yes, erase this contact for good"))
