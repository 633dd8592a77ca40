"""A believable year of a small sales centre, from a seed: the same seed and day give the same company. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

SEED = 20817
MONTHS = 15
# (number, name, unit, leader's number, position, strength: how much of the usual the person sells)
PEOPLE = [
    ("D001", "林岚", "华东销售中心", "", "销售总监", 0.0),
    ("D002", "王建国", "上海一部", "D001", "销售经理", 0.0),
    ("D003", "陈静", "杭州二部", "D001", "销售经理", 0.0),
    ("D004", "李晓雯", "上海一部", "D002", "销售助理", 1.25),
    ("D005", "欧阳喆", "上海一部", "D002", "销售助理", 0.95),
    ("D006", "Maria Chen", "上海一部", "D002", "销售助理", 0.6),
    ("D007", "赵敏", "上海一部", "D002", "销售助理", 1.0),
    ("D008", "孙浩然", "上海一部", "D002", "销售助理", 0.85),
    ("D009", "周婷", "杭州二部", "D003", "销售助理", 1.1),
    ("D010", "吴磊", "杭州二部", "D003", "销售助理", 0.9),
    ("D011", "郑雅琪", "杭州二部", "D003", "销售助理", 1.05),
    ("D012", "冯涛", "杭州二部", "D003", "销售助理", 0.75),
]
PRODUCTS = [("标准版", "标准", 3800), ("专业版", "专业", 9800), ("旗舰版", "高端", 26800), ("维保服务", "服务", 1800)]
CUSTOMERS = ["恒达贸易", "新宇科技", "明珠物流", "东方机电", "启航教育", "瑞丰食品", "蓝海医疗", "金桥建材",
             "云帆软件", "佳禾农业", "天成印刷", "海通汽配", "华美家居", "汇智咨询"]  # fmt: skip
SEASON = [0.9, 0.6, 1.1, 1.0, 1.0, 1.15, 0.9, 0.9, 1.15, 0.95, 1.05, 1.3]


@dataclass(frozen=True)
class Deal:
    """One closed deal; `value` in yuan, empty days are never made."""

    id: str
    person: str
    opened: date
    closed: date
    won: bool
    value: int
    customer: str
    product: str
    series: str


def first_day(today: date) -> date:
    """Return the first day of the story."""
    index = today.year * 12 + today.month - 1 - MONTHS + 1
    return date(index // 12, index % 12 + 1, 1)


def deals(today: date) -> Iterator[Deal]:
    """Yield the deals from the first day until yesterday, in order."""
    dice = random.Random(SEED)  # noqa: S311 - a story, not a secret
    number, day = 0, first_day(today)
    while day < today:
        for person, _name, _unit, _leader, _position, strength in PEOPLE:
            chance = 0.75 * strength * SEASON[day.month - 1]
            if day.weekday() >= 5 or dice.random() >= chance:
                continue
            number += 1
            product, series, price = dice.choices(PRODUCTS, weights=[5, 4, 1, 4])[0]
            yield Deal(
                id=f"SO-{20000 + number}",
                person=person,
                opened=day - timedelta(days=dice.randint(5, 70)),
                closed=day,
                won=dice.random() < 0.6 + 0.08 * strength,
                value=round(price * dice.uniform(0.8, 2.4) / 100) * 100,
                customer=dice.choice(CUSTOMERS),
                product=product,
                series=series,
            )
        day += timedelta(days=1)
