"""Who works at the demo company: forty people in a tree of units, their moves, leaves and absences. Pure.

Every day is counted back from today, so that the company is always as old as it was when the story was written.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.workdays import WorkingCalendar

TOP = "华东销售中心"
# Unit -> the one above it, in the order in which they can be made.
UNITS: dict[str, str] = {
    TOP: "",
    "上海销售部": TOP,
    "杭州销售部": TOP,
    "南京销售部": TOP,
    "综合管理部": TOP,
    "上海一组": "上海销售部",
    "上海二组": "上海销售部",
    "上海三组": "上海销售部",
    "杭州一组": "杭州销售部",
    "杭州二组": "杭州销售部",
    "南京一组": "南京销售部",
    "南京二组": "南京销售部",
}
POSITIONS = {
    "销售总监": "Sales director",
    "销售经理": "Sales manager",
    "销售主管": "Sales supervisor",
    "销售助理": "Sales assistant",
    "销售支持助理": "Sales support assistant",
    "人力资源经理": "HR manager",
    "人力资源专员": "HR officer",
    "薪酬会计": "Payroll accountant",
    "内审员": "Internal auditor",
    "信息系统管理员": "IT administrator",
}
HUNTER, FARMER, SUPPORT = "hunter", "farmer", "support"


@dataclass(frozen=True)
class Person:
    """One person as they were hired. `strength` is how much of the usual they do; 0: nobody measures them."""

    number: str
    name: str
    gender: str
    unit: str
    leader: str
    position: str
    role_type: str
    hired_days_ago: int
    strength: float = 0.0
    full_time_share: str = "1"

    @property
    def sells(self) -> bool:
        """Whether the person owns deals."""
        return self.role_type in (HUNTER, FARMER)

    @property
    def supports(self) -> bool:
        """Whether the person helps with the deals of others."""
        return self.role_type == SUPPORT

    @property
    def email(self) -> str:
        """The address in the directory."""
        return f"{self.number.lower()}@demo.example"


# Leaders stand before who they lead.
PEOPLE = [
    Person("D001", "林岚", "female", TOP, "", "销售总监", "", 4200),
    Person("D002", "王建国", "male", "上海销售部", "D001", "销售经理", "", 3300),
    Person("D003", "陈静", "female", "杭州销售部", "D001", "销售经理", "", 2900),
    Person("D013", "许文彬", "male", "南京销售部", "D001", "销售经理", "", 2500),
    Person("D014", "Grace Liu", "female", "上海二组", "D002", "销售主管", "", 2100),
    Person("D017", "罗建平", "male", "上海三组", "D002", "销售主管", "", 1900),
    Person("D015", "何立", "male", "杭州二组", "D003", "销售主管", "", 1750),
    Person("D016", "沈佳", "female", "南京二组", "D013", "销售主管", "", 1600),
    Person("D004", "李晓雯", "female", "上海一组", "D002", "销售助理", HUNTER, 1500, 1.25),
    Person("D005", "欧阳喆", "male", "上海一组", "D002", "销售助理", FARMER, 1320, 0.95),
    Person("D006", "Maria Chen", "female", "上海一组", "D002", "销售助理", HUNTER, 610, 0.6),
    Person("D007", "赵敏", "female", "上海一组", "D002", "销售助理", FARMER, 2240, 1.0),
    Person("D008", "孙浩然", "male", "杭州一组", "D003", "销售助理", HUNTER, 980, 0.85),
    Person("D018", "马思远", "male", "上海二组", "D014", "销售助理", HUNTER, 840, 1.1),
    Person("D019", "唐雨桐", "female", "南京一组", "D013", "销售助理", FARMER, 1130, 0.9),
    Person("D020", "曹阳", "male", "上海二组", "D014", "销售助理", HUNTER, 230, 0.7),
    Person("D021", "Kevin Wu", "male", "上海三组", "D017", "销售助理", FARMER, 1480, 1.05),
    Person("D022", "邹丽娜", "female", "上海三组", "D017", "销售助理", HUNTER, 760, 0.8),
    Person("D009", "周婷", "female", "杭州一组", "D003", "销售助理", HUNTER, 1690, 1.1),
    Person("D010", "吴磊", "male", "杭州一组", "D003", "销售助理", FARMER, 1240, 0.9),
    Person("D011", "郑雅琪", "female", "杭州一组", "D003", "销售助理", HUNTER, 560, 1.05),
    Person("D012", "冯涛", "male", "杭州二组", "D015", "销售助理", FARMER, 1010, 0.75),
    Person("D023", "袁博", "male", "杭州二组", "D015", "销售助理", HUNTER, 690, 0.65),
    Person("D024", "谢明", "male", "南京一组", "D013", "销售助理", HUNTER, 890, 1.0),
    Person("D025", "韩雪", "female", "南京二组", "D016", "销售助理", FARMER, 1400, 1.15),
    Person("D026", "傅强", "male", "南京二组", "D016", "销售助理", HUNTER, 130, 0.75),
    Person("D027", "丁一诺", "female", "南京二组", "D016", "销售助理", HUNTER, 720, 0.7),
    Person("D028", "苏倩", "female", "上海一组", "D002", "销售支持助理", SUPPORT, 1180, 1.1),
    Person("D029", "卢晨", "male", "上海二组", "D014", "销售支持助理", SUPPORT, 650, 0.9),
    Person("D030", "Anna Xu", "female", "上海三组", "D017", "销售支持助理", SUPPORT, 940, 0.85, "0.8"),
    Person("D031", "魏然", "male", "上海二组", "D014", "销售支持助理", SUPPORT, 820, 1.0),
    Person("D032", "潘悦", "female", "杭州二组", "D015", "销售支持助理", SUPPORT, 1050, 0.95),
    Person("D033", "崔亮", "male", "南京一组", "D013", "销售支持助理", SUPPORT, 770, 0.9),
    Person("D034", "石慧", "female", "南京二组", "D016", "销售支持助理", SUPPORT, 530, 1.0),
    Person("D035", "任佳怡", "female", "杭州一组", "D003", "销售支持助理", SUPPORT, 310, 0.8),
    Person("D036", "蒋雪梅", "female", "综合管理部", "D001", "人力资源经理", "", 2700),
    Person("D037", "David Zhou", "male", "综合管理部", "D001", "薪酬会计", "", 1550),
    Person("D038", "邓志远", "male", "综合管理部", "D001", "内审员", "", 1980),
    Person("D039", "高宇", "male", "综合管理部", "D001", "信息系统管理员", "", 1360),
    Person("D040", "方圆", "female", "综合管理部", "D036", "人力资源专员", "", 420),
]


@dataclass(frozen=True)
class Transfer:
    """Somebody works elsewhere from a day on."""

    number: str
    day: date
    unit: str
    leader: str


@dataclass(frozen=True)
class Away:
    """Days on which somebody is absent, both ends included."""

    number: str
    kind: str
    first_day: date
    last_day: date
    note: str = ""


@dataclass(frozen=True)
class Deputy:
    """Who decides in a leader's place, on which days and why."""

    number: str
    stand_in: str
    first_day: date
    last_day: date
    reason: str


def weekday(day: date) -> date:
    """Return the day, or the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def hired_on(person: Person, today: date) -> date:
    """Return the person's hire date."""
    return weekday(today - timedelta(days=person.hired_days_ago))


def leaves(today: date) -> dict[str, date]:
    """Return the last days of those who have left, by number."""
    return {"D023": weekday(today - timedelta(days=72)), "D027": weekday(today - timedelta(days=131))}


def transfers(today: date) -> list[Transfer]:
    """Return who changed units: one in the middle of the last quarter, the others with a quarter or a month."""
    quarter = Period.containing(Grain.QUARTER, today)
    month = Period.containing(Grain.MONTH, today)
    return [
        Transfer("D019", quarter.next(-2).start, "上海二组", "D014"),
        Transfer("D031", month.next(-4).start, "杭州一组", "D003"),
        Transfer("D008", weekday(quarter.next(-1).start + timedelta(days=44)), "上海一组", "D002"),
    ]


def deputies(today: date) -> list[Deputy]:
    """Return who stands in for whom: one now, during the parental leave, and one in the past."""
    parental = _parental(today)
    first = weekday(today - timedelta(days=160))
    return [
        Deputy("D016", "D025", parental.first_day, parental.last_day, "产假期间代为审批"),
        Deputy("D003", "D009", first, first + timedelta(days=4), "年假"),
    ]


def absences(today: date, calendar: WorkingCalendar, first: date, seed: int) -> list[Away]:
    """Return everybody's absences since `first`: two annual leaves each, some sick days, one parental leave."""
    dice = random.Random(f"{seed} absences")  # noqa: S311 - a story, not a secret
    second = next(each for each in deputies(today) if each.number == "D003")
    found = [_parental(today), Away("D003", "annual", second.first_day, second.last_day)]
    for person in PEOPLE:
        begin = max(first, hired_on(person, today)) + timedelta(days=20)
        end = min(leaves(today).get(person.number, today), today) - timedelta(days=10)
        taken = [each for each in found if each.number == person.number]
        for away in _spells(person, begin, end, calendar, dice):
            if all(away.last_day < each.first_day or away.first_day > each.last_day for each in taken):
                taken.append(away)
                found.append(away)
    return sorted(found, key=lambda away: (away.first_day, away.number))


def _spells(person: Person, begin: date, end: date, calendar: WorkingCalendar, dice: random.Random) -> Iterator[Away]:
    length = (end - begin).days
    for kind, times, most in (("annual", 2, 5), ("sick", 1, 3), ("training", 1, 2)):
        for _time in range(times):
            day = begin + timedelta(days=dice.randrange(max(length, 1)))
            days = dice.randint(1, most)
            if length > 60 and calendar.works(day) and (kind != "training" or person.strength):
                yield Away(person.number, kind, day, day + timedelta(days=days - 1))


def _parental(today: date) -> Away:
    return Away("D016", "parental", today - timedelta(days=60), today + timedelta(days=98), "产假")


@dataclass
class Staff:
    """Who is where, and here, on which day."""

    today: date
    away: list[Away]

    def __post_init__(self) -> None:
        self._moves = {each.number: each for each in transfers(self.today)}
        self._left = leaves(self.today)
        self._hired = {person.number: hired_on(person, self.today) for person in PEOPLE}
        self._absent = {
            (each.number, each.first_day + timedelta(days=step))
            for each in self.away
            for step in range((each.last_day - each.first_day).days + 1)
        }

    def here(self, person: Person, day: date) -> bool:
        """Return whether the person is employed and not absent on a day."""
        number = person.number
        employed = self._hired[number] <= day <= self._left.get(number, day)
        return employed and (number, day) not in self._absent

    def unit(self, person: Person, day: date) -> str:
        """Return the unit in which the person works on a day."""
        move = self._moves.get(person.number)
        return move.unit if move is not None and move.day <= day else person.unit
