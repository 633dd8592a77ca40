"""Rate limits on the shared Redis. Without Redis requests are let through, with a line in the log:
a limit protects against too much of the good, and must not be the reason that nothing works.
"""

import logging
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

logger = logging.getLogger(__name__)


class _Throttle(SimpleRateThrottle):
    """The rate of `settings.API_RATES[scope]`."""

    def get_rate(self) -> str:
        """Return "number/period"."""
        return str(settings.API_RATES[self.scope])

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return whether one more is allowed, and count it."""
        try:
            return bool(super().allow_request(request, view))
        except RedisError as error:
            logger.warning("No rate limit: Redis is not reachable (%s).", error)
            return True


class TokenThrottle(_Throttle):
    """Requests of one token; the cache key carries the workspace."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """Return where the requests are counted."""
        return f"api:{self.scope}:{view.caller.token_id}"


class BatchThrottle(TokenThrottle):
    """Batches of facts of one token."""

    scope = "batch"


class FailedThrottle(_Throttle):
    """Requests without a working token from one address. Working tokens from there are never held up."""

    scope = "failed"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """Return where the failures are counted."""
        return f"api:{self.scope}:{self.get_ident(request)}"
