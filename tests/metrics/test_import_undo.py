"""Undoing an import: what it added goes, what it changed is as before, what was changed since stays."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from perfmgmt.metrics.imports import people
from perfmgmt.metrics.models import DirtyKey, Fact, FactVersion, ImportDraft
from tests.factories import Company
from tests.metrics.wizard import Wizard

pytestmark = pytest.mark.django_db
HEAD = "external_id,metric,employee,date,value"
STATE = ("id", "external_id", "metric_id", "employee_id", "day", "value", "job_id", "row", "credit_share", "line")


@pytest.fixture
def wizard(company: Company, settings: Any, tmp_path: Path) -> Wizard:
    settings.MEDIA_ROOT = tmp_path / "files"
    with company.scope():
        company.drain()
    return Wizard.of(company)


def take(wizard: Wizard, *rows: str) -> ImportDraft:
    """Import rows of `a1,AC004,10`; return the draft."""
    lines = [
        ",".join([key, "sales_amount", who, "2025-03-05", value]) for key, who, value in (r.split(",") for r in rows)
    ]
    draft = wizard.upload("\n".join([HEAD, *lines]) + "\n")
    wizard.check(draft, source="shop")
    wizard.run(draft)
    return draft


def state(wizard: Wizard) -> list[tuple[Any, ...]]:
    with wizard.company.scope():
        return list(Fact.objects.order_by("id").values_list(*STATE))


def values(wizard: Wizard) -> dict[str, Decimal]:
    with wizard.company.scope():
        return dict(Fact.objects.values_list("external_id", "value"))


def figures_are_exact(wizard: Wizard) -> bool:
    """Whether what workers computed step by step equals what `rebuild` computes at once."""
    with wizard.company.scope():
        wizard.company.drain()
    out = StringIO()
    call_command("rebuild", workspace="acme", check=True, stdout=out)  # exits when they differ
    return True


def test_what_was_added_is_taken_back_and_the_history_tells(wizard: Wizard) -> None:
    draft = take(wizard, "a1,AC004,10", "a2,AC005,20")
    assert wizard.undo(draft) == {"taken_back": 2, "restored": 0, "left": 0, "left_facts": []}
    assert state(wizard) == []
    with wizard.company.scope():
        assert FactVersion.objects.filter(job_id=wizard.draft().import_job_id).count() == 2
        assert DirtyKey.objects.exists()
    assert figures_are_exact(wizard)


def test_what_was_changed_moved_or_withdrawn_is_as_before(wizard: Wizard) -> None:
    take(wizard, "a1,AC004,10", "a2,AC005,20", "a3,AC004,30")
    before = state(wizard)
    mapping = (
        '{"source": "shop", "external_id": "external_id", "employee": {"column": "employee", "by": "number"},'
        ' "conditions": [{"column": "keep", "in": ["yes"]}],'
        ' "facts": [{"metric": "sales_amount", "day": "date", "value": {"column": "value"}}]}'
    )
    content = (
        f"{HEAD},keep\na1,x,AC004,2025-03-05,11,yes\na2,x,AC006,2025-04-01,20,yes\na3,x,AC004,2025-03-05,30,no\n"
        "a4,x,AC004,2025-03-05,40,yes\n"
    )
    draft = wizard.upload(content, mapping=mapping)
    result = wizard.run(draft)
    assert (result["added"], result["changed"], result["skipped"]) == (1, 3, 1)
    assert figures_are_exact(wizard)
    undone = wizard.undo(draft)
    assert (undone["taken_back"], undone["restored"], undone["left"]) == (1, 3, 0)
    assert state(wizard) == before
    assert figures_are_exact(wizard)


def test_what_a_later_import_changed_stays_and_is_named(wizard: Wizard) -> None:
    first = take(wizard, "a1,AC004,10", "a2,AC004,20")
    take(wizard, "a2,AC004,21")
    undone = wizard.undo(first)
    assert (undone["taken_back"], undone["restored"], undone["left"]) == (1, 0, 1)
    assert undone["left_facts"] == [{"external_id": "a2", "metric": "sales_amount", "why": "changed"}]
    assert values(wizard) == {"a2": Decimal(21)}
    assert "a2" in wizard.page(f"{first.pk}/")
    assert figures_are_exact(wizard)


def test_undoing_in_reverse_order_leads_all_the_way_back(wizard: Wizard) -> None:
    first, second = take(wizard, "a1,AC004,10"), take(wizard, "a1,AC004,11")
    wizard.undo(second)
    assert values(wizard) == {"a1": Decimal(10)}
    assert wizard.undo(first)["taken_back"] == 1
    assert values(wizard) == {}
    assert figures_are_exact(wizard)


def test_the_same_file_can_come_in_again(wizard: Wizard) -> None:
    wizard.undo(take(wizard, "a1,AC004,10"))
    again = take(wizard, "a1,AC004,10")
    assert values(wizard) == {"a1": Decimal(10)}
    assert wizard.undo(again)["taken_back"] == 1


def test_an_import_that_changed_nothing_has_nothing_to_undo(wizard: Wizard) -> None:
    take(wizard, "a1,AC004,10")
    before = state(wizard)
    undone = wizard.undo(take(wizard, "a1,AC004,10"))
    assert (undone["taken_back"], undone["restored"]) == (0, 0)
    assert state(wizard) == before


def test_supporters_come_back_too(wizard: Wizard) -> None:
    head = "order id,owner,order date,amount,supporter,share"
    for share in ("30%", "40%"):
        draft = wizard.upload(f"{head}\no1,AC004,2025-03-05,1000,Bob Bell,{share}\n", "orders.csv")
        wizard.check(draft)
        wizard.run(draft)
        if share == "30%":
            before = state(wizard)
    assert wizard.undo(draft)["restored"] == 3  # sale, order and the part of it
    assert state(wizard) == before


def test_a_second_click_undoes_once(wizard: Wizard) -> None:
    draft = take(wizard, "a1,AC004,10")
    wizard.undo(draft)
    job = wizard.draft().undo_job_id
    assert wizard.post(f"{draft.pk}/undo/").status_code == 302
    assert wizard.draft().undo_job_id == job


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_import_of_people_says_that_it_stays(wizard: Wizard, language: str) -> None:
    wizard = Wizard.of(wizard.company, language)
    draft = wizard.upload("number,name,unit\nN1,New Person,North\n", "people.csv", people.KIND)
    wizard.check(draft)
    assert wizard.run(draft)["added"] == 1
    response = wizard.post(f"{draft.pk}/undo/")
    assert response.status_code == 409
    assert ("can't be undone" if language == "en" else "人员导入不能撤销") in response.content.decode().replace(
        "&#x27;", "'"
    )


def test_what_was_not_imported_can_not_be_undone(wizard: Wizard) -> None:
    draft = wizard.upload(f"{HEAD}\na1,sales_amount,AC004,2025-03-05,1\n")
    assert wizard.post(f"{draft.pk}/undo/").status_code == 409


def test_the_day_of_a_moved_fact_is_recomputed_on_both_sides(wizard: Wizard) -> None:
    take(wizard, "a1,AC004,10")
    draft = wizard.upload(f"{HEAD}\na1,sales_amount,AC005,2025-06-05,10\n")
    wizard.check(draft, source="shop")
    wizard.run(draft)
    with wizard.company.scope():
        wizard.company.drain()
    wizard.undo(draft)
    with wizard.company.scope():
        assert set(DirtyKey.objects.values_list("employee__number", "first_day")) == {
            ("AC004", date(2025, 3, 5)), ("AC005", date(2025, 6, 5)),
        }  # fmt: skip
    assert figures_are_exact(wizard)
