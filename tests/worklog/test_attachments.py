"""Proofs: a file is what its content says, bounded, and goes with its row."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from perfmgmt.tenants.errors import DomainError
from perfmgmt.web.attachments import BadFile, sniff
from perfmgmt.worklog import services
from tests.factories import Company
from tests.worklog.work import PDF, PNG, enter, viewer

pytestmark = pytest.mark.django_db


def office(*parts: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for part in ("[Content_Types].xml", *parts):
            archive.writestr(part, "x")
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", PDF, "pdf"), ("b.PNG", PNG, "png"), ("c.jpeg", b"\xff\xd8\xff\xe0abc", "jpeg"),
        ("d.docx", office("word/document.xml"), "docx"), ("e.xlsx", office("xl/workbook.xml"), "xlsx"),
    ],
    ids=["pdf", "png", "jpeg", "docx", "xlsx"],
)  # fmt: skip
def test_a_file_is_what_its_content_says(name: str, content: bytes, kind: str) -> None:
    assert sniff(name, io.BytesIO(content)).kind == kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"<html><script>alert(1)</script>"), ("a.png", PDF), ("a.pdf.exe", PDF), ("pdf", PDF),
        ("a.docx", office("xl/workbook.xml")), ("a.docx", office("word/document.xml", "word/vbaProject.bin")),
        ("a.docx", office()), ("a.docx", b"PK\x03\x04 broken"), ("a.svg", b"<svg onload='x'>"), ("a.jpg", b""),
        ("a.zip", office("readme.txt")),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_file_that_only_pretends_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(BadFile):
        sniff(name, io.BytesIO(content))


def test_files_are_bounded_in_size_and_number(company: Company, today: date, settings: Any) -> None:
    settings.PROOF_MAX_BYTES = 1000
    with company.scope():
        ann, entry = viewer(company, "assistant", today), enter(company, today)
        for content in (b"", PDF + b"x" * 1000):
            with pytest.raises(DomainError) as refused:
                services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", content), viewer=ann)
            assert refused.value.code == "bad_size"
        first = services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", PDF), viewer=ann)
        assert services.add_proof(entry.pk, SimpleUploadedFile("again.pdf", PDF), viewer=ann) == first
        for number in range(settings.PROOFS_PER_ENTRY - 1):
            services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", PDF + bytes([65 + number])), viewer=ann)
        with pytest.raises(DomainError) as refused:
            services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", PDF + b"last"), viewer=ann)
        assert refused.value.code == "too_many"


def test_a_file_goes_with_its_row(company: Company, today: date, django_capture_on_commit_callbacks: Any) -> None:
    with company.scope():
        ann, entry = viewer(company, "assistant", today), enter(company, today)
        proof = services.add_proof(entry.pk, SimpleUploadedFile("a.pdf", PDF), viewer=ann)
        assert default_storage.exists(proof.path)
        with django_capture_on_commit_callbacks(execute=True):
            services.remove_proof(proof.pk, viewer=ann)
        assert not default_storage.exists(proof.path)
