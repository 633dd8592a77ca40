"""Forms of mail: an address that gets no more surveys, and the records of a domain that are to be checked."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SuppressForm(forms.Form):
    """An address, and why it is written to no more."""

    address = forms.EmailField(label=_("Email"))
    detail = forms.CharField(label=_("Why"), max_length=200, required=False)


class AdviceForm(forms.Form):
    """The domain that mail comes from, the server that sends it, and the three records as they were copied."""

    domain = forms.CharField(label=_("Domain of the sender"), max_length=253)
    host = forms.CharField(label=_("Mail server that sends"), max_length=253, required=False)
    spf = forms.CharField(
        label=_("TXT records of the domain (SPF)"),
        max_length=8000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Each record on a line of its own."),
    )
    dkim = forms.CharField(
        label=_("TXT record of <selector>._domainkey (DKIM)"),
        max_length=8000,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )
    dmarc = forms.CharField(
        label=_("TXT record of _dmarc (DMARC)"), max_length=8000, required=False, widget=forms.Textarea({"rows": 2})
    )
