"""What may be done with targets."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import declare
from perfmgmt.people.roles import Role

SEE_TARGETS = declare(
    "targets.see",
    _("See targets: one's own, those of people below, or everybody's, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
    leavers=True,
)
SET_TARGETS = declare(
    "targets.set", _("Set targets of the people below, or of everybody, by role"), Role.OWNER, Role.HR, Role.MANAGER
)
SEE_GOALS = declare(
    "goals.see",
    _("See goals: those of the company and the units, and of people by role"),
    Role.OWNER,
    Role.HR,
    Role.EXECUTIVE,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
    leavers=True,
)
EDIT_GOALS = declare(
    "goals.edit",
    _("Make and propose goals of the people below and their units, or of everybody, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
)
ANSWER_GOALS = declare("goals.answer", _("Accept or counter one's own goals, ask for changes"), Role.ASSISTANT)
MANAGE_GOALS = declare(
    "goals.manage", _("Lock goals, keep templates of goals and the rules of goals"), Role.OWNER, Role.HR
)
SEE_PLANS = declare(
    "plans.see",
    _("See action plans: one's own, those of people below, or everybody's, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
    leavers=True,
)
EDIT_PLANS = declare(
    "plans.edit",
    _("Make action plans for oneself, for people below, or for everybody, by role; say how far one's tasks are"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
)
SEE_COVERAGE = declare(
    "duties.coverage",
    _("See whose goals cover the duties of their position: people below, or everybody, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.AUDITOR,
)
CHECK_IN = declare("goals.check_in", _("Write one's own weekly check-in"), Role.ASSISTANT)
SEE_CHECK_INS = declare(
    "goals.see_check_ins",
    _("Read check-ins: one's own, those of people below, or everybody's, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
    leavers=True,
)
FOLLOW_CHECK_INS = declare(
    "goals.follow_check_ins",
    _("See who of the people below has checked in and who has not"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.AUDITOR,
)
ANSWER_CHECK_INS = declare(
    "goals.answer_check_ins",
    _("Answer check-ins of the people below and confirm their key tasks"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
)
