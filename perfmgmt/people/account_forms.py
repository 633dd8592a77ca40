"""Forms of a person's own account."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.notifications import registered
from perfmgmt.people.models import User
from perfmgmt.people.zones import DEFAULT, TimeZoneField
from perfmgmt.tenants.models import SLUG

CURRENCIES = [
    ("CNY", _("Chinese yuan (CNY)")),
    ("HKD", _("Hong Kong dollar (HKD)")),
    ("TWD", _("New Taiwan dollar (TWD)")),
    ("SGD", _("Singapore dollar (SGD)")),
    ("JPY", _("Japanese yen (JPY)")),
    ("KRW", _("South Korean won (KRW)")),
    ("USD", _("US dollar (USD)")),
    ("EUR", _("Euro (EUR)")),
    ("GBP", _("Pound sterling (GBP)")),
    ("CHF", _("Swiss franc (CHF)")),
    ("AUD", _("Australian dollar (AUD)")),
    ("CAD", _("Canadian dollar (CAD)")),
]


class SignupForm(forms.Form):
    """What we ask beside the address and the password (allauth builds its form on this one)."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep the name of who has just signed up."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class ProfileForm(forms.ModelForm):
    """A person's own name and language."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("Of pages in a new browser, and of mail to you.")
    )

    class Meta:
        model = User
        fields = ["name", "language"]


class NotificationsForm(forms.Form):
    """Which kinds of notifications a person wants to be told; what is not chosen is muted."""

    told = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told: Any = self.fields["told"]
        told.label = _("Tell me in the application when")
        told.choices = [(kind.code, kind.title or kind.code) for kind in registered()]

    @property
    def muted(self) -> list[str]:
        """The kinds that were not chosen."""
        return sorted({kind.code for kind in registered()} - set(self.cleaned_data["told"]))


class NewWorkspaceForm(forms.Form):
    """What a workspace begins with (T1)."""

    name = forms.CharField(
        label=_("Company name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    slug = forms.CharField(
        label=_("Short name in addresses"),
        max_length=50,
        validators=[SLUG],
        help_text=_("Lower-case letters, digits and hyphens, such as “acme-sales”. It can't be changed later."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = TimeZoneField(initial=DEFAULT)
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES, initial="CNY")
    fiscal_start_month = forms.TypedChoiceField(
        label=_("First month of the fiscal year"),
        coerce=int,
        choices=[(month, str(month)) for month in range(1, 13)],
        initial=1,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()
