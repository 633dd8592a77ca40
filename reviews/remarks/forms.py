"""Forms of remarks."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.forms import PersonField, day_field
from perfmgmt.web.attachments import ACCEPT
from perfmgmt.worklog.forms import ManyFilesField, ManyFilesInput
from reviews.models import RemarkChannel, RemarkKind
from reviews.remarks.services import RemarkDraft

LONGEST = 4000


class RemarkForm(forms.Form):
    """What a customer said. `has_contact`: the customer is known and not asked for."""

    kind = forms.ChoiceField(label=pgettext_lazy("remark", "What it is"), choices=RemarkKind.choices)
    day = day_field(_("Said on"))
    channel = forms.ChoiceField(label=_("By which way"), choices=RemarkChannel.choices)
    customer_name = forms.CharField(label=_("Customer"), max_length=200, required=False)
    text = forms.CharField(
        label=pgettext_lazy("remark", "What the customer said"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
    )
    proofs = ManyFilesField(label=_("Proof"), required=False, widget=ManyFilesInput(attrs={"accept": ACCEPT}))
    field_order = ("kind", "employee", "day", "channel", "customer_name", "text", "proofs")

    def __init__(
        self, data: Any = None, files: Any = None, *, slug: str, has_contact: bool, initial: dict[str, Any]
    ) -> None:
        super().__init__(data, files, initial=initial)
        self.fields["employee"] = PersonField(slug=slug, label=_("About whom"))
        self.fields["proofs"].help_text = _(
            "A picture of the message, a letter, the minutes: PDF, PNG, JPEG, DOCX or XLSX, up to {most} MB each. "
            "Praise for yourself needs one."
        ).format(most=settings.PROOF_MAX_BYTES // 1024 // 1024)
        if has_contact:
            del self.fields["customer_name"]
        self.order_fields(self.field_order)

    def draft(self) -> RemarkDraft:
        """Return what was typed; the form must be valid."""
        found = self.cleaned_data
        return RemarkDraft(
            found["kind"], found["channel"], found["day"], found["employee"], found["text"],
            found.get("customer_name", ""),
        )  # fmt: skip
