"""The audit trail (T7): every change of a tenant-owned row is an event, written by a trigger of its table.

`@audited()` on a model makes an event model beside it (`EmployeeEvent` beside `Employee`) and the triggers that fill
it, so that bulk writes, COPY and raw SQL are covered like any other. Who did it and why travels in a setting of the
transaction, which the scope sets when it opens (`acting.py`).
Event tables only grow: the application's role may neither change nor delete a row (`SecureHistory`).

Hot tables carry no triggers; they keep versions of their own. What has no trail stands in `UNAUDITED` with a reason.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import pghistory
from django.apps import apps
from django.db import models
from pghistory.models import Event

from perfmgmt.tenants.base import HotForeignKey, HotTenantOwned
from perfmgmt.tenants.rls import SecureTable

# Tenant-owned tables without a trail, each with the reason a reviewer accepted.
UNAUDITED: dict[str, str] = {
    "metrics.Fact": "hot; earlier versions are in metrics.FactVersion with the import that replaced them",
    "metrics.FactVersion": "is a history itself",
    "metrics.EmployeeRollup": "derived from facts; can be rebuilt",
    "metrics.UnitRollup": "derived from facts; can be rebuilt",
    "metrics.Forecast": "derived from rollups; can be rebuilt",
    "metrics.ForecastBasis": "derived from rollups; can be rebuilt",
    "metrics.DirtyKey": "a queue of work",
    "metrics.ParkedKey": "a queue of work that failed",
    "metrics.CustomerDay": "derived from facts; can be rebuilt",
    "metrics.ImportDraft": "steps of an upload; each step is a job, and what came of it is an import",
    "metrics.FactsBatch": "its own record: which token sent it, when, with what result, which job undid it",
    "closing.PeriodLock": "only grows: a version is a record of its own",
    "closing.FrozenFigure": "only grows: what a version of a locked period holds",
    "goals.CheckInMail": "that a reminder was sent; the mail itself is in notify.WorkspaceMail",
    "goals.GoalStep": "is a history itself, which only grows",
    "goals.PlanReminder": "who was reminded on which day; kept for a month so that nobody is reminded twice",
    "reviews.AnswerSheet": "anonymous: a trail would name the author (docs/anonymity.md)",
    "reviews.Answer": "anonymous: a trail would name the author (docs/anonymity.md)",
    "reviews.AuthorKey": "who wrote which sheet, sealed; a trail would carry times",
    "reviews.FairnessVoice": "anonymous: a trail would name the author (docs/anonymity.md)",
    "reviews.FairnessAsked": "who has answered anonymously; a trail would carry times",
    "reviews.Nudge": "who was reminded on which day; the mail itself is in notify.WorkspaceMail",
    "reviews.Score": "derived from rollups, goals and answers; can be rebuilt",
    "reviews.ScorePart": "derived from rollups, goals and answers; can be rebuilt",
    "reviews.GroupScoreRow": "derived from answers; can be rebuilt",
    "reviews.RaterStatistic": "derived from answers; can be rebuilt",
    "reviews.CycleStatistic": "derived from answers; can be rebuilt",
    "reviews.ScoreKey": "a queue of work",
    "reviews.SurveyInvitation": "its own record: who was asked about what, when it was mailed, started and answered",
    "reviews.SurveyLink": "the hash of a link; it only grows",
    "reviews.SurveySkip": "its own record: who was not asked, and why",
    "reviews.SurveyAnswer": "a customer's own words, which they may correct for a week and which go when they ask",
    "reviews.SurveyTally": "derived from answers; can be rebuilt",
    "reviews.ThemedWords": "its own record: who gave words a theme and when; it goes with the customer's words",
    "reviews.FollowUpStep": "is a history itself",
    "reviews.Feedback": "between colleagues: a trail would show HR and auditors who made suggestions to whom",
    "reviews.FeedbackAsk": "a colleague's own words, which they may change until the request is over",
    "reviews.FeedbackReceiver": "between colleagues, as reviews.Feedback",
    "reviews.PraiseReaction": "its own record: who clicked what, when; it goes with a second click",
    "api.BatchAnswer": "answers kept for two days, so that a repeated request gets the same one",
    "notify.WorkspaceMail": "a mail is its own record: to whom, when, how it went",
    "notify.Notification": "a notice to one person of what stands elsewhere; kept for 90 days",
    "jobs.Job": "a job is its own record: who started it, when, with what, how it ended",
}
M = TypeVar("M", bound=type[models.Model])


class AuditEvent(HotTenantOwned, Event):  # type: ignore[misc]
    """One change of one row: its values afterwards (before, for a deletion), when, and by whom (`pgh_context`)."""

    pgh_id = models.BigAutoField(primary_key=True)
    tenant = HotForeignKey("tenants.Tenant", editable=False)  # filled by the trigger, from the row

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["tenant", "pgh_id"], name="%(class)s_key")]
        indexes = [
            models.Index(fields=["tenant", "pgh_created_at"], name="%(class)s_time"),
            models.Index(fields=["tenant", "pgh_obj", "pgh_id"], name="%(class)s_row"),
        ]


def audited(*, exclude: tuple[str, ...] = ()) -> Callable[[M], M]:
    """Keep a trail of a model's rows, without the fields in `exclude` (secrets, what the database computes)."""

    def decorate(model: M) -> M:
        return pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=["tenant", *exclude],
            obj_field=pghistory.ObjForeignKey(
                on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
            ),
            context_field=pghistory.ContextJSONField(),
            context_id_field=None,  # type: ignore[arg-type]
            base_model=AuditEvent,
            model_name=f"{model.__name__}Event",
            meta={
                "constraints": [_named(each, model) for each in AuditEvent._meta.constraints],
                "indexes": [_named(each, model) for each in AuditEvent._meta.indexes],
            },
        )(model)

    return decorate


def _named(part: Any, model: type[models.Model]) -> Any:
    """Return a copy of a constraint or index with the name it has at this model's events."""
    copy = part.clone()
    copy.name = part.name.replace("%(class)s", f"{model.__name__.lower()}event")[:30]
    return copy


class SecureHistory(SecureTable):
    """Row-level security for an event table, which the application's role may only add to and read."""

    def statements(self, model: type[models.Model]) -> list[str]:
        """Return the SQL: the wall without references (rows outlive what they tell of), and what is taken away."""
        table = model._meta.db_table
        return [
            *self.wall(table),
            "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'perfmgmt_app') THEN "
            f'REVOKE UPDATE, DELETE ON "{table}" FROM perfmgmt_app; END IF; END $$',
        ]


def event_models() -> list[type[AuditEvent]]:
    """Return every event model, by the name of the model it tells of."""
    found = [model for model in apps.get_models() if issubclass(model, AuditEvent)]
    return sorted(found, key=lambda model: tracked(model)._meta.label)


def tracked(event: type[AuditEvent]) -> type[models.Model]:
    """Return the model whose rows an event model tells of."""
    return cast(type[models.Model], event.pgh_tracked_model)
