"""Scorecards: drafts that are saved as a whole, versions that never change once published, ready ones."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from perfmgmt.metrics.models import Metric
from perfmgmt.metrics.services import archive
from perfmgmt.people.models import Position
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from perfmgmt.tenants.events import _subscribers, subscribe
from reviews.models import Dimension, Part, Questionnaire, Scorecard, ScorecardVersion
from reviews.scorecards import services
from reviews.scorecards.checks import BadScorecard, names_of, problems
from reviews.scorecards.content import DimensionDraft, PartDraft, VersionDraft, content_of, stamp
from reviews.scorecards.matching import scorecard_for
from reviews.scorecards.pack import install_pack, pack
from reviews.scorecards.services import CardDraft
from tests.factories import Company
from tests.reviews.factories import open_cycle
from tests.reviews.scorecard_factories import add_result

FIRST, NEXT = date(2025, 1, 1), date(2025, 4, 1)
CARD = CardDraft("考核表", "Scorecard", 4)


def metric(code: str) -> int:
    return Metric.objects.get(code=code).pk


def part(code: str = "sales_amount", weight: int = 100, **fields: Any) -> PartDraft:
    return PartDraft("metric", Decimal(weight), metric_id=metric(code), **fields)


def draft(*weights: int, **fields: Any) -> VersionDraft:
    dimensions = [DimensionDraft(Decimal(w), "", f"D{at}", parts=(part(),)) for at, w in enumerate(weights or (100,))]
    return VersionDraft(tuple(dimensions), **fields)


def made(content: VersionDraft | None = None, card: CardDraft = CARD) -> ScorecardVersion:
    return services.create_scorecard(card, content or draft()).versions.get()


def save(version: ScorecardVersion, content: VersionDraft) -> ScorecardVersion:
    return services.save_draft(version.pk, content, seen=stamp(content_of(version)))


def publish(version: ScorecardVersion, day: date = FIRST) -> ScorecardVersion:
    return services.publish(version.pk, valid_from=day, seen=stamp(content_of(version)), user_id=None)


def test_a_draft_is_kept_as_a_whole_and_rows_that_stay_are_not_touched(acme: Company) -> None:
    form = Questionnaire.objects.create(code="attitude", name_zh="态度", name_en="Attitude")
    asks = PartDraft("questionnaire", Decimal(100), questionnaire_id=form.pk,
                     groups=(("manager", Decimal(60)), ("peers", Decimal(40))))  # fmt: skip
    content = VersionDraft(
        (DimensionDraft(Decimal("62.5"), "业绩", "Sales", "sales", (part(weight=30), part("orders", 70))),
         DimensionDraft(Decimal("37.5"), "态度", "", "", (asks,))),
        missing="block", bands=(("A", Decimal(85)), ("B", Decimal(0))), note="New",
    )  # fmt: skip
    version = made(content)
    found = content_of(version)
    assert found.dimensions[1].parts[0].name_en == "Attitude"  # what has no name takes that of what it reads
    assert (found.missing, found.bands, found.note) == ("block", content.bands, "New")
    rows = set(Part.objects.values_list("pk", flat=True))
    save(version, replace(found, dimensions=found.dimensions[::-1][:1]))
    assert Dimension.objects.get().name_zh == "态度" and Part.objects.count() == 1
    assert Part.objects.get().pk in rows
    assert stamp(content_of(version)) != stamp(found)


def test_two_editors_at_once_the_second_is_told(acme: Company) -> None:
    version = made()
    seen = stamp(content_of(version))
    services.save_draft(version.pk, draft(50, 50), seen=seen)
    with pytest.raises(Conflict):
        services.save_draft(version.pk, draft(30, 70), seen=seen)
    with pytest.raises(Conflict):
        services.publish(version.pk, valid_from=FIRST, seen=seen, user_id=None)
    assert [one.weight for one in content_of(version).dimensions] == [50, 50]


def test_a_published_version_never_changes(acme: Company) -> None:
    version = publish(made())
    seen = stamp(content_of(version))
    for act in (
        lambda: services.save_draft(version.pk, draft(100), seen=seen),
        lambda: services.publish(version.pk, valid_from=NEXT, seen=seen, user_id=None),
        lambda: services.discard_draft(version.pk, seen=seen),
    ):
        with pytest.raises(BadScorecard, match="published"):
            act()
    assert stamp(content_of(version)) == seen


def test_the_next_version_begins_with_what_the_last_one_says(acme: Company) -> None:
    first = publish(made())
    second = services.start_draft(first.scorecard_id)
    assert second.number == 2 and content_of(second).dimensions == content_of(first).dimensions
    assert services.start_draft(first.scorecard_id).pk == second.pk  # there is one draft only
    with pytest.raises(BadScorecard, match="can't begin before"):
        publish(second, date(2024, 10, 1))
    save(second, draft(40, 60))
    publish(second, NEXT)
    assert scorecard_for([acme.people["ann"].pk], 4, FIRST) == {acme.people["ann"].pk: first.pk}
    assert scorecard_for([acme.people["ann"].pk], 4, NEXT) == {acme.people["ann"].pk: second.pk}


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ((60, 39), "The weights of the dimensions sum to 99%, not to 100%."),
        ((60, 41), "The weights of the dimensions sum to 101%, not to 100%."),
    ],
)
def test_weights_that_dont_sum_to_100_are_kept_but_not_published(
    acme: Company, weights: tuple[int, ...], says: str
) -> None:
    with pytest.raises(BadScorecard, match=says):
        publish(made(draft(*weights)))


def test_the_dimension_whose_parts_dont_sum_to_100_is_named(acme: Company) -> None:
    wrong = DimensionDraft(Decimal(40), "态度", "Attitude", parts=(part(weight=50), part("orders", 49)))
    version = made(VersionDraft((DimensionDraft(Decimal(60), "", "Sales", parts=(part(),)), wrong)))
    with pytest.raises(BadScorecard, match="The weights in “Attitude” sum to 99%, not to 100%"):
        publish(version)
    with override("zh-hans"):
        (found,) = problems(content_of(version), names_of(content_of(version)))
        assert "态度" in str(found)


def test_an_empty_dimension_and_an_empty_scorecard_are_not_published(acme: Company) -> None:
    version = made(VersionDraft((DimensionDraft(Decimal(100), "", "Nothing"),)))
    with pytest.raises(BadScorecard, match="“Nothing” has no part yet"):
        publish(version)
    save(version, VersionDraft())
    with pytest.raises(BadScorecard, match="There is no dimension yet"):
        publish(version)


def test_what_is_archived_is_not_published(acme: Company) -> None:
    form = Questionnaire.objects.create(code="old", name_en="Old form")
    asks = PartDraft("questionnaire", Decimal(50), questionnaire_id=form.pk)
    version = made(VersionDraft((DimensionDraft(Decimal(100), "", "D", parts=(part("referrals", 50), asks)),)))
    archive(metric("referrals"))
    with pytest.raises(BadScorecard, match="“Referrals” is archived"):
        publish(version)
    Metric.objects.filter(code="referrals").update(archived_at=None)
    Questionnaire.objects.update(archived_at="2025-01-01T00:00Z")
    with pytest.raises(BadScorecard, match="“Old form” is archived"):
        publish(version)


@pytest.mark.parametrize(
    ("points", "says"),
    [
        (((0, 0), (1, 50), (1, 60)), "two points at the same place"),
        (((1, 0), (0, 50)), "in rising order"),
        ((), "has no point"),
        (((0, 0), (10**12, 5)), "too large"),
    ],
)
def test_a_curve_that_cant_be_drawn_is_not_even_kept(acme: Company, points: Any, says: str) -> None:
    curve = tuple((Decimal(x), Decimal(y)) for x, y in points)
    with pytest.raises(BadScorecard, match=says):
        made(VersionDraft((DimensionDraft(Decimal(100), "", "D", parts=(part(points=curve),)),)))
    assert not Scorecard.objects.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"weight": Decimal("100.01")}, "between 0 and 100"),
        ({"weight": Decimal(-1)}, "between 0 and 100"),
        ({"weight": Decimal("1.001")}, "two decimals"),
        ({"metric_id": None}, "Choose a metric"),
        ({"kind": "questionnaire", "metric_id": None}, "Choose a questionnaire"),
        ({"kind": "csat"}, "a mean of answers"),
        ({"kind": "nonsense"}, "Choose a metric"),
    ],
)  # fmt: skip
def test_parts_that_make_no_sense_are_not_kept(acme: Company, change: dict[str, Any], says: str) -> None:
    wrong = replace(part(), **change)
    with pytest.raises(BadScorecard, match=says):
        made(VersionDraft((DimensionDraft(Decimal(100), "", "D", parts=(wrong,)),)))


def test_weights_of_groups_sum_to_100_and_name_groups(acme: Company) -> None:
    form = Questionnaire.objects.create(code="f", name_en="Form")
    for groups in ((("manager", 99),), (("aliens", 100),), (("manager", 120), ("peers", -20))):
        weights = tuple((group, Decimal(weight)) for group, weight in groups)
        asks = PartDraft("questionnaire", Decimal(100), questionnaire_id=form.pk, groups=weights)
        with pytest.raises(BadScorecard, match="rater groups"):
            made(VersionDraft((DimensionDraft(Decimal(100), "", "D", parts=(asks,)),)))


def test_another_workspaces_metric_is_not_found(company: Company, other_company: Company) -> None:
    with other_company.scope():
        foreign = metric("sales_amount")
    with company.scope():
        wrong = PartDraft("metric", Decimal(100), metric_id=foreign)
        with pytest.raises(NotFound):
            made(VersionDraft((DimensionDraft(Decimal(100), "", "D", parts=(wrong,)),)))
        version = made()
    with other_company.scope(), pytest.raises(NotFound):
        services.save_draft(version.pk, VersionDraft(), seen="")


def test_one_scorecard_in_use_for_the_same_people(acme: Company) -> None:
    first = made().scorecard
    with pytest.raises(Conflict, match="is in use for these people"):
        made(card=replace(CARD, name_en="Again"))
    services.archive_scorecard(first.pk, archived=True, today=FIRST)
    second = made(card=replace(CARD, name_en="Again")).scorecard
    with pytest.raises(Conflict):
        services.archive_scorecard(first.pk, archived=False, today=FIRST)
    services.archive_scorecard(second.pk, archived=True, today=FIRST)
    assert services.archive_scorecard(first.pk, archived=False, today=FIRST).archived_at is None


def test_for_whom_it_is_stays_once_published(acme: Company) -> None:
    version, position = made(), Position.objects.create(name="Assistant")
    moved = replace(CARD, position_id=position.pk)
    assert services.edit_scorecard(version.scorecard_id, moved).position_id == position.pk
    publish(version)
    with pytest.raises(BadScorecard, match="Make a copy"):
        services.edit_scorecard(version.scorecard_id, CARD)
    assert services.edit_scorecard(version.scorecard_id, replace(moved, name_en="Called so")).name_en == "Called so"
    with pytest.raises(BadScorecard, match="a name"):
        services.edit_scorecard(version.scorecard_id, replace(moved, name_en="", name_zh=""))


def test_a_version_begins_with_a_period_and_not_before_a_released_result(acme: Company) -> None:
    version = made()
    with pytest.raises(BadScorecard, match="first day of a period"):
        publish(version, date(2025, 2, 1))
    publish(version)
    add_result(open_cycle(acme, "ann"), "ann", version)
    following = services.start_draft(version.scorecard_id)
    with pytest.raises(BadScorecard, match="are released"):
        publish(following)
    publish(following, NEXT)


def test_a_draft_is_thrown_away_and_a_scorecard_without_versions_with_it(acme: Company) -> None:
    version = made()
    services.discard_draft(version.pk, seen=stamp(content_of(version)))
    assert not Scorecard.objects.exists()
    first = publish(made())
    following = services.start_draft(first.scorecard_id)
    services.discard_draft(following.pk, seen=stamp(content_of(following)))
    assert ScorecardVersion.objects.get() == first


def test_who_counts_scores_is_told_what_changed(acme: Company) -> None:
    told: list[dict[str, Any]] = []

    def listen(**payload: Any) -> None:
        told.append(payload)

    subscribe(services.CHANGED, listen)
    try:
        version = publish(made())
        services.archive_scorecard(version.scorecard_id, archived=True, today=NEXT)
    finally:
        _subscribers[services.CHANGED].remove(listen)
    assert told == [{"first_day": FIRST}, {"first_day": NEXT}]


# Ready scorecards


def test_ready_scorecards_come_once_and_can_be_published(acme: Company) -> None:
    assert len(install_pack()) == 4
    assert install_pack() == []
    assert all(one.items.exists() for one in Questionnaire.objects.filter(code__in=["attitude", "development"]))
    for version in ScorecardVersion.objects.all():
        publish(version)
    default = content_of(ScorecardVersion.objects.get(scorecard__sales_role_type=""))
    assert [(one.code, one.weight) for one in default.dimensions] == [
        ("sales", 40), ("satisfaction", 25), ("attitude", 20), ("development", 15)
    ]  # fmt: skip


def test_ready_scorecards_leave_what_is_there(acme: Company) -> None:
    made(card=replace(CARD, sales_role_type="hunter"))
    Questionnaire.objects.create(code="attitude", name_zh="自己的")
    archive(metric("win_rate"))
    assert {card.sales_role_type for card in install_pack()} == {"", "farmer", "support"}
    assert Questionnaire.objects.get(code="attitude").name_zh == "自己的"


def test_parts_without_their_metric_are_left_out_and_the_rest_sums_to_100(acme: Company) -> None:
    Metric.objects.filter(code__in=["deals_won", "complaints"]).update(archived_at=timezone.now())
    install_pack()
    version = ScorecardVersion.objects.get(scorecard__sales_role_type="")
    publish(version)
    assert [[p.weight for p in one.parts] for one in content_of(version).dimensions][:2] == [[62, 19, 19], [75, 25]]


def test_ready_scorecards_have_names_in_both_languages() -> None:
    for entry in pack():
        for thing in (entry, *entry["dimensions"]):
            assert set(thing["name"]) == {"zh", "en"} and all(thing["name"].values())
        assert sum(Decimal(one["weight"]) for one in entry["dimensions"]) == 100
        for one in entry["dimensions"]:
            assert sum(Decimal(p["weight"]) for p in one["parts"]) == 100


def test_too_much_is_refused(acme: Company) -> None:
    for content, says in (
        (draft(*[1] * 13), "12 dimensions"),
        (VersionDraft((DimensionDraft(Decimal(100), "", "D", parts=(part(),) * 21),)), "20 parts"),
        (VersionDraft((DimensionDraft(Decimal(100)),)), "Give dimension 1 a name"),
        (draft(bands=(("A", Decimal(60)), ("B", Decimal(70)))), "must fall"),
    ):
        with pytest.raises(DomainError, match=says):
            made(content)
