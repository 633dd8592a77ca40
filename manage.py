#!/usr/bin/env python
"""Django's command line. Every command works on its own: it uses the running embedded servers of this
checkout, or starts them for the call and stops them after it."""

import errno
import os
import signal
import sys
import warnings
from types import FrameType
from typing import NoReturn

from perfmgmt import embedded

# Commands that read files and settings only.
WITHOUT_SERVERS = {
    "bootstrap_database",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "makemigrations",
    "startapp",
    "version",
}


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """End on SIGTERM as on an exit, so that servers started for this call are stopped."""
    sys.exit(128 + number)


def _fail(message: str) -> NoReturn:
    sys.stderr.write(message + "\n")
    sys.exit(1)


def _lease(arguments: list[str]) -> embedded.Lease | None:
    """Make the servers run that the command needs and the environment does not name."""
    command = arguments[0] if arguments else "help"
    if command in WITHOUT_SERVERS or command.startswith("-") or {"--help", "-h", "--version"} & {*arguments}:
        return None
    servers = embedded.needed()
    if os.environ.get("PERFMGMT_ENV") == "production" or not any(servers.values()):
        return None
    return embedded.hold(**servers)


def main() -> None:
    """Take a lease on the servers when the command needs them, then let Django run it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfmgmt.settings")
    # makemigrations asks the database only to warn; without servers there is nothing to ask
    warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
    signal.signal(signal.SIGTERM, _leave)
    try:
        lease = _lease(sys.argv[1:])
    except embedded.EmbeddedError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _fail("The disk is full: no space left on device.")
    finally:
        if lease:
            lease.release()


if __name__ == "__main__":
    main()
