"""The files that the systems of the demo company export, and what their columns mean. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from analytics.demo import work
from analytics.demo.story import OPEN, WON, Deal, Row, Story, payments

IS_WON, IS_CLOSED = [{"column": "阶段", "in": [WON]}], [{"column": "成交日期", "filled": True}]
CRM_HEADER = ["商机编号", "归属人工号", "开始日期", "成交日期", "阶段", "金额", "毛利", "币种", "客户", "客户类型",
              "产品", "系列", "区域", "渠道", "支持人", "支持比例", "支持人2", "支持比例2"]  # fmt: skip


def _won(metric: str, value: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"metric": metric, "when": IS_WON, "day": "成交日期", "value": value, **more}


CRM: dict[str, Any] = {
    "kind": "facts",
    "source": "CRM",
    "external_id": "商机编号",
    "employee": {"column": "归属人工号", "by": "number"},
    "currency": {"column": "币种"},
    "attributes": {
        "customer": {"column": "客户"},
        "customer_type": {"column": "客户类型"},
        "product": {"column": "产品"},
        "series": {"column": "系列"},
        "region": {"column": "区域"},
        "channel": {"column": "渠道"},
    },
    "supporters": [
        {"column": "支持人", "by": "number", "share": {"column": "支持比例"}},
        {"column": "支持人2", "by": "number", "share": {"column": "支持比例2"}},
    ],
    "facts": [
        _won("sales_amount", {"column": "金额"}, supported="supported_sales_amount"),
        _won("gross_profit", {"column": "毛利"}),
        _won("orders", {"const": 1}),
        _won("deals_won", {"const": 1}),
        _won("active_customers", {"const": 1}),
        _won("sales_cycle_days", {"days_between": ["开始日期", "成交日期"]}),
        {"metric": "deals_closed", "when": IS_CLOSED, "day": "成交日期", "value": {"const": 1}},
    ],
}
PAYMENTS: dict[str, Any] = {
    "kind": "facts",
    "source": "ERP",
    "external_id": "回款编号",
    "employee": {"column": "工号", "by": "number"},
    "currency": {"column": "币种"},
    "attributes": {"customer": {"column": "客户"}},
    "facts": [{"metric": "collected_amount", "day": "回款日期", "value": {"column": "回款金额"}}],
}
PAYMENTS_HEADER = ["回款编号", "工号", "回款日期", "回款金额", "币种", "客户"]


@dataclass(frozen=True)
class Export:
    """One file to import, with the name under which its columns are remembered."""

    file_name: str
    profile: str
    mapping: dict[str, Any]
    header: list[str]
    rows: list[Row]


def exports(story: Story) -> list[Export]:
    """Return the year's files: deals, payments, and what each other system measured."""
    deals = story.deals()
    customers: dict[str, list[str]] = {}
    for deal in deals:
        for number in (deal.person, *(who for who, _share in deal.supporters)):
            if deal.stage == WON:
                customers.setdefault(number, []).append(deal.customer)
    return [
        Export("CRM商机导出.csv", "CRM 商机", CRM, CRM_HEADER, [_row(deal) for deal in deals]),
        Export("ERP回款明细.csv", "ERP 回款", PAYMENTS, PAYMENTS_HEADER, list(payments(story, deals))),
        _measured("任务系统日报.csv", "任务系统", "Task-system", "RW", work.TASKS, work.tasks(story)),
        _measured("考勤周报.csv", "考勤", "Attendance", "KQ", work.ATTENDANCE, work.attendance(story)),
        _measured("学习平台记录.csv", "学习平台", "Training", "PX", work.TRAINING, work.training(story)),
        _measured("客户回访.csv", "客户回访", "Survey", "HF", work.ANSWERS, work.answers(story, customers)),
    ]


def faulty(story: Story) -> Export:
    """Return a late file of the CRM with rows that can't be used, each for another reason."""
    day = story.days[-1]
    future = story.today + timedelta(days=30)

    def row(number: int, person: str = "D004", closed: object = day, value: str = "8600", **more: str) -> Row:
        cells = dict.fromkeys(CRM_HEADER, "") | {
            "商机编号": f"SJ-9{number:04}", "归属人工号": person,
            "开始日期": f"{story.working(day - timedelta(days=20))}", "成交日期": f"{closed}",
            "阶段": WON, "金额": value, "毛利": "2400", "币种": "CNY", "客户": "长青贸易",
            "客户类型": "普通客户", "产品": "专业版", "系列": "专业", "区域": "上海", "渠道": "线上"}  # fmt: skip
        return list((cells | more).values())

    rows = [
        row(1), row(2, "D011"), row(3, "D018", 支持人="D029", 支持比例="20%"),
        row(4, "D099"), row(5, closed=future), row(6, value="待定"), row(7, 币种="JPY"),
        row(8, 支持人="D028", 支持比例="120%"), row(9, 支持人="D028"),
    ]  # fmt: skip
    return Export("CRM补录.csv", "CRM 商机", CRM, CRM_HEADER, rows)


def _measured(
    name: str, profile: str, source: str, prefix: str, columns: dict[str, str], lines: Iterable[work.Line]
) -> Export:
    header = ["编号", "工号", "日期", "客户", *columns]
    return Export(name, profile, measured_mapping(source, columns), header, list(work.rows(lines, columns, prefix)))


def measured_mapping(source: str, columns: dict[str, str]) -> dict[str, Any]:
    """Return the mapping of a file with one column for each metric; an empty cell gives nothing."""
    return {
        "kind": "facts",
        "source": source,
        "external_id": "编号",
        "employee": {"column": "工号", "by": "number"},
        "attributes": {"customer": {"column": "客户"}},
        "facts": [
            {"metric": code, "when": [{"column": name, "filled": True}], "day": "日期", "value": {"column": name}}
            for name, code in columns.items()
        ],
    }


def _row(deal: Deal) -> Row:
    helpers = [text for who, share in deal.supporters for text in (who, f"{share}%")]
    return [
        deal.id, deal.person, f"{deal.opened}", f"{deal.closed}" if deal.stage != OPEN else "", deal.stage,
        f"{deal.value}", f"{deal.profit}", deal.currency, deal.customer, deal.customer_type, deal.product,
        deal.series, deal.region, deal.channel, *helpers, *[""] * (4 - len(helpers)),
    ]  # fmt: skip
