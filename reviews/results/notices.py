"""What people are told about results, meetings about them, and the questions after a cycle."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy, ngettext
from django.utils.translation import gettext_lazy as _

from perfmgmt.notify.notifications import NotificationKind, tell
from perfmgmt.people.telling import accounts_of, managers_of
from reviews.models import Participant, ResultState, ReviewCycle, ReviewMeeting, ReviewResult

RELEASED, TEAM, ANSWERED = "results.released", "results.team", "results.answered"
MEETING, SIGNED, FAIRNESS = "results.meeting", "results.signed", "results.fairness"


def _team(values: dict[str, Any]) -> str:
    text = ngettext(
        "%(n)s result of your team was released: %(cycle)s.", "%(n)s results of your team were released: %(cycle)s.",
        values["n"],
    )  # fmt: skip
    return text % values


def _answered(values: dict[str, Any]) -> str:
    if values["state"] == ResultState.DISAGREED:
        return str(_("{name} disagrees with the result of {cycle}.")).format(**values)
    return str(_("{name} has acknowledged the result of {cycle}.")).format(**values)


KINDS = (
    NotificationKind(
        RELEASED, _("Your result is there: {cycle}."), "report", "good", gettext_lazy("My result is released")
    ),
    NotificationKind(TEAM, _team, "report", title=gettext_lazy("Results of my team are released")),
    NotificationKind(
        ANSWERED, _answered, "message", title=gettext_lazy("Somebody of my team answers to their result")
    ),
    NotificationKind(
        MEETING, _("{name} has opened the record of your review meeting: {cycle}."), "messages",
        title=gettext_lazy("The record of my review meeting is opened"),
    ),
    NotificationKind(
        SIGNED, _("{name} has signed the record of the review meeting: {cycle}."), "writing",
        title=gettext_lazy("The other side signs the record of a review meeting"),
    ),
    NotificationKind(
        FAIRNESS, _("Was it fair? Two anonymous questions about {cycle}."), "scale",
        title=gettext_lazy("I am asked whether a review was fair"),
    ),
)  # fmt: skip


def tell_released(cycle: ReviewCycle, people: Sequence[Participant]) -> None:
    """Tell people that their result is there, and managers how many of their team's are."""
    query = f"results/?cycle={cycle.pk}"
    accounts = accounts_of(person.employee_id for person in people)
    own = f"results/own/?cycle={cycle.pk}"
    tell(RELEASED, user_ids=accounts.values(), path=own, key=f"{cycle.pk}", cycle=cycle.name)
    counts = Counter(person.manager_id for person in people if person.manager_id)
    managers = accounts_of(counts)
    by_count: dict[int, list[int]] = {}
    for employee_id, user_id in managers.items():
        by_count.setdefault(counts[employee_id], []).append(user_id)
    for n, user_ids in sorted(by_count.items()):
        tell(TEAM, user_ids=user_ids, path=query, key=f"{cycle.pk}", cycle=cycle.name, n=n)


def tell_answered(result: ReviewResult, *, name: str, on: date) -> None:
    """Tell a person's manager what they said to their result."""
    managers = managers_of(result.participant.employee_id, on=on)
    tell(ANSWERED, user_ids=managers, path=f"results/{result.pk}/", key=f"{result.pk}", name=name,
         cycle=result.batch.cycle.name, state=result.state)  # fmt: skip


def tell_meeting(meeting: ReviewMeeting, *, name: str) -> None:
    """Tell a person that the record of their meeting was opened."""
    result = meeting.result
    accounts = accounts_of([result.participant.employee_id])
    tell(MEETING, user_ids=accounts.values(), path=f"results/{result.pk}/meeting/", key=f"{result.pk}", name=name,
         cycle=result.batch.cycle.name)  # fmt: skip


def tell_signed(meeting: ReviewMeeting, *, to: Iterable[int | None], name: str) -> None:
    """Tell the other side (employees by id) that a record was signed."""
    result = meeting.result
    accounts = accounts_of(pk for pk in to if pk is not None)
    tell(SIGNED, user_ids=accounts.values(), path=f"results/{result.pk}/meeting/", key=f"{result.pk}", name=name,
         cycle=result.batch.cycle.name)  # fmt: skip


def tell_fairness(cycle: ReviewCycle, employee_ids: Iterable[int]) -> None:
    """Ask everybody who took part in a cycle whether it was fair."""
    accounts = accounts_of(employee_ids)
    tell(FAIRNESS, user_ids=accounts.values(), path="results/fairness/", key=f"{cycle.pk}", cycle=cycle.name)
