"""A pytest plugin that gives the tests servers and a database of their own before Django's settings are read.

`-p tests.servers` (pyproject.toml) loads it first. The embedded servers of `var/test` are shared by all workers of
pytest-xdist through the counted lock; each worker has its own database and its own Redis database.
With DATABASE_URL, MIGRATION_DATABASE_URL, ADMIN_DATABASE_URL and REDIS_URL in the environment the tests run there.
"""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from perfmgmt import embedded

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
NUMBER = int(re.sub(r"\D", "", WORKER) or 0) + 1 if WORKER != "main" else 0
DATABASE = f"test_{WORKER}"
OUTSIDE = "ADMIN_DATABASE_URL" in os.environ

os.environ["PERFMGMT_VAR"] = str(ROOT / "var" / "test")
os.environ["PERFMGMT_PG_FAST"] = "1"
os.environ["PERFMGMT_ENV"] = "local"
os.environ["SWEEP_SECONDS"] = "1"


def with_database(url: str, name: str) -> str:
    """Return the libpq URI `url` pointing at another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


if OUTSIDE:
    ADMIN, APP, OWNER, REDIS = (
        os.environ[name] for name in ("ADMIN_DATABASE_URL", "DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL")
    )
else:
    _urls = embedded.urls(Path(os.environ["PERFMGMT_VAR"]))
    ADMIN, APP, OWNER, REDIS = _urls.admin, _urls.app, _urls.owner, _urls.redis

os.environ["DATABASE_URL"] = with_database(APP, DATABASE)
os.environ["MIGRATION_DATABASE_URL"] = with_database(OWNER, DATABASE)
os.environ["REDIS_URL"] = f"{REDIS}?db={NUMBER}" if REDIS.startswith("unix://") else f"{REDIS.rstrip('/')}/{NUMBER}"


def pytest_configure(config: pytest.Config) -> None:
    """Keep the servers up while this process runs."""
    if not OUTSIDE:
        config.stash[_LEASE] = embedded.hold(Path(os.environ["PERFMGMT_VAR"]))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of them; the last process stops them."""
    lease = config.stash.get(_LEASE, None)
    if lease is not None:
        from django.db import connections

        connections.close_all()
        lease.release()


_LEASE = pytest.StashKey[embedded.Lease]()
