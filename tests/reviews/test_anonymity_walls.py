"""Who answered what is on no page, in no file, mail, notice, job, log or other table."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from perfmgmt.people.models import User
from perfmgmt.people.roles import Role
from perfmgmt.people.services import add_member
from reviews.answers import door
from reviews.answers.shuffling import reshuffle
from reviews.models import (
    Answer,
    AnswerSheet,
    AuthorKey,
    CycleState,
    FairnessAsked,
    FairnessVoice,
    Rater,
    ReviewCycle,
)
from tests.factories import CAST, Company
from tests.people.walk import OBJECTS, Route, address, text_of, workspace_routes
from tests.reviews.factories import Cycle, add_peers, add_rater, answer, open_cycle
from tests.tenants.samples import fill

SECRETS = ("reviews_answer", "reviews_answersheet", "reviews_authorkey")


@dataclass
class Answered:
    """A cycle about ann in which four peers, one of whom can sign in, and the manager have answered."""

    company: Company
    cycle: Cycle
    words: dict[int, str] = field(default_factory=dict)  # by rater
    peers: list[Rater] = field(default_factory=list)

    def move_to(self, state: str) -> None:
        with self.company.scope():
            ReviewCycle.objects.filter(pk=self.cycle.row.pk).update(state=state)


@pytest.fixture
def answered(company: Company, settings: Any, tmp_path: Any) -> Iterator[Answered]:
    """A filled company, so that every page has life, beside the cycle."""
    settings.MEDIA_ROOT = tmp_path
    fill(company)
    with company.scope():
        company.drain()
        found = Answered(company, open_cycle(company, "ann"))
        bob = company.people["bob"]
        found.peers = [add_rater(found.cycle, "ann", bob, "peers"), *add_peers(company, found.cycle, "ann", 3)]
        user = User.objects.create_user("bob@sign.example", name="Bob")
        add_member(user, employee=bob)
        company.users["bob"] = user
        for at, rater in enumerate(found.peers):
            found.words[rater.pk] = f"zq{at}unmistakable words"
            answer(found.cycle, rater, 1 + at, 5 - at, 3, text=found.words[rater.pk])
    yield found


def ids_of(answered: Answered) -> dict[str, Callable[[Company], int]]:
    """What addresses take, of this cycle where it has such a thing."""
    person = answered.cycle.people["ann"]
    own = {
        "cycle_id": answered.cycle.row.pk,
        "participant_id": person.pk,
        "employee_id": person.employee_id,
        "questionnaire_id": answered.cycle.questionnaire.pk,
        "rater_id": answered.peers[0].pk,
        "calibrated_id": person.pk,
    }
    return {**OBJECTS, **{name: lambda _company, pk=pk: pk for name, pk in own.items()}}  # type: ignore[misc]


def pages(answered: Answered, *roles: str) -> Iterator[tuple[str, str, str]]:
    """Every page that these may open: who, address, text."""
    company, actions, objects = answered.company, set[str](), ids_of(answered)
    for role in roles:
        client = Client()
        client.force_login(company.users[role])
        for route in workspace_routes():
            if not may_open(role, route) or route.pattern in actions:
                continue
            path = address(route, company, objects, company)
            response = client.get(path)
            if response.status_code == 405:  # it has a page for nobody
                actions.add(route.pattern)
            if response.status_code == 200:
                yield role, path, text_of(response)


def may_open(role: str, route: Route) -> bool:
    """Whether a role has an address's permission; managers and bob are assistants as well."""
    roles = {Role.ASSISTANT} if role == "bob" else {Role(role)} | ({Role.ASSISTANT} if role == "manager" else set())
    return bool(route.access and route.access.permission and roles & route.access.permission.roles)


@pytest.mark.django_db
@pytest.mark.parametrize("roles", [CAST[:3], CAST[3:5], (*CAST[5:], "bob")], ids="-".join)
def test_while_answers_come_in_only_the_author_finds_them(answered: Answered, roles: tuple[str, ...]) -> None:
    author, wrong, opened = answered.peers[0].pk, [], 0
    for role, path, text in pages(answered, *roles):
        opened += 1
        seen = [rater for rater, words in answered.words.items() if words in text]
        wrong += [(role, path, rater) for rater in seen if (role, rater) != ("bob", author)]
    assert wrong == []
    assert opened > 20


@pytest.mark.django_db
@pytest.mark.parametrize("roles", [("owner",), ("executive", "manager"), ("assistant", "auditor")], ids="-".join)
def test_released_no_answer_stands_beside_its_author(answered: Answered, roles: tuple[str, ...]) -> None:
    """The owner stands for HR, who may open no more; bob's own words may stand beside his name."""
    answered.move_to(CycleState.RELEASED)
    with answered.company.scope():
        people = {one.pk: one.employee for one in Rater.objects.filter(pk__in=answered.words)}
        names = {pk: (person.name, person.number) for pk, person in people.items()}
    wrong = []
    for role, path, text in pages(answered, *roles):
        seen = [rater for rater, words in answered.words.items() if words in text]
        wrong += [(role, path, rater) for rater in seen if any(name in text for name in names[rater])]
    assert wrong == []


@pytest.mark.django_db
def test_no_other_table_holds_an_answer_or_the_key_of_a_sheet(answered: Answered) -> None:
    with answered.company.scope():
        keys = [str(key) for key in AnswerSheet.objects.values_list("key", flat=True)]
        found = [(table, what) for what in [*answered.words.values(), *keys] for table in tables_with(what)]
    assert {table for table, _what in found} == {"reviews_answer", "reviews_answersheet"}


def tables_with(text: str) -> list[str]:
    """The tables in any column of which a text stands: outbox, notices, jobs, trail, sessions and all others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), 'SELECT')"
        )
        names = [name for (name,) in cursor.fetchall()]
        union = " UNION ALL ".join(f"SELECT '{name}' FROM {name} t WHERE t::text LIKE %(like)s" for name in names)
        cursor.execute(f"SELECT DISTINCT * FROM ({union}) found", {"like": f"%{text}%"})
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.django_db
def test_nothing_of_an_answer_is_logged(acme: Company, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # The log of statements of Django itself is for developers: it needs DEBUG, which no operated server has.
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    cycle = open_cycle(acme, "ann")
    (peer,) = add_peers(acme, cycle, "ann", 1)
    answer(cycle, peer, 3, 3, 3, text="zq words of mine")
    with pytest.raises(Exception, match="scale"):
        door.save(peer, {cycle.scales[0].pk: door.Given(77), cycle.questions[-1].pk: door.Given(text="zq and these")})
    assert "zq" not in caplog.text


# Where rows lie


def lying(table: str, column: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY ctid")
        return [value for (value,) in cursor.fetchall()]


def test_after_the_close_neither_order_nor_transaction_joins_a_rater_to_a_sheet(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    raters = add_peers(acme, cycle, "ann", 12)
    for at, rater in enumerate(raters):
        answer(cycle, rater, 1 + at % 5, 3, 3)
        FairnessVoice.objects.create(cycle_id=cycle.row.pk, fair=1 + at % 5, useful=3)
        FairnessAsked.objects.create(
            pk=(acme.tenant.pk, cycle.row.pk, rater.employee_id), cycle_id=cycle.row.pk, employee=rater.employee
        )
    before = lying("reviews_answersheet", "key"), lying("reviews_authorkey", "rater_id")
    mine = [door.own_sheet(rater) for rater in raters]
    counts = [model.objects.count() for model in (Answer, AnswerSheet, AuthorKey, FairnessVoice, FairnessAsked)]

    reshuffle(cycle.row.pk)

    assert lying("reviews_answersheet", "key") != before[0] and lying("reviews_authorkey", "rater_id") != before[1]
    for table in (*SECRETS, "reviews_fairnessvoice", "reviews_fairnessasked"):
        assert len(set(lying(table, "xmin::text"))) == 1, table
    assert [door.own_sheet(rater) for rater in raters] == mine
    assert counts == [
        model.objects.count() for model in (Answer, AnswerSheet, AuthorKey, FairnessVoice, FairnessAsked)
    ]


def test_rewriting_one_cycle_leaves_another_alone(acme: Company) -> None:
    cycle = open_cycle(acme, "ann")
    (peer,) = add_peers(acme, cycle, "ann", 1)
    answer(cycle, peer, 3, 3, 3)
    before = lying("reviews_answersheet", "ctid::text")
    reshuffle(cycle.row.pk + 1)
    assert lying("reviews_answersheet", "ctid::text") == before
