"""Surveys of the browser tests: ready ones, one published with a draft after it that lacks texts, one archived."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.http import int_to_base36

from perfmgmt.customers.models import Contact
from perfmgmt.metrics.models import Metric
from perfmgmt.notify.models import SuppressedAddress
from perfmgmt.notify.suppression import suppress
from perfmgmt.web.attachments import keep
from reviews.asking import services as asking
from reviews.asking.services import CampaignSettings, TriggerSettings
from reviews.mailing.links import new_link
from reviews.models import (
    FollowUp,
    FollowUpStep,
    Remark,
    RemarkProof,
    Survey,
    SurveyAnswer,
    SurveyHandover,
    SurveyInvitation,
    SurveySkip,
    SurveyTrigger,
    SurveyVersion,
    VoiceTheme,
)
from reviews.surveys import services
from reviews.surveys.content import Both, content_of, stamp
from reviews.surveys.pack import install_pack
from reviews.voice.hiding import shown_id
from reviews.voice.rebuilding import rebuild
from reviews.voice.themes import install_ready
from tests.factories import Company, today_here


def survey_samples(company: Company) -> dict[str, list[Any]]:
    """The first ready survey is published, its draft asks in Chinese only; the last one is archived."""
    install_pack()
    orders, nps, effort = Survey.objects.order_by("pk")
    owner = company.users["owner"].pk
    first, other = orders.versions.get(), nps.versions.get()
    services.publish(first.pk, seen=stamp(content_of(first)), user_id=owner)
    draft = services.start_draft(orders.pk)
    content = content_of(draft)
    asks = (*content.questions[:2], replace(content.questions[2], text=Both("还想对我们说什么？", "")))
    services.save_draft(draft.pk, replace(content, questions=asks, note="问得更短"), seen=stamp(content))
    services.set_state(effort.pk, "archived")
    settings = TriggerSettings("order", 1, today_here(), rate=50, quota=8)
    metric_id = Metric.objects.get(code="orders").pk
    trigger = asking.add_trigger(orders.pk, metric_id, settings, today=today_here())
    soon = timezone.now() + timedelta(days=7)
    campaign = asking.add_campaign(orders.pk, CampaignSettings("年度客户回访", "", "", soon), user_id=owner)
    _asked(trigger, first)
    Survey.objects.filter(pk=orders.pk).update(by_link=True)
    words = _heard(company, first)
    return {
        "survey_id": [orders.pk, nps.pk, effort.pk], "survey_version_id": [draft.pk, first.pk, other.pk],
        "survey_trigger_id": [trigger.pk], "survey_campaign_id": [campaign.pk],
        "suppressed_id": [_suppressed()], "space": [int_to_base36(company.tenant.pk)],
        "words_id": [shown_id(words)], "voice_theme_id": [VoiceTheme.objects.earliest("pk").pk],
        "survey_token": [_link(first)], "follow_up_id": _follow_ups(company, first),
        "survey_invitation_id": [_links(company, trigger, first)],
        **_remarks(company),
    }  # fmt: skip


def _links(company: Company, trigger: SurveyTrigger, version: SurveyVersion) -> int:
    """Links to hand over: two wait, two were handed over, of whom one is silent; the id of the first."""
    now, contact, made = timezone.now(), Contact.objects.order_by("pk")[0], []
    for number, customer in enumerate(("湖畔食品有限公司", "恒达贸易", "启航教育", "Lakeside Trading International")):
        at = now - timedelta(days=2 * number)
        one = SurveyInvitation.objects.create(
            survey_id=trigger.survey_id, version=version, origin="trigger", trigger=trigger, fact_id=100 + number,
            channel="link", contact=contact, employee=company.people[("ann", "bob")[number % 2]], customer=customer,
            after="order", number=f"SO-2026-{number}", day=at.date(), purpose="scored", language="zh-hans",
            chosen_at=at, send_at=at, expires_at=at + timedelta(days=30), state="mailed" if number > 1 else "chosen",
            mailed_at=at if number > 1 else None,
        )  # fmt: skip
        if number > 1:
            SurveyHandover.objects.create(
                invitation=one, shown_at=at, handed_on=at.date(), how="wechat", by=company.users["hr"]
            )
        made.append(one.pk)
    return made[0]


def _suppressed() -> int:
    """An address that is asked no more."""
    suppress("gone@lakeside.example", reason="refused", detail="550 5.1.1 no such user")
    return SuppressedAddress.objects.get().pk


def _link(version: SurveyVersion) -> str:
    """The token of somebody who was asked about an order."""
    now = timezone.now()
    made = SurveyInvitation.objects.create(
        survey=version.survey, version=version, origin="campaign", day=now.date(), purpose="scored", language="en",
        chosen_at=now, send_at=now, expires_at=now + timedelta(days=30), state="mailed",
    )  # fmt: skip
    return new_link(made)


def _asked(trigger: SurveyTrigger, version: SurveyVersion) -> None:
    """Somebody who was asked and answered, and two who were passed over."""
    now, day = timezone.now(), today_here()
    SurveyInvitation.objects.create(
        survey_id=trigger.survey_id, version=version, origin="trigger", trigger=trigger, fact_id=1, day=day,
        purpose="scored", language="zh-hans", state="finished", chosen_at=now, send_at=now, expires_at=now,
        mailed_at=now, started_at=now, finished_at=now,
    )  # fmt: skip
    for number, reason in enumerate(("not_drawn", "no_consent"), 2):
        SurveySkip.objects.create(
            survey_id=trigger.survey_id, trigger=trigger, fact_id=number, day=day, reason=reason, at=now
        )


def _heard(company: Company, version: SurveyVersion) -> int:
    """Two dozen customers of three months who answered, most with words; the id of the last words."""
    now, today, said = (
        timezone.now(),
        today_here(),
        ("报价很快，服务专业。", "交货晚了三天，电话 13800138000 也没人接。", ""),
    )
    last = 0
    for at in range(24):
        person = company.people[("ann", "bob", "cid")[at % 3]]
        made = SurveyInvitation.objects.create(
            survey=version.survey, version=version, origin="campaign", day=today - timedelta(days=4 * at),
            purpose="scored", language="zh-hans", state="finished", chosen_at=now, send_at=now, expires_at=now,
            mailed_at=now, started_at=now, finished_at=now, employee=person, customer="恒达贸易",
            customer_type=("经销商", "终端客户")[at % 2], product=("标准版", "专业版")[at // 2 % 2],
        )  # fmt: skip
        SurveyAnswer.objects.create(invitation=made, key="satisfaction", kind="csat", number=(5, 4, 2, 5, 3)[at % 5])
        if said[at % 3]:
            last = SurveyAnswer.objects.create(invitation=made, key="comment", kind="text", text=said[at % 3]).pk
    install_ready()
    rebuild()
    return last


def _follow_ups(company: Company, version: SurveyVersion) -> list[int]:
    """Three low scores: one overdue that the customer corrected since, one in progress, one closed and told."""
    now, today = timezone.now(), today_here()
    contact, owner = Contact.objects.order_by("pk")[0], company.people["manager"]
    found = []
    for number, (who, score, state) in enumerate((("ann", 1, "open"), ("bob", 2, "begun"), ("ann", 2, "closed"))):
        asked = SurveyInvitation.objects.create(
            survey=version.survey, version=version, origin="trigger", contact=contact, employee=company.people[who],
            customer="湖畔食品有限公司", product="智能灯", after="order", number=f"SO-{number + 1}", day=today,
            purpose="scored", language="zh-hans", state="finished", chosen_at=now, send_at=now, mailed_at=now,
            started_at=now, finished_at=now, expires_at=now + timedelta(days=30),
        )  # fmt: skip
        SurveyAnswer.objects.create(invitation=asked, key="satisfaction", kind="csat", number=5 if not number else 2)
        SurveyAnswer.objects.create(invitation=asked, key="comment", kind="text", text="等了三天才有人回电话。")
        is_closed = state == "closed"
        task = FollowUp.objects.create(
            invitation=asked, owner=None if number == 1 else owner, key="satisfaction", kind="csat", score=score,
            score_now=5 if not number else score, is_good_now=not number, state=state, opened_at=now,
            due=today - timedelta(days=2) if not number else today + timedelta(days=3),
            outcome="solved" if is_closed else "", outcome_text="已致歉并补发。" if is_closed else "",
            closed_at=now if is_closed else None, told_at=now if is_closed else None,
        )  # fmt: skip
        FollowUpStep.objects.create(follow_up=task, kind="opened", new=score, to=owner)
        if not number:
            FollowUpStep.objects.create(follow_up=task, kind="corrected", old=score, new=5)
        found.append(task.pk)
    return found


def _remarks(company: Company) -> dict[str, list[Any]]:
    """Praise with a proof that waits, and a complaint by a customer who is no contact."""
    ann, user, now = company.people["ann"], company.users["hr"], timezone.now()
    praise = Remark.objects.create(
        kind="praise", channel="wechat", day=today_here(), employee=ann, contact=Contact.objects.order_by("pk")[0],
        text="李安上门两次才修好，很耐心。", logged_by=company.users["assistant"], logged_at=now,
    )  # fmt: skip
    complaint = Remark.objects.create(
        kind="complaint", channel="phone", day=today_here(), employee=ann, customer_name="北方贸易",
        text="电话没人接。", logged_by=user, logged_at=now, state="rejected", reason="查无通话记录",
        decided_at=now, decided_by=user,
    )  # fmt: skip
    stored = keep("remarks", SimpleUploadedFile("微信截图.pdf", b"%PDF-1.4 proof"), fallback="proof")
    proof = RemarkProof.objects.create(remark=praise, **stored)
    return {"remark_id": [praise.pk, complaint.pk], "remark_proof_id": [proof.pk]}
