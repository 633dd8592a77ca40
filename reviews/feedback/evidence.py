"""Praise beside a review's form and on a person's timeline."""

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from perfmgmt.people.models import Employee
from perfmgmt.people.records import timeline
from perfmgmt.people.records.event import Event
from perfmgmt.people.viewer import Viewer
from perfmgmt.web import formats
from reviews.feedback.access import on_wall, received_by, visible_feedback
from reviews.forms.evidence import Asked, Evidence, Item, Source, register
from reviews.models import Feedback, FeedbackKind
from reviews.permissions import SEE_FEEDBACK

#: So many are shown beside a form, and on a timeline.
BESIDE, ON_TIMELINE = 5, 50
#: Characters of a text on a timeline.
LONGEST = 200


def install() -> None:
    """Register both; called once, from `AppConfig.ready()`."""
    register(Source("praise", pgettext_lazy("feedback", "Praise"), praise, order=35))
    timeline.register(events)


def praise(asked: Asked) -> Evidence:
    """Return the last praise for a person within the period, as it is on the wall; two queries."""
    days = {"day__gte": asked.cycle.start, "day__lte": asked.cycle.end}
    found = on_wall().filter(received_by(asked.employee.pk), **days)
    rows = found.select_related("value", "giver", "by").order_by("-day", "-pk")[:BESIDE]
    items = [Item(f"{_giver(one)} · {formats.day(one.day)}", one.text, _value(one)) for one in rows]
    n = found.count()
    title = ngettext("{n} praise", "{n} praises", n).format(n=n) if n else pgettext("feedback", "Praise")
    return Evidence(title, items, _t("No praise in this period."), _wall(asked), _t("All praise"))


def _wall(asked: Asked) -> str:
    if not asked.viewer.may(SEE_FEEDBACK):
        return ""
    query = {"person": asked.employee.number, "from": asked.cycle.start, "to": asked.cycle.end}
    return f"{reverse('praise_wall', args=[asked.workspace.slug])}?{urlencode(query)}"


def _giver(one: Feedback) -> str:
    return one.giver.name if one.giver else one.by.name if one.by else "—"


def _value(one: Feedback) -> str:
    return one.value.name if one.value else ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def events(employee: Employee, viewer: Viewer, today: date) -> Iterable[Event]:
    """Yield the feedback a person received that a viewer reads: praise, and suggestions for who may."""
    rows = visible_feedback(viewer, today).filter(received_by(employee.pk)).select_related("value", "giver", "by")
    for one in rows.order_by("-day", "-pk")[:ON_TIMELINE]:
        if one.kind == FeedbackKind.PRAISE:
            title = _t("Praised by {name}").format(name=_giver(one))
            title = f"{title} · {_value(one)}" if one.value else title
            yield Event(one.day, "heart-handshake", title, _short(one.text))
        else:
            yield Event(one.day, "bulb", _t("Suggestion by {name}").format(name=_giver(one)), _short(one.text))
