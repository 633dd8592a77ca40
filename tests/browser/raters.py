"""A review cycle in which raters are chosen: proposed, proposed with a problem, approved with one who declined."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from perfmgmt.people.models import Assignment
from perfmgmt.tenants.calendar import Grain, Period
from reviews.models import CycleGroup, Participant, Rater, ReviewCycle
from tests.factories import Company


def rater_cycle(company: Company, today: date, name: str) -> ReviewCycle:
    """Make an open cycle of the quarter before, in which two peers and one internal customer are chosen."""
    quarter = Period.containing(Grain.QUARTER, today).next(-1)
    cycle = ReviewCycle.objects.create(
        name=name, grain=4, start=quarter.start, end=quarter.end, state="open", most_per_rater=2,
        nominate_until=today + timedelta(days=5), answer_until=today + timedelta(days=20), launched_at=timezone.now(),
    )  # fmt: skip
    for group, least, most in (("peers", 2, 4), ("internal_customers", 0, 2), ("direct_reports", 0, 6)):
        CycleGroup.objects.create(cycle=cycle, group=group, weight=30, minimum=3, least=least, most=most, merges=True)
    CycleGroup.objects.create(cycle=cycle, group="customers", weight=10, minimum=3)
    return cycle


def add_participant(company: Company, cycle: ReviewCycle, name: str, state: str = "open") -> Participant:
    """Put somebody of the company into the cycle."""
    person = company.people[name]
    spell = Assignment.objects.filter(employee=person).order_by("-valid_from")[0]
    return Participant.objects.create(
        cycle=cycle, employee=person, unit=spell.unit, manager=spell.manager, nomination=state
    )


def rater_samples(company: Company, today: date) -> dict[str, list[Any]]:
    """Return ids for `cycle_id`, `participant_id` and `rater_id`; the last is ann's part in bob's review."""
    cycle = rater_cycle(company, today, "季度考核")
    ann, bob, cid = (add_participant(company, cycle, name, state) for name, state in (
        ("ann", "open"), ("bob", "approved"), ("cid", "proposed")))  # fmt: skip

    def add(whom: Participant, name: str, group: str, state: str, reason: str = "") -> Rater:
        return Rater.objects.create(
            participant=whom, employee=company.people[name], group=group, state=state, reason=reason
        )

    add(ann, "bob", "peers", "nominated")
    asked = add(bob, "ann", "peers", "asked")
    add(bob, "rival", "internal_customers", "asked")
    add(bob, "cid", "peers", "declined", "这个季度我们没有一起做过项目")
    add(cid, "ann", "peers", "nominated")
    add(cid, "rival", "peers", "nominated")  # who leads cid is no peer
    return {
        "cycle_id": [cycle.pk],
        "participant_id": [ann.pk, bob.pk, cid.pk],
        "rater_id": [asked.pk],
    }
