"""Pages of the settings: one section, one form each."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.metrics import rates as metric_rates
from perfmgmt.metrics.models import ExchangeRate
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import DomainError, NotAllowed, NotFound
from perfmgmt.tenants.models import WorkspaceProfile
from perfmgmt.tenants.selectors import workspace_rules
from perfmgmt.worklog import services as worklog
from perfmgmt.worklog.selectors import enterable, may_be_enterable
from perfmgmt.workspace import forms, services, tasks
from perfmgmt.workspace.permissions import EDIT_SETTINGS, SEE_SETTINGS

SECTIONS: list[tuple[str, str | Promise]] = [
    ("settings", gettext_lazy("General")),
    ("settings_grades", gettext_lazy("Grades")),
    ("settings_anonymity", gettext_lazy("Anonymity")),
    ("settings_surveys", gettext_lazy("Survey limits")),
    ("settings_ranking", gettext_lazy("Rankings")),
    ("settings_rates", gettext_lazy("Exchange rates")),
    ("settings_entry", gettext_lazy("Manual entry")),
]


def _tabs(request: WorkspaceRequest, current: str) -> dict[str, Any]:
    tabs = [
        {"url": reverse(name, args=[request.workspace.slug]), "word": word, "current": name == current}
        for name, word in SECTIONS
    ]
    return {"tabs": tabs, "may_edit": request.viewer.may(EDIT_SETTINGS)}


def _section(
    request: WorkspaceRequest,
    name: str,
    form: Form,
    save: Callable[[dict[str, Any]], HttpResponse | None],
    **context: Any,
) -> HttpResponse:
    """Show a section's form, or save it and come back; what was refused stays as it was typed."""
    if request.method == "POST":
        if not request.viewer.may(EDIT_SETTINGS):
            raise NotAllowed
        if form.is_valid():
            try:
                answer = save(form.cleaned_data)
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                if answer is None:
                    messages.success(request, _("Saved."))
                return answer or HttpResponseRedirect(reverse(name, args=[request.workspace.slug]))
    if not request.viewer.may(EDIT_SETTINGS):
        for field in form.fields.values():
            field.disabled = True
    context = {**_tabs(request, name), "form": form, **context}
    return render(request, f"workspace/{name}.html", context, status=400 if form.errors else 200)


def _posted(request: WorkspaceRequest) -> Any:
    return request.POST if request.method == "POST" and request.viewer.may(EDIT_SETTINGS) else None


@workspace_view(SEE_SETTINGS)
@require_http_methods(["GET", "POST"])
def general(request: WorkspaceRequest) -> HttpResponse:
    """Name, language, time zone, currency; another fiscal year is a job."""
    names = ("name", "language", "time_zone", "currency", "fiscal_start_month")
    initial = WorkspaceProfile.objects.values(*names).get()
    form = forms.GeneralForm(_posted(request), initial=initial, currency_fixed=services.currency_is_fixed())

    def save(data: dict[str, Any]) -> HttpResponse | None:
        month = data.pop("fiscal_start_month")
        services.save_profile(**data)
        if month == initial["fiscal_start_month"]:
            return None
        job = jobs.start(
            tasks.FISCAL_YEAR, {"month": month, "language": get_language() or "en"}, user_id=request.viewer.user_id
        )
        messages.info(request, _("Saved. The fiscal year changes when this work is done."))
        return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))

    return _section(request, "settings", form, save)


@workspace_view(SEE_SETTINGS)
@require_http_methods(["GET", "POST"])
def grades(request: WorkspaceRequest) -> HttpResponse:
    """The grade bands."""
    initial = forms.GradeBandsForm.initial_of(workspace_rules().grade_bands)
    form = forms.GradeBandsForm(_posted(request), initial=initial)

    def save(data: dict[str, Any]) -> None:
        services.save_rules(grade_bands=data["bands"])

    return _section(request, "settings_grades", form, save)


def _rules_section(request: WorkspaceRequest, name: str, form_class: type[Form], prefix: str) -> HttpResponse:
    """A section whose fields are columns of the workspace's rules."""
    rules = workspace_rules()
    initial = {
        field.attname: getattr(rules, field.attname)
        for field in rules._meta.concrete_fields
        if field.attname.startswith(prefix)
    }
    form = form_class(_posted(request), initial=initial)

    def save(data: dict[str, Any]) -> None:
        services.save_rules(**data)

    return _section(request, name, form, save)


@workspace_view(SEE_SETTINGS)
@require_http_methods(["GET", "POST"])
def anonymity(request: WorkspaceRequest) -> HttpResponse:
    """The smallest groups whose answers are shown."""
    return _rules_section(request, "settings_anonymity", forms.AnonymityForm, "minimum_")


@workspace_view(SEE_SETTINGS)
@require_http_methods(["GET", "POST"])
def surveys(request: WorkspaceRequest) -> HttpResponse:
    """How often customers may be asked."""
    return _rules_section(request, "settings_surveys", forms.SurveyForm, "survey")


@workspace_view(SEE_SETTINGS)
@require_http_methods(["GET", "POST"])
def ranking(request: WorkspaceRequest) -> HttpResponse:
    """Who sees rankings."""
    return _rules_section(request, "settings_ranking", forms.RankingForm, "ranking_")


@workspace_view(SEE_SETTINGS)
@require_http_methods(["GET", "POST"])
def rates(request: WorkspaceRequest) -> HttpResponse:
    """Exchange rates: the list, a form to add or (`?rate=`) correct one, and what was converted differently."""
    chosen = _rate(request)
    own = request.workspace.currency
    initial = (
        {"currency": chosen.currency, "valid_from": chosen.valid_from, "rate": chosen.rate.normalize()}
        if chosen
        else {"currency": "EUR" if own == "USD" else "USD", "valid_from": request.workspace.today()}
    )
    form = forms.RateForm(_posted(request), initial=initial, own=own)

    def save(data: dict[str, Any]) -> HttpResponse | None:
        metric_rates.save_rate(chosen, currency=data["currency"], valid_from=data["valid_from"], value=data["rate"])
        return None

    context = {
        "chosen": chosen,
        "rates": ExchangeRate.objects.order_by("currency", "-valid_from"),
        "outdated": metric_rates.outdated(),
    }
    return _section(request, "settings_rates", form, save, **context)


def _rate(request: WorkspaceRequest) -> ExchangeRate | None:
    text = request.GET.get("rate", "")
    if not text:
        return None
    found = ExchangeRate.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 18 else None
    if found is None:
        raise NotFound
    return found


@workspace_view(EDIT_SETTINGS)
@require_POST
def convert_again(request: WorkspaceRequest) -> HttpResponse:
    """Start converting the facts of a currency at the rates as they are now."""
    currency = request.POST.get("currency", "")
    if not ExchangeRate.objects.filter(currency=currency).exists():
        raise NotFound
    params = {"currency": currency, "language": get_language() or "en"}
    job = jobs.start(tasks.CONVERT, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(SEE_SETTINGS)
@require_http_methods(["GET", "POST"])
def entry(request: WorkspaceRequest) -> HttpResponse:
    """Which metrics people may enter by hand, and which need a proof."""
    if request.method == "POST":
        if not request.viewer.may(EDIT_SETTINGS):
            raise NotAllowed
        chosen, proofs = (
            [int(text) for text in request.POST.getlist(name) if text.isdecimal() and len(text) < 18]
            for name in ("metric", "proof")
        )
        worklog.open_metrics({metric_id: metric_id in proofs for metric_id in chosen})
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("settings_entry", args=[request.workspace.slug]))
    open_now = enterable()
    rows = [
        {"metric": metric, "open": metric.pk in open_now,
         "needs_proof": metric.pk in open_now and open_now[metric.pk].needs_proof}
        for metric in may_be_enterable()
    ]  # fmt: skip
    context = {**_tabs(request, "settings_entry"), "rows": rows}
    return render(request, "workspace/settings_entry.html", context)
