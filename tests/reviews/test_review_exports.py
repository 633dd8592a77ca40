"""The inbox of reviews and the list of questionnaires as files: as the page lists them, for who may."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from python_calamine import CalamineWorkbook

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job
from perfmgmt.tenants.scope import tenant_scope
from reviews.forms import exports as own
from reviews.forms.bank import exports
from tests.factories import Company
from tests.reviews.factories import answer, open_cycle

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Client]


def made(company: Company, client: Client, address: str, kind: str, form: str) -> bytes:
    assert client.post(address, {"format": form}, headers={"accept-language": "en"}).status_code == 302
    with company.scope():
        job = Job.objects.filter(kind=kind).latest("pk")
    jobs.run(lambda: tenant_scope(company.tenant.pk), job.pk)
    with company.scope():
        job.refresh_from_db()
        return default_storage.open(job.result["file"]).read()


def test_ones_own_reviews_and_nothing_that_was_said(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        cycle = open_cycle(company)
        answer(cycle, cycle.people["ann"].raters.get(group="manager"), 5, 5, 5, text="Said in confidence")
    client = sign_in(company.users["manager"])

    text = made(company, client, "/w/acme/reviews/export/?sort=name", own.EXPORT, "csv").decode("utf-8-sig")

    lines = text.splitlines()
    assert len(lines) == 3 and "confidence" not in text
    assert any("李安" in line and "Handed in" in line for line in lines)
    assert any("Bob Bell" in line and ",0," in line for line in lines)
    done = made(company, client, "/w/acme/reviews/export/?show=done", own.EXPORT, "csv").decode("utf-8-sig")
    assert "李安" in done and "Bob Bell" not in done
    assert sign_in(company.users["payroll"]).post("/w/acme/reviews/export/").status_code == 403


def test_questionnaires_as_a_workbook_for_who_keeps_them(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        open_cycle(company)
    hr = sign_in(company.users["hr"])
    file = made(company, hr, "/w/acme/questionnaires/export/", exports.QUESTIONNAIRES, "xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(file)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "Code" and rows[1][:3] == ["attitude", "态度与行为", "Attitude"] and rows[1][4] == 4
    assert sign_in(company.users["manager"]).post("/w/acme/questionnaires/export/").status_code == 403
