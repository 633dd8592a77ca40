"""Roles (T5). Which role may do what is written where the permission is declared."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member of a workspace is there.

    Owner, HR, executive, payroll and auditor are given by hand; manager follows from the reporting line and
    assistant from being an employee, so neither is ever stored.
    """

    OWNER = "owner", _("Owner")
    HR = "hr", _("HR")
    EXECUTIVE = "executive", _("Executive")
    MANAGER = "manager", _("Manager")
    ASSISTANT = "assistant", _("Sales assistant")
    PAYROLL = "payroll", _("Payroll")
    AUDITOR = "auditor", _("Auditor")


GIVEN_BY_HAND = (Role.OWNER, Role.HR, Role.EXECUTIVE, Role.PAYROLL, Role.AUDITOR)
# Roles that see every person of the workspace, not only those below them.
SEES_EVERYBODY = frozenset({Role.OWNER, Role.HR, Role.AUDITOR})
