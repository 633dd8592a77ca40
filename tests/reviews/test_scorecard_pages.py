"""Pages of scorecards: list, editor, preview, publishing, comparing; and what assistants see of them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.models import MonthlyTarget
from perfmgmt.metrics.models import Metric
from perfmgmt.people.viewer import workspace_of
from perfmgmt.tenants.calendar import Grain, Period
from reviews.models import Questionnaire, Scorecard, ScorecardVersion
from reviews.scorecards import services, typed
from reviews.scorecards.content import DimensionDraft, PartDraft, VersionDraft, content_of, stamp
from reviews.scorecards.preview import compare, last_period, people_for, preview
from reviews.scorecards.services import CardDraft
from tests.factories import Company

SignIn = Callable[[Any], Any]
BASE = "/w/acme/scorecards/"


def draft(company: Company, *weights: int, metric: str = "sales_amount") -> ScorecardVersion:
    """A draft with a dimension for each weight, each with one part; opens the scope."""
    with company.scope():
        pk = Metric.objects.get(code=metric).pk
        part = PartDraft("metric", Decimal(100), metric_id=pk)
        dims = [DimensionDraft(Decimal(w), "", f"D{at}", parts=(part,)) for at, w in enumerate(weights or (100,), 1)]
        card = services.create_scorecard(CardDraft("", "Quarter", 4), VersionDraft(tuple(dims)))
        return card.versions.select_related("scorecard").get()


def seen(company: Company, version: ScorecardVersion) -> str:
    with company.scope():
        return stamp(content_of(version))


def fields(company: Company, version: ScorecardVersion, **changes: str) -> dict[str, Any]:
    """What the editor's form sends for a draft as it is stored."""
    with company.scope():
        found = typed.typed_of(content_of(version))
    data: dict[str, Any] = {"seen": seen(company, version), "missing": found.missing, "do": "save"}
    for at, one in enumerate(found.dimensions):
        data |= {f"d-{at}-{name}": getattr(one, name) for name in ("name_zh", "name_en", "code", "weight")}
        for place, part in enumerate(one.parts):
            key = f"d-{at}-p-{place}-"
            names = ("kind", "name_zh", "name_en", "weight", "metric", "questionnaire", "input", "curve")
            data |= {f"{key}{name}": getattr(part, name) for name in names}
            data |= {f"{key}x": [x for x, _y in part.points], f"{key}y": [y for _x, y in part.points]}
            data |= {f"{key}g-{group}": weight for group, weight in part.groups.items()}
    return data | changes


def test_the_list_begins_with_ready_ones_and_is_filtered(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    assert "Begin with the ready ones" in client.get(BASE).content.decode()
    assert "4 scorecards added as drafts" in client.post(f"{BASE}ready/", follow=True).content.decode()
    assert "all there already" in client.post(f"{BASE}ready/", follow=True).content.decode()
    assert "Hunter, quarter" in client.get(f"{BASE}?type=hunter").content.decode()
    assert "Farmer, quarter" not in client.get(f"{BASE}?type=hunter").content.decode()
    assert "No scorecard matches" in client.get(f"{BASE}?q=nothing").content.decode()
    for sort in ("name", "-name", "rhythm", "-version", "from", "nonsense"):
        assert client.get(f"{BASE}?sort={sort}&rhythm=4&state=draft").status_code == 200
    # What is not published is not shown to the people who are assessed.
    assert "No scorecard is published yet" in sign_in(company.users["assistant"]).get(BASE).content.decode()


def test_the_list_takes_the_same_queries_for_many(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    client.post(f"{BASE}ready/")
    with CaptureQueriesContext(connection) as many:
        client.get(BASE)
    with company.scope():
        Scorecard.objects.exclude(sales_role_type="").delete()
    with CaptureQueriesContext(connection) as one:
        client.get(BASE)
    assert len(many) == len(one)


def test_a_scorecard_is_made_and_copied(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    response = client.post(f"{BASE}new/", {"name_en": "Mine", "rhythm": "4"})
    assert response.status_code == 302
    again = client.post(f"{BASE}new/", {"name_en": "Other", "rhythm": "4"})
    assert again.status_code == 400 and "is in use for these people and this rhythm" in again.content.decode()
    nameless = client.post(f"{BASE}new/", {"rhythm": "3"})
    assert nameless.status_code == 400 and "Give the scorecard a name" in nameless.content.decode()
    with company.scope():
        card = Scorecard.objects.get()
    assert "The copy begins" in client.get(f"{BASE}new/?from={card.pk}").content.decode()
    assert client.post(f"{BASE}new/?from={card.pk}", {"name_en": "Copy", "rhythm": "3"}).status_code == 302
    assert client.get(f"{BASE}new/?from=99999999").status_code == 404


def test_the_editor_saves_everything_that_it_sends(company: Company, sign_in: SignIn) -> None:
    version, client = draft(company, 60, 40), sign_in(company.users["hr"])
    address = f"{BASE}versions/{version.pk}/edit/"
    with company.scope():
        form = Questionnaire.objects.create(code="f", name_en="Form").pk
    page = client.get(address).content.decode()
    assert "D1" in page and 'value="60"' in page and 'value="100"' in page
    changes = {
        "d-0-weight": "70", "d-1-weight": "30", "d-0-name_zh": "业绩", "d-0-p-0-x": ["0", "90%", "120"],
        "d-0-p-0-y": ["0", "80", "110"], "d-1-p-0-kind": "questionnaire", "d-1-p-0-questionnaire": str(form),
        "d-1-p-0-g-manager": "100", "missing": "zero", "note": "Better", "own_bands": "1", "grade": ["S", "A", ""],
        "from": ["90", "0", ""],
    }  # fmt: skip
    response = client.post(address, fields(company, version) | changes)
    assert response.status_code == 302, response.content.decode()
    with company.scope():
        found = content_of(ScorecardVersion.objects.get(pk=version.pk))
    assert [(one.name_zh, one.weight) for one in found.dimensions] == [("业绩", 70), ("", 30)]
    assert found.dimensions[0].parts[0].points == ((0, 0), (Decimal("0.9"), 80), (Decimal("1.2"), 110))
    asks = found.dimensions[1].parts[0]
    assert (asks.kind, asks.questionnaire_id, asks.groups) == ("questionnaire", form, (("manager", 100),))
    assert (found.missing, found.note, found.bands) == ("zero", "Better", (("S", 90), ("A", 0)))


def test_what_is_typed_wrongly_stays_and_nothing_is_saved(company: Company, sign_in: SignIn) -> None:
    version, client = draft(company, 60, 40), sign_in(company.users["hr"])
    address = f"{BASE}versions/{version.pk}/edit/"
    for changes, says in (
        ({"d-0-weight": "many"}, "can&#x27;t be read"),
        ({"d-0-weight": "101"}, "between 0 and 100"),
        ({"d-0-p-0-x": ["0", "100", "100"]}, "two points at the same place"),
        ({"d-0-p-0-metric": ""}, "Choose a metric"),
        ({"d-0-name_en": ""}, "Give dimension 1 a name"),
    ):
        response = client.post(address, fields(company, version) | changes)
        assert response.status_code == 400 and says in response.content.decode(), changes
    assert 'value="many"' in client.post(address, fields(company, version, **{"d-0-weight": "many"})).content.decode()
    foreign = client.post(address, fields(company, version, **{"d-0-p-0-metric": str(2**50)}))
    assert foreign.status_code == 400
    with company.scope():
        assert [one.weight for one in content_of(version).dimensions] == [60, 40]


def test_a_second_editor_is_told_that_somebody_was_faster(company: Company, sign_in: SignIn) -> None:
    version, client = draft(company, 60, 40), sign_in(company.users["hr"])
    address, first = f"{BASE}versions/{version.pk}/edit/", fields(company, version)
    assert client.post(address, first | {"d-0-weight": "50", "d-1-weight": "50"}).status_code == 302
    second = client.post(address, first | {"d-0-weight": "10", "d-1-weight": "90"})
    assert second.status_code == 400 and "at the same time" in second.content.decode()
    assert 'value="10"' in second.content.decode()


@pytest.mark.parametrize(
    ("act", "names", "weights"),
    [
        ("add_dimension", ["D1", "D2", ""], ["60", "30", "0"]),
        ("down:0", ["D2", "D1"], ["30", "60"]),
        ("up:1", ["D2", "D1"], ["30", "60"]),
        ("remove:0", ["D2"], ["30"]),
        ("even", ["D1", "D2"], ["50", "50"]),
        ("scale", ["D1", "D2"], ["67", "33"]),
        ("up:7", ["D1", "D2"], ["60", "30"]),
        ("nonsense", ["D1", "D2"], ["60", "30"]),
    ],
)
def test_buttons_change_the_form_and_save_nothing(
    company: Company, sign_in: SignIn, act: str, names: list[str], weights: list[str]
) -> None:
    version, client = draft(company, 60, 30), sign_in(company.users["hr"])
    found = typed.typed_of(VersionDraft())
    with company.scope():
        found = typed.typed_of(content_of(version))
    typed.apply(found, act)
    assert ([one.name_en for one in found.dimensions], [one.weight for one in found.dimensions]) == (names, weights)
    address = f"{BASE}versions/{version.pk}/edit/"
    response = client.post(address, fields(company, version, do=act), headers={"hx-request": "true"})
    assert response.status_code == 200 and "<html" not in response.content.decode()
    assert seen(company, version) == fields(company, version)["seen"]


def test_buttons_of_parts_and_points(company: Company) -> None:
    version = draft(company, 100)
    with company.scope():
        found = typed.typed_of(content_of(version))
    parts = found.dimensions[0].parts
    typed.apply(found, "add_part:0")
    assert [part.weight for part in parts] == ["100", "0"]
    typed.apply(found, "even:0")
    assert [part.weight for part in parts] == ["50", "50"]
    typed.apply(found, "add_point:0:0")
    assert parts[0].points[-1] == ["140", "120"]
    typed.apply(found, "remove_point:0:0:0")
    assert parts[0].points[0] == ["100", "100"]
    typed.apply(found, "down:0:0")
    assert [len(part.points) for part in parts] == [3, 3] and parts[1].metric
    typed.apply(found, "remove:0:0")
    assert len(parts) == 1
    for act in ("up", "add_part:9", "remove:0:9", "add_point:0", "remove_point:0:0:99", "even:9", "up:x"):
        typed.apply(found, act)
    assert len(found.dimensions) == 1


def test_dragging_puts_dimensions_and_parts_elsewhere_and_nonsense_does_nothing() -> None:
    found = typed.Typed(dimensions=[typed.TypedDimension(name_en=name) for name in ("One", "Two", "Three")])
    found.dimensions[1].parts = [typed.TypedPart(name_en=name) for name in "abc"]

    def names() -> tuple[str, str]:
        two = next(one for one in found.dimensions if one.name_en == "Two")
        return " ".join(one.name_en for one in found.dimensions), "".join(part.name_en for part in two.parts)

    for act, expected in [
        ("to:2:0", ("Three One Two", "abc")), ("to:2:0:2", ("Three One Two", "bca")),
        ("to:0:1", ("One Three Two", "bca")), ("to:1:1", ("One Three Two", "bca")),
        ("to:0:9", ("One Three Two", "bca")), ("to:9:0:1", ("One Three Two", "bca")),
        ("to:-1:0", ("One Three Two", "bca")), ("to:x", ("One Three Two", "bca")), ("to", ("One Three Two", "bca")),
    ]:  # fmt: skip
        typed.apply(found, act)
        assert names() == expected, act


def test_publishing_says_what_stands_against_it(company: Company, sign_in: SignIn) -> None:
    version, client = draft(company, 60, 39), sign_in(company.users["hr"])
    address = f"{BASE}versions/{version.pk}/publish/"
    assert "sum to 99%, not to 100%" in client.get(address).content.decode()
    data = fields(company, version, **{"d-1-weight": "40", "do": "publish"})
    assert client.post(f"{BASE}versions/{version.pk}/edit/", data)["Location"].endswith("/publish/")
    page = client.get(address).content.decode()
    assert "It can't be published" not in page
    with company.scope():
        day = Period.containing(Grain.QUARTER, workspace_of(company.tenant).today()).next().start.isoformat()
    response = client.post(address, {"valid_from": day, "seen": seen(company, version)}, follow=True)
    assert "Published. Show it" in response.content.decode()
    # Published, it is read and no longer changed.
    assert client.get(address).status_code == 302
    assert client.post(f"{BASE}versions/{version.pk}/edit/", data).status_code == 302
    read = sign_in(company.users["assistant"]).get(f"{BASE}versions/{version.pk}/").content.decode()
    assert "never changes" in read and "80% gives 80 points" in read
    stale = client.post(f"{BASE}{version.scorecard_id}/draft/")
    assert stale.status_code == 302 and stale["Location"].endswith("/edit/")


def test_drafts_and_the_editor_are_for_who_makes_scorecards(company: Company, sign_in: SignIn) -> None:
    version = draft(company, 100)
    for role, status in (("hr", 200), ("manager", 404), ("assistant", 404), ("payroll", 403)):
        client = sign_in(company.users[role])
        assert client.get(f"{BASE}versions/{version.pk}/").status_code == status, role
        assert client.get(f"{BASE}{version.scorecard_id}/").status_code == status, role
    for path in (f"versions/{version.pk}/edit/", f"versions/{version.pk}/publish/", "new/", "compare/"):
        assert sign_in(company.users["manager"]).get(BASE + path).status_code == 403


def test_another_workspaces_scorecard_is_not_found(company: Company, other_company: Company, sign_in: SignIn) -> None:
    version, client = draft(other_company, 100), sign_in(company.users["hr"])
    for path in (f"{version.scorecard_id}/", f"{version.scorecard_id}/edit/", f"versions/{version.pk}/",
                 f"versions/{version.pk}/edit/", f"versions/{version.pk}/publish/",
                 f"compare/?first={version.pk}&second={version.pk}"):  # fmt: skip
        assert client.get(BASE + path).status_code == 404, path
    assert client.post(f"{BASE}versions/{version.pk}/preview/").status_code == 404


# Preview and comparison


def facts_of_last_quarter(company: Company) -> Period:
    """Sales and targets of ann (80%) and bob (120%) in the last quarter; cid has neither. Needs the scope."""
    period = last_period(4, workspace_of(company.tenant))
    metric = Metric.objects.get(code="sales_amount")
    for name, sales in (("ann", 80), ("bob", 120)):
        company.fact(name, "sales_amount", period.start, sales)
        for month in period.months():
            value = Decimal(100) if month.start == period.start else Decimal(0)
            MonthlyTarget.objects.create(metric=metric, employee=company.people[name], month=month.start, value=value)
    company.drain()
    return period


def test_the_preview_shows_real_people_of_the_last_period(company: Company, sign_in: SignIn) -> None:
    version = draft(company, 100)
    with company.scope():
        period = facts_of_last_quarter(company)
        rows = preview(content_of(version), people_for(version.scorecard, period, without=None), period)
        assert [(row.employee.name, row.score, row.grade) for row in rows[:2]] == [
            ("Bob Bell", 120, "A"), ("李安", 80, "B")
        ]  # fmt: skip
        assert {row.score for row in rows[2:]} == {None}
    client = sign_in(company.users["hr"])
    address = f"{BASE}versions/{version.pk}/preview/"
    text = client.post(address, fields(company, version)).content.decode()
    assert "Bob Bell" in text and "120.00" in text
    # It follows what is typed, not what is stored.
    steep = {"d-0-p-0-y": ["0", "50", "60"]}
    assert "60.00" in client.post(address, fields(company, version) | steep).content.decode()
    assert "every field can be read" in client.post(
        address, fields(company, version, **{"d-0-p-0-weight": "x"})
    ).content.decode()  # fmt: skip
    assert "sum to 50%" in client.post(address, fields(company, version, **{"d-0-weight": "50"})).content.decode()


def test_two_versions_are_compared_on_the_same_people(company: Company, sign_in: SignIn) -> None:
    version = draft(company, 100)
    with company.scope():
        period = facts_of_last_quarter(company)
        content = content_of(version)
        steep = VersionDraft(tuple(
            DimensionDraft(one.weight, one.name_zh, one.name_en, one.code, tuple(
                PartDraft("metric", part.weight, metric_id=part.metric_id,
                          points=((Decimal(0), Decimal(0)), (Decimal(1), Decimal(90)))) for part in one.parts))
            for one in content.dimensions))  # fmt: skip
        people = people_for(version.scorecard, period, without=None)
        with CaptureQueriesContext(connection) as queries:
            rows = compare(content, steep, people, period)
        assert [(row.employee.name, row.difference) for row in rows[:2]] == [("Bob Bell", -30), ("李安", -8)]
        assert len(queries) <= 8
        other = services.create_scorecard(CardDraft("", "Steep", 3), steep).versions.get()
    client = sign_in(company.users["hr"])
    text = client.get(f"{BASE}compare/?first={version.pk}&second={other.pk}").content.decode()
    assert "−30.00" in text and "2 people have no score" not in text
    assert "Choose two versions" in client.get(f"{BASE}compare/").content.decode()


def test_curves_of_actual_figures_and_bands(company: Company) -> None:
    with company.scope():
        period = facts_of_last_quarter(company)
        pk = Metric.objects.get(code="sales_amount").pk
        points = ((Decimal(0), Decimal(0)), (Decimal(80), Decimal(77)))
        part = PartDraft("metric", Decimal(100), metric_id=pk, input="actual", curve="step", points=points)
        content = VersionDraft((DimensionDraft(Decimal(100), "", "D", parts=(part,)),))
        rows = preview(content, [company.people["ann"], company.people["cid"]], period)
        assert [row.score for row in rows] == [77, 0]  # no facts: a sum is 0, not missing


def test_csat_of_few_answers_is_drawn_to_the_units_mean(company: Company) -> None:
    with company.scope():
        period = last_period(4, workspace_of(company.tenant))
        for name, value in (("ann", 5), ("bob", 3)):
            company.fact(name, "csat", period.start, value)
        company.drain()
        pk = Metric.objects.get(code="csat").pk
        points = ((Decimal(0), Decimal(0)), (Decimal(5), Decimal(100)))
        part = PartDraft("csat", Decimal(100), metric_id=pk, input="actual", points=points)
        content = VersionDraft((DimensionDraft(Decimal(100), "", "D", parts=(part,)),))
        (row,) = preview(content, [company.people["ann"]], period)
        assert row.score == round(Decimal((5 + 5 * 4) / 6) * 20, 4)
