"""The demo company's people, by the services that the pages use."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from analytics.demo import roster
from analytics.demo.roster import PEOPLE, Person
from analytics.demo.story import Story
from perfmgmt.people.leaving.services import record_leave
from perfmgmt.people.models import Assignment, Employee, Position, Unit, User
from perfmgmt.people.org.services import create_unit, save_position
from perfmgmt.people.records import assignments
from perfmgmt.people.records.services import create_employee, name_stand_in, record_absence
from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_member, user_for, vouch_for

Found = dict[str, Employee]


@dataclass(frozen=True)
class SignIn:
    """A sign-in of the demo company: what to call it, the address, the roles given by hand, the employee."""

    title: str
    email: str
    employee: str
    roles: tuple[Role, ...] = ()


SIGN_INS = [
    SignIn("Owner", "owner@demo.example", "D039", (Role.OWNER,)),
    SignIn("HR", "hr@demo.example", "D036", (Role.HR,)),
    SignIn("Manager", "manager@demo.example", "D002"),
    SignIn("Assistant", "assistant@demo.example", "D004"),
    SignIn("Support", "support@demo.example", "D028"),
    SignIn("Executive", "executive@demo.example", "D001", (Role.EXECUTIVE,)),
    SignIn("Payroll", "payroll@demo.example", "D037", (Role.PAYROLL,)),
    SignIn("Auditor", "auditor@demo.example", "D038", (Role.AUDITOR,)),
]
# Members without a password: their entries in the work log need one who wrote them.
MEMBERS = ("D005", "D006", "D007", "D008", "D018", "D029", "D014")


@dataclass
class Organisation:
    """Units, positions and people of the workspace whose scope is open, by name and number."""

    units: dict[str, Unit]
    positions: dict[str, Position]
    people: Found

    def place(self, person: Person, unit: str, leader: str) -> assignments.Place:
        """Return where a person works, in a unit below a leader."""
        return assignments.Place(
            self.units[unit],
            self.positions[person.position],
            self.people.get(leader),
            person.role_type,
            Decimal(person.full_time_share),
        )


def hire(today: date) -> Organisation:
    """Make units, positions and people as they were hired."""
    units: dict[str, Unit] = {}
    for name, above in roster.UNITS.items():
        units[name] = create_unit(name, parent=units.get(above))
    positions = {
        name: save_position(name=name, name_en=english, code="") for name, english in roster.POSITIONS.items()
    }
    made = Organisation(units, positions, {})
    for at, person in enumerate(PEOPLE, 1):
        hired = roster.hired_on(person, today)
        made.people[person.number] = create_employee(
            {"number": person.number, "name": person.name, "email": person.email, "phone": f"1390000{at:04}",
             "gender": person.gender, "hired_on": hired}
        )  # fmt: skip
        place = made.place(person, person.unit, person.leader)
        assignments.add(made.people[person.number], place, valid_from=hired)
    return made


def sign_ins(found: Found, password: str) -> None:
    """Let the demo's people in; those of MEMBERS have accounts that nobody can sign in to yet."""
    hashed = make_password(password)  # slow on purpose, so once for all
    for sign_in in SIGN_INS:
        user, _new = user_for(sign_in.email)
        user.name, user.is_active = found[sign_in.employee].name, True
        user.password = hashed
        user.save()
        vouch_for(user)
        add_member(user, *sign_in.roles, employee=found[sign_in.employee])
    for number in MEMBERS:
        user, _new = user_for(found[number].email, name=found[number].name)
        add_member(user, employee=found[number])


def move(made: Organisation, story: Story, *, by: User) -> None:
    """Let people change units, be absent, be stood in for, and leave."""
    today = story.today
    for transfer in roster.transfers(today):
        person = next(each for each in PEOPLE if each.number == transfer.number)
        old = Assignment.objects.get(employee=made.people[transfer.number])
        place = made.place(person, transfer.unit, transfer.leader)
        assignments.change_from(old.pk, place, day=transfer.day, shown=assignments.seen(old))
    for away in story.away:
        record_absence(
            made.people[away.number], kind=away.kind, first_day=away.first_day, last_day=away.last_day, note=away.note
        )
    for each in roster.deputies(today):
        name_stand_in(
            made.people[each.number], stand_in=made.people[each.stand_in], first_day=each.first_day,
            last_day=each.last_day, reason=each.reason,
        )  # fmt: skip
    for number, last_day in roster.leaves(today).items():
        record_leave(made.people[number].pk, last_day=last_day, shown=None, choices={}, by_user_id=by.pk)
