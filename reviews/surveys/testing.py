"""Sending a test of a survey: the mail as customers get it, to an employee, with links that lead to the preview."""

from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from perfmgmt.notify.models import WorkspaceMail
from perfmgmt.notify.services import queue_mail
from perfmgmt.people.models import User
from reviews.models import SurveyLanguage, SurveyVersion
from reviews.surveys import logos
from reviews.surveys.checks import BadSurvey
from reviews.surveys.content import Both, Occasion, Rated, SurveyDraft, content_of
from reviews.surveys.letters import AnswerUrl, letter
from reviews.surveys.selectors import employee_address

KIND = "surveys.test"
#: Where the picture is when it travels inside the mail.
INSIDE = "cid:logo"


@dataclass(frozen=True)
class Links:
    """Where a test leads: to a score (None: no answer yet), the page in the other language, unsubscribing."""

    answer: AnswerUrl
    other: str
    unsubscribe: str


def sample(company: str, purpose: str, language: str, today: date) -> Occasion:
    """Return what a preview says is rated: an order that nobody made."""
    with override(language):
        person = _t("Li Xiaowen")
    return Occasion(company, purpose, Rated("order", "SO-20817", today, person))


def previewable(draft: SurveyDraft) -> bool:
    """Return whether a mail can be written: its first question is a scale."""
    return bool(draft.questions) and draft.questions[0].is_scale


def stand_in(draft: SurveyDraft) -> SurveyDraft:
    """Return a draft whose missing texts are marked, so that a preview shows where they go."""

    def marked(text: Both, word: str) -> Both:
        return Both(text.zh or f"〔{word}〕", text.en or f"[{word}]")

    questions = tuple(
        replace(one, text=marked(one.text, "?"), low=marked(one.low, "?") if one.is_scale else one.low,
                high=marked(one.high, "?") if one.is_scale else one.high,
                choices=tuple(replace(each, text=marked(each.text, "?")) for each in one.choices))
        for one in draft.questions
    )  # fmt: skip
    texts = {name: marked(draft.text(name), "?") for name in ("subject", "heading", "reader", "thanks")}
    return replace(draft, questions=questions, **texts)  # type: ignore[arg-type]


@transaction.atomic
def send_test(
    version: SurveyVersion, *, to: str, language: str, user: User, company: str, today: date, links: Links
) -> WorkspaceMail:
    """Put a test of a version into the outbox; `to` is the address of `user` or of an employee.

    Raises BadSurvey for any other address, and for a version whose first question is no scale.
    """
    draft = content_of(version)
    if language not in SurveyLanguage.values or not previewable(draft):
        raise BadSurvey(_("The first question stands in the mail: it must be one with a scale."), code="first")
    address = user.email if to.strip().lower() == user.email.lower() else employee_address(to)
    if not address:
        raise BadSurvey(_("Nobody who works here has this address. A test goes to employees only."), code="address")
    picture = draft.logo if logos.read(draft.logo) else ""
    written = letter(
        stand_in(draft), language, sample(company, version.survey.purpose, language, today), answer_url=links.answer,
        unsubscribe_url=links.unsubscribe, other_url=links.other, logo_url=INSIDE if picture else "", is_test=True,
    )  # fmt: skip
    return queue_mail(
        written, to=address, kind=KIND, language=language, created_by_id=user.pk, at_most_once=True,
        reply_to=version.survey.reply_to, picture=picture,
    )  # fmt: skip
