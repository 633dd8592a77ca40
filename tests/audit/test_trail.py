"""The audit trail: written by triggers, whatever writes; read on a page; changed by nobody."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from goals.models import MonthlyTarget
from perfmgmt.audit import labels
from perfmgmt.audit.exports import _lines
from perfmgmt.audit.selectors import Entry, Filter, Trail, filter_of
from perfmgmt.audit.words import told
from perfmgmt.jobs import services as jobs
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Employee, Position
from perfmgmt.tenants.acting import acting, because
from perfmgmt.tenants.history import event_models, tracked
from perfmgmt.tenants.models import WorkspaceProfile
from perfmgmt.tenants.scope import tenant_scope
from tests.factories import Company, today_here

pytestmark = pytest.mark.django_db


def trail(**wanted: object) -> list[Entry]:
    return Trail(Filter(**wanted), "UTC").read(0, 100)  # type: ignore[arg-type]


def test_bulk_writes_raw_sql_and_deletions_leave_entries(company: Company) -> None:
    with company.scope():
        Position.objects.bulk_create([Position(name="Clerk"), Position(name="Lead")])
        Position.objects.filter(name="Lead").update(name="Head")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE people_position SET name = 'Chief' WHERE name = 'Head'")
        Position.objects.filter(name="Chief").delete()

        seen = [(e.operation, (e.before or {}).get("name"), (e.after or {}).get("name"))
                for e in trail(kind="people.Position")]  # fmt: skip

    assert seen == [
        ("delete", "Chief", None),
        ("update", "Head", "Chief"),
        ("update", "Lead", "Head"),
        ("insert", None, "Lead"),
        ("insert", None, "Clerk"),
    ]


def test_an_update_that_changes_nothing_leaves_no_entry(company: Company) -> None:
    with company.scope():
        position = Position.objects.create(name="Clerk")
        Position.objects.filter(pk=position.pk).update(name="Clerk")
        assert [entry.operation for entry in trail(kind="people.Position")] == ["insert"]


def test_an_entry_knows_who_by_which_way_and_why(company: Company) -> None:
    user = company.users["owner"]
    with acting(address="192.0.2.7", request="abc"), tenant_scope(company.tenant.pk, user_id=user.pk):
        with because("The title was wrong"):
            Position.objects.create(name="Clerk")
        Position.objects.create(name="Lead")
        lead, clerk = told(trail(kind="people.Position"))

    assert (clerk.who, clerk.by, clerk.reason) == (str(user), "192.0.2.7", "The title was wrong")
    assert (lead.who, lead.reason) == (str(user), "")


def test_what_is_known_of_one_request_does_not_reach_the_next(company: Company) -> None:
    with acting(address="192.0.2.7"), company.scope():
        Position.objects.create(name="Clerk")
    with company.scope():
        Position.objects.create(name="Lead")
        lead, clerk = told(trail(kind="people.Position"))
    assert (clerk.by, lead.by) == ("192.0.2.7", "")


def test_a_command_names_itself(company: Company, tmp_path: object) -> None:
    path = tmp_path / "people.csv"  # type: ignore[operator]
    path.write_text("number,name,unit\nP77,Newcomer,North\n", encoding="utf-8")
    call_command("import_people", str(path), workspace=company.tenant.slug)
    with company.scope():
        (entry,) = [e for e in told(trail(kind="people.Employee", text="Newcomer")) if e.entry.operation == "insert"]
    assert "import_people" in entry.by or entry.by.startswith("Job")


@pytest.mark.parametrize("statement", ["UPDATE {table} SET pgh_label = 'x'", "DELETE FROM {table}"])
def test_the_application_can_neither_change_nor_delete_an_entry(company: Company, statement: str) -> None:
    for model in event_models():
        denied = pytest.raises(ProgrammingError, match="permission denied")
        with company.scope(), denied, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table=model._meta.db_table))


def test_another_workspace_sees_none_of_it(company: Company, other_company: Company) -> None:
    with company.scope():
        Position.objects.create(name="Secret post")
    with other_company.scope():
        assert trail(text="Secret post") == []


def test_a_changed_target_reads_as_from_and_to_with_names(company: Company) -> None:
    with company.scope():
        target = MonthlyTarget.objects.create(
            metric=Metric.objects.get(code="sales_amount"), employee=company.people["ann"],
            month=date(2025, 3, 1), value=1000,
        )  # fmt: skip
        MonthlyTarget.objects.filter(pk=target.pk).update(value=Decimal("1234.5"))
        with override("zh-hans"):
            change = told(trail(kind="goals.MonthlyTarget", operation="update"))[0]
    assert change.title == f"{company.people['ann'].name} · 销售额 · 2025 年 3 月"
    assert change.brief == change.changes
    assert change.kind == "目标值"
    assert [(c.field, c.before, c.after) for c in change.changes] == [("目标值", "1,000", "1,234.5")]


def test_filters_narrow_by_operation_person_day_row_and_text(company: Company) -> None:
    today = today_here()
    user = company.users["owner"]
    with tenant_scope(company.tenant.pk, user_id=user.pk):
        position = Position.objects.create(name="100%_Clerk")
        common = {"kind": "people.Position"}
        assert len(trail(**common, operation="insert", who=user.email[:8].upper(), row_id=position.pk)) == 1
        assert trail(**common, operation="delete") == []
        assert trail(**common, who="nobody at all") == []
        assert trail(**common, row_id=position.pk + 1000) == []
        assert len(trail(**common, first=today - timedelta(days=1), last=today + timedelta(days=1))) == 1
        assert trail(**common, first=today + timedelta(days=2)) == []
        assert len(trail(**common, text="100%_c")) == 1
        assert trail(**common, text="100__c") == []


@pytest.mark.parametrize(
    ("page", "field"),
    [("add_position", "reason_of_change"), ("convert_again", "currency"), ("settings_entry", "reason_of_change")],
)
def test_a_nul_in_a_form_is_refused_before_anything_is_written(company: Company, page: str, field: str) -> None:
    client = Client()
    client.force_login(company.users["owner"])
    address = reverse(page, args=[company.tenant.slug])
    assert client.post(address, {"name": "Clerk", field: "we\x00ll"}).status_code == 400
    with company.scope():
        assert trail(kind="people.Position") == []


def test_reading_on_from_an_entry_leaves_none_out_and_repeats_none(company: Company) -> None:
    with company.scope():
        for number in range(4):  # one transaction: they share their moment, over two tables
            Position.objects.create(name=f"Post {number}")
            Employee.objects.create(number=f"N{number}", name="New", name_key="new")
        all_at_once = Trail(Filter(), "UTC").read(0, 1000)
        in_parts = [entry for part in Trail(Filter(), "UTC").chunks(3) for entry in part]
    assert [entry.key for entry in in_parts] == [entry.key for entry in all_at_once]
    assert len({entry.key for entry in in_parts}) == len(in_parts) > 8


def test_a_text_without_a_first_day_is_looked_for_in_the_last_months(company: Company) -> None:
    today = today_here()
    with company.scope():
        assert Trail(Filter(text="x"), "UTC").since is not None
        assert Trail(Filter(text="x", first=date(2020, 1, 1)), "UTC").since == date(2020, 1, 1)
        assert Trail(Filter(text="x", last=today - timedelta(days=400)), "UTC").since == today - timedelta(days=492)
        assert Trail(Filter(kind="people.Position"), "UTC").since is None


def test_an_address_that_makes_no_sense_is_no_filter() -> None:
    query = QueryDict("kind=auth.User&operation=drop&from=0001-01-01&to=9999-12-31&row=99999999999999999999")
    assert filter_of(query) == Filter()
    assert filter_of(QueryDict("from=yesterday")) == Filter()


def test_every_audited_field_has_a_word_in_both_languages() -> None:
    missing = []
    for model in event_models():
        label = tracked(model)._meta.label
        words = {label: lambda label=label: labels.kind(label)}
        for field in model._meta.fields:
            if not field.name.startswith("pgh_") and field.name not in ("id", "tenant"):
                words[f"{label}.{field.name}"] = lambda label=label, name=field.name: labels.field(label, name)
        for name, word in words.items():
            with override("zh-hans"):
                chinese = word()
            if not any("\u4e00" <= character <= "\u9fff" for character in chinese):
                missing.append(name)
            with override("en"):
                english = word()
            if not english[:1].isupper() or "_" in english:
                missing.append(f"{name} in English")
    assert not missing, f"add words to perfmgmt/audit/labels.py: {missing}"


@pytest.mark.parametrize(
    ("language", "field", "days"), [("en", "Weekend", "Friday, Saturday"), ("zh-hans", "周末", "星期五、星期六")]
)
def test_a_changed_weekend_is_told_in_days_of_the_readers_language(
    company: Company, language: str, field: str, days: str
) -> None:
    with company.scope():
        WorkspaceProfile.objects.update(weekend=[5, 6], leaver_access_days=30)
        with override(language):
            change = told(trail(kind="tenants.WorkspaceProfile", operation="update"))[0]
    found = {each.field: each.after for each in change.changes}
    assert found[field].replace(", ", "、") == days.replace(", ", "、")
    assert "30" in found.values()
    assert not any(name in found for name in ("weekend", "leaver_access_days"))


def test_the_page_takes_the_same_number_of_queries_for_one_entry_and_for_many(
    company: Company, django_assert_num_queries: object
) -> None:
    client = Client()
    client.force_login(company.users["owner"])
    address = reverse("audit", args=[company.tenant.slug])
    counts = []
    for many in (1, 40):
        with company.scope():
            Employee.objects.bulk_create(
                Employee(number=f"N{many}-{n}", name=f"New {n}", name_key=f"new {n}") for n in range(many)
            )
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            response = client.get(address, {"kind": "people.Employee"})
        assert response.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("hr", 200), ("auditor", 200), ("manager", 403),
                                              ("assistant", 403), ("payroll", 403), ("executive", 403)])  # fmt: skip
def test_owner_hr_and_auditor_read_it_and_nobody_else(company: Company, role: str, status: int) -> None:
    client = Client()
    client.force_login(company.users[role])
    assert client.get(reverse("audit", args=[company.tenant.slug])).status_code == status


def test_the_export_has_a_line_per_changed_field_and_no_formula(company: Company) -> None:
    with company.scope():
        Position.objects.create(name="=1+1")
        job = jobs.start(
            "audit.export", {"query": "kind=people.Position", "language": "en"}, user_id=company.users["owner"].pk
        )
        lines = list(_lines(Trail(Filter(kind="people.Position"), "UTC"), 1))
    jobs.run(company.scope, job.pk)
    with company.scope():
        job.refresh_from_db()
        from django.core.files.storage import default_storage

        text = default_storage.open(job.result["file"]).read().decode("utf-8-sig")
    assert [(line[6], line[8]) for line in lines] == [("Name", "=1+1")]
    assert "'=1+1" in text
    assert ",=1+1" not in text


def test_points_of_a_curve_and_steps_of_a_scale_read_as_they_are(company: Company) -> None:
    from perfmgmt.audit.words import _say
    from reviews.models import Part

    assert _say(Part, "points", [["0", "0"], ["1", "100"]], {}) == '["0", "0"], ["1", "100"]'
