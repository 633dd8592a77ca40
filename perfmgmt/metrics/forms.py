"""The upload of a file to import (F3, plain)."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.imports import facts, people
from perfmgmt.metrics.imports.mapping import (
    DEFAULT_FACTS,
    DEFAULT_PEOPLE,
    Json,
    facts_mapping,
    parse_json,
    people_mapping,
)
from perfmgmt.tenants.errors import DomainError

MOST_MAPPING_BYTES = 200_000
KINDS = {
    people.KIND: (DEFAULT_PEOPLE, people_mapping),
    facts.KIND: (DEFAULT_FACTS, facts_mapping),
}


class ImportForm(forms.Form):
    """A file, what it holds, and (unless its columns have the names we expect) a mapping."""

    kind = forms.ChoiceField(
        label=_("What the file holds"),
        choices=[(people.KIND, _("People and their units")), (facts.KIND, _("Facts: sales, orders, tasks, ..."))],
        widget=forms.RadioSelect,
        initial=facts.KIND,
    )
    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        help_text=_("Comma, semicolon or tab; UTF-8 or GB18030; the first row names the columns."),
    )
    mapping = forms.FileField(
        label=_("Mapping (JSON)"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
        help_text=_("Says which column means what. Without one the columns must have the names shown beside."),
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
        """Read the mapping and check it for the chosen kind; `cleaned_data["mapping"]` is the JSON afterwards."""
        data = super().clean() or self.cleaned_data
        if "kind" in data:
            default, check = KINDS[data["kind"]]
            try:
                data["mapping"] = self._read(data.get("mapping")) or default
                check(data["mapping"])
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
