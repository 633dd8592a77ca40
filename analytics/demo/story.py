"""What happened at the demo company until yesterday, from a seed: the same seed and day give the same rows. Pure.

Each function yields the rows of one file, as the system it comes from would export it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from analytics.demo import roster
from analytics.demo.roster import PEOPLE, Person, Staff
from perfmgmt.tenants.calendar import add_months
from perfmgmt.tenants.workdays import WorkingCalendar

SEED = 20817
# Twelve whole months and the three before them, so that a quarter can be compared with last year's.
MONTHS = 15
DOLLARS = "USD"
# (product, series, usual price, margin, weight)
PRODUCTS = [
    ("标准版", "标准", 3800, 0.32, 5),
    ("专业版", "专业", 9800, 0.38, 4),
    ("旗舰版", "高端", 26800, 0.45, 1.2),
    ("维保服务", "服务", 1800, 0.55, 3),
]
NAMES = ["恒达", "新宇", "明珠", "东方", "启航", "瑞丰", "蓝海", "金桥", "云帆", "佳禾", "天成", "海通", "华美",
         "汇智", "长青", "锦程", "安泰", "博远"]  # fmt: skip
TRADES = [
    "贸易",
    "科技",
    "物流",
    "机电",
    "教育",
    "食品",
    "医疗",
    "建材",
    "软件",
    "农业",
    "印刷",
    "汽配",
    "家居",
    "咨询",
]
PLACES = ["上海", "杭州", "南京", "苏州", "宁波"]
CHANNELS = ["客户介绍", "电话", "展会", "线上"]
WON, LOST, OPEN = "赢单", "输单", "跟进中"
USUAL_DAYS = 21
MONTH_OF_YEAR = [0.95, 0.85, 1.05, 1.0, 1.0, 1.1, 0.9, 0.9, 1.1, 0.95, 1.05, 1.2]
Row = list[str]


def first_day(today: date) -> date:
    """Return the first day of the story."""
    return add_months(today, 1 - MONTHS)


@dataclass(frozen=True)
class Deal:
    """One deal; `closed` is None while it is open, amounts are in `currency`."""

    id: str
    person: str
    opened: date
    closed: date | None
    stage: str
    value: int
    profit: int
    currency: str
    customer: str
    customer_type: str
    product: str
    series: str
    region: str
    channel: str
    supporters: tuple[tuple[str, int], ...] = ()


@dataclass
class Season:
    """How much is going on: less around the Spring Festival, more towards the end of a quarter."""

    calendar: WorkingCalendar
    _festivals: dict[int, tuple[date, date]] = field(default_factory=dict)

    def of(self, day: date) -> float:
        """Return the share of the usual business of a day."""
        first, last = self._festival(day.year)
        if first - timedelta(days=9) <= day <= last + timedelta(days=9):
            return 0.35
        quarter_end = add_months(date(day.year, (day.month - 1) // 3 * 3 + 1, 1), 3) - timedelta(days=1)
        left = (quarter_end - day).days
        push = 1.5 if left <= 9 else 0.85 if left >= 80 else 1.0
        return MONTH_OF_YEAR[day.month - 1] * push

    def month(self, first: date) -> Decimal:
        """Return the share of a usual month's business that a month should bring."""
        days = list(self.calendar.each(first, add_months(first, 1) - timedelta(days=1)))
        return Decimal(f"{sum(self.of(day) for day in days) / USUAL_DAYS:.4f}")

    def _festival(self, year: int) -> tuple[date, date]:
        """Return the longest run of days off between mid-January and the end of February."""
        if year not in self._festivals:
            runs: list[list[date]] = [[]]
            for step in range(46):
                day = date(year, 1, 15) + timedelta(days=step)
                if self.calendar.works(day):
                    runs.append([])
                else:
                    runs[-1].append(day)
            longest = max(runs, key=len)
            self._festivals[year] = (longest[0], longest[-1])
        return self._festivals[year]


@dataclass
class Story:
    """The demo company until yesterday."""

    today: date
    calendar: WorkingCalendar

    def __post_init__(self) -> None:
        self.first = first_day(self.today)
        self.away = roster.absences(self.today, self.calendar, self.first, SEED)
        self.staff = Staff(self.today, self.away)
        self.season = Season(self.calendar)
        self.days = list(self.calendar.each(self.first, self.today - timedelta(days=1)))

    def dice(self, topic: str) -> random.Random:
        """Return the dice of a topic: more rows of one never change the rows of another."""
        return random.Random(f"{SEED} {topic}")  # noqa: S311 - a story, not a secret

    def deals(self) -> list[Deal]:
        """Return all deals, closed ones in the order of their days, then those that are still open."""
        return list(_Deals(self).all())

    def working(self, day: date) -> date:
        """Return the day, or the last working day before it."""
        while not self.calendar.works(day):
            day -= timedelta(days=1)
        return day


class _Deals:
    """Makes the deals; every seller has customers of their own, to whom they come back."""

    def __init__(self, story: Story) -> None:
        self.story, self.dice, self.number = story, story.dice("deals"), 20000
        self.customers: dict[str, list[tuple[str, str]]] = {person.number: [] for person in PEOPLE}
        self.fresh = [f"{place}{name}{trade}" for place in PLACES for trade in TRADES for name in NAMES]
        self.dice.shuffle(self.fresh)

    def all(self) -> Iterator[Deal]:
        staff, season = self.story.staff, self.story.season
        sellers = [person for person in PEOPLE if person.sells]
        for day in self.story.days:
            for person in sellers:
                if self.dice.random() < 0.62 * person.strength * season.of(day) and staff.here(person, day):
                    yield self._deal(person, day, closed=True)
        for person in sellers:
            for _time in range(self.dice.randint(2, 5)):
                if staff.here(person, self.story.days[-1]):
                    yield self._deal(person, self.story.days[-1], closed=False)

    def _deal(self, person: Person, day: date, *, closed: bool) -> Deal:
        dice = self.dice
        self.number += 1
        product, series, price, margin, _weight = dice.choices(PRODUCTS, weights=[each[-1] for each in PRODUCTS])[0]
        value = max(500, round(price * dice.lognormvariate(0.35, 0.55) / 100) * 100)
        customer, kind = self._customer(person)
        foreign = person.number in ("D006", "D021") and dice.random() < 0.12
        unit = self.story.staff.unit(person, day)
        won = dice.random() < 0.36 + 0.22 * person.strength
        cycle = min(150, max(2, round(dice.lognormvariate(3.1, 0.6))))
        amount = round(value / 7) if foreign else value
        return Deal(
            id=f"SJ-{self.number}",
            person=person.number,
            opened=max(self.story.working(day - timedelta(days=cycle)), roster.hired_on(person, self.story.today)),
            closed=day if closed else None,
            stage=(WON if won else LOST) if closed else OPEN,
            value=amount,
            profit=round(amount * margin * dice.uniform(0.75, 1.1)),
            currency=DOLLARS if foreign else "CNY",
            customer=customer,
            customer_type=kind,
            product=product,
            series=series,
            region=roster.UNITS[unit][:2],
            channel=dice.choice(CHANNELS),
            supporters=tuple(self._supporters(unit, day)),
        )

    def _customer(self, person: Person) -> tuple[str, str]:
        known, dice = self.customers[person.number], self.dice
        wanted = 0.22 if person.role_type == roster.HUNTER else 0.08
        if self.fresh and (len(known) < 4 or dice.random() < wanted):
            known.append((self.fresh.pop(), dice.choices(["普通客户", "重点客户"], weights=[4, 1])[0]))
        return dice.choice(known)

    def _supporters(self, unit: str, day: date) -> Iterator[tuple[str, int]]:
        """Yield who helped and with what percentage: somebody of the same unit, else of the same department."""
        staff, dice = self.story.staff, self.dice
        helpers = [each for each in PEOPLE if each.supports and staff.here(each, day)]
        near = [each for each in helpers if staff.unit(each, day) == unit]
        far = [each for each in helpers if roster.UNITS[staff.unit(each, day)] == roster.UNITS[unit]]
        chosen = near or far
        if not chosen or dice.random() > 0.8:
            return
        first = dice.choice(chosen)
        yield first.number, dice.choice([10, 15, 20, 25, 30])
        others = [each for each in far if each is not first]
        if others and dice.random() < 0.08:
            yield dice.choice(others).number, 10


def payments(story: Story, deals: list[Deal]) -> Iterator[Row]:
    """Yield what customers paid until yesterday: id, person, day, amount, currency, customer."""
    dice = story.dice("payments")
    for deal in deals:
        if deal.stage != WON or deal.closed is None:
            continue
        parts = (
            [deal.value] if dice.random() < 0.65 else [round(deal.value * 0.3), deal.value - round(deal.value * 0.3)]
        )
        day, paid = deal.closed, dice.random() < 0.95
        for number, part in enumerate(parts, 1):
            day = story.working(day + timedelta(days=dice.randint(12, 45)))
            if day < story.today and paid:
                yield [f"HK-{deal.id[3:]}-{number}", deal.person, f"{day}", f"{part}", deal.currency, deal.customer]
