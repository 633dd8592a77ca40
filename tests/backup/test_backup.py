"""Backup and restore on a real server: what was there comes back, and the walls stand."""

import errno
import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections

from perfmgmt.backup import archive, programs, services
from perfmgmt.people.models import Employee
from perfmgmt.tenants.isolation import loose_ends, report
from perfmgmt.tenants.models import Tenant
from tests import servers
from tests.factories import Company


@pytest.fixture
def installation(
    committed: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Company]:
    """A company with people, a figure and an uploaded file, and files of the installation's own."""
    monkeypatch.setenv("ADMIN_DATABASE_URL", servers.ADMIN)
    settings.MEDIA_ROOT = tmp_path / "files"
    company = Company.create("acme")
    with company.scope():
        company.fact("ann", "sales_amount", date(2025, 3, 5), 120)
        company.drain()
        default_storage.save("proofs/bill.pdf", ContentFile(b"the bill"))
    yield company
    connections.close_all()


@pytest.fixture
def saved(installation: Company, tmp_path: Path) -> Path:
    target = tmp_path / "all.tar"
    call_command("backup", str(target), stdout=StringIO())
    return target


def restore(source: Path, *options: str) -> str:
    out = StringIO()
    call_command("restore", str(source), *options, stdout=out)
    return out.getvalue()


def refusal(source: Path, *options: str) -> str:
    with pytest.raises(CommandError) as caught:
        restore(source, *options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def employees(company: Company) -> int:
    with company.scope():
        return Employee.objects.count()


def test_what_was_wrecked_comes_back_with_figures_files_and_walls(installation: Company, saved: Path) -> None:
    before = employees(installation)
    with installation.scope():
        Employee.objects.filter(name="李安").update(name="wrecked")
        default_storage.delete("proofs/bill.pdf")
    assert "1 files" in restore(saved, "--replace")

    assert employees(installation) == before
    with installation.scope():
        assert Employee.objects.filter(name="李安").exists()
        with default_storage.open("proofs/bill.pdf") as file:
            assert file.read() == b"the bill"
    call_command("rebuild", workspace="acme", check=True, stdout=StringIO())  # exits when they differ
    assert [finding for finding in report() if finding.violations] == []
    assert loose_ends() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, (SELECT count(*) FROM people_employee)")
        assert cursor.fetchone() == ("perfmgmt_app", 0)  # without a scope: no row


def test_a_restore_refuses_an_installation_with_data_and_leaves_it_alone(installation: Company, saved: Path) -> None:
    assert "--replace" in refusal(saved)
    assert Tenant.objects.get().slug == "acme"


def test_a_backup_is_for_its_account_only_and_never_overwrites(installation: Company, saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="exists"):
        call_command("backup", str(saved))


@pytest.mark.parametrize("place", [0.3, 0.6])
def test_a_changed_byte_is_found_before_anything_is_touched(installation: Company, saved: Path, place: float) -> None:
    with tarfile.open(saved) as tar:
        entry = tar.getmember(archive.DUMP)
    with saved.open("r+b") as file:
        file.seek(entry.offset_data + int(entry.size * place))
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    assert "damaged" in refusal(saved, "--replace")
    assert Tenant.objects.get().slug == "acme"


def test_files_that_are_no_backup_are_named_in_one_line(installation: Company, saved: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar"
    cut.write_bytes(saved.read_bytes()[:-20_000])
    text = tmp_path / "text.tar"
    text.write_text("no archive")
    assert "damaged" in refusal(cut, "--replace")
    assert "damaged" in refusal(text, "--replace")
    assert "does not exist" in refusal(tmp_path / "nowhere.tar")


def rewritten(saved: Path, change: dict[str, Any], extra: str = "") -> Path:
    """The archive with another manifest and perhaps one more member, which the manifest knows."""
    target = saved.with_name("changed.tar")
    with tarfile.open(saved) as old, tarfile.open(target, "w") as new:
        for entry in old:
            file = old.extractfile(entry)
            data = file.read() if file else b""
            if entry.name == archive.MANIFEST:
                manifest = {**json.loads(data), **change}
                if extra:
                    new.addfile(tarfile.TarInfo(extra), BytesIO(b""))
                    manifest["members"][extra] = [0, hashlib.sha256().hexdigest()]
                data = json.dumps(manifest).encode()
                entry.size = len(data)
            new.addfile(entry, BytesIO(data))
    return target


def test_a_backup_of_a_newer_version_is_refused(installation: Company, saved: Path) -> None:
    changed = rewritten(saved, {"migrations": [["people", "9999_later"]]})
    assert "people.9999_later" in refusal(changed, "--replace")
    assert "PostgreSQL 99" in refusal(rewritten(saved, {"server_major": 99}), "--replace")


def test_a_member_that_would_leave_the_folder_is_refused(installation: Company, saved: Path, tmp_path: Path) -> None:
    for name in ("files/../../escaped", f"files/{tmp_path}/escaped", "files/./x", "files/proofs//x"):
        assert "damaged" in refusal(rewritten(saved, {}, name), "--replace")
    assert not (tmp_path / "escaped").exists()


def test_a_manifest_of_nonsense_or_a_file_twice_is_refused(installation: Company, saved: Path) -> None:
    assert "damaged" in refusal(rewritten(saved, {"members": {"database.dump": 5}}), "--replace")
    with tarfile.open(saved) as old:
        name = next(each for each in old.getnames() if each.startswith("files/"))
    assert "damaged" in refusal(rewritten(saved, {}, name), "--replace")


def test_a_failing_restore_leaves_everything_as_it_was(
    installation: Company, saved: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "find", lambda name, at_least: "/bin/false")
    refusal(saved, "--replace")
    assert Tenant.objects.get().slug == "acme"
    with installation.scope():
        assert default_storage.exists("proofs/bill.pdf")
    assert list(tmp_path.glob(".perfmgmt-*")) == []


def test_a_full_disk_is_one_line_and_leaves_no_half_archive(
    installation: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(archive, "write", full)
    with pytest.raises(CommandError, match=r"^The disk is full"):
        call_command("backup", str(tmp_path / "b.tar"))
    assert [path.name for path in tmp_path.iterdir()] == ["files"]


def test_open_connections_stop_a_restore(installation: Company, saved: Path) -> None:
    import psycopg2

    other = psycopg2.connect(os.environ["DATABASE_URL"])
    try:
        assert "open connections" in refusal(saved, "--replace")
    finally:
        other.close()


def test_no_password_on_a_command_line(
    installation: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown: list[list[str]] = []
    real = programs.subprocess.run

    def watch(command: list[str], **more: Any) -> Any:
        shown.append(command)
        return real(command, **more)

    monkeypatch.setattr(programs.subprocess, "run", watch)
    services.back_up(tmp_path / "b.tar")
    password = programs.parse_dsn(servers.ADMIN)["password"]
    assert any("pg_dump" in command[0] for command in shown)
    assert not any(password in word for command in shown for word in command)


def test_a_server_elsewhere_needs_its_administrator_named(
    installation: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ADMIN_DATABASE_URL")
    with pytest.raises(CommandError, match="ADMIN_DATABASE_URL"):
        call_command("backup", str(tmp_path / "b.tar"))


def test_programs_older_than_the_server_are_refused(installation: Company) -> None:
    with pytest.raises(programs.BackupError, match="install a newer client"):
        programs.find("pg_dump", 99)
