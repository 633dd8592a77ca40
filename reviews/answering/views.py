"""The page behind the link of a survey's mail: answering, correcting, "not mine", thanks; and its logo.

None of it is signed in and none uses a cookie: the token in the address is the secret. So a form that another site
makes a browser send can do nothing that its maker could not do alone, and Django's CSRF check, whose cookie many mail
apps' own browsers drop, would only keep customers out. Opening a page never writes: scanners of mail open them all.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from allauth.core.internal import ratelimit
from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from perfmgmt.people.access import public_view
from perfmgmt.people.account_views import TooMany
from perfmgmt.tenants.errors import NotFound
from perfmgmt.tenants.models import WorkspaceProfile
from perfmgmt.web import formats
from reviews.answering import services, words
from reviews.answering.standing import Standing, correctable_until, keeps_shut, standing_of
from reviews.mailing.links import open_link
from reviews.mailing.stencils import rated_of
from reviews.models import AskChannel, SurveyInvitation, SurveyLanguage
from reviews.surveys import logos
from reviews.surveys import page as pages
from reviews.surveys.content import Occasion, SurveyDraft, content_of
from reviews.surveys.filling import rated_line

METHODS = ["GET", "HEAD", "POST"]
#: Nothing but our own style, script and logo; the form goes to ourselves; nobody frames it.
POLICY = {
    "default-src": [NONE], "script-src": [SELF], "style-src": [SELF], "img-src": [SELF], "base-uri": [NONE],
    "form-action": [SELF], "frame-ancestors": [NONE],
}  # fmt: skip
#: What an address may say beside the language.
CORRECT, NOT_MINE, SCORE = "correct", "not-mine", "a"
WAIT_SECONDS = "60"


@dataclass(frozen=True)
class Visit:
    """One request at a link: whose, in which language, when; `company` and `zone` are the workspace's."""

    request: HttpRequest
    space: str
    token: str
    invitation: SurveyInvitation
    language: str
    now: datetime
    company: str
    zone: str

    def address(self, name: str = "survey_answer", **query: str) -> str:
        """Return an address of this link."""
        text = urlencode(query)
        return reverse(name, args=[self.space, self.token]) + (f"?{text}" if text else "")

    def has(self, name: str) -> bool:
        """Whether the address says something."""
        return bool(self.request.GET.get(name))

    def switched(self) -> str:
        """Return the address of the same page in the other language."""
        kept = {name: self.request.GET[name][:3] for name in (CORRECT, NOT_MINE) if self.has(name)}
        if self.request.method != "POST" and self.has(SCORE):
            kept[SCORE] = self.request.GET[SCORE][:3]  # after a form the answers that were sent count
        return self.address(lang=words.other(self.language), **kept)

    def occasion(self) -> Occasion:
        """Return what is rated, as the mail says it."""
        one = self.invitation
        person = one.employee.name if one.employee else ""
        return Occasion(self.company, one.purpose, rated_of(one.after, one.number, one.day, person))

    def unsubscribe(self) -> str:
        """Return where the customer refuses further surveys; "" where there is no such page."""
        try:
            return self.address("survey_unsubscribe", lang=self.language)
        except NoReverseMatch:
            return ""


@csrf_exempt
@csp(POLICY)
@public_view(
    "needs the secret link of a survey's mail, customers have no sign-in; rate-limited, a GET changes nothing"
)
@never_cache
@require_http_methods(METHODS)
def survey_answer(request: HttpRequest, space: str, token: str) -> HttpResponse:
    """The survey of a link: `?a=` fills in the first answer, `?lang=`, `?correct=1`, `?not-mine=1`."""
    language = _asked_language(request)
    try:
        if not _may_go_on(request, f"{space}/{token}"):
            response = _message(request, words.TOO_MANY, language, 429)
            response["Retry-After"] = WAIT_SECONDS
        else:
            with open_link(space, token) as invitation:
                response = _answered(request, space, token, invitation)
    except NotFound:
        response = _message(request, words.WRONG, language, 404)
    return _guarded(response)


@csp(POLICY)
@public_view("the logo of the survey behind a secret link; rate-limited, reads only")
@require_http_methods(["GET", "HEAD"])
def survey_answer_logo(request: HttpRequest, space: str, token: str) -> HttpResponse:
    """The logo on the page: a PNG that was written here. Raises NotFound where there is none, TooMany."""
    if not _may_go_on(request, f"{space}/{token}"):
        raise TooMany
    with open_link(space, token) as invitation:
        data = logos.read(invitation.version.logo)
    if data is None:
        raise NotFound
    response = HttpResponse(data, content_type="image/png")
    response["Cache-Control"] = "private, max-age=86400"
    return _guarded(response)


def _may_go_on(request: HttpRequest, link: str) -> bool:
    """Count a request; a scanner that opens every link of a company's mail many times stays within the limits."""
    action = "survey_answer" if request.method == "POST" else "survey_open"
    usage = ratelimit.consume(request, app="allauth.account", action=action, key=link, limit_get=True)
    return usage is not None


def _guarded(response: HttpResponse) -> HttpResponse:
    """The address is a secret: it goes into no search engine and to no other site."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _asked_language(request: HttpRequest) -> str:
    """Return the language that form or address ask for; else the browser's."""
    wanted = request.POST.get("lang") or request.GET.get("lang", "")
    if wanted in SurveyLanguage.values:
        return wanted
    return str(SurveyLanguage.EN if get_language() == "en" else SurveyLanguage.ZH)


def _answered(request: HttpRequest, space: str, token: str, invitation: SurveyInvitation) -> HttpResponse:
    wanted = request.POST.get("lang") or request.GET.get("lang", "")
    language = wanted if wanted in SurveyLanguage.values else invitation.language
    company, zone = WorkspaceProfile.objects.values_list("name", "time_zone").get()
    visit = Visit(request, space, token, invitation, language, timezone.now(), company, zone)
    with override(language):
        if request.method == "POST":
            return _post(visit)
        return _get(visit)


def _get(visit: Visit) -> HttpResponse:
    standing = standing_of(visit.invitation, visit.now)
    if standing not in (Standing.OPEN, Standing.ANSWERED):
        return _standing(visit, standing)
    is_shut = keeps_shut(visit.invitation)
    draft = content_of(visit.invitation.version)
    if standing is Standing.ANSWERED and is_shut:
        return _thanks(visit, draft)
    if visit.has(NOT_MINE):
        return _ask_whether_mine(visit)
    if standing is Standing.ANSWERED and not visit.has(CORRECT):
        return _thanks(visit, draft)
    answers = {} if is_shut else services.answers_of(visit.invitation)
    if standing is Standing.OPEN:
        answers |= pages.filled_in(draft, visit.request.GET.get(SCORE, ""))
    return _form(visit, draft, answers)


def _post(visit: Visit) -> HttpResponse:
    try:
        if visit.has(NOT_MINE):
            services.disown(visit.invitation.pk, now=visit.now)
            return _see_other(visit.address(lang=visit.language))
        draft = content_of(visit.invitation.version)
        parsed = pages.parse(draft, visit.request.POST)
        answers = services.answer(
            visit.invitation.pk, parsed, draft, correcting=visit.has(CORRECT), now=visit.now
        )  # fmt: skip
    except services.NotOpen as no:
        return _standing(visit, no.standing)
    if parsed.is_finished:
        return _see_other(visit.address(lang=visit.language))
    return _form(visit, draft, answers, parsed)


def _see_other(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = 303  # whatever was sent, what follows is a GET
    return response


def _form(
    visit: Visit, draft: SurveyDraft, answers: dict[str, pages.Said], parsed: pages.Parsed | None = None
) -> HttpResponse:
    """The questions, with what is known of the answers and what is wrong with those that were sent."""
    post = visit.request.POST
    typed = {one.key: post.get(f"{pages.PREFIX}{one.key}", "") for one in draft.questions if one.kind == "text"}
    context = _context(visit, draft, answers, errors=parsed.errors if parsed else None, typed=typed)
    context |= {
        "more": len(parsed.more) if parsed and not parsed.errors else 0,
        "is_correction": visit.has(CORRECT),
        "disown_url": visit.address(**{NOT_MINE: "1", "lang": visit.language}),
        "disown_word": words.not_mine(visit.invitation.after),
        "unsubscribe_url": visit.unsubscribe(),
    }
    status = 400 if parsed is not None and parsed.errors else 200
    return render(visit.request, "surveys/answer.html", context, status=status)


def _thanks(visit: Visit, draft: SurveyDraft) -> HttpResponse:
    until = timezone.localtime(correctable_until(visit.invitation), ZoneInfo(visit.zone))
    correct_url = visit.address(**{CORRECT: "1", "lang": visit.language})
    context = _context(visit, draft, {}) | {
        "correct_url": "" if keeps_shut(visit.invitation) else correct_url,
        "correct_until": formats.day(until.date()),
        "unsubscribe_url": visit.unsubscribe(),
    }
    return render(visit.request, "surveys/thanks.html", context)


def _context(visit: Visit, draft: SurveyDraft, answers: dict[str, pages.Said], **more: Any) -> dict[str, Any]:
    context = pages.context(
        draft, visit.language, visit.occasion(), answers=answers, other_url=visit.switched(),
        logo_url=_logo_url(visit), **more,
    )  # fmt: skip
    return context | {"referrer": "no-referrer"}


def _logo_url(visit: Visit) -> str:
    return visit.address("survey_answer_logo") if visit.invitation.version.logo else ""


def _ask_whether_mine(visit: Visit) -> HttpResponse:
    """Ask once more before "not mine": what was answered goes, and can't be brought back."""
    occasion = visit.occasion()
    rated = rated_line(occasion.rated, occasion.company, visit.language)
    more = {"rated": rated, "form_word": words.CONFIRM_NOT_MINE, "back_url": visit.address(lang=visit.language)}
    return _told(visit, words.ASK_NOT_MINE, 200, **more)


def _standing(visit: Visit, standing: Standing) -> HttpResponse:
    """A page that says why there is nothing to answer; what was sent for it is refused."""
    is_sent = visit.request.method == "POST"
    if standing is Standing.ANSWERED:
        twice = words.TWICE_BY_LINK if keeps_shut(visit.invitation) else words.TWICE
        return _told(visit, twice, 409, back_url=visit.address(lang=visit.language), back_word=words.TO_THANKS)
    status = 200 if standing is Standing.DISOWNED and not is_sent else 410
    told = words.OF_STANDING_BY_LINK if visit.invitation.channel == AskChannel.LINK else words.OF_STANDING
    return _told(visit, told[standing], status)


def _told(visit: Visit, message: words.Message, status: int, **more: Any) -> HttpResponse:
    """A page with a message of a survey's company, in its colour."""
    version = visit.invitation.version
    context = {
        "colour": version.accent.removeprefix("#"), "logo_url": _logo_url(visit), "company": visit.company,
        "other_url": visit.switched(), "values": {"company": visit.company}, **more,
    }  # fmt: skip
    return _message(visit.request, message, visit.language, status, **context)


def _message(request: HttpRequest, message: words.Message, language: str, status: int, **more: Any) -> HttpResponse:
    """A page with a message, of a company or (without one) of nobody's."""
    values = more.pop("values", {})
    with override(language):
        context = {
            "language": language, "heading": str(message.heading), "text": words.filled(message.text, values),
            "colour": SurveyDraft.accent.removeprefix("#"), "referrer": "no-referrer",
            "other_url": f"{request.path}?lang={words.other(language)}", **more,
        }  # fmt: skip
        return render(request, "surveys/message.html", context, status=status)
