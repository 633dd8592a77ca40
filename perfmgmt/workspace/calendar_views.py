"""The working calendar: a year as twelve small months, with the workspace's own days."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import NotAllowed
from perfmgmt.tenants.models import CalendarDay
from perfmgmt.tenants.workdays import make_up_days_are_missing
from perfmgmt.workspace import forms, months, services
from perfmgmt.workspace.permissions import EDIT_SETTINGS, SEE_CALENDAR

FIRST_YEAR, LAST_YEAR = 2000, 2099


@workspace_view(SEE_CALENDAR)
@require_http_methods(["GET", "POST"])
def calendar(request: WorkspaceRequest) -> HttpResponse:
    """Show a year (`?year=`), with a form for one day (`?day=`); who may, changes days, country and weekend."""
    today = request.workspace.today()
    day, year = _day(request.GET.get("day", "")), _year(request.GET.get("year", ""), today)
    day_form, public_form = _forms(request, day)
    if request.method == "POST":
        if not request.viewer.may(EDIT_SETTINGS):
            raise NotAllowed
        saved = _save(request, day_form, public_form)
        if saved is not None:
            messages.success(request, saved)
            return HttpResponseRedirect(f"{reverse('calendar', args=[request.workspace.slug])}?year={year}")
    drawn = request.workspace.calendar(date(year, 1, 1), date(year, 12, 31))
    grid = months.months(drawn, year, today)
    context = {
        "year": year,
        "previous": year - 1 if year > FIRST_YEAR else None,
        "following": year + 1 if year < LAST_YEAR else None,
        "months": grid,
        "weekdays": months.weekdays(),
        "departures": months.departures(drawn, year),
        "working_days": sum(month.working_days for month in grid),
        "unannounced": make_up_days_are_missing(request.workspace.country, year),
        "day": day,
        "own": CalendarDay.objects.filter(day=day).first() if day else None,
        "day_form": day_form,
        "public_form": public_form,
        "may_edit": request.viewer.may(EDIT_SETTINGS),
    }
    failed = day_form.errors or public_form.errors
    return render(request, "workspace/calendar.html", context, status=400 if failed else 200)


def _forms(request: WorkspaceRequest, day: date | None) -> tuple[forms.DayForm, forms.PublicCalendarForm]:
    what = request.POST.get("what", "")
    initial: dict[str, Any] = {"day": day} if day else {}
    if day:
        drawn = request.workspace.calendar(day, day)
        initial |= {"works": "no" if drawn.works(day) else "yes", "name": drawn.name(day)}
        own = drawn.own.get(day)
        if own:
            initial["works"] = "yes" if own[0] else "no"
    public = {"country": request.workspace.country, "weekend": sorted(request.workspace.weekend)}
    return (
        forms.DayForm(request.POST if what == "day" else None, initial=initial),
        forms.PublicCalendarForm(request.POST if what == "public" else None, initial=public),
    )


def _save(request: WorkspaceRequest, day_form: forms.DayForm, public_form: forms.PublicCalendarForm) -> str | None:
    """Do what the form asks for; return what to say, None when a form was refused."""
    if request.POST.get("what") == "clear":
        day = _day(request.POST.get("day", ""))
        if day is None:
            return None
        services.clear_day(day)
        return _("The public calendar counts for that day again.")
    if request.POST.get("what") == "public":
        if not public_form.is_valid():
            return None
        services.save_profile(**public_form.cleaned_data)
        return _("Saved. Working days are counted by the new calendar at once.")
    if not day_form.is_valid():
        return None
    data = day_form.cleaned_data
    services.set_day(data["day"], works=data["works"], name=data["name"])
    return _("Saved. Working days are counted by the new calendar at once.")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _year(text: str, today: date) -> int:
    year = int(text) if text.isdecimal() and len(text) == 4 else today.year
    return min(max(year, FIRST_YEAR), LAST_YEAR)
