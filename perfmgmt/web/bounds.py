"""What is refused before anything looks at it: bodies that are too large, addresses that no text can be."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from perfmgmt.web.errors import error_response
from perfmgmt.web.problems import is_api

# Room for the other fields of a form beside its file.
FIELDS = 1024 * 1024


class BoundsMiddleware:
    """Answers 413 by the announced length, before the body is read, and 400 to a NUL in the address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + FIELDS
        if request.path.endswith("/imports/"):
            most = settings.IMPORT_MAX_BYTES + FIELDS
        elif "/log/entries/" in request.path:
            most = settings.PROOF_MAX_BYTES * settings.PROOFS_PER_ENTRY + FIELDS
        elif request.path.endswith("/evidence/"):
            most = settings.PROOF_MAX_BYTES + FIELDS
        elif is_api(request):
            most = settings.API_MAX_BYTES
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > most:
            request.META["CONTENT_LENGTH"] = "0"  # nobody is to read it after all
            text = _("This is too much at once: at most {most} MB are taken here.").format(most=most // 1024 // 1024)
            return error_response(request, 413, text)
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            return error_response(request, 400)
        return self.get_response(request)
