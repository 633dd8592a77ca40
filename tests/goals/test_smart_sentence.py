"""Goals typed as sentences: what is read means what it says, in both languages."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.smart.numerals import chinese, normal
from goals.smart.sentence import Known, Reading, read
from goals.smart.typed import BadNumber, typed_number
from tests.servers import ROOT

LIBRARY = json.loads((ROOT / "perfmgmt/metrics/library.json").read_text(encoding="utf-8"))
KNOWN = [
    Known(it["code"], (it["name_zh"], it["name_en"]), it["unit_of_measure"], it["direction"],
          it["aggregation"] in ("sum", "count"))
    for it in LIBRARY
]  # fmt: skip
TODAY = date(2026, 10, 5)
OWN, MONTH, QUARTER, YEAR = 0, 3, 4, 5


def reading(text: str, today: date = TODAY, fiscal: int = 1) -> Reading:
    return read(text, today=today, fiscal_start_month=fiscal, metrics=KNOWN)


def said(
    metric: str, target: Any = None, grain: int | None = None, *, direction: str = "higher", **other: Any
) -> dict:
    """What a sentence is to give: an absolute target unless `growth` or a band is named."""
    form = "band" if "band_low" in other else "percent" if "growth" in other else "absolute"
    wanted = {"metric": metric, "target": target, "form": form, "direction": direction, "grain": grain,
              "growth": None, "band_low": None, "band_high": None, "unread": ()}  # fmt: skip
    numbers = {"target", "growth", "band_low", "band_high"}
    return {
        key: Decimal(str(value)) if key in numbers and value is not None else value
        for key, value in (wanted | other).items()
    }


def found(text: str, today: date = TODAY) -> dict[str, Any]:
    it = reading(text, today)
    return {
        "metric": it.metric, "target": it.target, "form": it.form, "direction": it.direction,
        "grain": it.span.grain if it.span else None, "growth": it.growth, "band_low": it.band_low,
        "band_high": it.band_high, "unread": it.unread,
    }  # fmt: skip


# The example goals of the field (issue 4), as they are typed.
FIELD = [
    ("每月完成 50 单", said("orders", 50, MONTH)),
    ("季度末前 100 万元", said("sales_amount", 1_000_000, QUARTER)),
    ("每月 30 次客户拜访", said("visits_arranged", 30, MONTH)),
    ("每季度销售额增长 10%", said("sales_amount", None, QUARTER, growth=10)),
    ("客户满意度提高 15%", said("csat", growth=15)),
    ("跟进准确率 98%", said("followup_accuracy", "0.98")),
    ("满意度 4.5/5", said("csat", "4.5")),
    ("协助完成年度销售目标的 80%", said("supported_target_share", "0.8", YEAR)),
    ("高端产品占总销售额 50%", said("high_end_share", "0.5")),
    ("每月新增 10 个潜在客户", said("prospects_added", 10, MONTH)),
    ("老客户复购金额增长 20%", said("repeat_purchase_amount", growth=20)),
    ("文档处理不超过 2 天", said("document_turnaround_days", 2, direction="lower")),
    ("零差错", said("data_entry_errors", band_low=0, band_high=0, direction="band")),
]
SAME_IN_ENGLISH = [
    ("Complete 50 orders per month", FIELD[0][1]),
    ("1 million yuan by the end of the quarter", FIELD[1][1]),
    ("30 customer visits a month", FIELD[2][1]),
    ("Grow sales by 10% each quarter", FIELD[3][1]),
    ("Raise customer satisfaction by 15%", FIELD[4][1]),
    ("Follow-up accuracy of 98%", FIELD[5][1]),
    ("Satisfaction 4.5/5", FIELD[6][1]),
    ("Support 80% of the annual sales target", FIELD[7][1]),
    ("High-end products 50% of total sales", FIELD[8][1]),
    ("Add 10 prospects every month", FIELD[9][1]),
    ("Grow repeat purchases by 20%", FIELD[10][1]),
    ("Documents handled within 2 days", FIELD[11][1]),
    ("Zero errors", FIELD[12][1]),
]


@pytest.mark.parametrize(("text", "wanted"), FIELD, ids=[text for text, _wanted in FIELD])
def test_each_example_goal_of_the_field_means_what_it_says(text: str, wanted: dict[str, Any]) -> None:
    assert found(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), SAME_IN_ENGLISH, ids=[text for text, _wanted in SAME_IN_ENGLISH])
def test_the_same_goals_mean_the_same_in_english(text: str, wanted: dict[str, Any]) -> None:
    assert found(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("三个月内把销售额提高 15%", said("sales_amount", None, OWN, growth=15)),
        ("五十单", said("orders", 50)),
        ("第四季度销售额一百二十万", said("sales_amount", 1_200_000, QUARTER)),
        ("销售额两百万", said("sales_amount", 2_000_000)),
        ("回款 1.5 亿", said("collected_amount", 150_000_000)),
        ("reach 120k in sales by the end of Q4", said("sales_amount", 120_000, QUARTER)),
        ("赢单率提高到 40%", said("win_rate", "0.4")),
        ("投诉不超过三次", said("complaints", 3, direction="lower")),
        ("不少于 20 单", said("orders", 20)),
        ("no more than 5 complaints", said("complaints", 5, direction="lower")),
        ("no less than 30 orders", said("orders", 30)),
        ("响应时间控制在 4 小时以内", said("response_hours", 4, direction="lower")),
        ("响应时间缩短 20%", said("response_hours", growth=-20, direction="lower")),
        ("跟进准确率在 98% 到 100% 之间",
         said("followup_accuracy", band_low="0.98", band_high=1, direction="band")),
        ("30 天内完成 50 单", said("orders", 50, OWN)),
        ("2 天内处理完文档", said("document_turnaround_days", 2, direction="lower")),
        ("销售额同比增长百分之十五", said("sales_amount", growth=15)),
        ("毛利翻一番", said("gross_profit", growth=100)),
        ("全年回款 1,200 万", said("collected_amount", 12_000_000, YEAR)),
        ("应跟进数 20", said("followups_due", 20)),
        ("complete 3 training courses by March 2027", said("courses_passed", 3, MONTH)),
    ],
)  # fmt: skip
def test_numbers_bounds_and_growth(text: str, wanted: dict[str, Any]) -> None:
    assert found(text) == wanted


def test_points_are_told_from_percent() -> None:
    assert reading("赢单率提高 5 个百分点").form == "points"
    assert reading("赢单率提高 5 个百分点").growth == Decimal("0.05")
    assert reading("increase orders by 5").growth == 5
    assert reading("缩短销售周期 5 天").growth == -5


@pytest.mark.parametrize("text", ["赢单率从 30% 提高到 40%", "win rate from 30% to 40%"])
def test_where_it_starts_is_no_target(text: str) -> None:
    assert (reading(text).target, reading(text).unread) == (Decimal("0.4"), ("30%",))


def test_what_a_baseline_is_compared_with() -> None:
    assert reading("销售额比去年增长 15%").baseline_kind == "last_year"
    assert reading("销售额环比增长 15%").baseline_kind == "previous"
    assert reading("+15% sales on last quarter").baseline_kind == "previous"
    assert reading("销售额增长 15%").baseline_kind == ""


@pytest.mark.parametrize(
    ("text", "grain", "first", "last"),
    [
        ("每月 50 单", MONTH, "2026-10-01", "2026-10-31"),
        ("月新增 50 单", MONTH, "2026-10-01", "2026-10-31"),
        ("本月 50 单", MONTH, "2026-10-01", "2026-10-31"),
        ("下月 50 单", MONTH, "2026-11-01", "2026-11-30"),
        ("季度末前 50 单", QUARTER, "2026-10-01", "2026-12-31"),
        ("下季度 50 单", QUARTER, "2027-01-01", "2027-03-31"),
        ("一季度 50 单", QUARTER, "2027-01-01", "2027-03-31"),
        ("2027年第二季度 50 单", QUARTER, "2027-04-01", "2027-06-30"),
        ("50 orders in Q1 2027", QUARTER, "2027-01-01", "2027-03-31"),
        ("年底前 50 单", YEAR, "2026-01-01", "2026-12-31"),
        ("明年底前 50 单", YEAR, "2027-01-01", "2027-12-31"),
        ("2027年 50 单", YEAR, "2027-01-01", "2027-12-31"),
        ("12月 50 单", MONTH, "2026-12-01", "2026-12-31"),
        ("3月到5月 50 单", OWN, "2027-03-01", "2027-05-31"),
        ("1月至3月 50 单", QUARTER, "2027-01-01", "2027-03-31"),
        ("12月20日前 50 单", OWN, "2026-10-05", "2026-12-20"),
        ("50 orders by 31 December 2026", OWN, "2026-10-05", "2026-12-31"),
        ("2026-11-01 到 2026-11-30 50 单", MONTH, "2026-11-01", "2026-11-30"),
        ("三个月内 50 单", OWN, "2026-11-01", "2027-01-31"),
        ("within two quarters 50 orders", OWN, "2026-11-01", "2027-04-30"),
        ("6 周内 50 单", OWN, "2026-10-05", "2026-11-15"),
        ("下半年 50 单", OWN, "2026-07-01", "2026-12-31"),
        ("2027年每月 50 单", MONTH, "2027-01-01", "2027-01-31"),
    ],
)  # fmt: skip
def test_periods(text: str, grain: int, first: str, last: str) -> None:
    span = reading(text).span
    assert span is not None
    assert (span.grain, str(span.first_day), str(span.last_day)) == (grain, first, last)
    assert reading(text).target == 50


def test_periods_follow_the_fiscal_year_and_how_much_of_the_running_one_is_left() -> None:
    april = reading("一季度 50 单", fiscal=4).span
    assert april is not None and str(april.first_day) == "2027-04-01"
    late = reading("每月 50 单", today=date(2026, 10, 28)).span
    assert late is not None and str(late.first_day) == "2026-11-01" and late.is_cadence


def test_a_level_that_holds_in_each_month_of_a_year() -> None:
    it = reading("2027年每月满意度 4.5")
    assert it.span is not None and it.span.grain == YEAR and it.counting == "each"


@pytest.mark.parametrize(
    ("text", "metric", "unread"),
    [
        ("提高销售额", "sales_amount", ()),  # no number
        ("满意度 9/10", "csat", ("9/10",)),  # another scale
        ("客户投诉率低于 2%", "complaints", ("2%",)),  # a share of a count
        ("每天拜访 3 次客户", "visits_arranged", ("3 次",)),  # no goal is for a day
        ("把工作做好", "", ()),
        ("库存周转率 90%", "", ("90%",)),  # no such metric
        ("三成", "", ("30%",)),
    ],
)
def test_what_is_not_understood_stays_open(text: str, metric: str, unread: tuple[str, ...]) -> None:
    it = reading(text)
    assert (it.metric, it.has_number, it.unread) == (metric, False, unread)


def test_a_number_a_week_is_said_and_not_made_a_month() -> None:
    it = reading("每周 5 次拜访")
    assert (it.metric, it.weekly, it.target) == ("visits_arranged", 5, None)


def test_money_alone_means_sales_and_says_that_this_is_assumed() -> None:
    assert reading("季度末前 100 万元").is_assumed
    assert not reading("季度末前销售额 100 万元").is_assumed


def test_a_metric_of_the_workspace_is_known_by_its_name() -> None:
    own = Known("trade_fairs", ("参展场次", "Trade fairs"), "count", "higher", adds_up=True)
    it = read("每年参展场次 4", today=TODAY, metrics=[*KNOWN, own])
    assert (it.metric, it.target) == ("trade_fairs", 4)
    assert read("visit 4 trade fairs this year", today=TODAY, metrics=[*KNOWN, own]).metric == "trade_fairs"


def test_an_archived_metric_is_not_proposed() -> None:
    without = [it for it in KNOWN if it.code != "orders"]
    assert read("每月完成 50 单", today=TODAY, metrics=without).metric == ""


@pytest.mark.parametrize(
    ("numeral", "value"),
    [("五十", 50), ("一百二十万", 1_200_000), ("两百万", 2_000_000), ("一万二千", 12_000), ("十五", 15),
     ("三点五", "3.5"), ("一亿三千万", 130_000_000), ("二〇二七", 2027), ("万", None)],
)  # fmt: skip
def test_chinese_numerals(numeral: str, value: Any) -> None:
    assert chinese(numeral) == (None if value is None else Decimal(str(value)))


def test_words_that_hold_numerals_stay_words() -> None:
    for text in ("统一回复口径", "十分满意", "万科项目", "第一时间响应"):
        assert normal(text) == text


@given(st.text(max_size=120))
def test_no_sentence_breaks_the_reading(text: str) -> None:
    reading(text)


@given(st.text(alphabet="0123456789一二三十百万亿年月日季度周天单元%/.-到前 qQ", max_size=30))
def test_no_heap_of_numbers_and_dates_breaks_the_reading(text: str) -> None:
    reading(text)


def test_more_digits_than_a_target_has_are_no_number() -> None:
    found = reading("每月订单量" + "9" * 150)
    assert (found.metric, found.target) == ("orders", None)


@pytest.mark.parametrize(
    "text",
    ["九" * 5000, "一" + "亿" * 5000, "百分之" + "九" * 5000, "1" * 5000 + "成", "1" * 61],
    ids=lambda text: text[:5],
)
def test_a_number_longer_than_anybody_types_is_refused_at_once(text: str) -> None:
    with pytest.raises(BadNumber):
        typed_number(text, "")


@pytest.mark.parametrize("text", ["1.234,56", "1.234,567", "1234,567", "1,5"])
def test_a_decimal_comma_makes_no_other_number(text: str) -> None:
    with pytest.raises(BadNumber):
        typed_number(text, "")
