"""What the pages of feedback have in common: their tabs."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.people.roles import Role
from reviews.feedback.selectors import GIVEN, RECEIVED, TEAM, WALL
from reviews.permissions import GIVE_FEEDBACK

REQUESTS, ASKS = "requests", "asks"
#: The lists of what was given unasked, by tab.
PAGES = {RECEIVED: "feedback", GIVEN: "feedback_given", WALL: "praise_wall", TEAM: "team_feedback"}
ADDRESSES = PAGES | {REQUESTS: "feedback_requests", ASKS: "feedback_asks"}


def tabs_of(request: WorkspaceRequest, current: str) -> list[dict[str, Any]]:
    """Return the tabs of feedback as dicts url, word, current.

    The team's is for who leads somebody, those of requests for who may ask and be asked.
    """
    words = {
        RECEIVED: pgettext("feedback", "Received"), GIVEN: pgettext("feedback", "Given"), WALL: _("Wall of praise"),
        TEAM: _("My team"), REQUESTS: _("Asked by me"), ASKS: _("Asked of me"),
    }  # fmt: skip
    left_out = set() if Role.MANAGER in request.viewer.roles else {TEAM}
    if not request.viewer.may(GIVE_FEEDBACK):
        left_out |= {REQUESTS, ASKS}
    return [
        {"url": reverse(ADDRESSES[tab], args=[request.workspace.slug]), "word": word, "current": tab == current}
        for tab, word in words.items()
        if tab not in left_out
    ]
