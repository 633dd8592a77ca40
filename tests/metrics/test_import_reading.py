"""How the wizard reads a file: what it finds out is shown and can be changed; the sheet of a workbook is chosen."""

from io import BytesIO
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from perfmgmt.jobs.models import Job
from perfmgmt.metrics.imports import facts
from perfmgmt.metrics.models import Fact, ImportDraft
from tests.factories import Company
from tests.metrics.wizard import Wizard

pytestmark = pytest.mark.django_db
HEAD = ["external_id", "metric", "employee", "date", "value", "customer"]


def text(*customers: str, mark: str = ",") -> str:
    rows = [[f"r{n}", "orders", "AC004", "2025-03-05", "1", customer] for n, customer in enumerate(customers)]
    return "\n".join(mark.join(row) for row in [HEAD, *rows]) + "\n"


def book(**sheets: int) -> bytes:
    """Return a workbook; each sheet with so many rows of facts, none for an empty sheet."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as made:
        for name, rows in sheets.items():
            page = made.add_worksheet(name)
            for number in range(rows):
                page.write_row(number, 0, HEAD if not number else [f"{name}{number}", "orders", "AC004",
                                                                  "2025-03-05", 1, name])  # fmt: skip
    return file.getvalue()


def read(wizard: Wizard, draft: ImportDraft, **chosen: str) -> Any:
    return wizard.post(f"{draft.pk}/reading/", {f"reading-{part}": value for part, value in chosen.items()})


def customers(wizard: Wizard) -> set[str]:
    with wizard.company.scope():
        return set(Fact.objects.values_list("customer", flat=True))


@pytest.mark.parametrize(
    ("encoding", "written", "customer"),
    [("cp1252", "cp1252", "Müller & Søn"), ("big5", "big5", "恆達貿易"), ("latin-1", "latin-1", "Café Óscar")],
)
def test_a_text_in_an_unknown_encoding_is_read_when_it_is_named(
    wizard: Wizard, encoding: str, written: str, customer: str
) -> None:
    draft = wizard.upload(text(customer, customer).encode(written), "orders.csv")
    wizard.failure()
    assert "Read it again" in wizard.page(f"{draft.pk}/")
    assert read(wizard, draft, encoding=encoding, delimiter="").status_code == 302
    assert customer.replace("&", "&amp;") in wizard.page(f"{draft.pk}/columns/")
    wizard.check(wizard.draft())
    wizard.run(draft)
    assert customers(wizard) == {customer}


def test_what_was_found_is_shown_and_a_change_renews_the_preview(wizard: Wizard) -> None:
    draft = wizard.upload(text("恒达", "明珠", mark=";").encode("gb18030"), "orders.csv")
    form = wizard.client.get(wizard.url(f"{draft.pk}/columns/")).context["reading_form"]
    assert (form["encoding"].value(), form["delimiter"].value()) == ("gb18030", "semicolon")
    read(wizard, draft, encoding="gb18030", delimiter="pipe")
    assert "external_id;metric;employee" in wizard.page(f"{draft.pk}/columns/")
    read(wizard, draft, encoding="", delimiter="")
    wizard.check(wizard.draft())
    assert wizard.run(draft)["added"] == 2
    assert customers(wizard) == {"恒达", "明珠"}


@pytest.mark.parametrize(
    ("language", "said"), [("en", "to be read as UTF-8, but in line 2"), ("zh-hans", "按 UTF-8 读取，但第 2 行")]
)
def test_an_encoding_that_does_not_fit_says_where_and_can_be_changed_again(
    wizard: Wizard, language: str, said: str
) -> None:
    wizard = Wizard.of(wizard.company, language)
    draft = wizard.upload(text("恒达", "明珠").encode("gb18030"), "orders.csv")
    wizard.check(draft)
    assert read(wizard, draft, encoding="utf-8-sig", delimiter="comma").status_code == 302
    page = wizard.page(f"{draft.pk}/")
    assert said in page and "reading-encoding" in page
    assert wizard.post(f"{draft.pk}/run/").status_code == 409
    assert wizard.nothing_happened()
    read(wizard, draft, encoding="gb18030", delimiter="comma")
    assert wizard.check(wizard.draft())["added"] == 2


@pytest.mark.parametrize(
    "forged",
    [{"encoding": "utf-7"}, {"encoding": "../x"}, {"encoding": "zip"}, {"delimiter": "x"}, {"delimiter": ","}],
)
def test_a_forged_reading_starts_nothing(wizard: Wizard, forged: dict[str, str]) -> None:
    draft = wizard.upload(text("恒达"), "orders.csv")
    with wizard.company.scope():
        before = Job.objects.count()
    assert read(wizard, draft, **forged).status_code == 400
    with wizard.company.scope():
        assert (Job.objects.count(), ImportDraft.objects.get().reading) == (before, {})


def test_the_fullest_sheet_is_read_and_another_can_be_chosen(wizard: Wizard) -> None:
    draft = wizard.upload(book(Notes=2, Empty=0, Orders=6, More=4), "book.xlsx")
    page = wizard.page(f"{draft.pk}/columns/")
    assert "sheet “Orders”" in page and "Notes (2 rows)" in page
    assert wizard.check(draft)["added"] == 5
    assert read(wizard, draft, sheet="More").status_code == 302
    assert "sheet “More”" in wizard.page(f"{draft.pk}/columns/")
    wizard.check(wizard.draft())
    wizard.run(draft)
    assert customers(wizard) == {"More"}


def test_an_empty_sheet_says_so_and_the_others_are_still_offered(wizard: Wizard) -> None:
    draft = wizard.upload(book(Orders=3, Empty=0), "book.xlsx")
    read(wizard, draft, sheet="Empty")
    assert "Empty" in wizard.failure()
    assert "Another sheet may do" in wizard.page(f"{draft.pk}/")
    read(wizard, draft, sheet="Orders")
    assert wizard.check(wizard.draft())["added"] == 2


@pytest.mark.parametrize("forged", ["Secret", "", "xl/workbook.xml", "Orders' OR 1=1", "Hidden"])
def test_a_sheet_that_is_not_offered_starts_nothing(wizard: Wizard, forged: str) -> None:
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as made:
        for name in ("Orders", "Hidden", "More"):
            made.add_worksheet(name).write_row(0, 0, HEAD)
            made.get_worksheet_by_name(name).write_row(1, 0, ["a", "orders", "AC004", "2025-03-05", 1, name])
        made.get_worksheet_by_name("Hidden").hide()
    draft = wizard.upload(file.getvalue(), "book.xlsx")
    assert "Hidden" not in wizard.page(f"{draft.pk}/columns/")
    with wizard.company.scope():
        before = Job.objects.count()
    assert read(wizard, draft, sheet=forged).status_code == 400
    with wizard.company.scope():
        assert Job.objects.count() == before


def test_a_mapping_names_a_sheet_that_must_be_there(wizard: Wizard) -> None:
    mapping = (
        '{"kind": "facts", "source": "x", "external_id": "external_id",'
        '"employee": {"column": "employee", "by": "number"},'
        '"facts": [{"metric": {"column": "metric"}, "day": "date", "value": {"column": "value"}}], "sheet": "%s"}'
    )
    wizard.upload(book(Orders=5, More=3), "book.xlsx", facts.KIND, mapping % "More")
    assert wizard.result("check_job_id")["added"] == 2
    wizard.upload(book(Orders=5, More=3), "book.xlsx", facts.KIND, mapping % "Nope")
    assert "no visible sheet “Nope”. It has: Orders, More" in wizard.failure("check_job_id")
    assert wizard.nothing_happened()


def test_refused_rows_of_an_encoding_without_chinese_come_back_all_the_same(wizard: Wizard) -> None:
    wizard = Wizard.of(wizard.company, "zh-hans")
    draft = wizard.upload(text("Müller", "Søn").replace("AC004", "Nobody", 1).encode("cp1252"), "orders.csv")
    read(wizard, draft, encoding="cp1252", delimiter="")
    wizard.check(wizard.draft())
    assert wizard.run(draft)["refused"] == 1
    response: Any = wizard.client.get(wizard.url(f"{draft.pk}/refused/"))
    assert "Müller" in b"".join(response.streaming_content).decode("utf-8-sig")


def test_an_imported_file_is_not_read_again_nor_a_strangers(wizard: Wizard, other_company: Company) -> None:
    draft = wizard.upload(text("恒达"), "orders.csv")
    stranger = Wizard.of(other_company)
    assert stranger.client.post(stranger.url(f"{draft.pk}/reading/"), {}).status_code == 404
    wizard.check(draft)
    wizard.run(draft)
    assert read(wizard, draft, encoding="big5", delimiter="").status_code == 409
