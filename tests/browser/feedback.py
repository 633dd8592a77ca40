"""Feedback for the pages under test: praise with reactions, hidden praise, a suggestion of the owner's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from reviews.models import (
    CompanyValue,
    Feedback,
    FeedbackAsk,
    FeedbackReceiver,
    FeedbackRequest,
    HiddenPraise,
    PraiseReaction,
)
from tests.factories import today_here

if TYPE_CHECKING:
    from tests.factories import Company


def feedback_samples(company: Company) -> dict[str, list[Any]]:
    """Make them; return the ids that addresses take."""
    value = CompanyValue.objects.create(
        name_zh="客户第一",
        name_en="Customers first",
        about_zh="先想客户需要什么。",
        about_en="Their need comes first.",
    )
    CompanyValue.objects.create(name_zh="创新", name_en="Innovation", is_archived=True)
    manager, owner = company.users["manager"], company.users["owner"]
    praise = _given(company, "praise", manager, ["ann", "bob"], "周末帮客户把样机装好，客户当天就下了单。", value)
    hidden = _given(company, "praise", manager, ["bob"], "写错了人。", None)
    suggestion = _given(company, "suggestion", owner, ["ann"], "报价单可以先给我看一眼，再发给客户。", None)
    own = _given(company, "suggestion", manager, ["ann"], "周会前一天发材料，大家能先看。", None)
    Feedback.objects.filter(pk=own.pk).update(shares=True)
    for user, kind in (
        (owner, "applause"),
        (company.users["hr"], "applause"),
        (company.users["assistant"], "thanks"),
    ):
        PraiseReaction.objects.create(feedback=praise, by=user, kind=kind)
    HiddenPraise.objects.create(
        feedback=hidden, reason="写给了另一位同事", hidden_by=company.users["hr"], hidden_at=timezone.now()
    )
    return {
        "feedback_id": [praise.pk, hidden.pk, suggestion.pk], "company_value_id": [value.pk],
        "feedback_request_id": [_asked_by_owner(company)], "feedback_ask_id": _asked_of_ann(company),
    }  # fmt: skip


def _request(company: Company, person: str, role: str, **values: Any) -> FeedbackRequest:
    return FeedbackRequest.objects.create(
        employee=company.people[person], asked_by=company.users[role], topic="恒达项目的配合",
        question_1="哪些地方配合得好？", question_2="下次希望有什么不同？", asked_at=timezone.now(),
        **{"due": today_here() + timedelta(days=3), **values},
    )  # fmt: skip


def _asked_by_owner(company: Company) -> int:
    """Asked about ann: one replied, one declined, one has not replied."""
    request = _request(company, "ann", "owner", shown_to_person=True)
    people = company.people
    FeedbackAsk.objects.create(
        request=request, employee=people["bob"], state="replied", settled_at=timezone.now(),
        said_1="报价前先核对库存，省了两轮来回。", said_2="样机清单早一天发出来。",
    )  # fmt: skip
    FeedbackAsk.objects.create(
        request=request,
        employee=people["cid"],
        state="declined",
        reason="没有一起做过项目",
        settled_at=timezone.now(),
    )
    FeedbackAsk.objects.create(request=request, employee=people["manager"])
    return request.pk


def _asked_of_ann(company: Company) -> list[int]:
    """What waits for ann, and what is over."""
    waits, over = _request(company, "bob", "manager"), _request(company, "bob", "manager", due=today_here())
    FeedbackRequest.objects.filter(pk=over.pk).update(closed_at=timezone.now())
    found = [FeedbackAsk.objects.create(request=one, employee=company.people["ann"]) for one in (waits, over)]
    return [one.pk for one in found]


def _given(company: Company, kind: str, user: Any, to: list[str], text: str, value: CompanyValue | None) -> Feedback:
    giver = company.people["manager"] if user == company.users["manager"] else None
    made = Feedback.objects.create(
        kind=kind, by=user, giver=giver, value=value, text=text, day=today_here(), given_at=timezone.now()
    )
    for person in to:
        FeedbackReceiver.objects.create(feedback=made, employee=company.people[person])
    return made
