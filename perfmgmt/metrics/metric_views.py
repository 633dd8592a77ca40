"""Pages of the metric library: list, one metric, the form with its preview, archive and restore."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.metrics import metric_list, preview, services
from perfmgmt.metrics.metric_form import MetricForm
from perfmgmt.metrics.models import Aggregation, Dimension, Metric, UnitRollup
from perfmgmt.metrics.permissions import EDIT_METRICS, SEE_METRICS
from perfmgmt.metrics.selectors import employee_figures, metrics_with_parts, unit_figures, work_is_waiting
from perfmgmt.metrics.usage import Use, users_of, uses_of
from perfmgmt.metrics.words import attribute_words, band, dimension_word, event_word, how, in_both
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import Employee, Unit
from perfmgmt.people.roles import Role
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound

PER_PAGE = 50
LAST_PERIODS = 4
# Roles that see figures of units; the others see their own.
SEES_UNITS = frozenset({Role.OWNER, Role.HR, Role.AUDITOR, Role.EXECUTIVE})


@workspace_view(SEE_METRICS)
@require_GET
def metrics(request: WorkspaceRequest) -> HttpResponse:
    """The metric library: what is measured and how it is counted."""
    found = metric_list.arranged(request.GET)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    own = Metric.objects.exclude(dimension="").values_list("dimension", flat=True).distinct()
    context = {
        "page": page,
        "rows": [{"metric": m, "how": how(m), "dimension": dimension_word(m.dimension)} for m in page],
        "dimensions": sorted({*Dimension.choices, *((code, dimension_word(code)) for code in own)}),
        "kinds": Aggregation.choices,
        "states": [
            (metric_list.ACTIVE, _("In use")),
            (metric_list.ARCHIVED, _("Archived")),
            (metric_list.ALL, _("All of them")),
        ],
        "filtered": any(request.GET.get(name) for name in ("q", "dimension", "kind", "state")),
        "may_edit": request.viewer.may(EDIT_METRICS),
    }
    return render(request, "metrics/metrics.html", context)


@workspace_view(SEE_METRICS)
@require_POST
def export_metrics(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list of the page to a file."""
    params = {"query": request.GET.urlencode(), "language": get_language() or "en"}
    job = jobs.start(metric_list.KIND, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


@workspace_view(SEE_METRICS)
@require_GET
def metric(request: WorkspaceRequest, metric_id: int) -> HttpResponse:
    """One metric: what it is in both languages, how it is computed, where it is used, its last figures."""
    found = _metric(metric_id)
    context = {
        "metric": found,
        "texts": in_both(found),
        "dimension": dimension_word(found.dimension),
        "event": event_word(found.counts_when),
        "band": band(found, request.workspace.currency),
        "made_of": [m for m in (found.numerator, found.denominator, found.base, found.target_metric) if m],
        "uses": [(use, _address(request, use)) for use in uses_of(found)],
        "may_edit": request.viewer.may(EDIT_METRICS),
        "pending": work_is_waiting(),
        **_last_figures(request, found),
    }
    return render(request, "metrics/metric.html", context)


def _metric(metric_id: int) -> Metric:
    found = metrics_with_parts().filter(pk=metric_id).first()
    if found is None:
        raise NotFound
    return found


def _address(request: WorkspaceRequest, use: Use) -> str:
    if not use.url_name:
        return ""
    try:
        url = reverse(use.url_name, args=[request.workspace.slug, *use.args])
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode(use.query)}" if use.query else url


def _last_figures(request: WorkspaceRequest, found: Metric) -> dict[str, Any]:
    """The last months: of the top units for who sees units, else one's own."""
    today, fiscal = request.workspace.today(), request.workspace.fiscal_start_month
    last = Period.containing(Grain.MONTH, today, fiscal)
    periods = [last.next(-back) for back in reversed(range(LAST_PERIODS))]
    span: dict[str, Any] = {"grain": Grain.MONTH, "first": periods[0].start, "last": last.start}
    if request.viewer.roles & SEES_UNITS:
        owners = list(Unit.objects.filter(parent=None).order_by("name", "pk").values_list("pk", "name"))
        figures = unit_figures(found, unit_ids=[pk for pk, _name in owners], **span)
    elif request.viewer.employee_id is not None:
        owners = [(request.viewer.employee_id, request.viewer.display_name)]
        figures = employee_figures(found, employee_ids=[request.viewer.employee_id], **span)
    else:
        return {"periods": [], "figures": []}
    rows = [(name, [figures.value(pk, period.start) for period in periods]) for pk, name in owners]
    has_any = any(figures.n(pk, period.start) for pk, _name in owners for period in periods)
    return {"periods": periods, "figures": rows if has_any else []}


@workspace_view(EDIT_METRICS)
@require_http_methods(["GET", "POST"])
def new_metric(request: WorkspaceRequest) -> HttpResponse:
    """The form for a metric of the company's own."""
    return _form_page(request, None)


@workspace_view(EDIT_METRICS)
@require_http_methods(["GET", "POST"])
def edit_metric(request: WorkspaceRequest, metric_id: int) -> HttpResponse:
    """The form of a metric that is there."""
    return _form_page(request, _metric(metric_id))


def _form_page(request: WorkspaceRequest, changed: Metric | None) -> HttpResponse:
    offered = list(metrics_with_parts())
    posted = request.POST if request.method == "POST" else None
    form = MetricForm(posted, metrics=offered, metric=changed)
    if posted is not None and form.is_valid():
        saved = _save(form, changed, offered)
        if saved is not None:
            text = _("“{metric}” is saved. Changed figures appear in a moment.").format(metric=saved.name)
            messages.success(request, text)
            return HttpResponseRedirect(reverse("metric", args=[request.workspace.slug, saved.pk]))
    context = {
        "form": form,
        "metric": changed,
        "units": list(Unit.objects.order_by("name", "pk")),
        "has_figures": changed is not None and _has_figures(changed),
        "users": users_of(changed) if changed else [],
    }
    return render(request, "metrics/metric_form.html", context, status=400 if form.errors else 200)


def _save(form: MetricForm, changed: Metric | None, offered: list[Metric]) -> Metric | None:
    """Save what a valid form asks for; what can't be saved is told to the form."""
    try:
        if changed is None:
            return services.save_metric(form.draft())
        revision = form.cleaned_data["revision"] or 0
        return services.save_metric(form.draft(), metric_id=changed.pk, revision=revision)
    except services.BadDefinition as error:
        form.tell(error.problems, {m.code: m.name for m in offered})
    except Conflict as error:
        form.add_error("code" if error.code == "code_taken" else None, str(error))
    return None


def _has_figures(changed: Metric) -> bool:
    return UnitRollup.objects.filter(metric__in=changed.parts()).exists()


@workspace_view(EDIT_METRICS)
@require_POST
def preview_metric(request: WorkspaceRequest) -> HttpResponse:
    """A part of the form's page: what the definition says, and the last months' figures if it were saved."""
    edited = request.POST.get("metric_id", "")
    changed = _metric(int(edited)) if edited.isdecimal() and len(edited) < 18 else None
    offered = list(metrics_with_parts())
    form = MetricForm(request.POST, metrics=offered, metric=changed, trying=True)
    context: dict[str, Any] = {"metric": changed, "errors": [], "rows": [], "seen": []}
    if form.is_valid():
        draft = form.draft()
        names = {m.code: m.name for m in offered}
        form.tell(services.check(draft, metric=changed), names)
        if not form.errors:
            context.update(_tried(request, draft, changed))
        context["seen"] = _values_seen(draft)
    context["errors"] = [
        (form.fields[name].label if name in form.fields else "", error)
        for name, errors in form.errors.items()
        for error in errors
    ]
    return render(request, "metrics/preview.html", context)


def _tried(request: WorkspaceRequest, draft: services.Draft, changed: Metric | None) -> dict[str, Any]:
    """The sentence and the figures of a draft that is right."""
    drafted = preview.drafted_metric(draft, changed)
    context: dict[str, Any] = {"how": how(drafted), "drafted": drafted}
    if changed is not None and _has_figures(changed):
        _metrics, known = services.definitions()
        before = known[changed.code]
        context["recomputes"] = drafted.reads_facts and services.is_computed_otherwise(before, draft.definition)
        context["users"] = users_of(changed)
    if draft.definition.takes_facts and changed is None:
        context["needs_facts"] = True
        return context
    try:
        subject, context["who"] = _subject(request)
        if subject is None:
            return context
        context["rows"] = preview.preview(
            draft,
            subject,
            today=request.workspace.today(),
            fiscal_start_month=request.workspace.fiscal_start_month,
            metric=changed,
        )
    except DomainError as error:
        context["remark"] = str(error)
    return context


def _subject(request: WorkspaceRequest) -> tuple[preview.Subject | None, str]:
    """Whose figures to try: the person with the number, else the chosen unit, else the first top unit."""
    number = request.POST.get("preview_person", "").strip()[:40]
    if number:
        person = Employee.objects.filter(number=number).first()
        if person is None:
            raise NotFound(_("Nobody here has the number “{number}”."), number=number)
        return preview.Subject(person.pk, by_unit=False), person.name
    chosen = request.POST.get("preview_unit", "")
    units = Unit.objects.order_by("name", "pk")
    if chosen.isdecimal() and len(chosen) < 18:
        unit = units.filter(pk=int(chosen)).first()
    else:
        unit = units.filter(parent=None).first()
    if unit is None:
        return None, ""
    return preview.Subject(unit.pk, by_unit=True), unit.name


def _values_seen(draft: services.Draft) -> list[tuple[str, list[str]]]:
    """Which values the attributes of the filters have in facts that are there."""
    definition, found = draft.definition, []
    groups = [
        (definition.base, definition.filters),
        (definition.numerator, draft.numerator_filters),
        (definition.denominator, draft.denominator_filters),
    ]
    words = attribute_words()
    for code, filters in groups:
        for each in filters:
            values = preview.values_seen(code, each.attribute) if code else []
            if values:
                found.append((words[each.attribute], values))
    return found


@workspace_view(EDIT_METRICS)
@require_POST
def archive_metric(request: WorkspaceRequest, metric_id: int) -> HttpResponse:
    """Put a metric away; back to its page."""
    return _put(request, metric_id, services.archive, _("“{metric}” is archived. Its figures stay."))


@workspace_view(EDIT_METRICS)
@require_POST
def restore_metric(request: WorkspaceRequest, metric_id: int) -> HttpResponse:
    """Take an archived metric back; back to its page."""
    return _put(request, metric_id, services.restore, _("“{metric}” is back in the library."))


def _put(request: WorkspaceRequest, metric_id: int, act: Any, done: str) -> HttpResponse:
    try:
        found = act(metric_id)
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done.format(metric=found.name))
    return HttpResponseRedirect(reverse("metric", args=[request.workspace.slug, metric_id]))
