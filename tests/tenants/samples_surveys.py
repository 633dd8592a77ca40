"""Customers of a filled company who were asked, passed over, and answered, with the canary in every text."""

import hashlib
from datetime import UTC, date, datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from perfmgmt.customers.models import Contact
from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Fact, Metric
from perfmgmt.notify.models import SuppressedAddress, WorkspaceMail
from reviews.models import (
    FollowUp,
    FollowUpRule,
    FollowUpStep,
    Remark,
    RemarkProof,
    Survey,
    SurveyAnswer,
    SurveyCampaign,
    SurveyHandover,
    SurveyInvitation,
    SurveyLink,
    SurveySkip,
    SurveyTrigger,
    SurveyVersion,
    ThemedWords,
    VoiceTheme,
)
from reviews.voice.rebuilding import rebuild
from tests.factories import Company

DAY = date(2025, 3, 14)
AT = datetime(2025, 3, 15, 9, tzinfo=UTC)
#: What a link ends with, by person; its hash is in the database.
TOKENS = {"ann": "sample-token-of-ann", "cid": "sample-token-of-cid"}


def fill_voice(company: Company, text: str) -> None:
    """Follow-ups and remarks of ann's and cid's customers; needs `fill_surveys`."""
    FollowUpRule.objects.create(survey=Survey.objects.get(), owner="person", person=company.people["ann"])
    for person in TOKENS:
        employee, asked = company.people[person], SurveyInvitation.objects.get(
            employee=company.people[person], state="finished"
        )  # fmt: skip
        task = FollowUp.objects.create(
            invitation=asked, owner=employee, key="q1", kind="csat", score=1, score_now=1, due=DAY, opened_at=AT,
            mail=WorkspaceMail.objects.earliest("id"),
        )  # fmt: skip
        user = company.users["hr"]
        FollowUpStep.objects.create(
            follow_up=task, kind="opened", by=user, by_name=text[:120], to=employee, text=text
        )
        remark = Remark.objects.create(
            kind="praise", channel="phone", day=DAY, employee=employee, contact=asked.contact, customer_name=text,
            text=text, logged_by=user, logged_at=AT, decided_by=user, reason=text,
        )  # fmt: skip
        path = default_storage.save(f"remarks/{person}.pdf", ContentFile(text.encode()))
        RemarkProof.objects.create(remark=remark, path=path, file_name=text, kind="pdf", size=1, sha256="0" * 64)


def fill_surveys(company: Company, text: str) -> None:
    """A trigger and a campaign; ann's and cid's customers asked and answered, another one passed over."""
    survey = Survey.objects.get()
    version = SurveyVersion.objects.get(survey=survey, state="published")
    trigger = SurveyTrigger.objects.create(
        survey=survey, after="order", metric=Metric.objects.get(code="orders"), from_day=DAY
    )
    campaign = SurveyCampaign.objects.create(
        survey=survey, name=text, customer_type=text[:60], region=text[:60], starts_at=AT,
        job=Job.objects.earliest("id"),
    )  # fmt: skip
    SuppressedAddress.objects.create(address_hash="0" * 64, hint=text, reason="by_hand", detail=text)
    for number, person in enumerate(TOKENS, 1):
        _asked(company, person, number, trigger, version, text)
    ann, mail = company.people["ann"], WorkspaceMail.objects.earliest("id")
    SurveyInvitation.objects.create(
        survey=survey, version=version, origin="campaign", campaign=campaign, contact=Contact.objects.earliest("id"),
        employee=ann, customer=text, day=DAY, purpose="scored", language="zh-hans", chosen_at=AT, send_at=AT,
        expires_at=AT + timedelta(days=30), state="mailed", mail=mail, reminder=mail,
    )  # fmt: skip
    link = SurveyInvitation.objects.create(
        survey=survey, version=version, origin="trigger", trigger=trigger, fact_id=2**40 + 1, channel="link",
        contact=Contact.objects.earliest("id"), employee=ann, customer=text, day=DAY, purpose="scored",
        language="en", chosen_at=AT, send_at=AT, expires_at=AT + timedelta(days=30), state="mailed", mailed_at=AT,
    )  # fmt: skip
    SurveyHandover.objects.create(invitation=link, shown_at=AT, handed_on=DAY, how="wechat", by=company.users["hr"])
    SurveySkip.objects.create(
        survey=survey, trigger=trigger, fact_id=2**40, customer=text, employee=ann, day=DAY, reason="quota", at=AT
    )
    theme = VoiceTheme.objects.create(name_zh=text, name_en=text, words_zh=text, words_en=text)
    for words in SurveyAnswer.objects.filter(kind="text"):
        ThemedWords.objects.create(answer=words, theme=theme)
    rebuild()
    SurveySkip.objects.create(
        survey=survey, campaign=campaign, contact=Contact.objects.earliest("id"), customer=text,
        employee=company.people["ann"], day=DAY, reason="fatigue", at=AT,
    )  # fmt: skip
    fill_voice(company, text)


def _asked(
    company: Company, person: str, number: int, trigger: SurveyTrigger, version: SurveyVersion, text: str
) -> None:
    employee = company.people[person]
    fact = Fact.objects.filter(employee=employee).earliest("id")
    invitation = SurveyInvitation.objects.create(
        survey=trigger.survey, version=version, origin="trigger", trigger=trigger, fact_id=fact.id,
        contact=Contact.objects.filter(customer__owners__employee=employee).earliest("id"), employee=employee,
        customer=text, customer_type=text[:60], product=text, region=text[:60], after="order",
        number=f"{text} {number}", day=DAY, purpose="scored", language="en", state="finished", chosen_at=AT,
        send_at=AT, expires_at=AT + timedelta(days=30), mail=WorkspaceMail.objects.earliest("id"), mailed_at=AT,
        started_at=AT, finished_at=AT,
    )  # fmt: skip
    SurveyLink.objects.create(invitation=invitation, token_hash=hashlib.sha256(TOKENS[person].encode()).hexdigest())
    SurveyAnswer.objects.create(invitation=invitation, key="q1", kind="csat", number=2 + number)
    SurveyAnswer.objects.create(invitation=invitation, key="q3", kind="text", text=text)
