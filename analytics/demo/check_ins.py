"""Check-ins of the demo company's weeks: most are sent, some ask for help, one person has not for a month."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from analytics.demo.roster import PEOPLE, Person
from goals.check_ins.lines import Line, describe, lines_of
from goals.check_ins.rules import ONE_WEEK, monday_of
from goals.models import CheckIn, CheckInLine, CheckInState, KeyTask
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer, Workspace

WEEKS = 5
# Who has not checked in for how many weeks, this one not counted.
SILENT = {"D006": 4}
HELP = {"D004": "恒达贸易的客户经理换人了，请帮忙引荐新的采购负责人。"}
STEPS = (
    "拜访两家重点客户，跟进未签报价。",
    "整理本月回款清单，逐个确认。",
    "给老客户做一次产品更新介绍。",
    "和产品经理对齐演示材料。",
)
BLOCKERS = ("", "", "客户推迟验收", "", "竞争对手降价", "样机不足")
TASKS = ("完成三份报价", "更新客户资料", "安排两次上门拜访", "跟进合同盖章", "准备季度客户清单")
ANSWERS = ("报价发我看一下，周三一起过。", "做得不错，继续保持。", "")


class Weeks:
    """Writes the check-ins of the last weeks; needs the scope."""

    def __init__(self, people: Mapping[str, Employee], manager: Viewer, workspace: Workspace, today: date) -> None:
        self.people, self.manager, self.workspace, self.today = people, manager, workspace, today
        self.zone = ZoneInfo(workspace.time_zone)

    def make(self) -> int:
        """Write them; return how many. The figures are those of today: what they were then is not kept anywhere."""
        count, this = 0, monday_of(self.today)
        team = [person for person in PEOPLE if person.sells or person.supports][:12]
        for place, person in enumerate(team):
            for back in range(WEEKS, 0, -1):
                if back > SILENT.get(person.number, 0):
                    self._sent(person, this - back * ONE_WEEK, place, back)
                    count += 1
            self._tasks(person, this, place)
        return count

    def _sent(self, person: Person, week: date, place: int, back: int) -> None:
        employee = self.people[person.number]
        lines = lines_of(employee.pk, week, workspace=self.workspace, today=week + timedelta(days=4))
        if not lines:
            return
        friday = datetime(week.year, week.month, week.day, 16, 10 + place, tzinfo=self.zone) + timedelta(days=4)
        help_text = HELP.get(person.number, "") if back == 1 else ""
        answered = back > 1 or place % 3 == 0
        check_in = CheckIn.objects.create(
            employee=employee, week=week, state=CheckInState.SENT, sent_at=friday,
            next_steps=STEPS[(place + back) % len(STEPS)], help_wanted=bool(help_text), help_text=help_text,
            answered_at=friday + timedelta(hours=2) if answered and not help_text else None,
            answered_by_id=self.manager.user_id if answered and not help_text else None,
            answer=ANSWERS[(place + back) % len(ANSWERS)] if answered and not help_text else "",
            answer_read_at=timezone.now() if back > 1 else None,
        )  # fmt: skip
        self._lines(check_in, lines, place, back)

    def _lines(self, check_in: CheckIn, lines: list[Line], place: int, back: int) -> None:
        rows = []
        for number, line in enumerate(lines, 1):
            confidence = 1 + (place * 2 + number + (back == 1 and place % 4 == 1)) % 3
            blocker = BLOCKERS[(place + number + back) % len(BLOCKERS)]
            row = CheckInLine(check_in=check_in, place=number, confidence=confidence, blocker=blocker)
            describe(row, line, figures=True)
            rows.append(row)
        CheckInLine.objects.bulk_create(rows)

    def _tasks(self, person: Person, this: date, place: int) -> None:
        """Key tasks of last week, done and not, confirmed; those of this week wait for the manager."""
        employee, rows = self.people[person.number], []
        for week, confirmed in ((this - ONE_WEEK, True), (this, place % 2 == 0)):
            for number in range(1, 3):
                rows.append(
                    KeyTask(
                        employee=employee, week=week, place=number, text=TASKS[(place + number) % len(TASKS)],
                        done=week < this and number == 1,
                        confirmed_at=timezone.now() if confirmed else None,
                        confirmed_by_id=self.manager.user_id if confirmed else None,
                    )
                )  # fmt: skip
        KeyTask.objects.bulk_create(rows)
