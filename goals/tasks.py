"""The tasks of the app's slices: Celery looks for them in a module of this name."""

from goals.check_ins.tasks import remind_of_check_ins, remind_of_check_ins_of
from goals.locking.tasks import lock_due, lock_due_of
from goals.plans.tasks import remind_of_plans, remind_of_plans_of

__all__ = [
    "lock_due",
    "lock_due_of",
    "remind_of_check_ins",
    "remind_of_check_ins_of",
    "remind_of_plans",
    "remind_of_plans_of",
]
