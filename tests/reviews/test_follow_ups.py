"""Low scores become tasks: once, for the right owner, told once, and nothing of them survives an erasure."""

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from perfmgmt.customers.consents import note_consent
from perfmgmt.customers.forgetting import erase_contact
from perfmgmt.notify.models import MailState, Notification, WorkspaceMail
from perfmgmt.notify.suppression import suppress
from perfmgmt.people.handover import Handover
from perfmgmt.people.models import Assignment, StandIn
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.scope import tenant_scope
from perfmgmt.tenants.workdays import WorkingCalendar
from reviews.followups import handover, notices, reminders, services
from reviews.followups.access import visible_follow_ups
from reviews.followups.rules import Scored, due_on, worst
from reviews.followups.services import Closing, RuleSettings
from reviews.models import FollowUp, FollowUpRule, FollowUpStep, SurveyInvitation
from reviews.waiting import waiting_for
from tests.factories import Company, today_here
from tests.reviews.answering_factories import ask
from tests.reviews.followup_factories import disowned, low, said, task_of, viewer
from tests.reviews.survey_factories import EFFORT, NPS, published, ready, with_question

SOLVED = Closing("solved", "Called Kim, sent a new lamp.")
TOLD = Closing("replaced", "New lamp.", True, "About your answer", "We sent a new lamp.\n\nSorry again.")


def close(company: Company, task: int, closing: Closing = SOLVED, role: str = "manager") -> FollowUp:
    with company.scope():
        return services.close(task, closing, viewer=viewer(company, role), today=today_here())


# Rules


def test_low_answers_are_the_bad_ones_on_every_scale_and_the_worst_counts() -> None:
    most = {"csat": 2, "nps": 6, "ces": 2}
    assert worst([Scored("a", "csat", 3), Scored("b", "nps", 7), Scored("c", "ces", 3)], most) is None
    assert worst([Scored("a", "csat", 2), Scored("b", "nps", 6), Scored("c", "ces", 1)], most) == Scored(
        "c", "ces", 1
    )
    assert worst([Scored("a", "csat", 1), Scored("b", "nps", 0)], most) == Scored("a", "csat", 1)


def test_due_days_are_working_days() -> None:
    calendar = WorkingCalendar("", frozenset({6, 7}), {})
    friday = date(2025, 3, 7)
    assert due_on(friday, 1, calendar) == date(2025, 3, 10) and due_on(friday, 3, calendar) == date(2025, 3, 12)
    assert due_on(date(2025, 3, 8), 0, calendar) == date(2025, 3, 10) and due_on(friday, 0, calendar) == friday
    idle = WorkingCalendar("", frozenset(range(1, 8)), {})
    assert due_on(friday, 3, idle) == date(2025, 3, 10)


# Opening


def test_a_low_score_becomes_one_task_of_the_manager_of_that_day_who_is_told(company: Company) -> None:
    asked, _pk = low(company, 2)
    task = task_of(asked)
    assert task.owner == company.people["manager"]
    assert (task.kind, task.score, task.state, task.due > today_here()) == ("csat", 2, "open", True)
    said(asked, satisfaction=2, comment="Too slow")  # the same form again
    with company.scope():
        assert FollowUp.objects.count() == 1
        told = Notification.objects.get(kind=notices.OPENED)
        assert told.user_id == company.users["manager"].pk and told.path == f"surveys/follow-ups/{task.pk}/"


@pytest.mark.parametrize(("which", "key", "bad", "good"), [(NPS, "recommend", 6, 7), (EFFORT, "effort", 2, 3)])
def test_each_scale_has_its_own_threshold(company: Company, which: int, key: str, bad: int, good: int) -> None:
    with company.scope():
        version = published("Other", ready(which))
    fine, poor = ask(company, version), ask(company, version)
    said(fine, **{key: good})
    said(poor, **{key: bad})
    with company.scope():
        assert list(FollowUp.objects.values_list("invitation_id", "score")) == [(poor.pk, bad)]


def test_what_is_not_shown_with_the_customers_name_opens_nothing(company: Company) -> None:
    with company.scope():
        version = published("Quiet", with_question(ready(), "satisfaction", identified=False))
    said(ask(company, version), satisfaction=1)
    with company.scope():
        assert not FollowUp.objects.exists()


def test_the_rule_of_a_survey_says_whether_which_and_whose(company: Company) -> None:
    with company.scope():
        version = published()
        settings = RuleSettings(True, 3, 6, 2, 0, "assistant")
        services.save_rule(version.survey_id, settings)
        with pytest.raises(DomainError):
            services.save_rule(version.survey_id, RuleSettings(True, 3, 6, 2, 0, "person"))
    asked = ask(company, version)
    said(asked, satisfaction=3)
    assert task_of(asked).owner == company.people["ann"]
    with company.scope():
        assert FollowUpRule.objects.count() == 1
        services.save_rule(version.survey_id, RuleSettings(True, 2, 6, 2, 0, "person", company.people["boss"]))
    other = ask(company, version)
    said(other, satisfaction=2)
    assert task_of(other).owner == company.people["boss"]
    with company.scope():
        services.save_rule(version.survey_id, RuleSettings(False, 2, 6, 2, 0, "manager"))
    said(ask(company, version), satisfaction=1)
    with company.scope():
        assert FollowUp.objects.count() == 2


def test_a_manager_who_left_is_passed_over_and_without_anybody_hr_is_told(company: Company) -> None:
    with company.scope():
        company.people["manager"].left_on = today_here() - timedelta(days=1)
        company.people["manager"].save()
        Assignment.objects.filter(employee=company.people["bob"]).update(manager=company.people["boss"])
    orphan, other = ask(company), ask(company, person="bob")
    said(orphan, satisfaction=1)
    said(other, satisfaction=1)
    assert task_of(orphan).owner is None and task_of(other).owner == company.people["boss"]
    with company.scope():
        told = Notification.objects.filter(kind=notices.OPENED, key=f"{task_of(orphan).pk}")
        assert {one.user_id for one in told} == {company.users["owner"].pk, company.users["hr"].pk}


def test_an_answer_for_development_is_followed_up_too_and_never_counts(company: Company) -> None:
    asked = ask(company, origin="assistant", purpose="development")
    said(asked, satisfaction=1)
    assert task_of(asked).is_open and asked.facts() == []


# What the customer changes later


def test_a_correction_is_noted_and_a_good_score_closes_nothing(company: Company) -> None:
    asked, pk = low(company)
    said(asked, correcting=True, satisfaction=5)
    task = task_of(asked)
    assert (task.score, task.score_now, task.is_good_now, task.state) == (1, 5, True, "open")
    with company.scope():
        step = FollowUpStep.objects.get(follow_up=pk, kind="corrected")
        assert (step.old, step.new) == (1, 5)
        assert Notification.objects.filter(kind=notices.CORRECTED, user=company.users["manager"]).count() == 1


def test_a_good_answer_that_becomes_low_opens_a_task(company: Company) -> None:
    asked = ask(company)
    said(asked, satisfaction=5)
    said(asked, correcting=True, satisfaction=1)
    assert task_of(asked).score == 1


def test_not_mine_calls_the_task_off(company: Company) -> None:
    asked, _pk = low(company)
    disowned(asked)
    disowned(asked)
    task = task_of(asked)
    assert (task.state, task.outcome, task.score_now) == ("closed", "called_off", None)
    with company.scope():
        assert not Notification.objects.filter(kind=notices.OPENED, read_at=None).exists()


# Closing and telling


def test_closed_with_an_outcome_and_told_once_in_the_customers_language(company: Company) -> None:
    asked, pk = low(company)
    with company.scope():
        SurveyInvitation.objects.get(pk=asked.pk).survey.__class__.objects.update(reply_to="care@acme.example")
    done = close(company, pk, TOLD)
    assert (done.state, done.outcome) == ("closed", "replaced") and done.told_at is not None
    for role in ("manager", "hr"):
        with pytest.raises(Conflict):
            close(company, pk, TOLD, role)
    with company.scope():
        mail = WorkspaceMail.objects.get(kind="surveys.follow_up")
        assert mail.reply_to == "care@acme.example" and mail.at_most_once and mail.language == "en"
        assert "Dear Kim," in mail.text and "We sent a new lamp." in mail.text and "Called" not in mail.text
        assert not Notification.objects.filter(kind=notices.OPENED, read_at=None).exists()


def test_two_tabs_at_once_write_one_mail(committed: None) -> None:
    company = Company.create("acme")
    _asked, pk = low(company)
    start, results = Barrier(2), []

    def act() -> None:
        try:
            start.wait(timeout=30)
            with tenant_scope(company.tenant.pk):
                services.close(pk, TOLD, viewer=viewer(company, "manager"), today=today_here())
            results.append("done")
        except Conflict:
            results.append("late")
        finally:
            connection.close()

    threads = [Thread(target=act) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "late"]
    with company.scope():
        assert WorkspaceMail.objects.filter(kind="surveys.follow_up").count() == 1


@pytest.mark.parametrize("why", ["refused", "suppressed", "no address", "unasked"])
def test_who_may_not_be_written_to_is_not(company: Company, why: str) -> None:
    asked, pk = low(company)
    with company.scope():
        contact = asked.now().contact
        assert contact is not None
        if why == "refused":
            note_consent(contact.pk, state="refused", source="x", at=timezone.now())
        elif why == "suppressed":
            suppress(contact.email, reason="refused")
        elif why == "no address":
            contact.email = contact.email_key = ""
            contact.save()
        else:
            contact.consents.all().delete()
            contact.consent = ""
            contact.save()
    with pytest.raises(DomainError):
        close(company, pk, TOLD)
    assert task_of(asked).is_open
    assert close(company, pk).told_at is None


def test_a_mail_with_the_brackets_left_in_is_refused(company: Company) -> None:
    _asked, pk = low(company)
    with pytest.raises(DomainError):
        close(company, pk, Closing("solved", "Done.", True, "Hello", "We have looked: [what was done]."))
    with pytest.raises(DomainError):
        close(company, pk, Closing("called_off", "Done."))
    with pytest.raises(DomainError):
        close(company, pk, Closing("solved", "  "))


def test_consent_taken_back_stops_the_mail_that_waits(company: Company, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"
    asked, pk = low(company)
    close(company, pk, TOLD)
    with company.scope():
        assert WorkspaceMail.objects.get(kind="surveys.follow_up").state == MailState.QUEUED
        contact = asked.now().contact
        assert contact is not None
        note_consent(contact.pk, state="withdrawn", source="x", at=timezone.now())
        mail = WorkspaceMail.objects.get(kind="surveys.follow_up")
        assert (mail.state, mail.text) == (MailState.FAILED, "")


def test_an_erased_customer_is_in_no_mail_and_no_text_and_can_not_be_told(company: Company) -> None:
    asked, pk = low(company)
    other, open_task = low(company)
    close(company, pk, Closing("solved", "Spoke to KIM.", True, "To Kim", "Kim, all is well."))
    with company.scope():
        for one in (asked, other):
            contact = one.now().contact
            assert contact is not None
            erase_contact(contact.pk, viewer=viewer(company, "owner"))
        mail = WorkspaceMail.objects.get(kind="surveys.follow_up")
        assert (mail.recipient, mail.text, mail.html) == ("", "", "") and "Kim" not in mail.subject
        assert FollowUp.objects.get(pk=pk).outcome_text == "Spoke to —."
        assert not FollowUpStep.objects.filter(text__icontains="kim").exists()
    with pytest.raises(DomainError):
        close(company, open_task, TOLD)


# Whose it is


def test_who_sees_a_task(company: Company) -> None:
    mine, _pk = low(company)
    low(company, person="cid")
    with company.scope():
        seen = {
            role: visible_follow_ups(viewer(company, role), today_here()).count() for role in
            ("owner", "hr", "auditor", "manager", "assistant", "executive", "payroll")
        }  # fmt: skip
        assert seen == {
            "owner": 2, "hr": 2, "auditor": 2, "manager": 1, "assistant": 0, "executive": 0, "payroll": 0
        }  # fmt: skip
        with pytest.raises(NotFound):
            services.begin(task_of(mine).pk, viewer=viewer(company, "auditor"), today=today_here())
        with pytest.raises(NotFound):
            services.close(task_of(mine).pk, SOLVED, viewer=viewer(company, "assistant"), today=today_here())


def test_handed_over_it_is_somebody_elses_who_is_told(company: Company) -> None:
    asked, pk = low(company)
    with company.scope():
        me, today = viewer(company, "manager"), today_here()
        services.begin(pk, viewer=me, today=today)
        services.begin(pk, viewer=me, today=today)
        with pytest.raises(DomainError):
            services.hand_over(pk, company.people["ann"], today - timedelta(days=1), "", viewer=me, today=today)
        services.hand_over(pk, company.people["ann"], today, "Please call", viewer=me, today=today)
        assert Notification.objects.get(kind=notices.HANDED).user_id == company.users["assistant"].pk
        assert visible_follow_ups(viewer(company, "assistant"), today).count() == 1
        kinds = list(FollowUpStep.objects.filter(follow_up=pk).order_by("pk").values_list("kind", flat=True))
        assert kinds == ["opened", "begun", "handed"]
        (line,) = [one for one in waiting_for(viewer(company, "assistant"), today) if one.kind == "follow"]
        assert (line.page, line.args, line.due) == ("follow_up", (pk,), today)
        assert not [one for one in waiting_for(me, today) if one.kind == "follow"]
    assert task_of(asked).state == "begun"


def test_a_stand_in_gets_and_sees_the_tasks_but_not_those_about_themselves(company: Company) -> None:
    with company.scope():
        today = today_here()
        StandIn.objects.create(
            employee=company.people["manager"], stand_in=company.people["ann"], first_day=today, last_day=today
        )
    own, _pk = low(company)
    others, _pk = low(company, person="bob")
    with company.scope():
        ann = viewer(company, "assistant")
        assert [one.invitation_id for one in visible_follow_ups(ann, today)] == [others.pk]
        told = Notification.objects.filter(kind=notices.OPENED, user=company.users["assistant"])
        assert [one.key for one in told] == [f"{task_of(others).pk}"]
        assert [one.args for one in waiting_for(ann, today) if one.kind == "follow"] == [(task_of(others).pk,)]
    assert task_of(own).owner == company.people["manager"]


def test_who_leaves_hands_their_tasks_over(company: Company) -> None:
    asked, pk = low(company)
    with company.scope():
        leaver, to = company.people["manager"], company.people["boss"]
        (item,) = handover.find({leaver.pk: today_here()})[leaver.pk]
        handover.hand_over(Handover(leaver, today_here(), frozenset({item.key}), to, company.users["hr"].pk))
    assert task_of(asked).owner == to and item.args == (pk,)


def test_overdue_ones_are_reminded_of_once_a_day(company: Company) -> None:
    low(company)
    low(company)
    with company.scope():
        FollowUp.objects.update(due=date(2025, 3, 3))
        workspace = workspace_of(company.tenant)
        noon = timezone.now().replace(year=2025, month=3, day=5, hour=4, minute=0)  # a Wednesday, noon in Shanghai
        assert [reminders.remind(workspace, noon), reminders.remind(workspace, noon)] == [1, 0]
        assert Notification.objects.get(kind=notices.OVERDUE).params["late"] == 2
        assert reminders.remind(workspace, noon + timedelta(days=1)) == 1
        assert Notification.objects.filter(kind=notices.OVERDUE).count() == 1  # the unread one made way
        assert reminders.remind(workspace, noon + timedelta(days=3)) == 0  # Saturday


def test_another_workspaces_task_is_nobodys(company: Company) -> None:
    other = Company.create("globex")
    _asked, pk = low(other)
    with pytest.raises(NotFound):
        close(company, pk)
