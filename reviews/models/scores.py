"""Scores, derived by workers from rollups, goals and answers; all of it can be rebuilt (RULES.md sections 4-6)."""

from django.db import models

from perfmgmt.tenants.base import HotForeignKey, HotTenantOwned


class Score(HotTenantOwned):
    """A person's composite score of a period.

    `before` is the score before `deduction`; the contributions of the parts sum to it. `score` is missing when no
    part counts, or one blocks. `review` is the 360 score over all questionnaires, `adjusted` the same with
    the leniency of raters taken out (unclipped), once per batch.
    """

    pk = models.CompositePrimaryKey("tenant_id", "grain", "start", "employee_id")
    grain = models.SmallIntegerField()
    start = models.DateField()
    employee = HotForeignKey("people.Employee")
    version_id = models.BigIntegerField()
    cycle_id = models.BigIntegerField(null=True)
    score = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    before = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    deduction = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    grade = models.CharField(max_length=20, default="", blank=True)
    review = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    adjusted = models.DecimalField(max_digits=12, decimal_places=4, null=True)

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.grain}/{self.start}"


class ScorePart(HotTenantOwned):
    """What one part of the scorecard gave: figure, target, score, weights, contribution, or why it is out.

    `x` is what went into the curve; `weight` as set (percent of the whole), `used` as used; `raw` in the unit.
    """

    pk = models.CompositePrimaryKey("tenant_id", "grain", "start", "employee_id", "part_id")
    grain = models.SmallIntegerField()
    start = models.DateField()
    employee = HotForeignKey("people.Employee")
    part_id = models.BigIntegerField()
    raw = models.DecimalField(max_digits=38, decimal_places=4, null=True)
    target = models.DecimalField(max_digits=38, decimal_places=4, null=True)
    goal_id = models.BigIntegerField(null=True)
    x = models.DecimalField(max_digits=38, decimal_places=8, null=True)
    score = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    weight = models.DecimalField(max_digits=9, decimal_places=4)
    used = models.DecimalField(max_digits=9, decimal_places=4)
    contribution = models.DecimalField(max_digits=12, decimal_places=4)
    out = models.CharField(max_length=12, default="", blank=True)

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.part_id}"


class GroupScoreRow(HotTenantOwned):
    """What a rater group gave for a questionnaire (after merging): its score, or that it is hidden."""

    pk = models.CompositePrimaryKey("tenant_id", "cycle_id", "participant_id", "questionnaire_id", "group")
    cycle_id = models.BigIntegerField()
    participant_id = models.BigIntegerField()
    questionnaire_id = models.BigIntegerField()
    group = models.CharField(max_length=20)
    n = models.IntegerField()
    weight = models.DecimalField(max_digits=9, decimal_places=4)
    score = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    adjusted = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    hidden = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.participant_id}: {self.group}"


class ScoreKey(HotTenantOwned):
    """Days of a person whose scores no longer match what they come from; no employee means everybody."""

    id = models.BigAutoField(primary_key=True)
    employee = HotForeignKey("people.Employee", null=True)
    first_day = models.DateField()
    last_day = models.DateField()

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.first_day} - {self.last_day}"


class RaterStatistic(HotTenantOwned):
    """What the model of a cycle says about one rater (RULES.md section 7), for HR only; made in one batch."""

    pk = models.CompositePrimaryKey("tenant_id", "cycle_id", "employee_id")
    cycle_id = models.BigIntegerField()
    employee = HotForeignKey("people.Employee")
    ratees = models.IntegerField()
    mean = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    leniency = models.DecimalField(max_digits=9, decimal_places=4, null=True)
    spread = models.DecimalField(max_digits=9, decimal_places=4, null=True)

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.employee_id}"


class CycleStatistic(HotTenantOwned):
    """What a cycle's answers say as a whole: reliability with its interval, the gap of self against others."""

    pk = models.CompositePrimaryKey("tenant_id", "cycle_id")
    cycle_id = models.BigIntegerField()
    made_at = models.DateTimeField()
    figures = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"statistics of {self.cycle_id}"
