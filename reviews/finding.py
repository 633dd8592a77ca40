"""Review cycles, scorecards, questionnaires and reviews to write in the command palette."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from perfmgmt.people.access import WorkspaceRequest
from perfmgmt.people.selectors import directory
from perfmgmt.web.palette import MOST_HITS, Hit, Source
from reviews.cycles import listing
from reviews.cycles.launching import shown_state
from reviews.forms.bank.selectors import questionnaires
from reviews.forms.selectors import own_reviews
from reviews.models import CycleState, Scorecard
from reviews.permissions import FOLLOW_CYCLES, MANAGE_SCORECARDS, REVIEW, SEE_SCORECARDS


def find_cycles(request: WorkspaceRequest, text: str) -> list[Hit]:
    """Return the cycles a viewer follows by their name, the newest first; one query."""
    if not text or not request.viewer.may(FOLLOW_CYCLES):
        return []
    found = listing.find(listing.read({"q": text}), viewer=request.viewer)[:MOST_HITS]
    slug = request.workspace.slug
    return [
        Hit(
            reverse("cycle", args=[slug, one.pk]),
            one.name,
            str(CycleState(shown_state(one)).label),
            "rotate-clockwise",
        )
        for one in found
    ]


def find_scorecards(request: WorkspaceRequest, text: str) -> list[Hit]:
    """Return scorecards by their name in both languages, and questionnaires for who keeps them; two queries."""
    if not text or not request.viewer.may(SEE_SCORECARDS):
        return []
    slug, keeps = request.workspace.slug, request.viewer.may(MANAGE_SCORECARDS)
    cards = Scorecard.objects.filter(Q(name_zh__icontains=text) | Q(name_en__icontains=text), archived_at=None)
    hits = [
        Hit(reverse("scorecard", args=[slug, one.pk]), one.name, icon="scale")
        for one in cards.order_by("pk")[:MOST_HITS]
    ]
    if keeps:
        papers = questionnaires(search=text, state="", sort="", language="zh")[:MOST_HITS]
        hits += [
            Hit(reverse("questionnaire", args=[slug, one.pk]), one.name, str(_("Questionnaire")), "forms")
            for one in papers
        ]
    return hits


def find_reviews(request: WorkspaceRequest, text: str) -> list[Hit]:
    """Return whom the viewer has to review by name, pinyin or number; one query. Nobody finds another's reviews."""
    if not text or not request.viewer.may(REVIEW):
        return []
    people = directory(search=text, on=request.workspace.today()).order_by()
    rows = own_reviews(request.viewer).filter(participant__employee_id__in=people.values("pk"))
    slug = request.workspace.slug
    return [
        Hit(reverse("review_form", args=[slug, one.pk]), one.participant.employee.name, one.participant.cycle.name,
            "clipboard-text")
        for one in rows.order_by("-participant__cycle__start", "participant__employee__name_key", "pk")[:MOST_HITS]
    ]  # fmt: skip


SOURCES = (
    Source("reviews", _("My reviews"), find_reviews, order=36),
    Source("cycles", _("Review cycles"), find_cycles, order=37),
    Source("scorecards", _("Scorecards"), find_scorecards, order=38),
)
