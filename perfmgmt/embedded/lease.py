"""Who uses the servers: the last one to leave stops them.

Every user holds a shared flock on run/users.lock. The kernel counts it, so a user that dies, however
it dies, is no longer counted. Starting and stopping happen under one mutex, run/start.lock.
"""

import atexit
import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TypedDict

from perfmgmt.embedded import postgres, redis_server
from perfmgmt.embedded.paths import EmbeddedError, Layout, urls

Say = Callable[[str], None]


def _quiet(_: str) -> None:
    """Say nothing."""


class Servers(TypedDict):
    """Which of the two servers are meant."""

    with_postgres: bool
    with_redis: bool


def needed() -> Servers:
    """The servers that the environment does not name."""
    return {
        "with_postgres": not os.environ.get("DATABASE_URL"),
        "with_redis": not os.environ.get("REDIS_URL"),
    }


class Lease:
    """The right to use the servers; release it, or leave the `with` block, or end the process."""

    def __init__(self, layout: Layout, handle: int) -> None:
        self.layout = layout
        self._handle: int | None = handle
        self._process = os.getpid()
        atexit.register(self.release)

    def release(self) -> None:
        """Stop using the servers; stops them when nobody else uses them. Harmless when repeated."""
        if self._handle is None or os.getpid() != self._process:
            return  # a forked child inherits this object, not the right to end it
        handle, self._handle = self._handle, None
        atexit.unregister(self.release)
        _leave(self.layout, handle)

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def hold(
    base: Path | None = None, *, say: Say | None = None, with_postgres: bool = True, with_redis: bool = True
) -> Lease:
    """Start the servers unless they run, and keep them running until the lease is released."""
    layout = Layout.of(base)
    with _one_line_errors(layout):
        layout.create()
        urls(layout.base)
        handle = os.open(layout.run / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with _mutex(layout):
                # never blocks: the exclusive lock is only taken under the mutex
                fcntl.flock(handle, fcntl.LOCK_SH)
                _start(layout, say or _quiet, with_postgres=with_postgres, with_redis=with_redis)
        except BaseException:  # also Ctrl-C: what was started is not left behind
            _leave(layout, handle)
            raise
    return Lease(layout, handle)


def ensure_running(
    base: Path | None = None, *, say: Say | None = None, with_postgres: bool = True, with_redis: bool = True
) -> list[str]:
    """Start again what has died; names it. The caller holds a lease."""
    layout = Layout.of(base)
    down = []
    if with_postgres and not postgres.is_up(layout):
        down.append("PostgreSQL")
    if with_redis and not redis_server.is_up(layout):
        down.append("Redis")
    if down:
        with _one_line_errors(layout), _mutex(layout):
            _start(layout, say or _quiet, with_postgres=with_postgres, with_redis=with_redis)
    return down


def _start(layout: Layout, say: Say, *, with_postgres: bool, with_redis: bool) -> None:
    if with_redis and not redis_server.is_up(layout):
        redis_server.start(layout, say)
    if with_postgres and not postgres.is_up(layout):
        postgres.start(layout, say)


def _leave(layout: Layout, handle: int) -> None:
    try:
        with _mutex(layout):
            fcntl.flock(handle, fcntl.LOCK_UN)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            redis_server.stop(layout)
            postgres.stop(layout)
            with suppress(OSError):  # leave nothing in /tmp, unless something else is in there
                layout.postgres_socket.rmdir()
                layout.sockets.rmdir()
    except FileNotFoundError:
        return  # the data directory was removed meanwhile, and its servers with it
    finally:
        os.close(handle)


@contextmanager
def _mutex(layout: Layout) -> Iterator[None]:
    handle = os.open(layout.run / "start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _one_line_errors(layout: Layout) -> Iterator[None]:
    """Turn what people meet (disk full, no permission) into one line."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise EmbeddedError(f"The disk is full: no space left below {layout.base}.") from error
        raise EmbeddedError(f"{layout.base}: {error.strerror or error} ({error.filename})") from error
