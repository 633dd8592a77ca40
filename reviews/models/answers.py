"""Answers (R5, R6). `reviews.answers.door` is the only module that reads or writes these tables.

No row of an answer names its author, a time, or a key that can be sorted: a sheet's key is random. Who wrote which
sheet is kept apart, encrypted (`AuthorKey`). None of it has an audit trail: a trail would tell.
"""

import uuid

from django.db import models

from perfmgmt.tenants.base import HotForeignKey, HotTenantOwned
from reviews.models.cycles import RaterKind


class AnswerSheet(HotTenantOwned):
    """One rater's answers about one person; a draft until it is handed in. `edition` guards against two tabs."""

    pk = models.CompositePrimaryKey("tenant_id", "key")
    key = models.UUIDField(default=uuid.uuid4)
    cycle_id = models.BigIntegerField()
    participant_id = models.BigIntegerField()
    group = models.CharField(max_length=20, choices=RaterKind.choices)
    days = models.PositiveSmallIntegerField(default=1)
    is_done = models.BooleanField(default=False)
    edition = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["tenant", "cycle_id", "participant_id"], name="sheet_by_participant")]

    def __str__(self) -> str:
        return "a sheet of answers"


class Answer(HotTenantOwned):
    """An answer: a step of the scale, a text, or neither ("cannot judge")."""

    pk = models.CompositePrimaryKey("tenant_id", "sheet", "question_id")
    sheet = models.UUIDField()
    question_id = models.BigIntegerField()
    value = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(default="", blank=True)
    cannot_judge = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "an answer"


class AuthorKey(HotTenantOwned):
    """Which sheet a rater writes on: the sheet's key as one block of a cipher, whose key is not in the database."""

    pk = models.CompositePrimaryKey("tenant_id", "rater_id")
    rater = HotForeignKey("reviews.Rater")
    sealed = models.BinaryField(max_length=16)

    def __str__(self) -> str:
        return "a sealed key"


class FairnessVoice(HotTenantOwned):
    """One person's answer to the two questions about a cycle's fairness (1-5); nobody's in particular."""

    pk = models.CompositePrimaryKey("tenant_id", "key")
    key = models.UUIDField(default=uuid.uuid4)
    cycle_id = models.BigIntegerField()
    fair = models.PositiveSmallIntegerField()
    useful = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=1000, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "cycle_id"], name="voice_by_cycle")]

    def __str__(self) -> str:
        return "a voice"


class FairnessAsked(HotTenantOwned):
    """Who was asked about a cycle's fairness, and whether they have answered; not what."""

    pk = models.CompositePrimaryKey("tenant_id", "cycle_id", "employee_id")
    cycle_id = models.BigIntegerField()
    employee = HotForeignKey("people.Employee")
    answered = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.employee_id}"
