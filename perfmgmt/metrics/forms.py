"""The upload of a file to import (F3), and the name of a profile."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.imports import facts, people
from perfmgmt.metrics.imports.mapping import (
    Json,
    facts_mapping,
    parse_json,
    people_mapping,
)
from perfmgmt.metrics.models import ImportProfile
from perfmgmt.tenants.errors import DomainError

MOST_MAPPING_BYTES = 200_000
KINDS = {people.KIND: people_mapping, facts.KIND: facts_mapping}


class ImportForm(forms.Form):
    """A file, what it holds, and (unless its columns have the names we expect) a mapping."""

    kind = forms.ChoiceField(
        label=_("What the file holds"),
        choices=[(people.KIND, _("People and their units")), (facts.KIND, _("Facts: sales, orders, tasks, ..."))],
        widget=forms.RadioSelect,
        initial=facts.KIND,
    )
    file = forms.FileField(
        label=_("CSV or Excel file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv", "data-drop": ""}),
        help_text=_("CSV or XLSX; the first row names the columns. Separator and encoding are found out."),
    )
    mapping = forms.FileField(
        label=_("Mapping (JSON)"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
        help_text=_("Says which column means what, instead of the page of columns."),
    )

    def clean_file(self) -> Any:
        """Bound the size before anything is stored."""
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Split it and import the parts."),
                params={"most": settings.IMPORT_MAX_BYTES // 1024 // 1024},
            )
        return file

    def clean(self) -> dict[str, Any]:
        """Read the mapping and check it for the chosen kind.

        `cleaned_data["mapping"]` is the JSON afterwards, None without a mapping.
        """
        data = super().clean() or self.cleaned_data
        if "kind" in data:
            try:
                data["mapping"] = self._read(data.get("mapping"))
                if data["mapping"] is not None:
                    KINDS[data["kind"]](data["mapping"])
            except DomainError as error:
                self.add_error("mapping", str(error))
        return data

    def _read(self, file: Any) -> Json | None:
        if not file:
            return None
        if file.size > MOST_MAPPING_BYTES:
            raise DomainError(_("The mapping is too large to be one."))
        try:
            return parse_json(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise DomainError(_("The mapping is not a text in UTF-8.")) from error


class ProfileForm(forms.Form):
    """Keeping the columns for the next file: under a new name, or in place of a profile."""

    name = forms.CharField(
        label=_("Name of the profile"),
        max_length=120,
        required=False,
        help_text=_("Next time, a file with the same columns is filled in by itself. Empty: not kept."),
    )
    overwrite = forms.BooleanField(label=_("Replace a profile of this name"), required=False)

    prefix = "profile"

    def __init__(self, *args: Any, profile: ImportProfile | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if profile is not None:
            self.fields["overwrite"].help_text = _("“%(name)s” becomes version %(version)s.") % {
                "name": profile.name,
                "version": profile.version + 1,
            }
