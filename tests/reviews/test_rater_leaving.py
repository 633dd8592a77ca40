"""Raters who decline, are replaced, removed or leave; and managers who are reminded to choose."""

from datetime import timedelta

import pytest

from perfmgmt.notify.models import Notification
from perfmgmt.people.handover import Handover
from perfmgmt.tenants.errors import DomainError, NotFound
from reviews.answers import door
from reviews.answers.door import AnswersClosed, Given
from reviews.cycles import handover as cycle_handover
from reviews.models import Rater, ReviewCycle
from reviews.raters import handover, reminders, services
from reviews.raters.writing import CantReview
from tests.factories import Company
from tests.reviews.factories import answer
from tests.reviews.rater_factories import Choice, choosing

pytestmark = pytest.mark.django_db
FOUR = ("p1", "p2", "p3", "p4")


@pytest.fixture
def choice(acme: Company) -> Choice:
    return choosing(acme)


def told(choice: Choice, name: str) -> list[str]:
    rows = Notification.objects.filter(user=choice.company.users[name]).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def proposed(choice: Choice, *names: str) -> None:
    services.propose(choice.ann.pk, choice.picks(*(names or FOUR)), **choice.by("assistant"))


def approved(choice: Choice, *names: str) -> None:
    proposed(choice, *names)
    services.approve(choice.ann.pk, **choice.by("manager"))


# --- declining, replacing, removing


def test_a_rater_declines_and_a_replacement_is_asked(choice: Choice) -> None:
    approved(choice)
    rater = choice.rater("p1")
    door.save(rater, {choice.cycle.scales[0].pk: Given(4)})
    for name in ("p2", "manager"):
        with pytest.raises(NotFound):
            services.decline(rater.pk, reason="x", **choice.by(name))
    with pytest.raises(services.ReasonMissing):
        services.decline(rater.pk, reason="", **choice.by("p1"))
    for _again in range(2):
        services.decline(rater.pk, reason="We hardly met", **choice.by("p1"))
    assert choice.state("p1") == "declined"
    assert told(choice, "manager").count("raters.declined") == 1
    assert door.own_sheet(rater).answers == {}
    assert "raters.declined" not in told(choice, "assistant")
    replacement = services.ask(choice.ann.pk, choice.picks("p5")[0], replaces_id=rater.pk, **choice.by("manager"))
    assert (replacement.state, replacement.replaces_id) == ("asked", rater.pk)
    # Who declined is not asked again by anybody's mistake.
    with pytest.raises(CantReview, match="declined"):
        services.ask(choice.ann.pk, choice.picks("p1")[0], **choice.by("manager"))


def test_declining_after_handing_in_needs_a_withdrawal(choice: Choice) -> None:
    approved(choice)
    rater = choice.rater("p1")
    answer(choice.cycle, rater, 4, 4, 4)
    with pytest.raises(DomainError, match="Withdraw them first"):
        services.decline(rater.pk, reason="Changed my mind", **choice.by("p1"))
    assert choice.state("p1") == "done"


def test_self_and_manager_do_not_decline(choice: Choice) -> None:
    own = Rater.objects.get(participant=choice.ann, group="self")
    lead = Rater.objects.get(participant=choice.ann, group="manager")
    for rater, name in ((own, "assistant"), (lead, "manager")):
        with pytest.raises(DomainError, match="ask HR"):
            services.decline(rater.pk, reason="No time", **choice.by(name))


def test_a_nominated_rater_knows_of_nothing_to_decline(choice: Choice) -> None:
    proposed(choice)
    with pytest.raises(NotFound):
        services.decline(choice.rater("p1").pk, reason="No time", **choice.by("p1"))


def test_a_removed_rater_takes_their_answers_along(choice: Choice) -> None:
    approved(choice)
    rater = choice.rater("p1")
    answer(choice.cycle, rater, 5, 5, 5)
    stale = choice.rater("p1")
    with pytest.raises(NotFound):
        services.remove(rater.pk, **choice.by("rival"))
    services.remove(rater.pk, **choice.by("manager"))
    assert choice.state("p1") == "removed"
    assert door.own_sheet(rater).answers == {}
    # A form that was open in another window writes nothing any more.
    with pytest.raises(AnswersClosed):
        door.save(stale, {choice.cycle.scales[0].pk: Given(1)})
    # Asked again: the same row, not a second one.
    services.ask(choice.ann.pk, choice.picks("p1")[0], **choice.by("manager"))
    assert (choice.state("p1"), Rater.objects.filter(employee=choice.people["p1"]).count()) == ("asked", 1)


def test_somebody_is_asked_late_within_the_limits(choice: Choice) -> None:
    with pytest.raises(DomainError, match="Approve the choice first"):
        services.ask(choice.ann.pk, choice.picks("p5")[0], **choice.by("manager"))
    approved(choice)
    for name in ("p5", "p6", "p6"):
        services.ask(choice.ann.pk, choice.picks(name)[0], **choice.by("manager"))
    with pytest.raises(DomainError, match="At most 6"):
        services.ask(choice.ann.pk, choice.picks("cid")[0], **choice.by("manager"))
    with pytest.raises(NotFound):  # only who is out is replaced
        services.ask(choice.ann.pk, choice.picks("s1", group="internal_customers")[0],
                     replaces_id=choice.rater("p6").pk, **choice.by("manager"))  # fmt: skip


# --- leaving, reminding


def test_a_managers_review_stands_on_one_list_only(choice: Choice) -> None:
    manager = choice.company.people["manager"]
    days = {manager.pk: choice.workspace.today()}
    assert len(cycle_handover.find(days)[manager.pk]) == 2  # of ann and of bob
    assert handover.find(days) == {}


def test_what_a_leaver_was_asked_to_review_goes_to_somebody_else(choice: Choice) -> None:
    approved(choice)
    today, p1, p2 = choice.workspace.today(), choice.people["p1"], choice.people["p2"]
    door.save(choice.rater("p1"), {choice.cycle.scales[0].pk: Given(4)})
    answer(choice.cycle, choice.rater("p2"), 4, 4, 4)
    found = handover.find({p1.pk: today, p2.pk: today, choice.people["ann"].pk: today})
    # Whether a review is handed in does not show, and nobody hands over their own.
    assert list(found) == [p1.pk, p2.pk]
    key = found[p1.pk][0].key

    def over(to: str | None) -> Handover:
        person = choice.people[to] if to else None
        return Handover(p1, today, frozenset({key}), person, choice.company.users["hr"].pk)

    with pytest.raises(CantReview):
        handover.hand_over(over("manager"))
    choice.rater("p1").refresh_from_db()
    handover.hand_over(over("p5"))
    assert (choice.state("p1"), choice.state("p5")) == ("removed", "asked")
    assert choice.rater("p5").replaces_id == choice.rater("p1").pk


def test_a_manager_who_leaves_hands_the_review_on_with_its_days(choice: Choice) -> None:
    lead = Rater.objects.get(participant=choice.ann, group="manager")
    Rater.objects.filter(pk=lead.pk).update(days=40)
    today, by = choice.workspace.today(), choice.company.users["hr"].pk
    keys = frozenset({f"{lead.pk}"})
    handover.hand_over(Handover(choice.people["manager"], today, keys, choice.people["boss"], by))
    new = Rater.objects.get(participant=choice.ann, group="manager", state="asked")
    assert (new.employee, new.days, choice.ann.manager) == (choice.people["boss"], 40, choice.people["boss"])


def test_a_leaver_is_replaced_by_nobody(choice: Choice) -> None:
    approved(choice)
    keys, by = frozenset({f"{choice.rater('p1').pk}"}), choice.company.users["hr"].pk
    handover.hand_over(Handover(choice.people["p1"], choice.workspace.today(), keys, None, by))
    assert choice.state("p1") == "removed"


def test_managers_are_told_once_that_the_time_for_choosing_is_over(choice: Choice) -> None:
    assert reminders.remind(choice.workspace) == 0
    ReviewCycle.objects.filter(pk=choice.row.pk).update(nominate_until=choice.workspace.today() - timedelta(days=1))
    assert reminders.remind(choice.workspace) > 0
    assert told(choice, "manager") == ["raters.overdue"]
    assert Notification.objects.get(user=choice.company.users["manager"]).params["left"] == 2
    assert told(choice, "hr") == ["raters.overdue"]  # cid's manager has no sign-in
    assert reminders.remind(choice.workspace) == 0
