"""Sessions in PostgreSQL with Redis before it: without Redis people stay signed in, a little slower."""

from typing import Any

from django.contrib.sessions.backends import cached_db
from redis.exceptions import RedisError


class SessionStore(cached_db.SessionStore):
    """Django's cached_db, which on its own fails when the cache does not answer."""

    def load(self) -> dict[str, Any]:
        """Return the session's data from the cache, else from the database; empty when there is none."""
        try:
            return super().load()
        except RedisError:
            stored = self._get_session_from_db()  # type: ignore[attr-defined]
            return self.decode(stored.session_data) if stored else {}
