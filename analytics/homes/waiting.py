"""What waits for the reader of a home, each line with its page: a part that loads by itself."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from analytics.homes.part_views import answer
from analytics.permissions import SEE_HOME
from goals.waiting import ANSWER, DO_TASKS, WRITE_CHECK_IN, ToDo, to_do
from perfmgmt.people.access import WorkspaceRequest, workspace_view
from perfmgmt.web import formats
from reviews.waiting import (
    ACKNOWLEDGE,
    APPROVE,
    ATTEND,
    CHOOSE,
    FOLLOW,
    HAND,
    REPLY,
    SIGN,
    WRITE,
    Waiting,
    waiting_for,
)

ICONS = {
    CHOOSE: "users", APPROVE: "user-check", WRITE: "clipboard-text", ATTEND: "scale", ACKNOWLEDGE: "report",
    SIGN: "writing", ANSWER: "target-arrow", WRITE_CHECK_IN: "calendar-check", DO_TASKS: "checkbox",
    FOLLOW: "flag", HAND: "link", REPLY: "message-question",
}  # fmt: skip


@workspace_view(SEE_HOME)
@require_GET
@vary_on_headers("HX-Request")
def waiting(request: WorkspaceRequest) -> HttpResponse:
    """What waits for the reader; on a home it is not there at all where nothing does."""
    today, slug = request.workspace.today(), request.workspace.slug
    found: list[Waiting | ToDo] = [*to_do(request.viewer, request.workspace, today)]
    found += waiting_for(request.viewer, today)
    lines = [
        {
            "icon": ICONS[one.kind], "text": words(one), "url": reverse(one.page, args=[slug, *one.args]),
            "due": "" if one.due is None else formats.day(one.due), "is_date": one.kind in (ATTEND, SIGN),
            "late": one.due is not None and one.due < today and one.kind != ATTEND,
        }
        for one in found
    ]  # fmt: skip
    context: dict[str, Any] = {"lines": lines, "fragment": request.headers.get("HX-Request") == "true"}
    return answer(request, "waiting", _("What waits for me"), context)


def words(one: Waiting | ToDo) -> str:
    """Return what is to be done, in a sentence."""
    n = formats.number(one.n)
    if isinstance(one, ToDo):
        text = {
            ANSWER: _("Goal “{about}”: accept it or offer another number"),
            WRITE_CHECK_IN: _("Write this week's check-in"),
            DO_TASKS: ngettext("{n} task of action plans is overdue", "{n} tasks of action plans are overdue", one.n),
        }[one.kind]
    elif one.kind == APPROVE:
        text = ngettext(
            "{about}: approve the raters of {n} person", "{about}: approve the raters of {n} people", one.n
        )
    elif one.kind == WRITE:
        text = ngettext("{about}: {n} review to write", "{about}: {n} reviews to write", one.n)
    elif one.kind == HAND:
        text = ngettext(
            "{n} link of a survey waits to be handed over", "{n} links of surveys wait to be handed over", one.n
        )
    elif one.kind == FOLLOW:
        text = _("Follow up a low score for {about}") if one.about else _("Follow up a low score")
    elif one.kind == SIGN:
        text = _("Sign the record of the review meeting with {about}") if one.about else _(
            "Sign the record of my review meeting"
        )  # fmt: skip
    else:
        text = {
            CHOOSE: _("{about}: choose who reviews me"), ACKNOWLEDGE: _("{about}: read and acknowledge my result"),
            ATTEND: _("Calibration “{about}”: take part"), REPLY: _("Give the feedback you are asked for: {about}"),
        }[one.kind]  # fmt: skip
    return text.format(about=one.about, n=n)
