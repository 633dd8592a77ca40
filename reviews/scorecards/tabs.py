"""The pages about scorecards side by side, for who may open them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.permissions import Permission
from perfmgmt.people.viewer import Viewer
from reviews.permissions import FOLLOW_CYCLES, MANAGE_SCORECARDS, SEE_SCORECARDS, SEE_SCORES


@dataclass(frozen=True)
class Tab:
    """One page: the name of its address, what it is called, who may open it."""

    url_name: str
    label: str | Promise
    permission: Permission


TABS = (
    Tab("scorecards", _("Scorecards"), SEE_SCORECARDS),
    Tab("acknowledged", pgettext_lazy("page", "Who has read theirs"), FOLLOW_CYCLES),
    Tab("deductions", _("Score deductions"), SEE_SCORES),
    Tab("compare_scorecards", _("Compare scorecards"), MANAGE_SCORECARDS),
)


def tabs_for(viewer: Viewer, slug: str, current: str) -> list[dict[str, object]]:
    """Return the pages that a viewer may open, as dicts url, word, current; none where there is only one."""
    found: list[dict[str, object]] = [
        {"url": reverse(tab.url_name, args=[slug]), "word": tab.label, "current": tab.url_name == current}
        for tab in TABS
        if viewer.may(tab.permission)
    ]
    return found if len(found) > 1 else []
