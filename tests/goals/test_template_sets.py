"""Templates of goals: kept by HR, ready ones as data, weights that don't sum to 100 are said."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from goals.models import GoalTemplate, TemplateLine
from goals.template_sets import services
from goals.template_sets.services import LineDraft
from perfmgmt.metrics.models import Metric
from perfmgmt.tenants.errors import Conflict, DomainError, NotFound
from tests.factories import Company

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], Any]
ROW = {"line-TOTAL_FORMS": "7", "line-INITIAL_FORMS": "0", "name": "Set", "sales_role_type": "", "position": ""}


def typed(number: int, **fields: Any) -> dict[str, str]:
    return {f"line-{number}-{name}": str(value) for name, value in fields.items()}


@pytest.mark.parametrize(("language", "names"), [("zh-hans", "开拓型"), ("en", "Hunter")])
def test_ready_templates_come_once_and_weigh_100(company: Company, language: str, names: str) -> None:
    with company.scope(), override(language):
        assert services.install_pack() == 3
        assert services.install_pack() == 0
    with company.scope(), override("en" if language == "zh-hans" else "zh-hans"):
        assert services.install_pack() == 0  # the same in the other language
        assert GoalTemplate.objects.filter(name__contains=names).count() == 1
        for template in GoalTemplate.objects.all():
            assert sum(line.weight for line in template.lines.all()) == 100
            assert all(line.metric_id for line in template.lines.all())


def test_a_ready_template_says_the_same_in_both_languages(company: Company) -> None:
    with company.scope():
        codes = set(Metric.objects.values_list("code", flat=True))
    for entry in services.pack():
        assert {"zh", "en"} == set(entry["name"])
        for line in entry["lines"]:
            assert line["zh"] and line["en"] and line["metric"] in codes


def test_lines_are_changed_in_place_and_removed(company: Company) -> None:
    with company.scope():
        orders = Metric.objects.get(code="orders").pk
        lines = [LineDraft("One", orders, value=Decimal(5), weight=Decimal(50)), LineDraft("Two", weight=Decimal(50))]
        saved = services.save_template(None, name="A", position_id=None, sales_role_type="hunter", lines=lines)
        first = saved.lines.get(place=1)
        services.save_template(saved.pk, name="B", position_id=None, sales_role_type="", lines=[lines[0]])
        saved.refresh_from_db()
        assert (saved.name, saved.lines.get()) == ("B", first)
        with pytest.raises(DomainError, match="stands in two goals"):
            services.save_template(None, name="C", position_id=None, sales_role_type="", lines=[lines[0], lines[0]])
        with pytest.raises(Conflict):
            services.save_template(None, name="B", position_id=None, sales_role_type="", lines=[])
        with pytest.raises(NotFound):
            services.save_template(2**40, name="X", position_id=None, sales_role_type="", lines=[])


def test_copies_get_free_names_and_archived_ones_come_back(company: Company) -> None:
    with company.scope():
        saved = services.save_template(
            None, name="A", position_id=None, sales_role_type="", lines=[LineDraft("One", weight=Decimal(100))]
        )
        names = {services.copy_template(saved.pk).name for _again in range(2)}
        assert names == {"A (copy)", "A (copy 2)"}
        assert TemplateLine.objects.count() == 3
        assert services.archive_template(saved.pk, archived=True).archived_at is not None
        assert services.archive_template(saved.pk, archived=False).archived_at is None


def test_hr_makes_one_on_the_page_and_is_told_of_weights(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["hr"])
    with company.scope():
        orders = Metric.objects.get(code="orders").pk
    data = {**ROW, **typed(0, metric=orders, value=50, weight=40, form="absolute", counting="whole"),
            **typed(2, title="Certificate", weight=50)}  # fmt: skip
    response = client.post("/w/acme/goals/templates/new/", data)
    assert response.status_code == 302, response.content.decode()
    text = client.get(response["Location"]).content.decode()
    assert "The weights sum to 90%, not to 100%." in text
    with company.scope():
        lines = [(line.place, line.title, line.value) for line in TemplateLine.objects.order_by("place")]
    assert lines == [(1, "Orders", 50), (2, "Certificate", None)]
    listed = client.get("/w/acme/goals/templates/").content.decode()
    assert "not 100%" in listed


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"metric": "orders", "form": "absolute", "value": -1}, "A target can&#x27;t be negative."),
        ({"metric": "orders", "form": "percent", "value": -101}, "The target would be negative"),
        ({"metric": "orders", "form": "absolute", "value": 10**15}, "too large for a target"),
        ({"weight": 101}, "less than or equal to 100"),
        ({"weight": 5}, "Say what is to be reached."),
    ],
)
def test_bad_rows_are_said_and_nothing_is_saved(
    company: Company, sign_in: SignIn, fields: dict[str, Any], says: str
) -> None:
    with company.scope():
        orders = Metric.objects.get(code="orders").pk
    filled = {name: orders if value == "orders" else value for name, value in fields.items()}
    response = sign_in(company.users["hr"]).post("/w/acme/goals/templates/new/", {**ROW, **typed(0, **filled)})
    assert response.status_code == 400 and says in response.content.decode()
    with company.scope():
        assert not GoalTemplate.objects.exists()


def test_managers_assign_but_keep_no_templates(company: Company, sign_in: SignIn) -> None:
    client = sign_in(company.users["manager"])
    assert client.get("/w/acme/goals/templates/").status_code == 403
    assert client.get("/w/acme/goals/assign/").status_code == 200


@pytest.mark.parametrize("text", ["98%", "98", "0.98", "９８％"])
def test_a_ratio_is_typed_as_in_the_form_of_a_goal(company: Company, sign_in: SignIn, text: str) -> None:
    with company.scope():
        accuracy = Metric.objects.get(code="win_rate").pk
    client = sign_in(company.users["hr"])
    data = ROW | typed(0, metric=accuracy, title="", form="absolute", value=text, weight=100, counting="whole")
    assert client.post("/w/acme/goals/templates/new/", data).status_code == 302
    with company.scope():
        assert TemplateLine.objects.get().value == Decimal("0.98")
        address = f"/w/acme/goals/templates/{GoalTemplate.objects.get().pk}/"
    assert 'value="98%"' in client.get(address).content.decode()
    assert client.post(address, data | typed(0, value="many")).status_code == 400


@pytest.mark.parametrize(
    ("code", "value", "says"),
    [("orders", "0.00001", "too small"), ("win_rate", "0.00001%", "too small"), ("csat", "480", "at most 100"),
     ("orders", "-1", "negative"), ("orders", "1" + "0" * 15, "too large")],
)  # fmt: skip
def test_a_number_that_can_t_be_a_target_is_refused(
    company: Company, sign_in: SignIn, code: str, value: str, says: str
) -> None:
    with company.scope():
        metric = Metric.objects.get(code=code).pk
    data = ROW | typed(0, metric=metric, title="", form="absolute", value=value, weight=100, counting="whole")
    page = sign_in(company.users["hr"]).post("/w/acme/goals/templates/new/", data, headers={"accept-language": "en"})
    assert page.status_code == 400
    assert says in page.content.decode()
    with company.scope():
        assert not TemplateLine.objects.exists()


def test_the_second_of_two_who_change_a_template_is_told(company: Company, sign_in: SignIn) -> None:
    with company.scope():
        made = services.save_template(None, name="A", position_id=None, sales_role_type="", lines=[LineDraft("One")])
    client, address = sign_in(company.users["hr"]), f"/w/acme/goals/templates/{made.pk}/"
    seen = client.get(address).context["form"]["seen"].value()
    first = ROW | typed(0, title="First", weight=100) | {"seen": seen}
    second = ROW | typed(0, title="Second", weight=100) | {"seen": seen}
    assert client.post(address, first).status_code == 302
    refused = client.post(address, second, headers={"accept-language": "en"})
    assert refused.status_code == 400
    text = refused.content.decode()
    assert "changed this template meanwhile" in text and "Second" in text
    assert client.post(address, second | {"seen": ""}).status_code == 400  # not what the page sent
    with company.scope():
        assert TemplateLine.objects.get().title == "First"
