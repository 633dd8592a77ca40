"""Guessing which column means what, from its name in both languages and from what it holds."""

import re
from collections.abc import Callable
from typing import Any

from perfmgmt.metrics.imports.parsing import fold
from perfmgmt.metrics.imports.sniffing import Days, Numbers

Inspection = dict[str, Any]
Choices = dict[str, Any]
# Folded names, the surest first. A column whose name only contains one of them is the second choice.
NAMES: dict[str, tuple[str, ...]] = {
    "external_id": ("external id", "order id", "opportunity id", "deal id", "order no", "order number", "contract no",
                    "订单编号", "订单号", "单号", "合同编号", "商机编号", "流水号", "编号", "id"),
    "employee": ("employee", "sales agent", "employee no", "employee number", "owner", "salesperson", "sales rep",
                 "agent", "归属人", "销售人员", "销售助理", "业务员", "工号", "员工编号", "姓名", "负责人", "sales",
                 "name"),
    "day": ("close date", "order date", "date", "day", "signed on", "closed on", "closed", "成交日期", "签约日期",
            "下单日期", "日期", "时间"),
    "value": ("value", "amount", "close value", "sales amount", "order amount", "total", "revenue", "成交金额",
              "销售额", "订单金额", "合同金额", "金额", "数值", "数量"),
    "metric": ("metric", "metric code", "kpi", "指标", "指标代码"),
    "currency": ("currency", "币种", "货币"),
    "customer": ("customer", "account", "client", "company", "客户名称", "客户", "公司"),
    "customer_type": ("customer type", "account type", "sector", "客户类型", "行业"),
    "product": ("product", "item", "sku", "产品名称", "产品", "商品"),
    "series": ("series", "product line", "category", "系列", "产品系列", "品类"),
    "region": ("region", "regional office", "area", "territory", "区域", "大区", "地区"),
    "channel": ("channel", "source channel", "渠道"),
    "supporter_1": ("supporter", "supported by", "assistant", "supporter 1", "支持人", "协助人", "支持助理",
                    "支持人1"),
    "supporter_2": ("supporter 2", "second supporter", "支持人2", "第二支持人"),
    "share_1": ("share", "supporter share", "share 1", "支持比例", "支持人比例", "分成比例", "比例"),
    "share_2": ("share 2", "支持比例2", "比例2"),
    "owner_share": ("owner share", "归属人比例", "归属比例"),
    "stage": ("deal stage", "stage", "status", "state", "won", "阶段", "状态", "订单状态", "商机阶段"),
    "number": ("number", "employee number", "employee no", "employee id", "no", "工号", "员工编号", "编号"),
    "name": ("name", "employee name", "full name", "sales agent", "姓名", "员工姓名", "名字"),
    "email": ("email", "e-mail", "mail", "邮箱", "电子邮箱", "邮件"),
    "phone": ("phone", "mobile", "telephone", "手机", "电话", "手机号", "联系电话"),
    "unit_1": ("unit", "department", "regional office", "office", "team", "部门", "一级部门", "大区", "区域"),
    "unit_2": ("sub unit", "team", "group", "二级部门", "小组", "团队", "组"),
    "position": ("position", "job title", "title", "post", "岗位", "职位", "职务"),
    "manager": ("manager", "supervisor", "boss", "reports to", "上级", "直属上级", "经理", "主管"),
    "hired_on": ("hired on", "hire date", "start date", "入职日期", "入职时间"),
    "left_on": ("left on", "leave date", "end date", "离职日期", "离职时间"),
    "valid_from": ("valid from", "effective date", "from", "生效日期", "任职日期"),
    "sales_role_type": ("sales role type", "role type", "销售类型"),
    "full_time_share": ("full time share", "fte", "全职比例", "工时比例"),
}  # fmt: skip
WON = ("won", "closed won", "yes", "成交", "赢单", "已成交", "已签约", "已完成", "是")
ATTRIBUTES = ("customer", "customer_type", "product", "series", "region", "channel")
PEOPLE_PARTS = ("number", "name", "email", "phone", "position", "manager", "hired_on", "left_on", "valid_from",
                "sales_role_type", "full_time_share")  # fmt: skip
MOST = 0.6


def _words(name: str) -> str:
    return re.sub(r"[\s_\-./（）()]+", " ", fold(name)).strip()


class _Columns:
    """The columns of a file; each is given away once."""

    def __init__(self, inspection: Inspection) -> None:
        self.columns: dict[str, dict[str, Any]] = inspection["columns"]
        self.free = list(inspection["header"])

    def take(self, part: str, fits: Callable[[dict[str, Any]], bool] = lambda column: True) -> str:
        """Return the column that a part is most likely in, and give it away; "" for none."""
        names = NAMES[part]
        for test in (lambda have, want: have == want, lambda have, want: len(want) > 2 and want in have):
            for want in names:
                for name in self.free:
                    if test(_words(name), want) and fits(self.columns[name]):
                        self.free.remove(name)
                        return name
        return ""

    def first(self, fits: Callable[[dict[str, Any]], bool]) -> str:
        """Return the first free column that holds the right kind of thing, and give it away; "" for none."""
        for name in self.free:
            if fits(self.columns[name]):
                self.free.remove(name)
                return name
        return ""


def _days(column: dict[str, Any]) -> bool:
    days = Days(**column["days"])
    return days.texts > 0 and days.known >= MOST * days.texts


def _numbers(column: dict[str, Any]) -> bool:
    numbers = Numbers(**column["numbers"])
    return numbers.texts > 0 and numbers.known >= MOST * numbers.texts


def _any(column: dict[str, Any]) -> bool:
    return True


def _people(column: dict[str, Any]) -> bool:
    return max(column["people"].values()) >= MOST / 2


def people_by(column: dict[str, Any], default: str = "name") -> str:
    """Return how a column names people: what most of its texts are found by."""
    shares: dict[str, float] = column["people"]
    best = max(shares, key=lambda by: shares[by])
    return best if shares[best] > 0 else default


def formats(inspection: Inspection, names: list[str]) -> Choices:
    """Return order of days and decimal mark for some columns, and whether the texts leave it open."""
    columns = [inspection["columns"][name] for name in names if name in inspection["columns"]]
    days = [Days(**column["days"]) for column in columns if _days(column)]
    numbers = [Numbers(**column["numbers"]) for column in columns if _numbers(column) and not _days(column)]
    dmy, mdy = sum(each.dmy for each in days), sum(each.mdy for each in days)
    comma, point = sum(each.comma for each in numbers), sum(each.point for each in numbers)
    return {
        "date_order": "mdy" if mdy > dmy else "dmy",
        "decimal_mark": "," if comma > point else ".",
        "ambiguous_day": "" if dmy or mdy else next((each.ambiguous for each in days if each.ambiguous), ""),
        "ambiguous_number": "" if comma or point else next((e.ambiguous for e in numbers if e.ambiguous), ""),
        "mixed_orders": bool(dmy and mdy),
        "forms": list({form: text for each in days for form, text in each.forms.items()}.values()),
    }


def source_of(file_name: str) -> str:
    """Return a code for where a file comes from: its name without digits, so that next month's is the same."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file_name)
    return re.sub(r"[^A-Za-z]+", "-", stem).strip("-").lower()[:40].strip("-") or "file"


def suggest_facts(inspection: Inspection, file_name: str, codes: list[str]) -> Choices:
    """Return what to fill the page of columns in with, for a file of facts. `codes`: metrics of the workspace."""
    columns = _Columns(inspection)
    # Names that say it plainly first; what only the content tells afterwards.
    stage = columns.take("stage", lambda column: 0 < len(column["texts"]) <= 12)
    metric = columns.take("metric")
    owner_share = columns.take("owner_share")
    found: Choices = {part: columns.take(part) for part in ("supporter_1", "supporter_2")}
    for number in (1, 2):
        found[f"share_{number}"] = columns.take(f"share_{number}") if found[f"supporter_{number}"] else ""
    found["owner_share"] = owner_share
    found["employee"] = columns.take("employee", _people) or columns.first(_people) or columns.take("employee")
    found["day"] = columns.take("day", _days) or columns.first(_days) or columns.take("day")
    value = columns.take("value", _numbers)
    found["external_id"] = columns.take("external_id") or columns.first(_unique)
    value = value or columns.take("value") or columns.first(_numbers)
    found |= {part: columns.take(part) for part in (*ATTRIBUTES, "currency")}
    employee = inspection["columns"].get(found["employee"])
    found["employee_by"] = people_by(employee, "number") if employee else "number"
    found["supporter_by"] = next(
        (people_by(inspection["columns"][found[part]]) for part in ("supporter_1",) if found[part]), "name"
    )
    found["source"] = source_of(file_name)
    return found | _lines(inspection, metric, value, stage, codes)


def _unique(column: dict[str, Any]) -> bool:
    return bool(column["filled"] > 1 and column["different"] == column["filled"]) and not _days(column)


def _lines(inspection: Inspection, metric: str, value: str, stage: str, codes: list[str]) -> Choices:
    """Return what a row gives: the metrics of a column, or sales and an order, of rows that were won."""
    if metric:
        return {"metric_1": f"c:{metric}", "value_1": f"c:{value}" if value else "n:1"}
    won = ""
    if stage:
        texts = inspection["columns"][stage]["texts"]
        won = next((text for wanted in WON for text in texts if fold(text) == wanted), "")
    found: Choices = {}
    wanted = [("sales_amount", f"c:{value}")] if value else []
    for line, (code, taken) in enumerate([pair for pair in [*wanted, ("orders", "n:1")] if pair[0] in codes], 1):
        found |= {f"metric_{line}": f"m:{code}", f"value_{line}": taken}
        if won:
            found |= {f"when_{line}": stage, f"texts_{line}": won}
    return found


def suggest_people(inspection: Inspection) -> Choices:
    """Return what to fill the page of columns in with, for a file of people."""
    columns = _Columns(inspection)
    days = {"hired_on", "left_on", "valid_from"}
    found: Choices = {part: columns.take(part, _days if part in days else _any) for part in PEOPLE_PARTS}
    found["unit_1"] = columns.take("unit_1")
    found["unit_2"] = columns.take("unit_2")
    manager = inspection["columns"].get(found["manager"])
    found["manager_by"] = people_by(manager, _manager_by(inspection, found)) if manager else "number"
    if not found["unit_2"] and not found["number"] and found["manager_by"] == "name" and found["manager"]:
        found |= {"unit_2": found["manager"], "create_managers": True}
    return found


def _manager_by(inspection: Inspection, found: Choices) -> str:
    """Return how managers are named, where none is known yet: like the numbers of the file, or like its names."""
    if not found["number"]:
        return "name"
    managers = set(inspection["sample"].get(found["manager"], []))
    return "number" if managers & set(inspection["sample"].get(found["number"], [])) else "name"
