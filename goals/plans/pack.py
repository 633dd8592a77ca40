"""Ready plans: what they are called, their tasks, and how their days are laid out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from goals.plans.services import TaskDraft
from perfmgmt.people.models import Employee

PACK = Path(__file__).with_name("pack.json")


@dataclass(frozen=True)
class ReadyTask:
    """A task of a ready plan, due on the `day`-th day of it (0 is the first)."""

    text: str
    resources: str
    priority: str
    day: int


@dataclass(frozen=True)
class ReadyPlan:
    """A ready plan in one language; it runs for `days` days, `measures` are codes of metrics, `reviews` days."""

    code: str
    kind: str
    title: str
    resources: str
    incentive: str
    days: int
    tasks: Sequence[ReadyTask]
    measures: Sequence[str]
    reviews: Sequence[int]

    def last_day(self, first: date) -> date:
        """Return the last day of a plan that begins on a day."""
        return first + timedelta(days=self.days - 1)

    def drafts(self, owner: Employee, first: date, last: date) -> list[TaskDraft]:
        """Return the tasks for a plan from a day to a day; a shorter plan has them due earlier."""
        return [
            TaskDraft(task.text, owner, self.day_at(task.day, first, last), task.priority, task.resources)
            for task in self.tasks
        ]

    def day_at(self, day: int, first: date, last: date) -> date:
        """Return where a day of the ready plan lies in one of another length."""
        length = (last - first).days + 1
        return first + timedelta(days=min(day * length // self.days if length < self.days else day, length - 1))


def ready_plans() -> list[ReadyPlan]:
    """Return the ready plans in the language that is active."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return [_in(language, entry) for entry in _pack()]


def ready_plan(code: str) -> ReadyPlan | None:
    """Return a ready plan by its code."""
    return next((plan for plan in ready_plans() if plan.code == code), None)


@lru_cache(maxsize=1)
def _pack() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(PACK.read_text(encoding="utf-8"))
    return found


def _in(language: str, entry: dict[str, Any]) -> ReadyPlan:
    tasks = [
        ReadyTask(task[f"text_{language}"], task[f"resources_{language}"], task["priority"], task["day"])
        for task in entry["tasks"]
    ]
    return ReadyPlan(
        entry["code"], entry["kind"], entry[f"title_{language}"], entry[f"resources_{language}"],
        entry[f"incentive_{language}"], entry["days"], tasks, entry["measures"], entry["reviews"],
    )  # fmt: skip
