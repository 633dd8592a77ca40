"""The page behind "No more surveys": a mail program posts to it by itself, a person confirms."""

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from perfmgmt.people.access import public_view
from perfmgmt.people.account_views import TooMany
from perfmgmt.tenants.models import WorkspaceProfile
from reviews.mailing.links import open_link
from reviews.mailing.stopping import unsubscribe
from reviews.models import SurveyLanguage
from reviews.surveys.colours import is_readable
from reviews.surveys.content import SurveyDraft


@public_view("needs the secret link of a survey's mail; a GET changes nothing; rate-limited")
@csrf_exempt  # mail programs post here without having opened a page (RFC 8058); all it can do is end mail
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey_unsubscribe(request: HttpRequest, space: str, survey_token: str) -> HttpResponse:
    """Ask whether the customer wants no more surveys, or note that they don't."""
    if not ratelimit.consume(request, app="allauth.account", action="survey_unsubscribe", limit_get=True):
        raise TooMany
    with open_link(space, survey_token) as invitation:
        if request.method == "POST":
            unsubscribe(invitation)
        wanted = request.POST.get("lang") or request.GET.get("lang", "")
        language = wanted if wanted in SurveyLanguage.values else invitation.language
        other = SurveyLanguage.ZH if language == SurveyLanguage.EN else SurveyLanguage.EN
        accent = invitation.version.accent
        with override(language):
            context = {
                "language": language,
                "other_url": f"?lang={other}" if request.method != "POST" else "",
                "company": WorkspaceProfile.objects.only("name").get().name,
                "colour": (accent if is_readable(accent) else SurveyDraft.accent).removeprefix("#"),
                "is_done": request.method == "POST",
            }
            return render(request, "surveys/unsubscribe.html", context)
