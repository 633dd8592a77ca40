"""Refused rows say why in the language of whoever reads it, wherever they are shown."""

from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from perfmgmt.jobs.models import Job
from perfmgmt.metrics.imports import people
from perfmgmt.metrics.imports.reasons import REASONS, Reason, kept, said
from perfmgmt.metrics.models import ImportDraft
from tests.factories import Company
from tests.metrics.wizard import Wizard

pytestmark = pytest.mark.django_db
ROWS = "external_id,metric,employee,date,value\na,orders,Nobody,2025-03-05,1\nb,orders,AC004,2025-03-05,1\n"


@pytest.fixture
def wizard(company: Company, settings: Any, tmp_path: Path) -> Wizard:
    settings.MEDIA_ROOT = tmp_path / "files"
    with company.scope():
        company.drain()
    return Wizard.of(company)


def refused_file(wizard: Wizard, draft: ImportDraft) -> tuple[str, str]:
    """Return what is downloaded, and what it is called."""
    response: Any = wizard.client.get(wizard.url(f"{draft.pk}/refused/"))
    return b"".join(response.streaming_content).decode("utf-8-sig"), response["Content-Disposition"]


@pytest.mark.parametrize("importer", ["en", "zh-hans"])
def test_a_reason_is_read_in_the_readers_language_whoever_imported(wizard: Wizard, importer: str) -> None:
    mine = Wizard.of(wizard.company, importer)
    draft = mine.upload(ROWS)
    mine.check(draft)
    mine.run(draft)
    english, chinese = Wizard.of(wizard.company, "en"), Wizard.of(wizard.company, "zh-hans", role="hr")
    assert "nobody here is called “Nobody”" in english.page(f"{draft.pk}/?q=nobody here")
    assert "没有叫“Nobody”的人" in chinese.page(f"{draft.pk}/?q=没有叫")
    assert "No refused row matches" in english.page(f"{draft.pk}/?q=没有叫")
    text, name = refused_file(english, draft)
    assert "Reason refused" in text and "nobody here is called" in text and "refused" in name
    text, name = refused_file(chinese, draft)
    assert "拒绝原因" in text and "没有叫“Nobody”的人" in text and "refused" not in name


def test_what_an_earlier_version_stored_is_still_readable(wizard: Wizard) -> None:
    draft = wizard.upload(ROWS)
    wizard.check(draft)
    wizard.run(draft)
    with wizard.company.scope():
        job = Job.objects.get(pk=ImportDraft.objects.get(pk=draft.pk).import_job_id)
        result: Any = job.result
        result["errors"] = [{"row": 2, "reason": "旧的原因"}]
        del result["refused_files"]
        job.save(update_fields=["result"])
    assert "旧的原因" in wizard.page(f"{draft.pk}/")
    assert "Reason refused" in refused_file(wizard, draft)[0]


def test_reasons_of_people_are_read_in_both_languages(wizard: Wizard) -> None:
    draft = wizard.upload(
        "姓名,工号,部门,上级,邮箱\n甲,N1,新部门,NX,\n乙,N2,新部门,AC001,no-address\n丙,N3,新部门,AC001,\n丁,N3,新部门,AC001,\n",
        "people.csv",
        people.KIND,
    )
    errors = wizard.check(draft)["errors"]
    assert [error["why"] for error in errors] == ["unknown_manager", "not_an_email", "doubled_person"]
    page = Wizard.of(wizard.company, "zh-hans").page(f"{draft.pk}/")
    assert "邮箱：" in page or "邮箱: " in page
    with override("zh-hans"):
        assert all(said(error) in page for error in errors)


@pytest.mark.parametrize("key", REASONS)
def test_every_reason_can_be_said_again_in_the_other_language(key: str) -> None:
    values = dict.fromkeys(
        ("text", "row", "column", "found", "wanted", "first", "last", "name", "manager", "day"), "x"
    )
    with override("en"):
        stored = kept(Reason.of(key, "col", **values))
        assert said(stored) == stored["reason"]
    with override("zh-hans"):
        assert said(stored) != stored["reason"]


def test_a_reason_whose_sentence_has_changed_is_said_as_it_was() -> None:
    assert said({"row": 1, "reason": "old", "why": "ragged", "params": {}}) == "old"
    assert said({"row": 1, "reason": "old", "why": "nothing known"}) == "old"
