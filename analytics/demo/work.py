"""What other systems say about the people's work: tasks, training, attendance, customers' answers. Pure."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from analytics.demo.roster import HUNTER, PEOPLE, Person
from analytics.demo.story import Row, Story

# Column of the file -> metric, one file for each system.
TASKS = {
    "分配任务": "tasks_assigned",
    "完成任务": "tasks_done",
    "按时完成": "tasks_on_time",
    "应跟进": "followups_due",
    "已跟进": "followups_done",
    "准确跟进": "followups_accurate",
    "制作单据": "documents_prepared",
    "单据天数": "document_turnaround_days",
    "应填字段": "data_fields_expected",
    "已填字段": "data_fields_filled",
    "答复询盘": "enquiries_answered",
    "响应小时": "response_hours",
    "录入差错": "data_entry_errors",
    "安排拜访": "visits_arranged",
    "安排会议": "meetings_arranged",
    "新增线索": "prospects_added",
    "转介绍": "referrals",
    "跟进合同": "contracts_followed_up",
    "跟进交付": "deliveries_followed_up",
    "制作报表": "reports_prepared",
    "协助同事": "peer_help",
    "未完成任务": "open_tasks",
}
ATTENDANCE = {"出勤小时": "hours_worked", "加班小时": "overtime_hours"}
TRAINING = {"培训小时": "training_hours", "通过课程": "courses_passed", "测试提升": "test_gain"}
ANSWERS = {"满意度": "csat", "推荐度": "nps", "投诉": "complaints"}
Values = dict[str, float]


@dataclass(frozen=True)
class Line:
    """One row of such a file: whose, of which day, and what was measured."""

    number: str
    day: date
    values: Values
    customer: str = ""


def tasks(story: Story) -> Iterator[Line]:
    """Yield a line a day for who supports, and a line a week for who sells."""
    dice = story.dice("tasks")
    for at, day in enumerate(story.days):
        following = story.days[at + 1] if at + 1 < len(story.days) else story.today
        ends_week = following.isocalendar()[:2] != day.isocalendar()[:2]
        busy = story.season.of(day)
        for person in PEOPLE:
            if not story.staff.here(person, day):
                continue
            if person.supports:
                yield Line(person.number, day, _support(person, busy, ends_week, dice))
            elif person.sells and ends_week:
                yield Line(person.number, day, _selling(person, busy, dice))


def _some(dice: random.Random, usual: float) -> int:
    """Return a count around a usual one, never below 0."""
    return max(0, round(dice.gauss(usual, max(0.6, usual**0.5 * 0.6))))


def _of(dice: random.Random, total: int, share: float) -> int:
    """Return how many of `total` go well."""
    return sum(dice.random() < share for _each in range(total))


def _done(dice: random.Random, assigned: int, strength: float) -> Values:
    done = _of(dice, assigned, 0.86 + 0.09 * strength)
    return {"tasks_assigned": assigned, "tasks_done": done, "tasks_on_time": _of(dice, done, 0.8 + 0.13 * strength)}


def _followed(dice: random.Random, due: int, strength: float) -> Values:
    done = _of(dice, due, 0.85 + 0.1 * strength)
    return {"followups_due": due, "followups_done": done,
            "followups_accurate": _of(dice, done, min(0.998, 0.94 + 0.048 * strength))}  # fmt: skip


def _filled(dice: random.Random, expected: int, strength: float) -> Values:
    return {"data_fields_expected": expected, "data_fields_filled": _of(dice, expected, 0.84 + 0.12 * strength)}


def _support(person: Person, busy: float, ends_week: bool, dice: random.Random) -> Values:
    strength, part = person.strength, float(person.full_time_share)
    documents, enquiries = _some(dice, 2.2 * busy * part), _some(dice, 3 * busy * part)
    values = _done(dice, _some(dice, 3.5 * busy * part), strength) | _followed(
        dice, _some(dice, 4 * busy * part), strength
    )
    values |= _filled(dice, _some(dice, 12 * busy * part), strength)
    values |= {"documents_prepared": documents, "enquiries_answered": enquiries}
    if documents:
        values["document_turnaround_days"] = round(dice.lognormvariate(0.75 - 0.35 * strength, 0.35), 1)
    if enquiries:
        values["response_hours"] = round(dice.lognormvariate(1.2 - 0.5 * strength, 0.45), 1)
    if ends_week:
        values |= {
            "contracts_followed_up": _some(dice, 4 * busy * part),
            "deliveries_followed_up": _some(dice, 6 * busy * part),
            "reports_prepared": _some(dice, 1.5),
            "peer_help": _some(dice, 0.8),
            "data_entry_errors": _some(dice, 1.6 - strength),
            "open_tasks": _some(dice, 5 - 2 * strength),
        }
    return values


def _selling(person: Person, busy: float, dice: random.Random) -> Values:
    strength, hunts = person.strength, person.role_type == HUNTER
    values = _done(dice, _some(dice, 7 * busy), strength) | _followed(dice, _some(dice, 9 * busy), strength)
    values |= _filled(dice, _some(dice, 25 * busy), strength)
    return values | {
        "visits_arranged": _some(dice, (4 if hunts else 2.5) * busy * strength),
        "meetings_arranged": _some(dice, 1.5 * busy),
        "prospects_added": _some(dice, (5 if hunts else 1.5) * busy),
        "referrals": _some(dice, 0.3 if hunts else 0.7),
        "open_tasks": _some(dice, 6 - 2 * strength),
    }


def attendance(story: Story) -> Iterator[Line]:
    """Yield the hours of each week, by its last working day, for everybody who is measured."""
    dice = story.dice("attendance")
    weeks: dict[tuple[int, int], list[date]] = {}
    for day in story.days:
        weeks.setdefault(day.isocalendar()[:2], []).append(day)
    for days in weeks.values():
        for person in PEOPLE:
            present = [day for day in days if person.strength and story.staff.here(person, day)]
            if present:
                more = max(0.0, round(dice.gauss(1.5, 2) * story.season.of(days[-1]) * 2) / 2)
                hours = 8 * len(present) * float(person.full_time_share)
                yield Line(person.number, present[-1], {"hours_worked": hours + more, "overtime_hours": more})


def training(story: Story) -> Iterator[Line]:
    """Yield courses, about one for each person in two months."""
    dice = story.dice("training")
    for day in story.days:
        for person in PEOPLE:
            if person.strength and dice.random() < 0.022 and story.staff.here(person, day):
                passed = dice.random() < 0.85
                values: Values = {"training_hours": dice.choice([1.5, 2, 3, 4, 6]), "courses_passed": int(passed)}
                if passed:
                    values["test_gain"] = max(0, round(dice.gauss(9, 4)))
                yield Line(person.number, day, values)


def answers(story: Story, customers: dict[str, list[str]]) -> Iterator[Line]:
    """Yield what customers answered about whom, two or three a month for each person; some complain."""
    dice = story.dice("answers")
    for day in story.days:
        for person in PEOPLE:
            known = customers.get(person.number)
            if not known or dice.random() > 0.12 or not story.staff.here(person, day):
                continue
            mood = dice.gauss(3.75 + 0.6 * person.strength, 0.7)
            score = min(5, max(1, round(mood)))
            values: Values = {"csat": score, "nps": 100 if mood > 4.35 else 0 if mood > 3.4 else -100}
            if score <= 2 and dice.random() < 0.6:
                values["complaints"] = 1
            yield Line(person.number, day, values, dice.choice(known))


def rows(lines: Iterable[Line], columns: dict[str, str], prefix: str) -> Iterator[Row]:
    """Yield lines as rows of a file: id, person, day, customer, then one cell for each column."""
    for number, line in enumerate(lines, 1):
        cells = [line.values.get(code) for code in columns.values()]
        texts = ["" if cell is None else f"{cell:g}" for cell in cells]
        yield [f"{prefix}-{number:06}", line.number, f"{line.day}", line.customer, *texts]
