"""Conflicts, ties and counts in words."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reviews.raters.rules import Conflict, Count, Limits, Link, Tie

CONFLICTS: dict[Conflict, str | Promise] = {
    Conflict.ONESELF: gettext_lazy("nobody is their own colleague: the self-review is a form of its own"),
    Conflict.MANAGER: gettext_lazy("leads this person and reviews them as that"),
    Conflict.REPORT: gettext_lazy("reports to this person: choose them as a direct report"),
    Conflict.NO_REPORT: gettext_lazy("does not report to this person"),
    Conflict.GONE: gettext_lazy("has left the company, or has no place in it until answers are due"),
    Conflict.AWAY: gettext_lazy("is away until answers are due"),
    Conflict.TWICE: gettext_lazy("is chosen in another group already"),
    Conflict.DECLINED: gettext_lazy("has declined this review"),
    Conflict.FULL: gettext_lazy("reviews as many colleagues as one may in this cycle"),
}
NOTHING_IN_COMMON = gettext_lazy("No work in common found")


def conflict(found: Conflict) -> str:
    """Return a conflict as the rest of a sentence that begins with the name."""
    return str(CONFLICTS[found])


def link(found: Link) -> str:
    """Return a tie in words: "12 shared customers"."""
    n = found.n
    if found.tie == Tie.CUSTOMERS:
        return ngettext("{n} shared customer", "{n} shared customers", n).format(n=n)
    if found.tie == Tie.DEALS:
        return ngettext("{n} shared deal", "{n} shared deals", n).format(n=n)
    if found.tie == Tie.SUPPORTED:
        return ngettext("{n} of their deals supported", "{n} of their deals supported", n).format(n=n)
    plain = {Tie.TEAM: _("same manager"), Tie.UNIT: _("same unit"), Tie.REPORT: _("reports to this person")}
    return plain[found.tie]


def links(found: Iterable[Link]) -> str:
    """Return what two people have in common, or that nothing was found."""
    words = [link(one) for one in found]
    return " · ".join(words) if words else str(NOTHING_IN_COMMON)


def count(found: Count, limits: Limits, least: int) -> str:
    """Return what is to be said about a number of chosen raters; nothing when it fits."""
    if found == Count.TOO_MANY:
        return _("At most {most} can be asked.").format(most=limits.most)
    if found == Count.TOO_FEW:
        return _("At least {least} are needed.").format(least=least)
    if found == Count.THIN:
        text = _("Answers of fewer than {minimum} stay hidden: better choose a few more.")
        return text.format(minimum=limits.minimum)
    return ""
