"""Cases `cycles.launch` and `cycles.board`: launching a cycle for 5,000 people, and the status board of it.

Launch: ours is the real job (`jobs.services.run`), from its start to its commit: who is meant, the dry run, managers
with their days, scorecards, participants, raters and questions with policies, keys and audit triggers, notices.
The base is Django's `bulk_create` of the same finished participants and raters, committed, as the application's role,
into the same tables (audited), in the same run. Board: the page of 50 and the units of a cycle of all people, through
all of Django; the base is the same page of a cycle of 200; `queries` of both must be equal.
"""

import time
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from bench.data import World
from bench.report import Report, say
from bench.servers import admin_cursor, checkpoint, using

LAUNCH, BOARD = "cycles.launch", "cycles.board"
GOAL, BOARD_GOAL, PEOPLE, FEW, TIMES = 2.5, 2.5, 5000, 200, 5
EMPTIED = (
    "reviews_participant", "reviews_participantevent", "reviews_rater", "reviews_raterevent",
    "reviews_cyclequestion", "reviews_cyclequestionevent", "notify_notification", "notify_workspacemail",
)  # fmt: skip


def run(world: World, report: Report, times: int = TIMES) -> None:
    """Launch and insert in turns, each into empty tables; compare the medians. Then the board."""
    say(f"{LAUNCH}: {world.people:,} people")
    ours, base, rows = [], [], 0
    with using(world.database):
        user_id = _furnish(world)
        for turn in range(times + 1):
            seconds, kept = _launch(world, user_id, turn)
            if turn == 0:  # warms up
                continue
            rows = sum(map(len, kept))
            ours.append(seconds)
            base.append(_insert(world, kept))
        report.add(LAUNCH, goal=GOAL, ours=median(ours), base=median(base), rows=rows)
        _board(world, report, user_id, times)


def _furnish(world: World) -> int:
    """Make who launches, and a questionnaire."""
    from perfmgmt.people.models import User
    from perfmgmt.people.roles import Role
    from perfmgmt.people.services import add_member
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.models import Question, Questionnaire, QuestionnaireItem

    user = User.objects.create_user("cycles@bench.example", name="Bench HR")
    with tenant_scope(world.tenant_id):
        add_member(user, Role.HR)
        form = Questionnaire.objects.create(code="bench", name_en="Bench", name_zh="测试")
        for place in range(1, 11):
            question = Question.objects.create(code=f"bench.{place}", text_zh="题目", text_en="Question")
            QuestionnaireItem.objects.create(questionnaire=form, question=question, place=place)
    return user.pk


def _draft(world: World, user_id: int, name: str, audience: dict[str, Any]) -> Any:
    """Return a cycle that waits for its launch, and its job."""
    from perfmgmt.jobs.models import Job
    from perfmgmt.people.viewer import viewer_in, workspace_of
    from perfmgmt.tenants.models import Tenant
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.cycles import drafting, launching
    from reviews.models import CycleGroup, Questionnaire, ReviewCycle

    with tenant_scope(world.tenant_id):
        space = workspace_of(Tenant.objects.get(pk=world.tenant_id))
        viewer = viewer_in(user_id, space.today())
        cycle = drafting.create(viewer=viewer, workspace=space)
        form = Questionnaire.objects.get(code="bench")
        cycle = drafting.save_forms(cycle.pk, [form.pk], version=cycle.version, viewer=viewer)
        CycleGroup.objects.create(cycle=cycle, group="skip_level")
        params = {"cycle": cycle.pk, "language": "en"}
        job = Job.objects.create(kind=launching.LAUNCH, params=params, created_by_id=user_id)
        ReviewCycle.objects.filter(pk=cycle.pk).update(
            name=name, state="launching", job=job, audience=audience, answer_until=space.today() + timedelta(days=20),
            nominate_until=None, release_on=None,
        )  # fmt: skip
        return cycle, job


def _launch(world: World, user_id: int, turn: int) -> tuple[float, list[list[Any]]]:
    """Launch for everybody into empty tables; return the seconds and the finished rows."""
    from perfmgmt.jobs import services as jobs
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.models import Participant, Rater, ReviewCycle

    _empty()
    open_scope = partial(tenant_scope, world.tenant_id)
    with open_scope():
        ReviewCycle.objects.update(state="released")
    cycle, job = _draft(world, user_id, f"Bench {turn}", {})
    checkpoint()
    begun = time.perf_counter()
    jobs.run(open_scope, job.pk)
    seconds = time.perf_counter() - begun
    with open_scope():
        job.refresh_from_db()
        if job.result is None or job.result["people"] != Participant.objects.filter(cycle=cycle).count():
            raise RuntimeError(f"nothing was launched: {job.error}")
        return seconds, [list(Participant.objects.order_by("pk")), list(Rater.objects.order_by("pk"))]


def _empty() -> None:
    with admin_cursor(_database()) as cursor:
        cursor.execute(f"TRUNCATE {', '.join(EMPTIED)} CASCADE")


def _database() -> str:
    from django.db import connections

    return str(connections["default"].settings_dict["NAME"])


def _insert(world: World, rows: list[list[Any]]) -> float:
    """Insert the finished rows in one transaction into the emptied tables; return the seconds."""
    from perfmgmt.tenants.scope import tenant_scope

    _empty()
    checkpoint()
    begun = time.perf_counter()
    with tenant_scope(world.tenant_id):
        for found in rows:
            type(found[0]).objects.bulk_create(found, batch_size=2000)
    return time.perf_counter() - begun


def _board(world: World, report: Report, user_id: int, times: int) -> None:
    """Compare the board of everybody with that of 200 people."""
    from perfmgmt.jobs import services as jobs
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.models import Participant, ReviewCycle

    _empty()
    open_scope = partial(tenant_scope, world.tenant_id)
    with open_scope():
        ReviewCycle.objects.update(state="released")
    many, job = _draft(world, user_id, "Board of all", {})
    jobs.run(open_scope, job.pk)
    with open_scope():
        ReviewCycle.objects.update(state="released")
        chosen = list(Participant.objects.order_by("pk").values_list("employee_id", flat=True)[:FEW])
    few, job = _draft(world, user_id, "Board of few", {"people": chosen})
    jobs.run(open_scope, job.pk)
    with open_scope():  # launched one after the other, as nobody is in two open cycles; read alike
        ReviewCycle.objects.exclude(state="draft").update(state="open")
    with admin_cursor(_database()) as cursor:
        cursor.execute("VACUUM (ANALYZE) reviews_participant; ")
        cursor.execute("VACUUM (ANALYZE) reviews_rater")
    (small, q_few), (large, q_many) = (_read(world, user_id, each.pk, times) for each in (few, many))
    report.add(BOARD, goal=BOARD_GOAL, ours=large, base=small, met=q_few == q_many, queries=q_many)


def _read(world: World, user_id: int, cycle_id: int, times: int) -> tuple[float, int]:
    """Return the median seconds of both pages of a board, and their queries."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from perfmgmt.people.models import User
    from perfmgmt.tenants.models import Tenant

    client = Client()
    client.force_login(User.objects.get(pk=user_id))
    slug = Tenant.objects.get(pk=world.tenant_id).slug
    pages = [f"/w/{slug}/cycles/{cycle_id}/{query}" for query in ("", "?by=units")]
    for page in pages:
        if client.get(page).status_code != 200:
            raise RuntimeError(f"{page} can't be read")
    taken = []
    for _turn in range(times):
        begun = time.perf_counter()
        for page in pages:
            client.get(page)
        taken.append(time.perf_counter() - begun)
    with CaptureQueriesContext(connection) as seen:
        for page in pages:
            client.get(page)
    return median(taken), len(seen)
