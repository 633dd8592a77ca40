"""The upload of a file to import (F3), and the name of a profile."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from perfmgmt.metrics.imports import facts
from perfmgmt.metrics.imports.kinds import KINDS
from perfmgmt.metrics.imports.mapping import Json, parse_json
from perfmgmt.metrics.imports.reader import ENCODING_NAMES
from perfmgmt.metrics.imports.workbook import MOST_COUNTED
from perfmgmt.metrics.models import ImportProfile
from perfmgmt.tenants.errors import DomainError
from perfmgmt.web.formats import number

MOST_MAPPING_BYTES = 200_000


class ImportForm(forms.Form):
    """A file, what it holds, and (unless its columns have the names we expect) a mapping."""

    kind = forms.ChoiceField(
        label=_("What the file holds"),
        choices=[(kind.code, kind.label) for kind in KINDS.values()],
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
                    KINDS[data["kind"]].understand(data["mapping"])
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


SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
SEPARATOR_NAMES = [("comma", _("comma")), ("semicolon", _("semicolon")), ("tab", _("tab")), ("pipe", "|")]


class ReadingForm(forms.Form):
    """How a file is read: encoding and separator of a text, the sheet of a workbook.

    `found` is what the first look found, None where it failed; `reading` is what was chosen before.
    """

    encoding = forms.ChoiceField(label=_("Encoding"), required=False)
    delimiter = forms.ChoiceField(label=_("Separator"), required=False)
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)

    prefix = "reading"

    def __init__(self, data: Any = None, *, found: Json | None, reading: Json) -> None:
        known = found or {"kind": "xlsx" if reading.get("sheets") else "csv", **reading}
        names = {mark: name for name, mark in SEPARATORS.items()}
        initial = {
            "encoding": known.get("encoding", ""),
            "delimiter": names.get(known.get("delimiter", ""), ""),
            "sheet": known.get("sheet", ""),
        }
        super().__init__(data, initial=initial)
        self.sheets = known.get("sheets", [])
        if known["kind"] == "xlsx":
            self._keep("sheet", [(each["name"], _sheet_label(each)) for each in self.sheets])
            return
        encodings = dict(ENCODING_NAMES)
        if initial["encoding"]:
            encodings.setdefault(initial["encoding"], initial["encoding"].upper())
        self._keep("encoding", list(encodings.items()), "delimiter", SEPARATOR_NAMES)

    def _keep(self, *parts: Any) -> None:
        """Keep these fields, each with its choices; a text's may be left to be found out."""
        kept = dict(zip(parts[::2], parts[1::2], strict=True))
        self.fields = {name: self.fields[name] for name in kept}
        for name, choices in kept.items():
            field: Any = self.fields[name]
            field.choices = choices if name == "sheet" else [("", _("find it out")), *choices]
            field.required = name == "sheet"

    def reading(self) -> Json:
        """Return what was chosen, as the draft keeps it."""
        data = self.cleaned_data
        if "sheet" in data:
            return {"sheet": data["sheet"], "sheets": self.sheets}
        chosen = {"encoding": data["encoding"], "delimiter": SEPARATORS.get(data["delimiter"], "")}
        return {part: text for part, text in chosen.items() if text}


def _sheet_label(sheet: Json) -> str:
    """Return a sheet with its rows, where they were counted."""
    if not sheet["rows"]:
        return str(sheet["name"])
    text = _("{name} ({rows} rows or more)") if sheet["rows"] >= MOST_COUNTED else _("{name} ({rows} rows)")
    return text.format(name=sheet["name"], rows=number(sheet["rows"]))
