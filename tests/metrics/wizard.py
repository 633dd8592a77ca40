"""Walking through the import wizard as a person and a worker would, for tests."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from perfmgmt.jobs import services as jobs
from perfmgmt.jobs.models import Job, JobState
from perfmgmt.metrics.imports import facts
from perfmgmt.metrics.models import DirtyKey, Fact, FactVersion, ImportDraft
from perfmgmt.people.models import Employee
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company


@dataclass
class Wizard:
    """The owner of a company at the wizard's pages; `work` is the worker."""

    company: Company
    client: Client
    language: str = "en"

    @classmethod
    def of(cls, company: Company, language: str = "en", role: str = "owner") -> "Wizard":
        client = Client(headers={"accept-language": language})
        client.force_login(company.users[role])
        return cls(company, client, language)

    def url(self, rest: str = "") -> str:
        return f"/w/{self.company.tenant.slug}/imports/{rest}"

    def upload(
        self, content: bytes | str, name: str = "facts.csv", kind: str = facts.KIND, mapping: str = ""
    ) -> ImportDraft:
        """Upload a file, let the worker look at it, and return the draft."""
        data: dict[str, Any] = {"kind": kind, "file": SimpleUploadedFile(name, _bytes(content))}
        if mapping:
            data["mapping"] = SimpleUploadedFile("mapping.json", mapping.encode())
        response = self.client.post(self.url(), data)
        assert response.status_code == 302, response.content.decode()
        self.work()
        return self.draft()

    def draft(self) -> ImportDraft:
        with self.company.scope():
            return ImportDraft.objects.latest("pk")

    def work(self) -> None:
        """Do everything that waits."""
        scope = partial(tenant_scope, self.company.tenant.pk)
        while True:
            with self.company.scope():
                waiting = Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).order_by("pk").first()
            if waiting is None:
                return
            jobs.run(scope, waiting.pk)

    def page(self, rest: str) -> str:
        response = self.client.get(self.url(rest))
        assert response.status_code == 200, response
        return response.content.decode()

    def post(self, rest: str, data: dict[str, Any] | None = None) -> HttpResponse:
        """Send a form and do the work that it starts."""
        response = self.client.post(self.url(rest), data or {})
        self.work()
        return response  # type: ignore[return-value]

    def suggested(self, draft: ImportDraft) -> dict[str, Any]:
        """Return what the page of columns is filled in with."""
        response = self.client.get(self.url(f"{draft.pk}/columns/"))
        form = response.context["form"]
        return {name: form[name].value() or "" for name in form.fields if form[name].value() not in (None, False)}

    def check(self, draft: ImportDraft, **changes: Any) -> dict[str, Any]:
        """Accept the suggestions, with changes; return the result of the dry run."""
        response = self.post(f"{draft.pk}/columns/", {**self.suggested(draft), **changes})
        assert response.status_code == 302, response.context["form"].errors
        return self.result("check_job_id")

    def run(self, draft: ImportDraft) -> dict[str, Any]:
        """Import; return the result."""
        assert self.post(f"{draft.pk}/run/").status_code == 302
        return self.result("import_job_id")

    def undo(self, draft: ImportDraft) -> dict[str, Any]:
        assert self.post(f"{draft.pk}/undo/").status_code == 302
        return self.result("undo_job_id", draft.pk)

    def result(self, which: str, draft_id: int | None = None) -> dict[str, Any]:
        with self.company.scope():
            draft = ImportDraft.objects.get(pk=draft_id) if draft_id else ImportDraft.objects.latest("pk")
            job = Job.objects.get(pk=getattr(draft, which))
        assert job.state == JobState.DONE, job.error
        return job.result or {}

    def failure(self, which: str = "inspect_job_id") -> str:
        """Return why the latest draft's job failed."""
        with self.company.scope():
            job = Job.objects.get(pk=getattr(ImportDraft.objects.latest("pk"), which))
        assert job.state == JobState.FAILED
        return job.error

    def nothing_happened(self) -> bool:
        """Whether no fact, version, mark or person came of all this."""
        with self.company.scope():
            return not (
                Fact.objects.exists()
                or FactVersion.objects.exists()
                or DirtyKey.objects.exists()
                or Employee.objects.count() != len(self.company.people)
            )


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def workbook(*rows: list[Any], sheet: str = "Data", skip: int = 0) -> bytes:
    """Return an .xlsx with rows, some blank ones before them."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows, skip):
            for column, cell in enumerate(row):
                page.write(number, column, cell)
    return file.getvalue()


PLAIN = "external_id,metric,employee,date,value"


def values(wizard: Wizard, metric: str = "sales_amount") -> dict[str, Decimal]:
    """Return external id -> value of the facts of a metric."""
    with wizard.company.scope():
        return dict(Fact.objects.filter(metric__code=metric).values_list("external_id", "value"))


def plain(*rows: str) -> str:
    """Return a file with the columns of PLAIN."""
    return "\n".join([PLAIN, *rows]) + "\n"
