"""The form of a check-in: the week as a whole, each goal, key tasks; and the rules of goals."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.check_ins.selectors import ShownLine
from goals.check_ins.services import Content, Task, Words
from goals.models import CheckIn, Confidence, GoalRules, KeyTask

NEW_TASKS = 3
AREA = {"rows": 3}


class CheckInForm(forms.Form):
    """What a person writes in a week. With `sending` each goal needs a confidence."""

    # A draft may lack what is needed to send it: the browser must not stand in its way.
    use_required_attribute = False
    next_steps = forms.CharField(
        label=_("What I do next"), max_length=1000, required=False, widget=forms.Textarea(attrs=AREA)
    )
    help_wanted = forms.BooleanField(label=_("I need help"), required=False)
    help_text = forms.CharField(
        label=_("What I need help with"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        data: Any = None,
        *,
        lines: Sequence[ShownLine],
        tasks: Sequence[KeyTask],
        next_tasks: Sequence[KeyTask],
        carried: Sequence[str] = (),
        check_in: CheckIn | None = None,
        sending: bool = False,
    ) -> None:
        names = ("next_steps", "help_wanted", "help_text")
        super().__init__(data, initial={name: getattr(check_in, name) for name in names} if check_in else {})
        self.lines, self.tasks, self.next_tasks = lines, tasks, next_tasks
        for line in lines:
            self._add_line(line, sending)
        self._add_tasks("task", tasks, carried)
        self._add_tasks("next", next_tasks, ())

    def _add_line(self, line: ShownLine, sending: bool) -> None:
        words = line.words
        self.fields[f"confidence_{line.key}"] = forms.TypedChoiceField(
            label=_("How sure are you to reach it?"), choices=reversed(Confidence.choices), coerce=int,
            empty_value=None, required=sending, widget=forms.RadioSelect,
            initial=words.confidence if words else None,
            error_messages={"required": _("Say how sure you are; then it can be sent.")},
        )  # fmt: skip
        for name, label in (("blocker", _("What stands in the way")), ("note", _("Note"))):
            initial = getattr(words, name) if words else ""
            self.fields[f"{name}_{line.key}"] = forms.CharField(
                label=label, max_length=500, required=False, initial=initial
            )

    def _add_tasks(self, prefix: str, stored: Sequence[KeyTask], carried: Sequence[str]) -> None:
        initial = [(str(task.pk), task.text, task.done) for task in stored]
        initial += [(f"new{n}", carried[n] if n < len(carried) else "", False) for n in range(NEW_TASKS)]
        for key, text, done in initial:
            self.fields[f"{prefix}_{key}"] = forms.CharField(
                label=_("Key task"), max_length=200, required=False, initial=text
            )
            self.fields[f"{prefix}_done_{key}"] = forms.BooleanField(label=_("Done"), required=False, initial=done)

    def clean(self) -> dict[str, Any]:
        """Refuse to ask for help without a word."""
        data = super().clean() or self.cleaned_data
        if data.get("help_wanted") and not data.get("help_text"):
            self.add_error("help_text", _("Say what you need help with, so that your manager can."))
        return data

    def goals(self) -> list[dict[str, Any]]:
        """Return each goal with its fields, for the template."""
        return [
            {"line": line, **{name: self[f"{name}_{line.key}"] for name in ("confidence", "blocker", "note")}}
            for line in self.lines
        ]

    def week_tasks(self) -> list[dict[str, Any]]:
        """Return the fields of this week's key tasks."""
        return self._fields_of("task", self.tasks)

    def coming_tasks(self) -> list[dict[str, Any]]:
        """Return the fields of next week's key tasks."""
        return self._fields_of("next", self.next_tasks)

    def _fields_of(self, prefix: str, stored: Sequence[KeyTask]) -> list[dict[str, Any]]:
        rows: list[tuple[str, KeyTask | None]] = [(str(task.pk), task) for task in stored]
        rows += [(f"new{n}", None) for n in range(NEW_TASKS)]
        return [{"task": task, "text": self[f"{prefix}_{key}"], "done": self[f"{prefix}_done_{key}"]}
                for key, task in rows]  # fmt: skip

    def content(self) -> Content:
        """Return what was written."""
        data = self.cleaned_data
        return Content(
            data["next_steps"],
            data["help_wanted"],
            data["help_text"],
            {
                line.key: Words(data[f"confidence_{line.key}"], data[f"blocker_{line.key}"], data[f"note_{line.key}"])
                for line in self.lines
            },
            self._typed("task", self.tasks),
            self._typed("next", self.next_tasks),
        )

    def _typed(self, prefix: str, stored: Sequence[KeyTask]) -> list[Task]:
        data = self.cleaned_data
        keys: list[tuple[int | None, str]] = [(task.pk, str(task.pk)) for task in stored]
        keys += [(None, f"new{n}") for n in range(NEW_TASKS)]
        return [Task(pk, data[f"{prefix}_{key}"], data[f"{prefix}_done_{key}"]) for pk, key in keys]


DAYS = [
    (1, _("Monday")), (2, _("Tuesday")), (3, _("Wednesday")), (4, _("Thursday")), (5, _("Friday")),
    (6, _("Saturday")), (7, _("Sunday")),
]  # fmt: skip


class GoalRulesForm(forms.ModelForm):
    """What the workspace decides about goals."""

    class Meta:
        model = GoalRules
        fields = ("check_in_day", "check_in_hour", "large_change")
        widgets = {"check_in_day": forms.Select(choices=DAYS)}
        help_texts = {
            "check_in_day": _("On a holiday it is the last working day before."),
            "check_in_hour": _("From 0 to 23, on the workspace's clock. Who is away or has checked in gets no mail."),
            "large_change": _("In percent. A larger change needs the next level of managers or HR."),
        }


def carried_over(before: Sequence[KeyTask], now: Sequence[KeyTask]) -> list[str]:
    """Return the texts of last week's open key tasks that do not stand in this week's."""
    here = {task.text for task in now}
    return [task.text for task in before if not task.done and task.text not in here][:NEW_TASKS]


def labels_of(week: date) -> tuple[date, date]:
    """Return the first and last day of a week, as they are shown."""
    return week, date.fromordinal(week.toordinal() + 6)
