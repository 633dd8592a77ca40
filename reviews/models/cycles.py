"""Review cycles (考核周期): who is reviewed, by whom, when, and where each person stands (R2, R3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited
from reviews.models.questionnaires import QuestionTexts
from reviews.models.scorecards import Rhythm


def _user() -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )


class CycleState(models.TextChoices):
    """Where a cycle stands on its way."""

    DRAFT = "draft", pgettext_lazy("cycle", "Draft")
    LAUNCHING = "launching", pgettext_lazy("cycle", "Launching")
    OPEN = "open", pgettext_lazy("cycle", "Open")
    CLOSED = "closed", pgettext_lazy("cycle", "Closed")
    RELEASED = "released", pgettext_lazy("cycle", "Released")


@audited(exclude=("updated_at",))
class ReviewCycle(TenantOwned):
    """One round of reviews of a period.

    `audience` says who is in it: {"units": [ids], "positions": [ids], "types": [sales role types], "people": [ids],
    "without": [ids]}; nothing chosen: everybody with an assignment on the period's last day (or today, if that is
    earlier). `guideline` is the distribution calibration looks at ({grade: percent}). Answers are taken while it is
    open, never after the release. `closes_after` empty: it is closed by hand. `closes_on` is the last day of answers
    that people were told of, set when they are.
    """

    name = models.CharField(_("name"), max_length=120)
    grain = models.PositiveSmallIntegerField(_("period"), choices=Rhythm.choices, default=Rhythm.QUARTER)
    start = models.DateField(_("first day"))
    end = models.DateField(_("last day"))
    state = models.CharField(_("state"), max_length=10, choices=CycleState.choices, default=CycleState.DRAFT)
    audience = models.JSONField(_("who"), default=dict, blank=True)
    nominate_until = models.DateField(_("nominations until"), null=True, blank=True)
    answer_until = models.DateField(_("answers until"), null=True, blank=True)
    release_on = models.DateField(_("results planned for"), null=True, blank=True)
    closes_after = models.PositiveSmallIntegerField(
        _("closes by itself, days after the last deadline"), null=True, blank=True, default=7
    )
    closes_on = models.DateField(_("closes after"), null=True, blank=True)
    most_per_rater = models.PositiveSmallIntegerField(_("most reviews of colleagues for one rater"), default=12)
    uses_adjusted = models.BooleanField(_("scores use the adjusted 360 score"), default=False)
    asks_potential = models.BooleanField(_("managers are asked about potential"), default=True)
    shows_comments = models.BooleanField(_("people see the comments about them"), default=True)
    shows_groups = models.BooleanField(_("people see scores by rater group"), default=True)
    guideline = models.JSONField(_("guideline of the distribution"), default=dict, blank=True)
    nudges = models.BooleanField(_("reminders go out by themselves"), default=True)
    copied_from = TenantForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    job = TenantForeignKey("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)
    created_by = _user()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="cycle_name_once"),
            models.CheckConstraint(condition=models.Q(start__lte=models.F("end")), name="cycle_days_in_order"),
        ]
        indexes = [models.Index(fields=["tenant", "grain", "start"], name="cycle_by_period")]

    def __str__(self) -> str:
        return self.name

    @property
    def takes_answers(self) -> bool:
        """Whether raters may still answer."""
        return self.state == CycleState.OPEN


class RaterKind(models.TextChoices):
    """From which side a rater looks (RULES.md section 6)."""

    SELF = "self", pgettext_lazy("rater", "Self")
    MANAGER = "manager", pgettext_lazy("rater", "Manager")
    SKIP_LEVEL = "skip_level", pgettext_lazy("rater", "Manager's manager")
    PEERS = "peers", pgettext_lazy("rater", "Peers")
    REPORTS = "direct_reports", pgettext_lazy("rater", "Direct reports")
    INTERNAL = "internal_customers", pgettext_lazy("rater", "Internal customers")
    CUSTOMERS = "customers", pgettext_lazy("rater", "Customers")


@audited()
class CycleGroup(TenantOwned):
    """A rater group of a cycle: its weight in percent, its minimum of raters, and how many are nominated."""

    cycle = TenantForeignKey(ReviewCycle, models.CASCADE, related_name="groups", db_index=False)
    group = models.CharField(_("rater group"), max_length=20, choices=RaterKind.choices)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, default=0)
    minimum = models.PositiveSmallIntegerField(_("minimum"), default=1)
    merges = models.BooleanField(_("merged when small"), default=False)
    least = models.PositiveSmallIntegerField(_("nominations at least"), default=0)
    most = models.PositiveSmallIntegerField(_("nominations at most"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "cycle", "group"], name="cycle_group_once"),
            models.CheckConstraint(condition=models.Q(weight__gte=0, weight__lte=100), name="group_weight_of_100"),
            models.CheckConstraint(
                condition=models.Q(group__in=["self", "manager", "skip_level"], minimum__gte=1)
                | models.Q(minimum__gte=3),
                name="group_minimum_is_anonymous",
            ),
            models.CheckConstraint(condition=models.Q(least__lte=models.F("most")), name="group_least_below_most"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.group}"


@audited()
class CycleForm(TenantOwned):
    """A questionnaire that a cycle asks, in its place."""

    cycle = TenantForeignKey(ReviewCycle, models.CASCADE, related_name="forms", db_index=False)
    questionnaire = TenantForeignKey("reviews.Questionnaire", models.PROTECT, related_name="+", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "cycle", "questionnaire"], name="cycle_form_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.questionnaire_id}"


@audited()
class CycleQuestion(QuestionTexts, TenantOwned):
    """A question as a cycle asks it, copied from the bank at the launch; it never changes."""

    cycle = TenantForeignKey(ReviewCycle, models.CASCADE, related_name="questions", db_index=False)
    questionnaire = TenantForeignKey("reviews.Questionnaire", models.PROTECT, related_name="+", db_index=False)
    place = models.PositiveSmallIntegerField(_("place"))
    code = models.CharField(_("code"), max_length=60)
    topic = models.CharField(_("topic"), max_length=16, blank=True)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, default=1)
    groups = models.JSONField(_("asked of"), default=list)
    required = models.BooleanField(_("must be answered"), default=False)
    section = models.JSONField(_("section"), default=dict, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "cycle", "place"], name="cycle_question_in_its_place"),
        ]


class NominationState(models.TextChoices):
    """How far the choice of a person's raters is."""

    OPEN = "open", pgettext_lazy("nomination", "To be proposed")
    PROPOSED = "proposed", pgettext_lazy("nomination", "Proposed")
    APPROVED = "approved", pgettext_lazy("nomination", "Approved")


@audited(exclude=("updated_at",))
class Participant(TenantOwned):
    """A ratee (被评价人): a person of a cycle, as they stood on the period's last day.

    `manager` is who reviews and approves now; the days of each manager of the period are at the raters. Somebody
    who is taken out keeps their row with `dropped_at`. `calibrated` is the score that calibration set in place of the
    computed one. Results are in `ReviewResult` once they are released.
    """

    cycle = TenantForeignKey(ReviewCycle, models.CASCADE, related_name="participants", db_index=False)
    employee = TenantForeignKey("people.Employee", models.PROTECT, related_name="+", db_index=False)
    unit = TenantForeignKey("people.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    manager = TenantForeignKey("people.Employee", models.PROTECT, null=True, related_name="+", db_index=False)
    scorecard_version = TenantForeignKey(
        "reviews.ScorecardVersion", models.PROTECT, null=True, related_name="+", db_index=False
    )
    nomination = models.CharField(max_length=10, choices=NominationState.choices, default=NominationState.OPEN)
    answer_until = models.DateField(_("answers until"), null=True, blank=True)  # longer than the cycle's
    potential = models.PositiveSmallIntegerField(_("potential"), null=True, blank=True)
    potential_note = models.CharField(_("why"), max_length=500, blank=True)
    calibrated = models.DecimalField(_("calibrated score"), max_digits=9, decimal_places=4, null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_reason = models.CharField(_("reason"), max_length=300, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "cycle", "employee"], name="participant_once"),
            models.CheckConstraint(
                condition=models.Q(potential__isnull=True) | models.Q(potential__gte=1, potential__lte=3),
                name="potential_1_to_3",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "employee"], name="participant_by_person"),
            models.Index(fields=["tenant", "manager", "cycle"], name="participant_by_manager"),
            models.Index(fields=["tenant", "cycle", "unit"], name="participant_by_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.employee_id}"


class RaterState(models.TextChoices):
    """How far a rater is with one person. Of anonymous groups it says that they are done, never what they said."""

    NOMINATED = "nominated", pgettext_lazy("rater", "Nominated")
    ASKED = "asked", pgettext_lazy("rater", "Asked")
    STARTED = "started", pgettext_lazy("rater", "Begun")
    DONE = "done", pgettext_lazy("rater", "Done")
    DECLINED = "declined", pgettext_lazy("rater", "Declined")
    REMOVED = "removed", pgettext_lazy("rater", "Removed")


@audited(exclude=("updated_at",))
class Rater(TenantOwned):
    """That somebody is asked to review a person (评价人), from which side.

    Who is asked is known; what they answered is not: answers are reached through `answers.door` only. Nobody stands
    in two groups of one person at a time. `days` are the working days of the period on which a manager was theirs. A
    declined rater names the reason; `replaces` is whom a new one was asked in place of.
    """

    participant = TenantForeignKey(Participant, models.CASCADE, related_name="raters", db_index=False)
    employee = TenantForeignKey("people.Employee", models.PROTECT, related_name="+", db_index=False)
    group = models.CharField(_("rater group"), max_length=20, choices=RaterKind.choices)
    state = models.CharField(_("state"), max_length=10, choices=RaterState.choices, default=RaterState.NOMINATED)
    days = models.PositiveSmallIntegerField(_("days"), default=1)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    replaces = TenantForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "participant", "employee", "group"], name="rater_once"),
            models.CheckConstraint(condition=models.Q(days__gte=1), name="rater_has_days"),
            # Who stood in two groups would know one answer of a group's minimum (RULES.md section 14).
            models.UniqueConstraint(
                fields=["tenant", "participant", "employee"],
                condition=models.Q(state__in=["nominated", "asked", "started", "done"]),
                name="rater_in_one_group",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "employee", "state"], name="rater_by_person")]

    def __str__(self) -> str:
        return f"{self.participant_id}: {self.employee_id} ({self.group})"


class Nudge(TenantOwned):
    """That somebody was reminded of a cycle on a day: never twice a day."""

    cycle = TenantForeignKey(ReviewCycle, models.CASCADE, related_name="+", db_index=False)
    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    kind = models.CharField(max_length=10)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "cycle", "employee", "day"], name="nudge_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.day}"
