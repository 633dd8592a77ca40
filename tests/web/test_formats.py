"""Numbers, money and periods as readers see them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils.translation import override

from perfmgmt.web import formats


@pytest.mark.parametrize(
    ("language", "value", "currency", "shown"),
    [
        ("zh-hans", Decimal("1234567"), "CNY", "¥1,234,567"),
        ("zh-hans", Decimal("1234.5"), "CNY", "¥1,234.50"),
        ("zh-hans", Decimal("-86000"), "CNY", "−¥86,000"),
        ("en", 10_005_534, "USD", "$10,005,534"),
        ("en", 4_812_300, "CNY", "CN¥4,812,300"),
        ("en", 5000, "JPY", "¥5,000"),
        ("en", None, "USD", "—"),
        ("en", Decimal("12.5"), "", "12.5"),
    ],
)
def test_money(language: str, value: Decimal | None, currency: str, shown: str) -> None:
    with override(language):
        assert formats.money(value, currency) == shown


def test_halves_are_rounded_away_from_zero() -> None:
    with override("en"):
        assert formats.number(Decimal("0.125"), 2) == "0.13"
        assert formats.number(Decimal("-0.125"), 2) == "−0.13"
        assert formats.percent(Decimal("0.0005"), 1) == "0.1%"


def test_percentages_differ_by_points() -> None:
    rate = SimpleNamespace(unit_of_measure="percent", is_money=False, decimals=None)
    count = SimpleNamespace(unit_of_measure="count", is_money=False, decimals=None)
    with override("zh-hans"):
        assert formats.difference(Decimal("0.0164"), rate) == "+1.6 个百分点"
        assert formats.difference(Decimal(-3), count) == "−3"
    with override("en"):
        assert formats.difference(Decimal("-0.05"), rate) == "−5 pp"


def test_short_money_uses_the_language_s_own_steps() -> None:
    with override("zh-hans"):
        assert formats.money_short(4_812_300, "CNY") == "¥481.2万"
    with override("en"):
        assert formats.money_short(4_812_300, "USD") == "$4.8M"


@pytest.mark.parametrize(
    ("label", "chinese", "english"),
    [
        ("2017-03", "2017 年 3 月", "March 2017"),
        ("2017-Q2", "2017 年第 2 季度", "Q2 2017"),
        ("2017", "2017 年", "2017"),
        ("2017-03-01", "2017 年 3 月 1 日", "1 Mar 2017"),
    ],
)
def test_periods(label: str, chinese: str, english: str) -> None:
    with override("zh-hans"):
        assert formats.period(label) == chinese
    with override("en"):
        assert formats.period(label) == english


def test_days_from_and_to_are_spaced_like_every_other_day() -> None:
    days = [(date(2017, 3, 1), date(2017, 3, 14)), (date(2017, 3, 30), date(2018, 1, 2)), (date(2018, 5, 4),) * 2]
    with override("zh-hans"):
        assert formats.spans(days) == (
            "2017 年 3 月 1 日至 14 日、2017 年 3 月 30 日至 2018 年 1 月 2 日、2018 年 5 月 4 日"
        )
        assert formats.spans(days[2:]) == formats.day(date(2018, 5, 4))
    with override("en"):
        assert formats.spans(days[:1]) == "Mar 1\u2009–\u200914, 2017"


def test_a_wrong_period_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a period"):
        formats.period("2017-Q5")


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("money", 1200, "$1,200"),
        ("percent", Decimal("0.6315"), "63.2%"),
        ("days", Decimal("51.782"), "51.8 days"),
        ("days", 1, "1 day"),
        ("score", Decimal("86.4"), "86.40"),
        ("count", 4238, "4,238"),
        ("count", float("nan"), "—"),
    ],
)
def test_units_of_measure(unit: str, value: Decimal, shown: str) -> None:
    with override("en"):
        assert formats.by_unit(value, unit, "USD") == shown


def test_a_moment_is_told_in_the_workspace_s_time_zone() -> None:
    with override("en"):
        assert formats.moment(datetime(2026, 3, 31, 18, 5, tzinfo=UTC), "Asia/Shanghai") == "1 Apr 2026, 02:05"
