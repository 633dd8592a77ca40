"""The pages of results side by side, for who may open them."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from goals.tabs import GoalTab
from perfmgmt.people.viewer import Viewer
from reviews.permissions import DECIDE_PROPOSALS, RELEASE, SEE_RESULTS, SEE_STATISTICS

TABS = (
    GoalTab("results", _("Results"), SEE_RESULTS),
    GoalTab("proposals", _("Proposals"), DECIDE_PROPOSALS),
    GoalTab("release_results", _("Release"), RELEASE),
    GoalTab("heard_fairness", _("Was it fair?"), SEE_STATISTICS),
)


def tabs_for(viewer: Viewer, slug: str, current: str) -> list[dict[str, object]]:
    """Return the pages that a viewer may open, as dicts url, word, current; none when there is only one."""
    found: list[dict[str, object]] = [
        {"url": reverse(tab.url_name, args=[slug]), "word": tab.label, "current": tab.url_name == current}
        for tab in TABS
        if viewer.may(tab.permission)
    ]
    return found if len(found) > 1 else []
