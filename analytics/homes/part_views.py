"""Parts of a home that load by themselves: each a fragment for HTMX, and a page of its own without JavaScript."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from analytics.homes import attention as attention_part
from analytics.homes.frame import whose
from analytics.homes.heat import MOST_METRICS, Cell, Heat, Row, heat_map
from analytics.homes.heat_rules import Tone
from analytics.homes.scope import HomeScope, home_scope
from analytics.permissions import SEE_HOME
from perfmgmt.metrics.permissions import SEE_FACTS
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.web import formats

ROWS_PER_PAGE, CASES_SHOWN = 50, 8
# What of a home's address says which home it is; the rest belongs to the lists on it.
OF_THE_HOME = ("period", "metric", "unit", "view", "standin")
# A sign for each tone, so that no reader depends on colours.
SIGNS = {
    Tone.AHEAD: "▲", Tone.ON_TRACK: "●", Tone.AT_RISK: "◆", Tone.OFF_TRACK: "▼",
    Tone.BETTER: "↑", Tone.NEAR: "≈", Tone.WORSE: "↓", Tone.PLAIN: "", Tone.MISSING: "",
}  # fmt: skip


def part_query(query: QueryDict, *more: str) -> str:
    """Return what a part's address takes over from its home's."""
    kept = [(key, value) for key in (*OF_THE_HOME, *more) for value in query.getlist(key) if value]
    return urlencode(kept)


def answer(request: WorkspaceRequest, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
    """Return a part: the fragment alone for HTMX, else a page of its own that leads back to the home."""
    home = f"{reverse('home', args=[request.workspace.slug])}?{part_query(request.GET)}"
    context = {**context, "part": f"homes/parts/{name}.html", "title": title, "home_url": home}
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, str(context["part"]) if fragment else "homes/parts/page.html", context)


@workspace_view(SEE_HOME)
@require_GET
@vary_on_headers("HX-Request")
def heat(request: WorkspaceRequest) -> HttpResponse:
    """The heat map: people or units by metric; each cell opens its facts. Who sees only themselves has none."""
    scope = home_scope(request.GET, request.viewer, request.workspace, request.workspace.today())
    alone = scope.only_self or scope.people == {}
    found = Heat([], [], scope.choices, by_unit=False) if alone else heat_map(scope, request.GET)
    page = Paginator(found.rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    address = reverse("home_heat", args=[request.workspace.slug])
    context = {
        "scope": scope,
        "heat": found,
        "page": page,
        "rows": [_row(request, scope, row) for row in page],
        "columns": [(metric, _link(request, address, by=metric.code)) for metric in found.metrics],
        "by_name": _link(request, address, by="name"),
        "by": request.GET.get("by") or scope.metric.code,
        "previous_url": _link(request, address, page=page.previous_page_number()) if page.has_previous() else "",
        "following_url": _link(request, address, page=page.next_page_number()) if page.has_next() else "",
        "address": address,
        "kept": [(key, request.GET[key]) for key in OF_THE_HOME if request.GET.get(key)],
        "most": MOST_METRICS,
        "legend": _legend(page),
    }
    title = _("Heat map: units by metric") if found.by_unit else _("Heat map: people by metric")
    return answer(request, "heat", title, context)


def _link(request: WorkspaceRequest, address: str, **changes: Any) -> str:
    query = QueryDict(part_query(request.GET, "metrics", "by"), mutable=True)
    for key, value in changes.items():
        query[key] = str(value)
    return f"{address}?{query.urlencode()}"


def _row(request: WorkspaceRequest, scope: HomeScope, row: Row) -> dict[str, Any]:
    slug = request.workspace.slug
    query = {"period": scope.period.label, **({"unit": row.id} if row.is_unit else {})}
    page = reverse("home", args=[slug]) if row.is_unit else reverse("person", args=[slug, row.id])
    return {
        "row": row,
        "url": "" if row.elsewhere and not request.viewer.sees_everybody else f"{page}?{urlencode(query)}",
        "days": formats.spans(row.days),
        "cells": [_cell(request, scope, row, it) for it in row.cells],
    }


def _cell(request: WorkspaceRequest, scope: HomeScope, row: Row, cell: Cell) -> dict[str, Any]:
    value = formats.metric_value(cell.value, cell.metric, request.workspace.currency)
    share = None if cell.share is None else float(cell.share)
    percent = formats.percent(share, 0)
    if share is not None and not cell.judged:
        percent = formats.signed(percent, share)
    query = {
        "metric": cell.metric.code,
        "from": scope.period.start.isoformat(),
        "to": scope.period.end.isoformat(),
        **({"unit": row.id} if row.is_unit else whose(scope, row.id, partly=bool(row.days))),
    }
    opens = request.viewer.may(SEE_FACTS) and cell.value is not None
    return {
        "tone": str(cell.tone),
        "sign": SIGNS[cell.tone],
        "value": value,
        "percent": percent if share is not None else "",
        "judged": cell.judged,
        "words": _words(cell.tone),
        "url": f"{reverse('facts', args=[request.workspace.slug])}?{urlencode(query)}" if opens else "",
    }


def _words(tone: Tone) -> str:
    return {
        Tone.AHEAD: _("Target: ahead or achieved"), Tone.ON_TRACK: _("Target: on track"),
        Tone.AT_RISK: _("Target: at risk"), Tone.OFF_TRACK: _("Target: off track or missed"),
        Tone.BETTER: _("No target: better than the median"), Tone.NEAR: _("No target: near the median"),
        Tone.WORSE: _("No target: worse than the median"), Tone.PLAIN: _("Nothing to compare with"),
        Tone.MISSING: _("No figure"),
    }[tone]  # fmt: skip


def _legend(page: Page[Row]) -> list[tuple[str, str, str]]:
    """The tones on the page as (code, sign, words), in their order."""
    shown = {cell.tone for row in page for cell in row.cells}
    return [(str(tone), SIGNS[tone], _words(tone)) for tone in Tone if tone in shown and SIGNS[tone]]


@workspace_view(SEE_HOME)
@require_GET
@vary_on_headers("HX-Request")
def attention(request: WorkspaceRequest) -> HttpResponse:
    """Who needs attention now, with the reasons; `?all=1` shows everybody."""
    query = request.GET.copy()
    query.pop("period", None)  # it is always about today
    scope = home_scope(query, request.viewer, request.workspace, request.workspace.today())
    alone = scope.only_self or scope.people == {}
    cases = [] if alone else attention_part.attention(replace(scope, lock=None), request.viewer)
    fragment = request.headers.get("HX-Request") == "true"
    shown = cases[:CASES_SHOWN] if fragment else cases
    address = f"{reverse('home_attention', args=[request.workspace.slug])}?{part_query(query)}"
    context = {
        "scope": scope,
        "cases": shown,
        "count": len(cases),
        "more": len(cases) - len(shown),
        "all_url": address,
        "nobody": alone or not (scope.people or scope.units),
    }
    return answer(request, "attention", _("Who needs attention"), context)
