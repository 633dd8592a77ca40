"""What may be attached: documents and pictures, known by their content and never by their name."""

import hashlib
import os
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from perfmgmt.tenants.errors import DomainError

MOST_PARTS = 5000
# Kind -> (media type, endings that such a file may have).
KINDS = {
    "pdf": ("application/pdf", {".pdf"}),
    "png": ("image/png", {".png"}),
    "jpeg": ("image/jpeg", {".jpg", ".jpeg"}),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", {".docx"}),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", {".xlsx"}),
}
ACCEPT = ".pdf,.png,.jpg,.jpeg,.docx,.xlsx"
_MAGIC = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff"}
_OFFICE = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


class BadFile(DomainError):
    """A file that is not taken."""

    code = "bad_file"


@dataclass(frozen=True)
class Known:
    """What a file is: its kind, and the sum of its content."""

    kind: str
    sha256: str


def sniff(name: str, file: IO[bytes]) -> Known:
    """Return what a file is by its content. Raises BadFile for anything else, or when the name says otherwise."""
    file.seek(0)
    head = file.read(16)
    kind = next((kind for kind, magic in _MAGIC.items() if head.startswith(magic)), "")
    if head.startswith(b"PK\x03\x04"):
        kind = _office(file)
    if not kind:
        raise BadFile(_("“{name}” is no PDF, PNG, JPEG, DOCX or XLSX file."), name=name[:80])
    if PurePosixPath(name).suffix.lower() not in KINDS[kind][1]:
        raise BadFile(_("“{name}” is a {kind} file, but its name says otherwise. Rename it and try again."),
                      name=name[:80], kind=kind.upper())  # fmt: skip
    file.seek(0)
    digest = _digest(file)
    file.seek(0)
    return Known(kind, digest)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while part := file.read(1 << 20):
        digest.update(part)
    return digest.hexdigest()


def _office(file: IO[bytes]) -> str:
    """Return docx or xlsx by the parts named in the archive; nothing for other archives or ones with macros.

    Only the list of parts is read: nothing is unpacked.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist()[: MOST_PARTS + 1])
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    if len(names) > MOST_PARTS or "[Content_Types].xml" not in names:
        return ""
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return ""
    return next((kind for kind, part in _OFFICE.items() if part in names), "")


def keep(folder: str, file: UploadedFile, *, fallback: str) -> dict[str, str | int]:
    """Check an upload and store it below `folder`; return path, file_name, kind, size (bytes) and sha256.

    Raises DomainError for a file that is empty, larger than PROOF_MAX_BYTES, or of a type that is not taken.
    """
    name, size = os.path.basename(file.name or fallback)[-200:], file.size or 0
    if not 0 < size <= settings.PROOF_MAX_BYTES:
        raise DomainError(_("“{name}” is empty or larger than {most} MB."), code="bad_size", name=name[:80],
                          most=settings.PROOF_MAX_BYTES // 1024 // 1024)  # fmt: skip
    known = sniff(name, file)
    path = default_storage.save(f"{folder}/{uuid4()}.{known.kind}", file)
    return {"path": path, "file_name": name, "kind": known.kind, "size": size, "sha256": known.sha256}


def forget(name: str) -> None:
    """Remove a stored file once the row that named it is really gone: after the commit."""
    path = default_storage.path(name)

    def remove() -> None:
        if os.path.exists(path):
            os.remove(path)

    transaction.on_commit(remove)
