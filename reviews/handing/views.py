"""Pages of links to hand over: the list, a link shown, marking and taking back, files."""

import csv
from io import StringIO

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.exports import safe_cell
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.tenants.errors import DomainError
from perfmgmt.web import formats, qr
from reviews.asking import handing
from reviews.asking.starting import Handed
from reviews.handing import exports, selectors, services
from reviews.handing.forms import MOST, ChosenForm, MarkForm
from reviews.handing.words import STATE_WORDS
from reviews.mailing.links import base_url
from reviews.mailing.writing import asked
from reviews.models import HandedHow
from reviews.permissions import MANAGE_SURVEYS
from reviews.surveys.views import to


@workspace_view(MANAGE_SURVEYS)
@require_GET
def survey_links(request: WorkspaceRequest) -> HttpResponse:
    """The links that wait to be handed over, or that were: filtered, sorted, in pages."""
    now = timezone.now()
    wanted = selectors.read(request.GET.dict())
    found = selectors.links(wanted, viewer=request.viewer, now=now)
    page = Paginator(found, MOST).get_page(request.GET.get("page"))
    in_english = get_language() == "en"
    offered = selectors.surveys_of(request.viewer)
    rows = []
    for one in page:
        state = selectors.state_of(one, now)
        tone, word, icon = STATE_WORDS[state]
        rows.append(
            {
                "link": one, "contact": asked(one), "tone": tone, "word": str(word), "icon": icon,
                "handover": next(iter(one.handovers.all()), None), "waits": state == selectors.WAITING,
                "may_show": not services.against(one, now),
                "may_undo": state in (selectors.HANDED, selectors.SILENT),
            }
        )  # fmt: skip
    context = {
        "wanted": wanted,
        "page": page,
        "rows": rows,
        "states": [(state, STATE_WORDS[state][1]) for state in selectors.STATES if state != selectors.ALL],
        "surveys": [(pk, (en or zh) if in_english else (zh or en)) for pk, zh, en in offered],
        "form": MarkForm(today=request.workspace.today()),
        "has_address": bool(base_url()),
    }  # fmt: skip
    return render(request, "reviews/handing/links.html", context)


@workspace_view(MANAGE_SURVEYS)
@require_POST
def export_survey_links(request: WorkspaceRequest) -> HttpResponse:
    """Start writing the list to a file, without the links."""
    query = {key: value for key, value in request.GET.dict().items() if key in selectors.PARAMETERS}
    params = {"query": query, "language": get_language() or "en"}
    return to("job", request, jobs.start(exports.EXPORT, params, user_id=request.viewer.user_id).pk)


@workspace_view(MANAGE_SURVEYS)
@require_POST
def show_survey_link(request: WorkspaceRequest, survey_invitation_id: int) -> HttpResponse:
    """A new link to an invitation, shown this once: nothing keeps it, neither we nor browsers that obey."""
    handed = services.show(
        [survey_invitation_id], viewer=request.viewer, workspace=request.workspace, now=timezone.now()
    )[0]
    contact = asked(handed.invitation)
    context = {
        "invitation": handed.invitation, "contact": contact, "name": handed.name, "url": handed.url,
        "qr": qr.data_uri(handed.url), "text": _words(request, handed),
        "until": handing.last_day(handed.invitation, request.workspace.time_zone),
        "form": MarkForm(today=request.workspace.today()),
        "waits": handed.invitation.mailed_at is None,
    }  # fmt: skip
    response = render(request, "reviews/handing/link.html", context)
    add_never_cache_headers(response)
    return response


def _words(request: WorkspaceRequest, handed: Handed) -> str:
    return handing.words(handed, company=request.workspace.name, zone=request.workspace.time_zone)


@workspace_view(MANAGE_SURVEYS)
@require_POST
def survey_links_file(request: WorkspaceRequest) -> HttpResponse:
    """The ticked links with their messages as a CSV file, made anew and written into the answer only.

    No job: its file would keep the links, of which nothing but the hash is kept. As many as a page shows.
    """
    form = ChosenForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    shown = services.show(
        form.cleaned_data["link"], viewer=request.viewer, workspace=request.workspace, now=timezone.now()
    )
    text = StringIO()
    text.write("\ufeff")  # so that Excel reads it as UTF-8
    writer = csv.writer(text)
    writer.writerow([_("Customer"), _("Contact"), _("Phone"), _("Link"), _("Message"), _("Works until")])
    for one in shown:
        contact = asked(one.invitation)
        until = formats.day(handing.last_day(one.invitation, request.workspace.time_zone))
        row = [
            one.invitation.customer,
            one.name,
            contact.phone if contact else "",
            one.url,
            _words(request, one),
            until,
        ]
        writer.writerow([safe_cell(cell) for cell in row])
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="links-{request.workspace.today()}.csv"'
    add_never_cache_headers(response)
    return response


@workspace_view(MANAGE_SURVEYS)
@require_POST
def mark_survey_links(request: WorkspaceRequest) -> HttpResponse:
    """Note that the ticked links were handed over."""
    form = MarkForm(request.POST, today=request.workspace.today())
    if not form.is_valid():
        return _refused(request, form)
    said = form.cleaned_data
    viewer, workspace, now = request.viewer, request.workspace, timezone.now()
    try:
        marked = services.mark(
            said["link"], HandedHow(said["how"]), said["day"], viewer=viewer, workspace=workspace, now=now
        )
    except DomainError as error:
        if error.code not in ("future", "too_early"):
            raise
        messages.error(request, str(error))
        return to("survey_links", request)
    text = ngettext("%(n)s link is marked as handed over.", "%(n)s links are marked as handed over.", marked)
    messages.success(request, text % {"n": marked} if marked else _("They were marked before."))
    return to("survey_links", request)


def _refused(request: WorkspaceRequest, form: ChosenForm) -> HttpResponse:
    """Back to the list, with what is wrong about the choice."""
    for errors in form.errors.values():
        messages.error(request, " ".join(str(each) for each in errors))
    return to("survey_links", request)


@workspace_view(MANAGE_SURVEYS)
@require_POST
def take_back_survey_link(request: WorkspaceRequest, survey_invitation_id: int) -> HttpResponse:
    """Note that a link was not handed over after all."""
    services.take_back(survey_invitation_id, viewer=request.viewer)
    messages.success(request, _("It waits to be handed over again. Links that were shown before still work."))
    return to("survey_links", request)
