"""Choosing, proposing, approving, sending back, declining, replacing, removing raters; and what goes wrong."""

from datetime import timedelta

import pytest

from perfmgmt.notify.models import Notification
from perfmgmt.people.models import Absence
from perfmgmt.people.records.services import name_stand_in
from perfmgmt.tenants.errors import DomainError, NotFound
from reviews.models import Participant, Rater, ReviewCycle
from reviews.raters import selectors, services
from reviews.raters.writing import CantReview, CycleNotOpen, Pick
from tests.factories import Company
from tests.reviews.factories import add_rater
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


# --- the usual way


def test_a_choice_is_drafted_proposed_approved_and_asked(choice: Choice) -> None:
    choice.viewer("p1")
    services.save_picks(choice.ann.pk, choice.picks("p1", "p5"), **choice.by("assistant"))
    assert (choice.state("p1"), choice.is_("open")) == ("nominated", True)
    proposed(choice)
    assert (choice.state("p5"), choice.state("p2"), choice.is_("proposed")) == ("", "nominated", True)
    assert told(choice, "manager") == ["raters.waiting"]
    assert told(choice, "p1") == []  # nobody is asked before the approval
    services.approve(choice.ann.pk, **choice.by("manager"))
    assert (choice.state("p1"), choice.is_("approved")) == ("asked", True)
    assert told(choice, "p1") == ["raters.asked"]
    assert told(choice, "assistant") == ["raters.approved"]
    assert not Notification.objects.filter(kind="raters.waiting", read_at=None).exists()


def test_a_double_click_changes_nothing(choice: Choice) -> None:
    proposed(choice)
    proposed(choice)
    for _again in range(2):
        services.approve(choice.ann.pk, **choice.by("manager"))
    assert Rater.objects.filter(participant=choice.ann, group="peers").count() == 4
    assert told(choice, "manager") == ["raters.waiting"]
    assert told(choice, "assistant") == ["raters.approved"]


def test_who_approves_may_choose_for_somebody_and_change_a_choice(choice: Choice) -> None:
    services.approve(choice.ann.pk, choice.picks("p4", "p5", "p6"), **choice.by("hr"))
    assert (choice.state("p6"), choice.is_("approved")) == ("asked", True)
    bob = choice.cycle.people["bob"]
    services.save_picks(bob.pk, choice.picks("p1"), **choice.by("manager"))
    assert Rater.objects.get(participant=bob, group="peers").state == "nominated"


def test_a_choice_is_sent_back_with_its_reason(choice: Choice) -> None:
    proposed(choice)
    with pytest.raises(services.ReasonMissing):
        services.send_back(choice.ann.pk, reason="  ", **choice.by("manager"))
    services.send_back(choice.ann.pk, reason="Nobody from the South", **choice.by("manager"))
    assert choice.is_("open")
    assert selectors.returned_because(choice.ann) == "Nobody from the South"
    assert told(choice, "assistant") == ["raters.returned"]
    proposed(choice, "p1", "p2", "p5")
    assert selectors.returned_because(choice.ann) == ""
    services.take_back(choice.ann.pk, **choice.by("assistant"))
    assert choice.is_("open")
    assert selectors.returned_because(choice.ann) == ""


def test_the_stand_in_of_the_manager_approves(choice: Choice) -> None:
    today = choice.workspace.today()
    name_stand_in(choice.people["manager"], stand_in=choice.people["cid"], first_day=today, last_day=today)
    choice.viewer("cid")
    proposed(choice)
    assert "raters.waiting" in told(choice, "cid")
    services.approve(choice.ann.pk, **choice.by("cid"))
    assert choice.is_("approved")


def test_nobody_approves_their_own_and_outsiders_find_nothing(choice: Choice) -> None:
    today = choice.workspace.today()
    proposed(choice)
    for name in ("assistant", "rival", "bob"):
        with pytest.raises(NotFound):
            services.approve(choice.ann.pk, **choice.by(name))
    # Standing in for one's own manager does not make one's own choice one's to approve.
    name_stand_in(choice.people["manager"], stand_in=choice.people["ann"], first_day=today, last_day=today)
    with pytest.raises(NotFound):
        services.approve(choice.ann.pk, **choice.by("assistant"))
    for name in ("rival", "bob"):
        with pytest.raises(NotFound):
            services.save_picks(choice.ann.pk, choice.picks("p1"), **choice.by(name))


# --- what is refused


def test_ids_of_another_workspace_are_not_found(company: Company, other_company: Company) -> None:
    foreign = other_company.people["ann"].pk
    with company.scope():
        choice = choosing(company)
        with pytest.raises(NotFound):
            services.save_picks(choice.ann.pk, [Pick("peers", foreign)], **choice.by("assistant"))
        with pytest.raises(NotFound):
            services.approve(choice.ann.pk, [Pick("peers", foreign)], **choice.by("hr"))


def test_ids_that_are_not_there_are_not_found(choice: Choice) -> None:
    for group in ("manager", "self", "nonsense", "customers"):
        with pytest.raises(NotFound):
            services.save_picks(choice.ann.pk, choice.picks("p1", group=group), **choice.by("assistant"))
    with pytest.raises(NotFound):
        services.approve(2**40, **choice.by("hr"))


@pytest.mark.parametrize(
    ("name", "group", "why"),
    [
        ("manager", "peers", "leads this person"),
        ("boss", "internal_customers", "leads this person"),
        ("ann", "peers", "own colleague"),
        ("bob", "direct_reports", "does not report"),
    ],
)
def test_conflicts_are_refused_by_name(choice: Choice, name: str, group: str, why: str) -> None:
    with pytest.raises(CantReview, match=why):
        services.save_picks(choice.ann.pk, choice.picks(name, group=group), **choice.by("assistant"))
    assert not Rater.objects.filter(participant=choice.ann, state="nominated").exists()


def test_a_report_is_no_peer(choice: Choice) -> None:
    lead = choice.join("rival", led_by="boss")
    with pytest.raises(CantReview, match="reports to this person"):
        services.approve(lead.pk, choice.picks("cid"), **choice.by("hr"))
    services.approve(lead.pk, choice.picks("cid", "s1", "s2", group="direct_reports"), **choice.by("hr"))
    assert Rater.objects.filter(participant=lead, state="asked").count() == 3


def test_one_person_stands_in_one_anonymous_group(choice: Choice) -> None:
    both = choice.picks("p1") + choice.picks("p1", group="internal_customers")
    with pytest.raises(CantReview, match="another group"):
        services.save_picks(choice.ann.pk, both, **choice.by("assistant"))
    services.save_picks(choice.ann.pk, choice.picks("p1"), **choice.by("assistant"))
    # Moving somebody from one group to the other is one choice, not two.
    moved = choice.picks("p1", group="internal_customers")
    services.save_picks(choice.ann.pk, moved, **choice.by("assistant"))
    assert (choice.state("p1"), choice.state("p1", "internal_customers")) == ("", "nominated")


def test_too_few_and_too_many(choice: Choice) -> None:
    with pytest.raises(DomainError, match="At least 3"):
        proposed(choice, "p1", "p2")
    with pytest.raises(DomainError, match="At most 6"):
        proposed(choice, *FOUR, "p5", "p6", "cid")
    assert choice.is_("open")
    with pytest.raises(DomainError, match="Nobody is chosen"):
        services.approve(choice.ann.pk, **choice.by("manager"))


def test_who_has_left_or_is_away_all_the_time_is_no_rater(choice: Choice) -> None:
    today = choice.workspace.today()
    gone, away = choice.people["p1"], choice.people["p2"]
    gone.left_on = today - timedelta(days=1)
    gone.save()
    with pytest.raises(CantReview, match="left the company"):
        services.save_picks(choice.ann.pk, choice.picks("p1"), **choice.by("assistant"))
    ReviewCycle.objects.filter(pk=choice.row.pk).update(answer_until=today + timedelta(days=7))
    spell = Absence.objects.create(employee=away, kind="annual", first_day=today, last_day=today + timedelta(days=9))
    with pytest.raises(CantReview, match="is away"):
        services.save_picks(choice.ann.pk, choice.picks("p2"), **choice.by("assistant"))
    spell.last_day = today
    spell.first_day = today
    spell.save()
    services.save_picks(choice.ann.pk, choice.picks("p2"), **choice.by("assistant"))


def test_nothing_is_chosen_after_the_approval(choice: Choice) -> None:
    approved(choice)
    for name in ("assistant", "manager"):
        with pytest.raises(services.AlreadyApproved):
            services.save_picks(choice.ann.pk, choice.picks("p5"), **choice.by(name))
    with pytest.raises(services.AlreadyApproved):
        services.propose(choice.ann.pk, choice.picks("p5", "p6", "p1"), **choice.by("assistant"))
    with pytest.raises(services.AlreadyApproved):
        services.send_back(choice.ann.pk, reason="Late", **choice.by("manager"))
    assert choice.state("p5") == ""


def test_after_the_day_for_choosing_only_approvers_choose(choice: Choice) -> None:
    ReviewCycle.objects.filter(pk=choice.row.pk).update(nominate_until=choice.workspace.today() - timedelta(days=1))
    with pytest.raises(DomainError, match="over"):
        services.save_picks(choice.ann.pk, choice.picks("p1"), **choice.by("assistant"))
    services.approve(choice.ann.pk, choice.picks(*FOUR), **choice.by("manager"))
    assert choice.is_("approved")


def test_nothing_moves_in_a_cycle_that_is_not_open(choice: Choice) -> None:
    proposed(choice)
    ReviewCycle.objects.filter(pk=choice.row.pk).update(state="closed")
    for act in (
        lambda: services.approve(choice.ann.pk, **choice.by("manager")),
        lambda: services.take_back(choice.ann.pk, **choice.by("assistant")),
        lambda: services.remove(choice.rater("p1").pk, **choice.by("manager")),
    ):
        with pytest.raises(CycleNotOpen):
            act()


# --- load


def test_nobody_is_asked_beyond_the_cap(acme: Company) -> None:
    choice = choosing(acme, most=2)
    bob, cid = choice.cycle.people["bob"], choice.cycle.people["cid"]
    services.approve(bob.pk, choice.picks("p1"), **choice.by("manager"))
    services.approve(cid.pk, choice.picks("p1"), **choice.by("hr"))
    with pytest.raises(CantReview, match="as many colleagues"):
        services.approve(choice.ann.pk, choice.picks("p1", "p2", "p3"), **choice.by("manager"))
    # The reviews of people who were taken out don't count.
    Participant.objects.filter(pk=cid.pk).update(dropped_at=choice.row.launched_at)
    services.approve(choice.ann.pk, choice.picks("p1", "p2", "p3"), **choice.by("manager"))


def test_a_bulk_approval_counts_what_it_gives_itself(acme: Company) -> None:
    choice = choosing(acme, most=1)
    for name in ("ann", "bob"):
        who = choice.cycle.people[name]
        for peer in ("p1", "p2", "p3"):
            add_rater(choice.cycle, name, choice.people[peer], "peers", state="nominated")
        Participant.objects.filter(pk=who.pk).update(nomination="proposed")
    ids = [choice.cycle.people[name].pk for name in ("ann", "bob")]
    done = services.approve_many(ids, **choice.by("manager"))
    assert (done.people, len(done.left)) == (1, 1)
    assert "as many colleagues" in done.left[0][1]
    assert Rater.objects.filter(group="peers", state="asked").count() == 3


def test_a_bulk_approval_leaves_out_what_has_a_problem(choice: Choice) -> None:
    for name, count in (("ann", 3), ("bob", 1)):
        for n in range(1, count + 1):
            add_rater(choice.cycle, name, choice.people[f"p{n}"], "peers", state="nominated")
        Participant.objects.filter(pk=choice.cycle.people[name].pk).update(nomination="proposed")
    ids = [one.pk for one in choice.cycle.people.values()]
    assert services.approve_many(ids, **choice.by("rival")).people == 0  # not theirs
    done = services.approve_many(ids, **choice.by("hr"))
    assert (done.people, [(one.employee.name, why) for one, why in done.left]) == (
        1, [("Bob Bell", "Peers: At least 3 are needed.")]
    )  # fmt: skip
    assert choice.is_("approved")
