"""When two texts mean the same, what is masked, and days that nobody holds."""

from datetime import date

import pytest

from perfmgmt.customers import rules


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海恒达贸易有限公司", "上海恒达贸易"), ("上海 恒达贸易(有限公司)", "上海恒达贸易股份有限公司"),
        ("Lakeside Foods Ltd.", "LAKESIDE FOODS"), ("Acme Co., Ltd", "acme"), ("ＡＣＭＥ　Inc", "Acme"),
    ],
)  # fmt: skip
def test_names_that_mean_the_same_company(one: str, other: str) -> None:
    assert rules.company_key(one) == rules.company_key(other)


def test_a_company_that_is_called_like_a_legal_form_keeps_its_name() -> None:
    assert rules.company_key("有限公司") == "有限公司"
    assert rules.company_key("Co") == "co"
    assert rules.company_key("恒达贸易") != rules.company_key("恒达物流")


def test_addresses_and_numbers() -> None:
    assert rules.plain_email(" Ａnn@Example.COM ") == "ann@example.com"
    assert rules.email_key("Ann+shop@example.com") == "ann@example.com"
    assert rules.email_key("nobody") == rules.email_key("") == ""
    assert rules.phone_key("+86 138-0013-8000") == rules.phone_key("13800138000") == "13800138000"
    assert rules.phone_key("12345") == ""
    assert rules.person_key("王　芳") == rules.person_key("王芳")
    assert rules.person_key("王芳") != rules.person_key("王方")  # the same in pinyin, another person


def test_masks_tell_little() -> None:
    assert rules.masked_name("王芳") == "王**"
    assert rules.masked_email("wang@hengda.example") == "w***@***.example"
    assert rules.masked_phone("13800138000") == "****00"
    assert rules.masked_name("") == rules.masked_email("") == rules.masked_phone("") == ""


def test_days_that_nobody_holds() -> None:
    year = (date(2025, 1, 1), date(2025, 12, 31))
    assert rules.uncovered(year, []) == [year]
    assert rules.uncovered(year, [(date(2024, 1, 1), date(2026, 1, 1))]) == []
    parts = rules.uncovered(year, [(date(2025, 3, 1), date(2025, 3, 31)), (date(2025, 12, 1), date(2026, 5, 1))])
    assert parts == [(date(2025, 1, 1), date(2025, 2, 28)), (date(2025, 4, 1), date(2025, 11, 30))]
