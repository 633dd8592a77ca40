"""The archive: a tar with the dump, the uploaded files, and at its end a manifest with a checksum of each.

Everything is copied in pieces; nothing is held in memory but the manifest.
"""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from perfmgmt.backup.programs import BackupError

FORMAT = 1
MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files/"
_MANIFEST_BYTES = 512 * 1024 * 1024


@dataclass
class Manifest:
    """What an archive says of itself; `migrations` are [app, name], `members` are name -> [bytes, sha256]."""

    format: int
    version: str
    made_at: str
    server_major: int
    migrations: list[list[str]]
    members: dict[str, list[Any]] = field(default_factory=dict)


class _Counting:
    """A file that is read once and whose checksum is known afterwards."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sum, self.size = file, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sum.update(data)
        self.size += len(data)
        return data


def write(target: Path, dump: Path, files: Path, manifest: Manifest) -> None:
    """Write the archive; a file that is removed while it is written is left out, as the application left it out."""
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, dump, DUMP, manifest)
        for path in _below(files):
            try:
                _add(tar, path, FILES + path.relative_to(files).as_posix(), manifest)
            except FileNotFoundError:
                continue
        data = json.dumps(asdict(manifest)).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(data), 0o600
        tar.addfile(entry, BytesIO(data))


def _below(folder: Path) -> Iterator[Path]:
    for place, _folders, names in os.walk(folder):
        for name in sorted(names):
            path = Path(place) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _add(tar: tarfile.TarFile, path: Path, name: str, manifest: Manifest) -> None:
    with path.open("rb") as file:
        entry = tarfile.TarInfo(name)
        found = os.fstat(file.fileno())
        entry.size, entry.mtime, entry.mode = found.st_size, int(found.st_mtime), 0o600
        counting = _Counting(file)
        tar.addfile(entry, counting)
    manifest.members[name] = [counting.size, counting.sum.hexdigest()]


def verify(source: Path) -> Manifest:
    """Read the whole archive, compare every checksum, return the manifest; BackupError says what is wrong."""
    try:
        found, manifest = _sums(source)
    except FileNotFoundError as error:
        raise BackupError(f"{source} does not exist.") from error
    except IsADirectoryError as error:
        raise BackupError(f"{source} is a directory.") from error
    except PermissionError as error:
        raise BackupError(f"{source} may not be read by this account.") from error
    except (tarfile.TarError, EOFError, ValueError, TypeError) as error:
        raise BackupError(f"{source} is damaged, or no backup of perfmgmt.") from error
    if manifest is None:
        raise BackupError(f"{source} is damaged, or no backup of perfmgmt: its manifest is missing.")
    if manifest.format != FORMAT:
        raise BackupError(f"{source} has format {manifest.format}; this version reads format {FORMAT}.")
    if {name: list(value) for name, value in found.items()} != manifest.members or DUMP not in found:
        raise BackupError(f"{source} is damaged: a checksum is not that of the manifest.")
    return manifest


def _sums(source: Path) -> tuple[dict[str, tuple[int, str]], Manifest | None]:
    found: dict[str, tuple[int, str]] = {}
    manifest = None
    with tarfile.open(source, "r:") as tar:
        for entry in tar:
            file = _member(tar, entry)
            if entry.name in found:
                raise ValueError(entry.name)
            if entry.name == MANIFEST:
                if entry.size > _MANIFEST_BYTES:
                    raise ValueError(entry.name)
                manifest = Manifest(**json.loads(file.read()))
                continue
            counting = _Counting(file)
            while counting.read(1024 * 1024):
                pass
            found[entry.name] = (counting.size, counting.sum.hexdigest())
    return found, manifest


def _member(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    """Open a member; nothing but plain files with names of ours is let in."""
    path = PurePosixPath(entry.name)
    ours = entry.name in (MANIFEST, DUMP) or entry.name.startswith(FILES)
    plain = path.as_posix() == entry.name and ".." not in path.parts  # "files//etc/x" would be /etc/x
    file = tar.extractfile(entry) if entry.isfile() else None
    if file is None or not ours or not plain:
        raise ValueError(entry.name)
    return file


def extract(source: Path, dump: Path, files: Path) -> int:
    """Write the dump to `dump` and the uploaded files below `files`; return how many files there were."""
    count = 0
    files.mkdir(mode=0o700, parents=True)
    with tarfile.open(source, "r:") as tar:
        for entry in tar:
            if entry.name == MANIFEST:
                continue
            target = dump if entry.name == DUMP else files / entry.name.removeprefix(FILES)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _member(tar, entry) as file, target.open("xb") as out:
                while data := file.read(1024 * 1024):
                    out.write(data)
            count += entry.name != DUMP
    return count
