"""PostgreSQL's own programs on the embedded database, as its administrator.

python -m perfmgmt.embedded psql -c 'SELECT version()'
python -m perfmgmt.embedded pg_dump -Fc -f perfmgmt.dump
"""

import subprocess
import sys

from perfmgmt.embedded import EmbeddedError, hold, urls
from perfmgmt.embedded.account import installed_bin
from perfmgmt.embedded.paths import DATABASE

PROGRAMS = ("psql", "pg_dump", "pg_restore", "vacuumdb", "reindexdb")


def main() -> int:
    """Run the named program while the servers run; its exit code is ours."""
    if len(sys.argv) < 2 or sys.argv[1] not in PROGRAMS:
        print(f"usage: python -m perfmgmt.embedded {'|'.join(PROGRAMS)} [arguments]", file=sys.stderr)
        return 2
    try:
        with hold(with_redis=False):
            # the administrator, because a dump must not stop at row-level security
            url = urls().admin.replace("/postgres?", f"/{DATABASE}?")
            command = [str(installed_bin() / sys.argv[1]), "--dbname", url, *sys.argv[2:]]
            return subprocess.run(command, check=False).returncode
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
