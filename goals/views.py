"""The page of targets: a month's number for each person."""

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goals import exports, services
from goals.agreement.selectors import bound_cells
from goals.permissions import SEE_TARGETS, SET_TARGETS
from goals.target_list import PARAMETERS, TargetList, read
from perfmgmt.jobs import services as jobs
from perfmgmt.metrics.selectors import employee_figures
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.roles import Role
from perfmgmt.people.team import team_between
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.errors import DomainError, NotAllowed
from perfmgmt.tenants.numbers import ungrouped

PEOPLE_PER_PAGE = 50
LARGEST = Decimal(10) ** 15


class BadTarget(DomainError):
    """A text that is no target."""

    code = "bad_target"


@workspace_view(SEE_TARGETS)
@require_http_methods(["GET", "POST"])
def targets(request: WorkspaceRequest) -> HttpResponse:
    """Show and, for who may, set the targets of one metric in one month."""
    wanted = read(request.GET, viewer=request.viewer, workspace=request.workspace)
    if request.method != "POST":
        return _page(request, wanted)
    if not request.viewer.may(SET_TARGETS):
        raise NotAllowed
    try:
        seen = _typed(request.POST, "seen")
        typed = {pk: value for pk, value in _typed(request.POST, "target").items() if value != seen.get(pk)}
        today = request.workspace.today()
        changed = services.set_targets(
            wanted.metric, wanted.month.start, typed, viewer=request.viewer, today=today, seen=seen
        )
    except BadTarget as error:
        messages.error(request, str(error))
        return _page(request, wanted, typed=request.POST)
    text = ngettext("%(n)s target saved.", "%(n)s targets saved.", changed) % {"n": changed}
    messages.success(request, text if changed else _("Nothing was different; nothing was saved."))
    return HttpResponseRedirect(f"{reverse('targets', args=[request.workspace.slug])}?{request.GET.urlencode()}")


@workspace_view(SEE_TARGETS)
@require_POST
def export_targets(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file."""
    query = {key: value for key, value in request.GET.dict().items() if key in PARAMETERS}
    read(query, viewer=request.viewer, workspace=request.workspace)
    params = {"query": query, "language": get_language() or "en"}
    job = jobs.start(exports.TARGETS, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


def _page(request: WorkspaceRequest, wanted: TargetList, typed: QueryDict | None = None) -> HttpResponse:
    """Show the month; `typed` is a form that could not be saved, whose fields stay as they were typed."""
    metric, month, last_year = wanted.metric, wanted.month, wanted.month.next(-12)
    page = Paginator(wanted.ordered(), PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    people = list(page)
    ids = [employee.pk for employee in people]
    before, ago = (
        employee_figures(metric, grain=Grain.MONTH, first=then.start, last=then.start, employee_ids=ids)
        for then in (month.next(-1), last_year)
    )
    may_set, viewer = request.viewer.may(SET_TARGETS), request.viewer
    listed = wanted.rows(people)
    bound = bound_cells([metric.pk], ids, month.start, month.start) if may_set else {}
    rows = [
        {
            "row": row,
            "employee": row.employee,
            "seen": _plain(row.target),
            "typed": (typed or QueryDict()).get(f"target-{row.employee.pk}", _plain(row.target)),
            "before": before.value(row.employee.pk, month.next(-1).start),
            "ago": ago.value(row.employee.pk, last_year.start),
            "may_set": may_set and (wanted.reach is None or row.employee.pk != viewer.employee_id),
            "bound": bound.get((metric.pk, row.employee.pk, month.start)),
        }
        for row in listed
    ]
    context = {
        "wanted": wanted,
        "metric": metric,
        "month": month,
        "previous": month.next(-1),
        "following": month.next(),
        "last_year": last_year,
        "page": page,
        "rows": rows,
        "total": sum((row.target or Decimal(0) for row in listed), Decimal(0)),
        "may_set": any(row["may_set"] and not row["bound"] for row in rows),
        "moved": _moved(request, month),
    }
    return render(request, "goals/targets.html", context, status=200 if typed is None else 400)


def _moved(request: WorkspaceRequest, month: Period) -> list[str]:
    """Return the names of who is in the viewer's team for a part of the month only; one query for a manager."""
    viewer = request.viewer
    if Role.MANAGER not in viewer.roles or viewer.employee_id is None:
        return []
    team = team_between(viewer.employee_id, first=month.start, last=month.end)
    return sorted(it.name for it in team.values() if it.spans != ((month.start, month.end),))


def _plain(value: Decimal | None) -> str:
    """Return a number as it is typed: no grouping, no needless zeros."""
    if value is None:
        return ""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _typed(form: QueryDict, field: str) -> dict[int, Decimal | None]:
    """Return employee id -> number in `<field>-<id>`, None for an empty one; raise BadTarget naming the text."""
    typed: dict[int, Decimal | None] = {}
    for name, text in form.items():
        prefix, _dash, number = name.partition("-")
        if prefix != field or not number.isdecimal() or len(number) > 18:
            continue
        plain = ungrouped(str(text).strip())
        try:
            value = Decimal(plain) if plain else None
        except InvalidOperation as error:
            raise BadTarget(_("“{text}” is not a number; nothing was saved."), text=str(text)[:40]) from error
        if value is not None and (not value.is_finite() or not 0 <= value < LARGEST):
            raise BadTarget(_("“{text}” can't be a target; nothing was saved."), text=str(text)[:40])
        typed[int(number)] = None if value is None else value.quantize(Decimal("0.0001"))
    return typed
