"""Where the embedded servers keep things, and the passwords that guard them."""

import hashlib
import os
import pwd
import secrets
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from perfmgmt.tenants.bootstrap import APP_ROLE, OWNER_ROLE

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE = "perfmgmt"
ADMIN_ROLE = "perfmgmt_admin"


class EmbeddedError(Exception):
    """The servers cannot be used; the message is one line for the person at the terminal."""


@dataclass(frozen=True)
class Urls:
    """How to reach the servers: libpq URIs of the three roles, and Redis."""

    app: str
    owner: str
    admin: str
    redis: str


@dataclass(frozen=True)
class Layout:
    """Every path below one base directory, and the socket directory that belongs to it."""

    base: Path

    @classmethod
    def of(cls, base: Path | None = None) -> "Layout":
        """The layout of `base`, else of PERFMGMT_VAR, else of var/ in this checkout."""
        chosen = base or os.environ.get("PERFMGMT_VAR") or CHECKOUT / "var"
        return cls(Path(os.path.realpath(chosen)))

    @property
    def run(self) -> Path:
        return self.base / "run"

    @property
    def log(self) -> Path:
        return self.base / "log"

    @property
    def secrets(self) -> Path:
        return self.base / "secrets"

    @property
    def postgres(self) -> Path:
        """Holds data/; a symlink when the base directory is closed to PostgreSQL's account."""
        return Path(os.path.realpath(self.base / "pg"))

    @property
    def data(self) -> Path:
        return self.postgres / "data"

    @property
    def redis(self) -> Path:
        return self.base / "redis"

    @property
    def key(self) -> str:
        """Short name of this base directory, the same for every process."""
        return hashlib.sha256(os.fsencode(self.base)).hexdigest()[:12]

    @property
    def sockets(self) -> Path:
        """A short path: the name of a Unix socket ends at 107 bytes, checkouts may be deep.

        /tmp rather than TMPDIR, because two shells must agree on it.
        """
        root = "/tmp" if os.access("/tmp", os.W_OK | os.X_OK) else tempfile.gettempdir()  # noqa: S108
        return Path(root) / f"pm-{os.geteuid()}-{self.key}"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / "pg"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    def create(self) -> None:
        """Make the directories; only those made here get their mode changed."""
        self._refuse_foreign()
        for path, mode in (
            (self.base, 0o755),
            (self.run, 0o700),
            (self.log, 0o700),
            (self.secrets, 0o700),
            (self.redis, 0o700),
        ):
            if not path.is_dir():
                path.mkdir(parents=True, exist_ok=True)
                path.chmod(mode)
        if not os.path.lexists(self.base / "pg"):
            (self.base / "pg").mkdir(exist_ok=True)
            (self.base / "pg").chmod(0o711)

    def _refuse_foreign(self) -> None:
        """Data stay with the account that made them: root would leave files that it can no longer open."""
        if self.base.exists() and self.base.stat().st_uid != os.geteuid():
            owner = self.base.stat().st_uid
            try:
                name = pwd.getpwuid(owner).pw_name
            except KeyError:
                name = f"user {owner}"
            raise EmbeddedError(
                f"{self.base} belongs to {name}: start as that user, or choose other data with PERFMGMT_VAR=..."
            )

    def create_sockets(self) -> None:
        """Make the socket directory; refuse one that another account planted in /tmp."""
        # root's directory can be passed through, because PostgreSQL runs under another account there
        mode = 0o711 if os.geteuid() == 0 else 0o700
        self.sockets.mkdir(mode=mode, exist_ok=True)
        found = self.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise EmbeddedError(f"{self.sockets} belongs to another account; remove it and start again.")
        self.sockets.chmod(mode)


def secret(name: str, base: Path | None = None) -> str:
    """The secret called `name`: made at random once, kept in secrets/ with mode 0600."""
    layout = Layout.of(base)
    path = layout.secrets / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    except PermissionError as error:
        raise EmbeddedError(f"{path} belongs to another account: use that account, or other data.") from error
    try:
        layout.create()
        handle, draft = tempfile.mkstemp(dir=layout.secrets, prefix=f".{name}.")
    except PermissionError as error:
        raise EmbeddedError(f"{layout.base} is not writable for this account.") from error
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        with suppress(FileExistsError):
            # link() refuses an existing name: of two processes at once, the first wins for both
            os.link(draft, path)
    finally:
        os.unlink(draft)
    return path.read_text().strip()


def urls(base: Path | None = None) -> Urls:
    """Where the servers of `base` answer. Starts nothing; makes the passwords when they are missing."""
    layout = Layout.of(base)
    host = quote(str(layout.postgres_socket), safe="")

    def postgres(role: str, database: str) -> str:
        return f"postgresql://{role}:{quote(secret(role, layout.base), safe='')}@/{database}?host={host}"

    return Urls(
        app=postgres(APP_ROLE, DATABASE),
        owner=postgres(OWNER_ROLE, DATABASE),
        admin=postgres(ADMIN_ROLE, "postgres"),
        redis=f"unix://{layout.redis_socket}",
    )
