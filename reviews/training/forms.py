"""Forms of training: a course, a session, who is enrolled, what came of it, what participants say."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people.forms import PersonField, day_field
from reviews.models import TOPICS, Attendance, Course, CourseKind, CourseTopic, Enrolment, TrainingSession
from reviews.training.courses import CourseDraft
from reviews.training.marking import Mark, mark_of
from reviews.training.sessions import SessionDraft

CODE = RegexValidator(r"^[A-Za-z0-9_\-]+\Z", _("Letters, digits, - and _ only."))
GROUPED = [
    (CourseKind(kind).label, [(topic.value, CourseTopic(topic).label) for topic in topics])
    for kind, topics in TOPICS.items()
]
MOST_PLACES, MOST_COST = 500, Decimal(10**9)


#: What stands in the form of a session as in its row.
ALIKE = ("places", "place", "link", "trainer", "trainer_name")


def _decimal(label: Any, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=options.pop("max_digits", 6), decimal_places=2, **options)


class CourseForm(forms.Form):
    """A course of the catalogue; what it costs is in the workspace's currency."""

    code = forms.CharField(label=_("Code"), max_length=40, validators=[CODE])
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=120, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    topic = forms.ChoiceField(label=pgettext_lazy("training", "What it is about"), choices=GROUPED)
    description_zh = forms.CharField(
        label=_("Description in Chinese"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    description_en = forms.CharField(
        label=_("Description in English"),
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 3, "lang": "en", "translate": "no"}),
    )
    hours = _decimal(_("Hours"), min_value=Decimal("0.25"), max_value=Decimal(1000))
    cost = _decimal(
        pgettext_lazy("training", "Cost for each person"), max_digits=12, required=False, min_value=Decimal(0),
        max_value=MOST_COST,
    )  # fmt: skip
    pass_mark = forms.IntegerField(
        label=_("Pass mark"), min_value=0, max_value=100, required=False,
        help_text=_("Points of 100 that pass the test. Leave it empty for a course without a test."),
    )  # fmt: skip
    needs_approval = forms.BooleanField(
        label=_("Who enrols themselves needs the approval of their manager"), required=False
    )

    def __init__(self, data: Any = None, *, course: Course | None = None, currency: str) -> None:
        names = list(CourseForm.base_fields)
        initial = {name: getattr(course, name) for name in names} if course is not None else {}
        super().__init__(data, initial=initial)
        self.fields["cost"].help_text = _("In {currency}.").format(currency=currency)

    def draft(self) -> CourseDraft:
        """Return what was typed; the form must be valid."""
        return CourseDraft(**self.cleaned_data)


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class SessionForm(forms.Form):
    """When, where and by whom a course is held; days and times are the workspace's."""

    first_day = day_field(_("First day"))
    starts = _time(pgettext_lazy("training", "Begins at"))
    last_day = day_field(_("Last day"), required=False, help_text=_("Leave it empty if it ends on the same day."))
    ends = _time(pgettext_lazy("training", "Ends at"))
    place = forms.CharField(label=pgettext_lazy("training", "Place"), max_length=200, required=False)
    link = forms.URLField(
        label=pgettext_lazy("training", "Link"), max_length=200, required=False, assume_scheme="https",
        help_text=_("For a training online."),
    )  # fmt: skip
    trainer_name = forms.CharField(
        label=pgettext_lazy("training", "Or somebody else"), max_length=120, required=False
    )
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=MOST_PLACES, initial=12)
    field_order = ("first_day", "starts", "last_day", "ends", "place", "link", "trainer", "trainer_name", "places")

    def __init__(
        self, data: Any = None, *, slug: str, zone: str, session: TrainingSession | None = None, day: date
    ) -> None:
        self.zone = ZoneInfo(zone)
        initial: dict[str, Any] = {"first_day": day, "starts": time(9), "ends": time(17), "places": 12}
        if session is not None:
            starts, ends = session.starts_at.astimezone(self.zone), session.ends_at.astimezone(self.zone)
            initial = {
                name: getattr(session, name) for name in ("place", "link", "trainer", "trainer_name", "places")
            }
            initial |= {"first_day": starts.date(), "starts": starts.time(), "ends": ends.time()}
            initial["last_day"] = ends.date() if ends.date() != starts.date() else None
        super().__init__(data, initial=initial)
        self.fields["trainer"] = PersonField(
            slug=slug, label=pgettext_lazy("training", "Trainer, if an employee"), required=False
        )
        self.order_fields(self.field_order)

    def draft(self) -> SessionDraft:
        """Return what was typed; the form must be valid."""
        found = self.cleaned_data
        last = found["last_day"] or found["first_day"]
        return SessionDraft(
            starts_at=datetime.combine(found["first_day"], found["starts"], self.zone),
            ends_at=datetime.combine(last, found["ends"], self.zone),
            **{name: found[name] for name in ALIKE},
        )


class EnrolForm(forms.Form):
    """Whom to enrol."""

    def __init__(self, data: Any = None, *, slug: str) -> None:
        super().__init__(data)
        self.fields["employee"] = PersonField(slug=slug, label=_("Enrol somebody"))


LOOKS = {
    "attendance": "form-select", "hours": "form-control", "score_before": "form-control",
    "score_after": "form-control", "passed": "form-check-input", "certificate": "form-control",
}  # fmt: skip


class MarkForm(forms.Form):
    """What came of one person's part; a course with a test says itself who passed."""

    attendance = forms.ChoiceField(label=_("Attendance"), required=False, choices=[("", "—"), *Attendance.choices])
    hours = _decimal(_("Hours"), required=False, min_value=Decimal(0), max_value=Decimal(1000))
    score_before = _decimal(_("Test before"), required=False, min_value=Decimal(0), max_value=Decimal(100))
    score_after = _decimal(_("Test after"), required=False, min_value=Decimal(0), max_value=Decimal(100))
    passed = forms.BooleanField(label=_("Passed"), required=False)
    certificate = forms.CharField(label=_("Certificate number"), max_length=60, required=False)

    def __init__(self, data: Any = None, *, enrolment: Enrolment, course: Course) -> None:
        said = mark_of(enrolment)
        initial = vars(said) | {"hours": said.hours if said.hours is not None else course.hours}
        super().__init__(data, initial=initial, prefix=f"e{enrolment.pk}")
        self.enrolment = enrolment
        if course.pass_mark is not None:
            del self.fields["passed"]
        for name, part in self.fields.items():
            part.widget.attrs |= {"aria-label": f"{enrolment.employee.name}: {part.label}", "class": LOOKS[name]}

    def clean(self) -> dict[str, Any]:
        """Ask for the hours of who attended."""
        found = super().clean() or self.cleaned_data
        if found.get("attendance") == Attendance.ATTENDED and not found.get("hours") and "hours" not in self.errors:
            self.add_error("hours", _("Say how many hours they attended."))
        return found

    def mark(self) -> Mark:
        """Return what was typed; the form must be valid."""
        return Mark(**self.cleaned_data)


class FeedbackForm(forms.Form):
    """How a training was, from 1 to 5, and words."""

    rating = forms.TypedChoiceField(
        label=pgettext_lazy("training", "How good was it? 1 is poor, 5 is very good"), coerce=int,
        choices=[(number, str(number)) for number in range(1, 6)], widget=forms.RadioSelect,
    )  # fmt: skip
    text = forms.CharField(
        label=pgettext_lazy("training", "What was useful, what was missing"), max_length=2000, required=False,
        widget=forms.Textarea({"rows": 3}), help_text=_("HR and the trainer read it, with your name."),
    )  # fmt: skip
