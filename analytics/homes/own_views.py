"""One's own home, made for a phone first; its cards and facts are on a person's page as well."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET

from analytics.homes.frame import code_of, drill_url, frame_context
from analytics.homes.own import Card, OwnBoard, build_own, share_of
from analytics.homes.own_problems import Problems, problems_of
from analytics.homes.peers import peer_ranking
from analytics.homes.scope import HomeScope, person_scope
from analytics.permissions import SEE_OWN_PLACE
from perfmgmt.metrics.models import Aggregation, Metric
from perfmgmt.metrics.models.facts import CreditRole
from perfmgmt.metrics.permissions import SEE_FACTS
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.models import SalesRoleType
from perfmgmt.tenants.errors import NotFound
from perfmgmt.tenants.models import RankingVisibility
from perfmgmt.web import formats
from perfmgmt.worklog.permissions import WRITE_LOG

TONES = {
    "ahead": "good",
    "on_track": "good",
    "achieved": "good",
    "at_risk": "warn",
    "off_track": "bad",
    "overdue": "bad",
}


def own_home(request: WorkspaceRequest, scope: HomeScope, employee_id: int) -> HttpResponse:
    """A person's own home: figures, facts, problems with their data, the trend."""
    context = own_context(request, scope, employee_id)
    found = problems_of(employee_id, today=scope.today, calendar=scope.calendar)
    context |= {"problems": _problems(request, scope, found), "title": _title(context["board"], scope)}
    context["is_now"] = scope.period.start <= scope.today <= scope.period.end
    return render(request, "homes/own.html", context)


@workspace_view(SEE_OWN_PLACE)
@require_GET
def my_place(request: WorkspaceRequest) -> HttpResponse:
    """One's place in the ranking of the team, as much as the workspace shows: a part of one's own home."""
    employee_id = request.viewer.employee_id
    if employee_id is None:
        raise NotFound
    scope = person_scope(request.GET, request.viewer, request.workspace, request.workspace.today(), employee_id)
    context = {
        "scope": scope,
        "peers": peer_ranking(scope, employee_id),
        "ranking_seen": RankingVisibility(scope.workspace.ranking_visibility).label,
    }
    page = "homes/my_place_part.html" if request.headers.get("HX-Request") else "homes/my_place.html"
    return render(request, page, context)


def own_context(request: WorkspaceRequest, scope: HomeScope, employee_id: int) -> dict[str, Any]:
    """Return what `homes/own_cards.html`, `homes/own_facts.html` and the frame around them show."""
    board = build_own(scope, employee_id, chosen="metric" in request.GET)
    scope = board.scope or scope
    return {
        **frame_context(request, scope, board),
        "own_cards": [_card(request, scope, card, employee_id) for card in board.cards],
        "more_cards": [_card(request, scope, card, employee_id) for card in board.more],
        "own_facts": _facts(scope, board),
        "facts_url": drill_url(request, scope, scope.metric, employee=employee_id),
        "is_support": board.kind == SalesRoleType.SUPPORT,
        "may_see_facts": request.viewer.may(SEE_FACTS),
    }


def _title(board: OwnBoard, scope: HomeScope) -> str:
    """Say how far the target of the first figure is reached, or whose figures these are."""
    share = next((card.attainment for card in board.cards[:1] if card.target is not None), None)
    period = formats.period(scope.period)
    if share is None:
        return f"{_('You')} · {period}"
    return _("{period}: {who} at {percent}").format(
        period=period, who=_("You"), percent=formats.percent(float(share), 0)
    )


def _card(request: WorkspaceRequest, scope: HomeScope, card: Card, employee_id: int) -> dict[str, Any]:
    """Return one figure in words."""
    metric, currency = card.metric, request.workspace.currency
    return {
        "code": metric.code,
        "label": metric.name,
        "value": formats.metric_value(card.shown, metric, currency),
        "missing": card.shown is None,
        "hint": hint(card, scope),
        "url": drill_url(request, scope, metric, employee=employee_id) if card.n else "",
        "target": _target(card, scope, currency),
        "attainment": None if card.target is None or card.attainment is None else float(card.attainment),
        "expected": None if card.expected_share is None else float(card.expected_share),
        "tone": _tone(card),
        "status": code_of(card.pace) if card.target is not None else "",
        "standard": standard(metric, currency),
        "met": card.meets_standard,
        "before": _before(card, scope, currency),
        "trend": _trend(card, metric, currency),
    }


def hint(card: Card, scope: HomeScope) -> str:
    """Say why a figure is missing, or that a 0 is one; empty where there is nothing to say."""
    metric = card.metric
    if card.n and card.shown is not None:
        return ""
    if metric.aggregation == Aggregation.TARGET_SHARE and card.team_target is None and metric.target_metric:
        return _("Nobody in your unit has a target of “{metric}” for this period.").format(
            metric=metric.target_metric.name
        )
    if card.ever:
        return _("No facts in this period.")
    names = pgettext("list", ", ").join(f"“{part.name}”" for part in metric.sources())
    if all(part.pk in scope.by_hand for part in metric.sources()):
        return _("No figures yet: they come from approved entries of {metrics} in the work log.").format(
            metrics=names
        )
    if metric.code == "supported_sales_amount" or (metric.base and metric.base.code == "supported_sales_amount"):
        return _("No figures yet: they come from imported sales that name the person as a supporter.")
    return _("No figures yet: they come from imports of {metrics}.").format(metrics=names)


def standard(metric: Metric, currency: str) -> str:
    """Return the metric's band in words, one-sided where the other side can't be passed; empty without one."""
    low, high = metric.band_low, metric.band_high
    if low is None or high is None:
        return ""
    low_text, high_text = (formats.metric_value(value, metric, currency) for value in (low, high))
    if metric.unit_of_measure in formats.PERCENT_UNITS and high >= 1:
        return _("Standard: at least {low}").format(low=low_text)
    if low == high:
        return _("Standard: {low}").format(low=low_text)
    if low <= 0:
        return _("Standard: at most {high}").format(high=high_text)
    return _("Standard: {low} to {high}").format(low=low_text, high=high_text)


def _target(card: Card, scope: HomeScope, currency: str) -> str:
    metric = card.metric
    if card.target is None:
        if card.team_target is None or metric.target_metric is None:
            return ""
        return _("of the unit's target of {target}").format(
            target=formats.metric_value(card.team_target, metric.target_metric, currency)
        )
    text = _("Target {target}").format(target=formats.metric_value(card.target, metric, currency))
    if card.expected is None or scope.period.end < scope.today:
        return text
    due = formats.metric_value(round(float(card.expected)), metric, currency)
    return _("{target} · due by now {due}").format(target=text, due=due)


def _tone(card: Card) -> str:
    return TONES.get(code_of(card.pace), "") if card.target is not None else ""


def _before(card: Card, scope: HomeScope, currency: str) -> dict[str, str] | None:
    """Return the figure of the period before; where it can be compared, by how much this one differs."""
    if card.before is None:
        return None
    metric, period = card.metric, scope.period.next(-1)
    found = {
        "text": _("{period}: {value}").format(
            period=formats.period(period), value=formats.metric_value(card.before, metric, currency)
        ),
        "change": "", "tone": "mute", "icon": "minus",
    }  # fmt: skip
    if card.change is not None and card.change:
        up = card.change > 0
        found["change"] = formats.difference(card.change, metric, currency)
        found["icon"] = "trending-up" if up else "trending-down"
        if not card.has_standard:
            found["tone"] = "good" if up == (metric.direction == "higher") else "bad"
    return found


def _trend(card: Card, metric: Metric, currency: str) -> dict[str, Any] | None:
    """Return the bars of the last months, for a drawing of 60 by 24; None where there are fewer than two."""
    known = [value for value in card.trend if value is not None]
    if len(known) < 2:
        return None
    top = max(*known, Decimal(0)) or 1
    bars = []
    for step, value in enumerate(card.trend):
        if value is not None:
            height = max(1.0, round(float(max(value, Decimal(0)) / top) * 22, 1))
            bars.append({"x": step * 10, "y": round(24 - height, 1), "height": height})
    texts = [formats.metric_value(value, metric, currency) for value in card.trend]
    words = _("Last {n} months: {values}").format(n=len(texts), values=pgettext("list", ", ").join(texts))
    return {"bars": bars, "words": words}


def _facts(scope: HomeScope, board: OwnBoard) -> list[dict[str, Any]]:
    names = {metric.pk: metric for metric in scope.metrics.values()}
    return [
        {
            "fact": fact,
            "metric": names[fact.metric_id],
            "role": _("Supporter") if fact.credit_role == CreditRole.SUPPORTER else _("Owner of the fact"),
            "share": share_of(fact),
        }
        for fact in board.facts
    ]


def _problems(request: WorkspaceRequest, scope: HomeScope, found: Problems) -> list[dict[str, str]]:
    """Return what is wrong in sentences, each with what to do about it and where."""
    slug, names = request.workspace.slug, {metric.pk: metric.name for metric in scope.metrics.values()}
    lines = [
        {
            "icon": "arrow-back-up",
            "title": _("Sent back: {metric}, {day}").format(
                metric=names.get(entry.metric_id, ""), day=formats.day(entry.day)
            ),
            "text": entry.comment,
            "todo": _("Correct and submit again"),
            "url": reverse("log_entry", args=[slug, entry.entry_id]),
        }
        for entry in found.returned
    ]
    lines += [
        {
            "icon": "alert-triangle",
            "title": _("Row {row} of {file} was refused").format(row=formats.number(row.row), file=row.file_name),
            "text": row.reason,
            "todo": _("It names you and counts for nobody. Tell HR to correct the row and import it again."),
            "url": "",
        }
        for row in found.refused
    ]
    return lines + _log_lines(found, reverse("log", args=[slug]) if request.viewer.may(WRITE_LOG) else "")


def _log_lines(found: Problems, log: str) -> list[dict[str, str]]:
    """Return what the work log lacks; `log` is its address, empty for who may not write."""
    lines = []
    if days := found.missing_days:
        title = ngettext("No work log on {n} working day", "No work log on {n} working days", len(days))
        text = pgettext("list", ", ").join(formats.day(day) for day in days[:5])
        lines.append(_log_line("calendar", title, days, text, _("Write it now"), log))
    if days := found.drafts:
        title = ngettext("{n} entry is not submitted", "{n} entries are not submitted", len(days))
        lines.append(_log_line("pencil", title, days, _("Only what is submitted can be approved."), _("Submit"), log))
    if days := found.waiting:
        title = ngettext("{n} entry waits for approval", "{n} entries wait for approval", len(days))
        text = _("They count once your manager has approved them.")
        lines.append(_log_line("clock", title, days, text, _("Look at them"), log))
    return lines


def _log_line(icon: str, title: str, days: list[date], text: str, todo: str, log: str) -> dict[str, str]:
    url = f"{log}?{urlencode({'day': min(days).isoformat()})}" if log else ""
    return {"icon": icon, "title": title.format(n=formats.number(len(days))), "text": text, "todo": todo, "url": url}
