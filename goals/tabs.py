"""The pages of goals side by side, for who may open them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.permissions import EDIT_GOALS, MANAGE_GOALS, SEE_COVERAGE, SEE_GOALS
from perfmgmt.people.permissions import Permission
from perfmgmt.people.viewer import Viewer


@dataclass(frozen=True)
class GoalTab:
    """One page: the name of its address, what it is called, who may open it."""

    url_name: str
    label: str | Promise
    permission: Permission


TABS = (
    GoalTab("goals", _("Goals"), SEE_GOALS),
    GoalTab("goal_tree", _("Tree of goals"), SEE_GOALS),
    GoalTab("assign_goals", _("Assign goals"), EDIT_GOALS),
    GoalTab("coverage", _("Duties and goals"), SEE_COVERAGE),
    GoalTab("goal_templates", _("Templates of goals"), MANAGE_GOALS),
    GoalTab("lock_goals", _("Lock goals"), MANAGE_GOALS),
)


def tabs_for(viewer: Viewer, slug: str, current: str) -> list[dict[str, object]]:
    """Return the pages that a viewer may open, as dicts url, word, current."""
    return [
        {"url": reverse(tab.url_name, args=[slug]), "word": tab.label, "current": tab.url_name == current}
        for tab in TABS
        if viewer.may(tab.permission)
    ]
