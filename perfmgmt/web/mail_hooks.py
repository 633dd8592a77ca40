"""Where a mail service tells what became of mails."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from perfmgmt.notify.hooks import SERVICES
from perfmgmt.people.access import public_view
from perfmgmt.people.account_views import TooMany


@public_view("needs the secret that the mail service was given; only notes that a mail came back; rate-limited")
@csrf_exempt  # a service's servers have no session
@require_http_methods(["HEAD", "POST"])
def mail_hook(request: HttpRequest, mail_service: str) -> HttpResponseBase:
    """Take a service's events, all or none: what it sends is answered with 400, and nothing is noted, unless it is
    signed and readable.
    """
    if mail_service not in settings.MAIL_WEBHOOKS:
        raise Http404
    if not ratelimit.consume(request, app="allauth.account", action="mail_hook", limit_get=True):
        raise TooMany
    try:
        return SERVICES[mail_service].as_view()(request)
    except (
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        RecursionError,
    ) as error:  # no such event as the service's pages show
        raise BadRequest from error
