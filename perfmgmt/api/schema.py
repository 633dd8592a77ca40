"""What drf-spectacular can't see by itself: tokens and their scopes, and how every address says no."""

from typing import Any

from django.utils.translation import gettext as _t
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from perfmgmt.api.serializers import ProblemSerializer
from perfmgmt.web.problems import MEDIA_TYPE

PROBLEM = MEDIA_TYPE


class ApiSchema(AutoSchema):
    """Describes one operation of the API."""

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Lists are those with an order."""
        return hasattr(self.view, "order")

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the token with the scope it needs."""
        return [{"token": [self.view.scope.code]}]

    def get_override_parameters(self) -> list[Any]:
        """Return the headers of refusals."""
        challenge = OpenApiParameter(
            "WWW-Authenticate", str, OpenApiParameter.HEADER, response=[401], description=_t("How to sign in")
        )
        wait = OpenApiParameter(
            "Retry-After", int, OpenApiParameter.HEADER, response=[409, 429, 503], description=_t("Seconds to wait")
        )
        return [challenge, wait]

    def _get_request_body(self, direction: Any = "request") -> dict[str, Any] | None:
        """A body that is described must be there."""
        found: dict[str, Any] | None = super()._get_request_body(direction)
        return found and {**found, "required": True}

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        """Add what every operation may answer."""
        found: dict[str, Any] = super()._get_response_bodies(direction)
        for status, text in self._refusals().items():
            if str(status) not in found:
                response = OpenApiResponse(ProblemSerializer, text)
                found[str(status)] = self._get_response_for_code(response, str(status), [PROBLEM], direction)
        return dict(sorted(found.items()))

    def _refusals(self) -> dict[int, str]:
        refusals = {
            400: _t("A parameter or the body is wrong; “errors” says where"),
            401: _t("No token, or one that does not work"),
            403: _t("The token lacks the scope"),
            405: _t("This address does not take this method"),
            406: _t("Only JSON can be answered"),
            413: _t("The body is too large"),
            429: _t("Too many requests; wait as Retry-After says"),
        }
        # A metric, unit or source in a filter may be missing, and a cursor may lead nowhere.
        if "{" in self.path or hasattr(self.view, "paginate_queryset"):
            refusals[404] = _t("There is no such thing in this workspace")
        return refusals
