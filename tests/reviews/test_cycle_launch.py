"""Launching: the dry run names what is wrong, and the job writes everything once."""

from datetime import date, timedelta

import pytest

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.jobs.retrying import retry
from perfmgmt.notify.models import Notification, WorkspaceMail
from perfmgmt.people.models import Assignment, Position
from perfmgmt.people.services import assign
from perfmgmt.tenants.errors import Conflict, NotAllowed, NotFound
from reviews.cycles import launching
from reviews.cycles.launching import CantLaunch, Changed, launch
from reviews.cycles.problems import dry_run, problems
from reviews.models import (
    CycleForm,
    CycleGroup,
    CycleQuestion,
    Participant,
    Questionnaire,
    QuestionnaireItem,
    Rater,
    ReviewCycle,
    Scorecard,
    ScorecardVersion,
)
from tests.factories import Company
from tests.reviews.cycle_factories import draft, launched, questionnaire, run, today, viewer, workspace


def codes(company: Company, cycle: ReviewCycle, severity: str = "") -> set[str]:
    return {each.code for each in problems(cycle, workspace(company)) if severity in ("", each.severity)}


def raters(company: Company, name: str) -> set[tuple[str, str, str]]:
    names = {person.pk: key for key, person in company.people.items()}
    rows = Rater.objects.filter(participant__employee=company.people[name])
    return {(names[row.employee_id], row.group, row.state) for row in rows}


# The dry run


def test_a_usual_draft_has_warnings_only(acme: Company) -> None:
    cycle = draft(acme)
    assert codes(acme, cycle, "block") == set()
    assert codes(acme, cycle, "warn") == {"no_manager", "few_peers", "no_scorecard", "no_account"}
    who = {each.person.name for each in problems(cycle, workspace(acme)) if each.code == "no_manager" and each.person}
    assert who == {"Bo Boss"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"answer_until": date(2025, 4, 1)}, "deadline_past"),
        ({"nominate_until": date(2025, 4, 1)}, "deadline_past"),
        ({"answer_until": None}, "no_deadline"),
        ({"release_on": date(2025, 5, 1)}, "deadline_past"),
        ({"nominate_until": date(2098, 1, 1), "answer_until": date(2097, 1, 1)}, "deadlines_order"),
        ({"guideline": {"A": "20", "B": "70"}}, "guideline"),
        ({"audience": {"types": ["hunter"]}}, "nobody"),
    ],
)
def test_what_blocks_is_named(acme: Company, changes: dict, code: str) -> None:
    assert code in codes(acme, draft(acme, **changes), "block")


def test_weights_of_groups_sum_to_100(acme: Company) -> None:
    cycle = draft(acme)
    CycleGroup.objects.filter(cycle=cycle, group="peers").update(weight=29)
    assert "weights_not_100" in codes(acme, cycle, "block")
    CycleGroup.objects.filter(cycle=cycle).update(weight=0)
    assert "weights_zero" in codes(acme, cycle, "block")


def test_the_workspaces_minimum_is_the_floor(acme: Company) -> None:
    from perfmgmt.tenants.models import WorkspaceRules

    WorkspaceRules.objects.create(minimum_peers=5)
    assert "minimum_too_small" in codes(acme, draft(acme), "block")


def test_questionnaires_must_ask_something(acme: Company) -> None:
    cycle = draft(acme)
    QuestionnaireItem.objects.update(weight=0)
    assert "zero_items" in codes(acme, cycle, "block")
    QuestionnaireItem.objects.all().delete()
    assert "empty_questionnaire" in codes(acme, cycle, "block")
    CycleForm.objects.all().delete()
    assert "no_questionnaire" in codes(acme, cycle, "block")


def test_people_who_are_not_there_or_gone_are_named(acme: Company) -> None:
    Assignment.objects.filter(employee=acme.people["bob"]).update(valid_to=date(2025, 2, 1))
    acme.people["cid"].left_on = date(2025, 5, 1)
    acme.people["cid"].save()
    cycle = draft(acme, audience={"units": [acme.units["south"].pk], "people": [acme.people["bob"].pk]})
    found = {each.code: each.person.name for each in problems(cycle, workspace(acme)) if each.person}
    assert found["absent"] == "Bob Bell" and "absent" in codes(acme, cycle, "block")
    assert found["left"] == "Cid Cole"


def test_a_scorecard_that_fits_is_fixed(acme: Company) -> None:
    from django.utils import timezone

    card = Scorecard.objects.create(name_en="All", rhythm=4)
    version = ScorecardVersion.objects.create(
        scorecard=card, number=1, state="published", published_at=timezone.now(), valid_from=date(2025, 1, 1)
    )
    assert "no_scorecard" not in codes(acme, draft(acme))
    run(acme, launch(ReviewCycle.objects.get().pk, viewer=viewer(acme, "hr"), version=1).pk)
    assert set(Participant.objects.values_list("scorecard_version_id", flat=True)) == {version.pk}


def test_who_is_in_another_open_cycle_of_the_period_is_named(acme: Company) -> None:
    launched(acme, audience={"people": [acme.people["ann"].pk]})
    second = draft(acme, name="Again")
    found = [each for each in problems(second, workspace(acme)) if each.code == "in_another"]
    assert [each.person.name for each in found if each.person] == ["李安"] and found[0].blocks
    with pytest.raises(CantLaunch):
        launch(second.pk, viewer=viewer(acme, "hr"), version=second.version)


@pytest.mark.parametrize("size", [0, 9])
def test_the_dry_run_takes_as_many_queries_for_more_people(
    acme: Company, size: int, django_assert_max_num_queries
) -> None:
    from perfmgmt.people.services import add_employee

    for at in range(size):
        assign(add_employee(f"N{at}", f"N {at}"), unit=acme.units["north"], valid_from=date(2025, 1, 1))
    cycle, space = draft(acme), workspace(acme)
    with django_assert_max_num_queries(15):
        dry_run(cycle, space)


# The launch


def test_a_launch_asks_everybody_it_should(acme: Company) -> None:
    cycle = launched(acme)
    assert cycle.state == "open" and cycle.launched_at is not None
    assert Participant.objects.filter(cycle=cycle).count() == 6
    assert raters(acme, "ann") == {("ann", "self", "asked"), ("manager", "manager", "asked"),
                                   ("boss", "skip_level", "asked")}  # fmt: skip
    assert raters(acme, "manager") == {("manager", "self", "asked"), ("boss", "manager", "asked")}
    assert raters(acme, "boss") == {("boss", "self", "asked")}
    ann = Participant.objects.get(employee=acme.people["ann"])
    assert (ann.unit, ann.manager, ann.nomination) == (acme.units["north"], acme.people["manager"], "open")


def test_two_managers_are_asked_with_their_days(acme: Company) -> None:
    Assignment.objects.filter(employee=acme.people["ann"]).update(valid_to=date(2025, 2, 14))
    assign(acme.people["ann"], unit=acme.units["south"], manager=acme.people["rival"], valid_from=date(2025, 2, 15))
    launched(acme)
    rows = Rater.objects.filter(participant__employee=acme.people["ann"], group="manager")
    days = dict(rows.values_list("employee_id", "days"))
    assert set(days) == {acme.people["manager"].pk, acme.people["rival"].pk}
    assert sum(days.values()) == workspace(acme).calendar(date(2025, 1, 1), date(2025, 3, 31)).working_days(
        date(2025, 1, 1), date(2025, 3, 31)
    )


def test_questions_are_copied_in_the_order_of_the_questionnaires(acme: Company) -> None:
    cycle = draft(acme)
    CycleForm.objects.create(cycle=cycle, questionnaire=questionnaire("yearly"), place=2)
    run(acme, launch(cycle.pk, viewer=viewer(acme, "hr"), version=cycle.version).pk)
    assert list(CycleQuestion.objects.values_list("place", "code")) == [
        (1, "attitude.initiative"), (2, "attitude.teamwork"), (3, "attitude.words"), (4, "yearly.initiative"),
        (5, "yearly.teamwork"), (6, "yearly.words"),
    ]  # fmt: skip
    Questionnaire.objects.get(code="attitude").items.all().delete()
    assert CycleQuestion.objects.count() == 6


def test_everybody_with_something_to_do_is_told_once(acme: Company) -> None:
    launched(acme)
    told = Notification.objects.filter(kind="cycles.asked")
    assert {row.user_id for row in told} == {acme.users["manager"].pk, acme.users["assistant"].pk}
    assert told.get(user=acme.users["manager"]).params["count"] == 3  # ann, bob and herself
    mails = WorkspaceMail.objects.filter(kind="cycles.asked")
    assert {mail.recipient for mail in mails} == {"manager@acme.example", "assistant@acme.example"}
    assert len({mail.message_id for mail in mails}) == 2


def test_a_double_click_launches_once(acme: Company) -> None:
    cycle, hr = draft(acme), viewer(acme, "hr")
    first = launch(cycle.pk, viewer=hr, version=cycle.version)
    assert launch(cycle.pk, viewer=hr, version=cycle.version).pk == first.pk
    run(acme, first.pk)
    run(acme, first.pk)
    with pytest.raises(Conflict):
        launch(cycle.pk, viewer=hr, version=cycle.version)
    assert Job.objects.filter(kind=launching.LAUNCH).count() == 1
    assert Participant.objects.count() == 6


def test_a_second_job_of_the_same_cycle_does_nothing(acme: Company) -> None:
    cycle = launched(acme)
    again = Job.objects.create(
        kind=launching.LAUNCH, params={"cycle": cycle.pk, "language": "en"}, created_by=acme.users["hr"]
    )
    run(acme, again.pk)
    again.refresh_from_db()
    assert again.error_code == "not_launching" and Participant.objects.count() == 6


def test_a_cancelled_launch_leaves_a_draft_that_can_be_launched(acme: Company) -> None:
    cycle, hr = draft(acme), viewer(acme, "hr")
    job = launch(cycle.pk, viewer=hr, version=cycle.version)
    jobs.cancel(job.pk)
    cycle = ReviewCycle.objects.select_related("job").get(pk=cycle.pk)
    assert launching.shown_state(cycle) == "draft"
    again = launch(cycle.pk, viewer=hr, version=cycle.version)
    assert again.pk != job.pk
    run(acme, again.pk)
    assert Participant.objects.count() == 6


def test_a_launch_can_be_started_again_from_its_page(acme: Company) -> None:
    cycle, hr = draft(acme), viewer(acme, "hr")
    job = launch(cycle.pk, viewer=hr, version=cycle.version)
    jobs.cancel(job.pk)
    again = retry(job.pk, viewer=hr)
    run(acme, again.pk)
    cycle.refresh_from_db()
    assert cycle.state == "open" and cycle.job_id == again.pk


def test_what_blocks_at_the_last_moment_stops_the_job(acme: Company) -> None:
    cycle = draft(acme)
    job = launch(cycle.pk, viewer=viewer(acme, "hr"), version=cycle.version)
    ReviewCycle.objects.update(answer_until=today() - timedelta(days=1))
    run(acme, job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED and job.error_code == "cant_launch"
    assert not Participant.objects.exists() and not CycleQuestion.objects.exists()


def test_an_old_page_does_not_launch(acme: Company) -> None:
    cycle = draft(acme, version=7)
    with pytest.raises(Changed):
        launch(cycle.pk, viewer=viewer(acme, "hr"), version=6)


def test_only_who_plans_launches_and_only_their_own(company: Company, other_company: Company) -> None:
    with other_company.scope():
        theirs = draft(other_company)
    with company.scope():
        mine = draft(company)
        with pytest.raises(NotAllowed):
            launch(mine.pk, viewer=viewer(company, "manager"), version=1)
        with pytest.raises(NotFound):
            launch(theirs.pk, viewer=viewer(company, "hr"), version=1)


def test_the_statements_of_a_launch_do_not_grow_with_the_people(acme: Company, django_assert_max_num_queries) -> None:
    from perfmgmt.people.services import add_employee

    post = Position.objects.create(name="Post")
    for at in range(40):
        assign(add_employee(f"N{at}", f"N {at}"), unit=acme.units["north"], valid_from=date(2025, 1, 1),
               manager=acme.people["manager"], position=post)  # fmt: skip
    cycle = draft(acme)
    job = launch(cycle.pk, viewer=viewer(acme, "hr"), version=cycle.version)
    with django_assert_max_num_queries(75):
        run(acme, job.pk)
    assert Participant.objects.count() == 46
