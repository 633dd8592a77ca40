"""The second step of the import wizard: how the file is read, and which column means what."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from perfmgmt.metrics.forms import ProfileForm, ReadingForm
from perfmgmt.metrics.import_pages import base, draft_of, to_draft
from perfmgmt.metrics.imports import facts, wizard
from perfmgmt.metrics.imports.columns import SUPPORTERS
from perfmgmt.metrics.imports.kinds import KINDS
from perfmgmt.metrics.imports.line_fields import CONDITIONS, LINE_PARTS, modern, ratios_of
from perfmgmt.metrics.imports.suggested_lines import LINES
from perfmgmt.metrics.imports.suggestions import ATTRIBUTES, formats
from perfmgmt.metrics.models import ImportDraft, ImportProfile
from perfmgmt.metrics.permissions import IMPORT_FACTS
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import Conflict


@workspace_view(IMPORT_FACTS)
@require_http_methods(["GET", "POST"])
def import_columns(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Step 2: which column means what."""
    draft = draft_of(request, draft_id)
    if wizard.inspected(draft) is None or draft.import_job_id is not None:
        return to_draft(request, draft)
    return columns_page(request, draft, request.POST if request.method == "POST" else None)


@workspace_view(IMPORT_FACTS)
@require_POST
def import_reading(request: WorkspaceRequest, draft_id: int) -> HttpResponse:
    """Read the file in another way: another encoding, separator or sheet."""
    draft = draft_of(request, draft_id)
    found = wizard.inspected(draft)
    form = ReadingForm(request.POST, found=found, reading=draft.reading)
    if form.is_valid():
        wizard.read_again(draft, form.reading(), viewer=request.viewer)
        return to_draft(request, draft)
    if found is None:
        context = base(request, draft, wizard.job_of(draft.inspect_job_id), 1) | {"reading_form": form}
        return render(request, "metrics/imports/upload.html", context, status=400)
    return columns_page(request, draft, None, reading_form=form)


def columns_page(
    request: WorkspaceRequest, draft: ImportDraft, data: Any, reading_form: ReadingForm | None = None
) -> HttpResponse:
    """The page of columns, filled in; with `data`, what was chosen is kept and the check of the file starts."""
    found = wizard.inspected(draft) or {}
    profile = _wanted_profile(request, draft, found)
    initial = _initial(draft, profile, found)
    form = KINDS[draft.kind].form(data, initial=initial, inspection=found)
    profile_form = ProfileForm(data, initial={"name": profile.name if profile else ""}, profile=profile)
    if data is not None and form.is_valid() and profile_form.is_valid():
        try:
            choices = {name: data.get(name, "") for name in form.fields}
            with transaction.atomic():
                wizard.choose_columns(draft, form.mapping(), choices, viewer=request.viewer)
                draft.refresh_from_db()
                if name := profile_form.cleaned_data["name"]:
                    overwrite = profile_form.cleaned_data["overwrite"]
                    wizard.save_profile(draft, name, overwrite=overwrite, viewer=request.viewer)
        except Conflict as error:
            profile_form.add_error("name", str(error))
        else:
            return to_draft(request, draft)
    used = [str(form[name].value() or "").removeprefix("c:") for name in form.fields]
    context = base(request, draft, None, 2) | {
        "form": form,
        "profile_form": profile_form,
        "profile": profile,
        "profiles": ImportProfile.objects.filter(kind=draft.kind).exclude(choices=None).order_by("name"),
        "hints": formats(found, used),
        "sample": [(name, found["sample"][name][:3]) for name in found["header"]],
    }
    if draft.kind == facts.KIND:
        context |= _facts_parts(form)
    if reading_form is not None:
        context["reading_form"] = reading_form
    invalid = bool(form.errors or profile_form.errors or reading_form)
    return render(request, "metrics/imports/columns.html", context, status=400 if invalid else 200)


def _facts_parts(form: Any) -> dict[str, Any]:
    """Return the fields of facts as the page groups them; lines that say something come first, and one to go on."""
    lines = [{part: form[f"{part}_{n}"] for part in LINE_PARTS} | {"number": n} for n in range(1, LINES + 1)]
    used = max((line["number"] for line in lines if line["metric"].value()), default=1)
    codes = {str(line["metric"].value() or "").removeprefix("m:") for line in lines}
    spellings = [form[f"spelled_{name}"] for name in (*ATTRIBUTES, "currency")]
    return {
        "lines": lines[: used + 1],
        "more_lines": lines[used + 1 :],
        "ratios": ratios_of(codes),
        "supporters": [
            [form[f"{part}_{n}"] for part in ("supporter", "share", "always")] for n in range(1, SUPPORTERS + 1)
        ],
        "conditions": [
            [form[f"row_{part}_{n}"] for part in ("when", "test", "texts")] for n in range(1, CONDITIONS + 1)
        ],
        "spellings": spellings,
        "spelled": any(part.errors or part.value() for part in spellings),
    }


def _wanted_profile(request: WorkspaceRequest, draft: ImportDraft, found: dict[str, Any]) -> ImportProfile | None:
    """Return the profile that the address names, or the one that fits the header."""
    wanted = request.GET.get("profile", "")
    if wanted == "none":
        return None
    if wanted.isdecimal() and len(wanted) < 18:
        return ImportProfile.objects.filter(pk=int(wanted), kind=draft.kind).exclude(choices=None).first()
    if draft.choices is not None:
        return draft.profile
    profile = wizard.fitting_profile(draft.kind, found["header"])
    return profile if profile is not None and profile.choices is not None else None


def _initial(draft: ImportDraft, profile: ImportProfile | None, found: dict[str, Any]) -> dict[str, Any]:
    if draft.choices is not None and (profile is None or profile.pk == draft.profile_id):
        return modern(draft.choices)
    if profile is not None and profile.choices is not None:
        return modern(profile.choices)
    initial = KINDS[draft.kind].suggest(found, draft.file_name)
    return initial | {
        key: value for key, value in formats(found, found["header"]).items() if key[:4] in ("date", "deci")
    }
