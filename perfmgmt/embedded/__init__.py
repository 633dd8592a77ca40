"""PostgreSQL and Redis out of Python wheels, so that one machine needs Python and nothing else.

`urls()` says where the servers of this checkout are, `hold()` makes sure that they run while they are
needed. Neither imports Django: settings.py calls `urls()`, manage.py and the supervisor call `hold()`.
"""

from perfmgmt.embedded.lease import Lease, Servers, ensure_running, hold, needed
from perfmgmt.embedded.paths import EmbeddedError, Layout, Urls, secret, urls

__all__ = [
    "EmbeddedError",
    "Layout",
    "Lease",
    "Servers",
    "Urls",
    "ensure_running",
    "hold",
    "needed",
    "secret",
    "urls",
]
