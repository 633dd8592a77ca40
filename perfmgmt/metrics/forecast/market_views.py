"""The page of the market index: list, add, change, delete, paste, export; and preparing forecasts anew."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.context import JobContext
from perfmgmt.jobs.exports import asker, write_csv
from perfmgmt.metrics.forecast import index, tasks
from perfmgmt.metrics.forecast.forms import MarketForm, PasteForm
from perfmgmt.metrics.forecast.selectors import newest_preparation
from perfmgmt.metrics.models import MarketIndex
from perfmgmt.metrics.permissions import EDIT_MARKET, SEE_MARKET
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import tried

PER_PAGE = 50
EXPORT = "market.export"


def _page(request: WorkspaceRequest, status: int = 200, **changed: Any) -> HttpResponse:
    today = request.workspace.today()
    page = Paginator(index.arranged(request.GET), PER_PAGE).get_page(request.GET.get("page"))
    prepared, through = newest_preparation()
    context = {
        "page": page,
        "filtered": bool(request.GET.get("q")),
        "form": MarketForm(initial=MarketForm.initial_of(None, today)),
        "paste": PasteForm(),
        "chosen": None,
        "prepared": prepared,
        "through": through,
        "may_edit": request.viewer.may(EDIT_MARKET),
        **changed,
    }
    return render(request, "metrics/market.html", context, status=status)


def _back(request: WorkspaceRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("market", args=[request.workspace.slug]))


@workspace_view(SEE_MARKET)
@require_GET
def market(request: WorkspaceRequest) -> HttpResponse:
    """The market index, and how fresh the forecasts are."""
    return _page(request)


def _saved(form: MarketForm, row: MarketIndex | None) -> bool:
    """Save what was typed; False with the reason in the form."""
    return form.is_valid() and tried(form, lambda: index.save(row, form.entry())) is not None


@workspace_view(EDIT_MARKET)
@require_POST
def add_market(request: WorkspaceRequest) -> HttpResponse:
    """Add a row."""
    form = MarketForm(request.POST)
    if _saved(form, None):
        messages.success(request, _("Saved. The next preparation of forecasts counts it."))
        return _back(request)
    return _page(request, 400, form=form)


@workspace_view(EDIT_MARKET)
@require_http_methods(["GET", "POST"])
def edit_market(request: WorkspaceRequest, market_id: int) -> HttpResponse:
    """Change a row."""
    row = index.row_of(market_id)
    initial = MarketForm.initial_of(row, request.workspace.today())
    form = MarketForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and _saved(form, row):
        messages.success(request, _("Saved. The next preparation of forecasts counts it."))
        return _back(request)
    return _page(request, 400 if form.errors else 200, form=form, chosen=index.row_of(market_id))


@workspace_view(EDIT_MARKET)
@require_POST
def delete_market(request: WorkspaceRequest, market_id: int) -> HttpResponse:
    """Remove a row."""
    index.delete(market_id)
    messages.success(request, _("Deleted. The next preparation of forecasts does without it."))
    return _back(request)


@workspace_view(EDIT_MARKET)
@require_POST
def paste_market(request: WorkspaceRequest) -> HttpResponse:
    """Add and change the rows of a pasted text, all or none."""
    form = PasteForm(request.POST)
    done = tried(form, lambda: index.save_pasted(form.cleaned_data["lines"])) if form.is_valid() else None
    if done is None:
        return _page(request, 400, paste=form)
    added, changed = done
    told = ngettext("{n} row added", "{n} rows added", added).format(n=added)
    messages.success(request, _("{told}, {changed} changed.").format(told=told, changed=changed))
    return _back(request)


@workspace_view(SEE_MARKET)
@require_POST
def export_market(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list of the page to a file."""
    return _started(request, EXPORT, {"query": request.GET.urlencode()})


@workspace_view(EDIT_MARKET)
@require_POST
def prepare_forecasts(request: WorkspaceRequest) -> HttpResponse:
    """Start preparing all forecasts anew."""
    return _started(request, tasks.KIND, {})


def _started(request: WorkspaceRequest, kind: str, params: dict[str, Any]) -> HttpResponse:
    params = {**params, "language": get_language() or "en"}
    job = jobs.start(kind, params, user_id=request.viewer.user_id)
    return HttpResponseRedirect(reverse("job", args=[request.workspace.slug, job.pk]))


def export(context: JobContext) -> dict[str, Any]:
    """Write the rows (params: query, language) as they can be pasted again."""
    with override(context.params["language"]):
        asker(context, SEE_MARKET)
        header = [_("Month"), _("Region"), _("Product or series"), _("Factor"), _("Source")]
        rows = (_line(row) for row in index.arranged(QueryDict(context.params["query"])))
        return write_csv(context, "market.csv", header, rows)


def _line(row: MarketIndex) -> tuple[str, ...]:
    return (f"{row.month:%Y-%m}", row.region, row.product, f"{row.factor.normalize():f}", row.source)
