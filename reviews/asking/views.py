"""Pages of asking: who is asked by a survey, triggers, campaigns, the response, and a survey for one contact."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfmgmt.customers.access import contact_of
from perfmgmt.customers.models import Contact
from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import JobState
from perfmgmt.jobs.shown import ShownJob, shown
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.people.pages import READ_WRITE, tried
from perfmgmt.tenants.errors import NotFound
from perfmgmt.web import qr
from reviews.asking import campaign_jobs, campaigns, exports, handing, selectors, services, starting
from reviews.asking.forms import CampaignForm, StartForm, TriggerForm
from reviews.models import AskChannel, CampaignState, SkipReason, Survey, SurveyCampaign, SurveyTrigger
from reviews.permissions import MANAGE_SURVEYS, SEE_SURVEYS, START_SURVEYS
from reviews.surveys.selectors import survey_of
from reviews.surveys.views import to

#: Of so many campaigns the work is shown at once.
MOST_WORKS = 3


@workspace_view(SEE_SURVEYS)
@require_GET
def survey_asking(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """What makes a survey go out: its triggers and campaigns, with how many they chose."""
    found = survey_of(survey_id, viewer=request.viewer)
    planned = list(selectors.campaigns_of(found)[: selectors.MOST_CAMPAIGNS])
    works = _works(request, planned) if request.viewer.may(MANAGE_SURVEYS) else []
    context = {
        "survey": found,
        "triggers": selectors.triggers_of(found),
        "campaigns": planned,
        "at_work": {one.pk for one in planned if campaign_jobs.is_at_work(one)},
        "works": works,
        "is_working": any(view.is_open for _name, view in works),
        "manages": request.viewer.may(MANAGE_SURVEYS),
    }
    return render(request, "reviews/asking/asking.html", context)


def _works(request: WorkspaceRequest, planned: list[SurveyCampaign]) -> list[tuple[str, ShownJob]]:
    """Return the newest campaigns that are choosing customers, or came to nothing, each with its work as shown."""
    found = [
        (one, one.job) for one in planned
        if one.job is not None and one.state in campaigns.OPEN and one.job.state != JobState.DONE
    ]  # fmt: skip
    who: dict[str, Any] = {"viewer": request.viewer, "workspace": request.workspace}
    return [(one.name, shown(job, **who)) for one, job in found[:MOST_WORKS]]


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def add_survey_trigger(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """Let a survey go out after something."""
    survey, today = survey_of(survey_id, viewer=request.viewer), request.workspace.today()
    data = request.POST if request.method == "POST" else None
    form = TriggerForm(data, today=today)
    if data is not None and form.is_valid():
        metric_id = int(form.cleaned_data["metric"])
        made = tried(form, lambda: services.add_trigger(survey_id, metric_id, form.settings(), today=today))
        if made is not None:
            messages.success(request, _("Saved. Customers are chosen within the hour."))
            return to("survey_asking", request, survey_id)
    return _form(request, form, survey, _("Ask after something"))


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def edit_survey_trigger(request: WorkspaceRequest, survey_trigger_id: int) -> HttpResponse:
    """Change when a survey goes out and how many are asked."""
    found = SurveyTrigger.objects.select_related("survey", "metric").filter(pk=survey_trigger_id).first()
    if found is None:
        raise NotFound
    today = request.workspace.today()
    data = request.POST if request.method == "POST" else None
    form = TriggerForm(data, today=today, trigger=found)
    if data is not None and form.is_valid():
        saved = tried(form, lambda: services.edit_trigger(found.pk, form.settings(), today=today))
        if saved is not None:
            messages.success(request, _("Saved."))
            return to("survey_asking", request, found.survey_id)
    return _form(request, form, found.survey, _("Change what is asked after"))


def _form(request: WorkspaceRequest, form: Any, survey: Survey, title: str, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, "survey": survey, **more}
    return render(request, "reviews/asking/form.html", context, status=400 if form.errors else 200)


@workspace_view(MANAGE_SURVEYS)
@require_POST
def switch_survey_trigger(request: WorkspaceRequest, survey_trigger_id: int) -> HttpResponse:
    """Switch a trigger on or off."""
    found = services.switch_trigger(survey_trigger_id, request.POST.get("on") == "1")
    text = _("On: customers are asked.") if found.is_on else _("Off: nobody more is chosen.")
    messages.success(request, text)
    return to("survey_asking", request, found.survey_id)


@workspace_view(MANAGE_SURVEYS)
@require_POST
def remove_survey_trigger(request: WorkspaceRequest, survey_trigger_id: int) -> HttpResponse:
    """Remove a trigger that has not chosen anybody."""
    survey_id = services.remove_trigger(survey_trigger_id)
    messages.success(request, _("Removed."))
    return to("survey_asking", request, survey_id)


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def add_survey_campaign(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """Plan a campaign; how many could be asked is shown while it is filled in."""
    survey, workspace = survey_of(survey_id, viewer=request.viewer), request.workspace
    data = request.POST if request.method == "POST" else None
    form = CampaignForm(data, today=workspace.today(), zone=workspace.time_zone)
    if data is not None and form.is_valid():
        user_id = request.viewer.user_id
        made = tried(form, lambda: services.add_campaign(survey_id, form.settings(), user_id=user_id))
        if made is not None:
            began = made.starts_at <= timezone.now()
            messages.success(request, _("Planned.") if began else _(
                "Planned. Customers are chosen within an hour of its start."
            ))  # fmt: skip
            return to("survey_asking", request, survey_id)
    return _form(request, form, survey, _("New campaign"), counted=_count(request, survey, form))


@workspace_view(MANAGE_SURVEYS)
@require_http_methods(READ_WRITE)
def edit_survey_campaign(request: WorkspaceRequest, survey_campaign_id: int) -> HttpResponse:
    """Change a campaign that has not begun."""
    found = SurveyCampaign.objects.select_related("survey", "job").filter(pk=survey_campaign_id).first()
    if found is None:
        raise NotFound
    workspace = request.workspace
    data = request.POST if request.method == "POST" else None
    if data is None and (found.state != CampaignState.PLANNED or campaign_jobs.is_at_work(found)):
        return to("survey_asking", request, found.survey_id)  # an old address: it has begun
    user_id = request.viewer.user_id
    form = CampaignForm(data, today=workspace.today(), zone=workspace.time_zone, campaign=found)
    if data is not None and form.is_valid():
        saved = tried(form, lambda: services.edit_campaign(found.pk, form.settings(), user_id=user_id))
        if saved is not None:
            messages.success(request, _("Saved."))
            return to("survey_asking", request, found.survey_id)
    more = {"counted": _count(request, found.survey, form), "campaign": found}
    return _form(request, form, found.survey, _("Change the campaign"), **more)


@workspace_view(MANAGE_SURVEYS)
@require_GET
def count_survey_campaign(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """How many of a group could be asked now, and why the others not: a part of the campaign's form."""
    survey, workspace = survey_of(survey_id, viewer=request.viewer), request.workspace
    form = CampaignForm(request.GET, today=workspace.today(), zone=workspace.time_zone)
    return render(request, "reviews/asking/count.html", _count(request, survey, form))


def _count(request: WorkspaceRequest, survey: Survey, form: CampaignForm) -> dict[str, Any]:
    """Return what `count.html` shows for what stands in a form, whatever else is still missing there."""
    typed = {name: str(form[name].value() or "") for name in ("customer_type", "region", "quiet_days")}
    quiet = int(typed["quiet_days"]) if typed["quiet_days"].isdecimal() and len(typed["quiet_days"]) < 4 else 0
    counted = campaigns.count(
        typed["customer_type"][:60].replace("\0", ""), typed["region"][:60].replace("\0", ""), survey=survey,
        quiet_days=quiet, workspace=request.workspace, now=timezone.now(),
    )  # fmt: skip
    reasons = [(SkipReason(code).label, n) for code, n in counted.against.most_common()]
    return {"count": counted, "reasons": reasons}


@workspace_view(MANAGE_SURVEYS)
@require_POST
def cancel_survey_campaign(request: WorkspaceRequest, survey_campaign_id: int) -> HttpResponse:
    """Call a campaign off, with what is not mailed yet."""
    found = SurveyCampaign.objects.filter(pk=survey_campaign_id).first()
    called_off = services.cancel_campaign(survey_campaign_id)
    text = ngettext(
        "Called off, with %(n)s mail that was not written yet.",
        "Called off, with %(n)s mails that were not written yet.", called_off,
    ) % {"n": called_off}  # fmt: skip
    messages.success(request, text)
    return to("survey_asking", request, found.survey_id if found is not None else 0)


@workspace_view(SEE_SURVEYS)
@require_GET
def survey_response(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """How many were chosen, mailed and answered, and why others were not asked; numbers, no names."""
    found = survey_of(survey_id, viewer=request.viewer)
    months = selectors.read(request.GET.dict())
    report = selectors.response(found, months)
    counts = report.counts
    context = {
        "survey": found,
        "months": months,
        "offered": selectors.months_of(found, request.workspace.today()),
        "report": report,
        "lines": [
            selectors.Line(_("Looked at"), report.looked_at, 0),
            selectors.Line(_("Chosen"), counts["chosen"], report.looked_at),
            *_steps(counts),
            selectors.Line(_("Called off"), counts["cancelled"], counts["chosen"]),
        ],
        "hands_over": survey_hands_over(counts),
        "manages": request.viewer.may(MANAGE_SURVEYS),
    }
    return render(request, "reviews/asking/response.html", context)


def _steps(counts: dict[str, int]) -> list[selectors.Line]:
    """Return the way of the chosen: by mail, by link where there are any, and what became of both."""
    by_link = [
        selectors.Line(_("Link waits to be handed over"), counts["waiting"], counts["chosen"]),
        selectors.Line(_("Link handed over"), counts["handed"], counts["chosen"]),
    ]
    return [
        selectors.Line(_("Mail written"), counts["mailed"], counts["chosen"]),
        selectors.Line(_("Bounced"), counts["bounced"], counts["mailed"]),
        *(by_link if survey_hands_over(counts) else []),
        selectors.Line(_("Started"), counts["started"], counts["reached"]),
        selectors.Line(_("Answered"), counts["finished"], counts["reached"]),
        selectors.Line(_("Not their order"), counts["disowned"], counts["reached"]),
    ]


def survey_hands_over(counts: dict[str, int]) -> bool:
    """Whether there is any link that was, or waits to be, handed over."""
    return bool(counts["handed"] or counts["waiting"])


@workspace_view(MANAGE_SURVEYS)
@require_POST
def export_survey_skips(request: WorkspaceRequest, survey_id: int) -> HttpResponse:
    """Start writing who was passed over, and why, to a file."""
    survey_of(survey_id, viewer=request.viewer)
    query = {key: value for key, value in request.GET.dict().items() if key in ("from", "to")}
    params = {"survey_id": survey_id, "query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(exports.SKIPS, params, user_id=request.viewer.user_id).pk)


@workspace_view(START_SURVEYS)
@require_http_methods(READ_WRITE)
def start_survey(request: WorkspaceRequest, contact_id: int) -> HttpResponse:
    """Ask one contact, for development."""
    contact = contact_of(contact_id, viewer=request.viewer, on=request.workspace.today())
    if contact.pk != contact_id or not contact.is_living:
        raise NotFound
    surveys = starting.startable()
    data = request.POST if request.method == "POST" else None
    form = StartForm(data, surveys=surveys, by_mail=bool(contact.email))
    if data is not None and form.is_valid():
        survey_id = int(form.cleaned_data["survey"])
        who: dict[str, Any] = {"viewer": request.viewer, "workspace": request.workspace, "now": timezone.now()}
        if form.cleaned_data["channel"] == AskChannel.LINK:
            handed = tried(form, lambda: starting.start_by_link(contact.pk, survey_id, **who))
            if handed is not None:
                return _handed(request, handed)
            return _start_page(request, form, contact, surveys)
        made = tried(form, lambda: starting.start(contact.pk, survey_id, **who))
        if made is not None:
            messages.success(request, _("The survey goes to {name} by mail.").format(name=contact))
            return to("contact", request, contact.pk)
    return _start_page(request, form, contact, surveys)


def _start_page(request: WorkspaceRequest, form: StartForm, contact: Contact, surveys: list[Survey]) -> HttpResponse:
    context = {"form": form, "contact": contact, "surveys": surveys}
    return render(request, "reviews/asking/start.html", context, status=400 if form.errors else 200)


def _handed(request: WorkspaceRequest, handed: starting.Handed) -> HttpResponse:
    """The link, shown this once: nothing keeps it, neither we nor (as far as they obey) browsers."""
    one = handed.invitation
    context = {
        "invitation": one,
        "name": handed.name,
        "url": handed.url,
        "qr": qr.data_uri(handed.url),
        "text": handing.words(handed, company=request.workspace.name, zone=request.workspace.time_zone),
        "until": handing.last_day(one, request.workspace.time_zone),
    }
    response = render(request, "reviews/asking/link.html", context)
    add_never_cache_headers(response)
    return response
