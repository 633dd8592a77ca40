"""Calibration, release and what follows from a result (R8, R9, R14)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.tenants.base import TenantForeignKey, TenantOwned
from perfmgmt.tenants.history import audited
from reviews.models.cycles import Participant, ReviewCycle, _user


@audited()
class CalibrationSession(TenantOwned):
    """A meeting in which managers compare the scores of a unit and all below it (绩效校准); no unit: everybody."""

    cycle = TenantForeignKey(ReviewCycle, models.CASCADE, related_name="calibrations", db_index=False)
    name = models.CharField(_("name"), max_length=120)
    unit = TenantForeignKey("people.Unit", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    held_on = models.DateField(_("held on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_by = _user()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "cycle", "unit"], nulls_distinct=False, name="calibration_once_per_unit"
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class CalibrationMember(TenantOwned):
    """A manager who takes part in a session beside HR; they see and move the people of the session."""

    session = TenantForeignKey(CalibrationSession, models.CASCADE, related_name="members", db_index=False)
    employee = TenantForeignKey("people.Employee", models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "session", "employee"], name="calibration_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.employee_id}"


@audited()
class CalibrationMove(TenantOwned):
    """A score that a session set in place of another, with the reason; moves are kept, the last one counts."""

    session = TenantForeignKey(CalibrationSession, models.CASCADE, related_name="moves", db_index=False)
    participant = TenantForeignKey(Participant, models.CASCADE, related_name="moves", db_index=False)
    before = models.DecimalField(_("before"), max_digits=9, decimal_places=4, null=True, blank=True)
    after = models.DecimalField(_("after"), max_digits=9, decimal_places=4)
    grade_before = models.CharField(max_length=20, blank=True)
    grade_after = models.CharField(max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    moved_by = _user()
    moved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "session"], name="move_by_session"),
            models.Index(fields=["tenant", "participant"], name="move_by_participant"),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id}: {self.before} - {self.after}"


@audited()
class ReleaseBatch(TenantOwned):
    """A release of results (公布结果), of some or all people of a cycle, at once."""

    cycle = TenantForeignKey(ReviewCycle, models.CASCADE, related_name="batches", db_index=False)
    number = models.PositiveIntegerField()
    released_by = _user()
    released_at = models.DateTimeField(auto_now_add=True)
    job = TenantForeignKey("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    people = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "cycle", "number"], name="release_batch_once")]

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.number}"


class ResultState(models.TextChoices):
    """What the person says to the result."""

    RELEASED = "released", pgettext_lazy("result", "Released")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("result", "Acknowledged")
    DISAGREED = "disagreed", pgettext_lazy("result", "Disagreed")


# What pages mask by reader (hidden overall scores, leniency, calibration) must not stand in the trail for all.
@audited(exclude=("frozen", "computed", "review", "adjusted"))
class ReviewResult(TenantOwned):
    """A person's released result: frozen, whatever changes afterwards.

    `score` and `grade` are what counts (after calibration), `computed` what was worked out. `frozen` holds the trace
    as it was: parts, groups, questions, comments that may be shown, and the days of managers.
    """

    batch = TenantForeignKey(ReleaseBatch, models.PROTECT, related_name="results", db_index=False)
    participant = TenantForeignKey(Participant, models.PROTECT, related_name="results", db_index=False)
    score = models.DecimalField(_("score"), max_digits=12, decimal_places=4, null=True)
    grade = models.CharField(_("grade"), max_length=20, blank=True)
    computed = models.DecimalField(_("computed score"), max_digits=12, decimal_places=4, null=True)
    review = models.DecimalField(_("score of the 360-degree review"), max_digits=12, decimal_places=4, null=True)
    adjusted = models.DecimalField(
        _("adjusted score of the 360-degree review"), max_digits=12, decimal_places=4, null=True
    )
    frozen = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=12, choices=ResultState.choices, default=ResultState.RELEASED)
    comment = models.CharField(_("comment"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "participant"], name="result_once")]
        indexes = [models.Index(fields=["tenant", "batch"], name="result_by_batch")]

    def __str__(self) -> str:
        return f"{self.participant_id}: {self.grade}"


@audited()
class ReviewMeeting(TenantOwned):
    """The record of a review meeting (绩效面谈): agenda from facts, notes by both, signed by both."""

    result = TenantForeignKey(ReviewResult, models.CASCADE, related_name="meetings", db_index=False)
    held_on = models.DateField(_("held on"), null=True, blank=True)
    agenda = models.JSONField(default=list, blank=True)
    employee_notes = models.TextField(_("notes of the employee"), max_length=4000, blank=True)
    manager_notes = models.TextField(_("notes of the manager"), max_length=4000, blank=True)
    agreed = models.TextField(_("what was agreed"), max_length=4000, blank=True)
    version = models.PositiveIntegerField(default=1)
    signed_by_employee_at = models.DateTimeField(null=True, blank=True)
    signed_by_manager_at = models.DateTimeField(null=True, blank=True)
    manager = TenantForeignKey("people.Employee", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "result"], name="meeting_once_per_result")]

    def __str__(self) -> str:
        return f"{self.result_id}: {self.held_on}"

    @property
    def is_signed(self) -> bool:
        """Whether both have signed."""
        return self.signed_by_employee_at is not None and self.signed_by_manager_at is not None


class ProposalKind(models.TextChoices):
    """What a result suggests (R14)."""

    IMPROVEMENT = "improvement", _("Improvement plan")
    TRAINING = "training", _("Training")
    PROMOTION = "promotion", _("Promotion")
    INCENTIVE = "incentive", _("Incentive")


class ProposalState(models.TextChoices):
    """Whether anybody took it up."""

    OPEN = "open", pgettext_lazy("proposal", "Open")
    ACCEPTED = "accepted", pgettext_lazy("proposal", "Accepted")
    DISMISSED = "dismissed", pgettext_lazy("proposal", "Dismissed")


@audited()
class Proposal(TenantOwned):
    """What a result suggests, with the reason in data ({"code", ...numbers}); suggested, never done by itself."""

    result = TenantForeignKey(ReviewResult, models.CASCADE, related_name="proposals", db_index=False)
    kind = models.CharField(_("kind"), max_length=12, choices=ProposalKind.choices)
    state = models.CharField(_("state"), max_length=10, choices=ProposalState.choices, default=ProposalState.OPEN)
    reason = models.JSONField(default=dict)
    note = models.CharField(_("note"), max_length=500, blank=True)
    decided_by = _user()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "result", "kind"], name="proposal_once_per_result")]

    def __str__(self) -> str:
        return f"{self.result_id}: {self.kind}"
