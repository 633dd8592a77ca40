"""Feedback in a filled company, with the canary in every text: ann's is read by all, cid's by two people only."""

from datetime import UTC, date, datetime

from reviews.models import (
    CompanyValue,
    Feedback,
    FeedbackAsk,
    FeedbackReceiver,
    FeedbackRequest,
    HiddenPraise,
    PraiseReaction,
)
from tests.factories import Company

DAY, AT = date(2025, 3, 14), datetime(2025, 3, 15, 9, tzinfo=UTC)


def fill_feedback(company: Company, text: str) -> None:
    """Praise for ann on the wall, praise for bob that is hidden, a suggestion of the rival to cid."""
    value = CompanyValue.objects.create(name_zh=text, name_en=text, about_zh=text, about_en=text)
    hr = company.users["hr"]
    praise, hidden = (
        Feedback.objects.create(kind="praise", by=hr, value=value, text=text, day=DAY, given_at=AT) for _ in range(2)
    )
    suggestion = Feedback.objects.create(
        kind="suggestion", giver=company.people["rival"], text=text, day=DAY, given_at=AT
    )
    for feedback, person in ((praise, "ann"), (hidden, "bob"), (suggestion, "cid")):
        FeedbackReceiver.objects.create(feedback=feedback, employee=company.people[person])
    PraiseReaction.objects.create(feedback=praise, by=company.users["manager"], kind="thanks")
    HiddenPraise.objects.create(feedback=hidden, reason=text, hidden_by=hr, hidden_at=AT)
    fill_requests(company, text)


def fill_requests(company: Company, text: str) -> None:
    """What the owner asked about ann, and the rival's manager about cid; ann and cid were asked as well."""
    owner = company.users["owner"]
    for person, user, asked in (("ann", owner, "bob"), ("cid", None, "rival"), ("bob", None, "ann"),
                                ("rival", None, "cid")):  # fmt: skip
        request = FeedbackRequest.objects.create(
            employee=company.people[person], asked_by=user, topic=text, question_1=text, due=DAY, asked_at=AT
        )
        FeedbackAsk.objects.create(
            request=request, employee=company.people[asked], state="replied", said_1=text, settled_at=AT
        )
