"""Every page of the product, found by walking the URLs: in both languages, at both widths, light and dark.

A new page is covered without being named here. What it needs is a sample for each new argument of its URL
(`samples` in world.py). Actions answer a GET with 405, files and fragments are no whole document: all of them are
recognised by what they answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from perfmgmt.people.access import THIRD_PARTY
from perfmgmt.people.roles import Role
from perfmgmt.tenants.calendar import Grain, Period
from tests.browser.harness import Look, check_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.browser.conftest import Visitors
    from tests.browser.world import World

pytestmark = pytest.mark.browser
# Two groups, so that two workers share the pages; each makes the world once.
PAGES, STATES_OF_PAGES = pytest.mark.xdist_group("pages"), pytest.mark.xdist_group("states")

#: What is looked at, in this order. Each language is judged in one theme at one width; what only a width can spoil
#: is seen on the page that is open ("stay").
LOOKS = [
    Look("zh-hans", 1440),
    Look("zh-hans", 390, rules="", stay=True),
    Look("en", 390, theme="dark"),
    Look("en", 1440, theme="dark", rules="", stay=True),
]
#: A further state or an empty page is the same page with other words: its width is judged without a second load.
STATE_LOOKS = LOOKS[:2]
TWO_LOOKS = [Look("zh-hans", 1440), Look("en", 390, theme="dark", rules="contrast")]
#: Further states of pages, opened as the owner; a page without an entry is opened as it is.
STATES = {
    "home": ["?period={year}", "?unit={unit}", "?metric=win_rate&period={quarter}", "?period=2001-01"],
    "person": ["?period={year}&metric=orders"],
    "people": ["?q=zzzz", "?unit={unit}&status=all", "?status=employed&missing=target"],
    "home_heat": ["?metrics=orders&metrics=win_rate&by=name"],
    "edit_assignment": ["?how=correct", "?how=end", "?how=remove"],
    "leave": ["?last_day={year}-12-31"],
    "leavers": ["?open=1", "?q=zzzz"],
    "units": ["?q=zzzz", "?archived=1"],
    "positions": ["?q=zzzz"],
    "facts": [
        "?q=zzzz",
        "?metric=win_rate&from=2001-01-01",
        "?unit={unit}&from=2001-01-01&page=2",
        "?from=2026-03-31&to=2026-03-01",
    ],
    "market": ["?q=zzzz", "?sort=-factor"],
    "customers": ["?q=zzzz", "?owner=none&sort=-contacts", "?q=wangfang"],
    "contacts": ["?q=zzzz", "?consent=withdrawn&sort=-company"],
    "person_outlook": ["?grain=quarter", "?grain=year"],
    "outlook": ["?target=5", "?target=viele", "?grain=quarter"],
    "new_goal": ["?title=每月完成 50 单", "?title=提高销售额", "?title=+15%25 sales on last quarter&level=company"],
    "metrics": ["?q=zzzz", "?state=archived", "?kind=ratio&sort=-name"],
    "jobs": ["?state=failed", "?state=cancelled", "?q=zzzz", "?state=lost&kind=facts.export&who=mine"],
    "notifications": ["?show=unread"],
    "search": ["?q=a", "?q=zzzz"],
    "api_tokens": ["?q=zzzz", "?state=revoked"],
    "targets": ["?metric=orders", "?q=zzzz"],
    "account_login": ["?next=/w/acme/"],
    "calendar": ["?year=2026&day=2026-02-17", "?year=2027"],
    "periods": ["?year=2001"],
    "period": ["?period={locked}", "?period={year}"],
    "approvals": ["?state=approved", "?q=zzzz"],
    "members": ["?q=zzzz", "?role=owner"],
    "invite": ["?q=a", "?q=zzzz", "?employee={unfamiliar}"],
    "plans": ["?show=plans&who=all&state=all", "?state=overdue&sort=owner", "?q=zzzz"],
    "new_plan": ["?template=team_performance"],
    "coverage": ["?who=all&period={year}", "?q=zzzz"],
    "check_ins": ["?q=zzzz", "?state=missing&sort=-missed", "?state=moved"],
    "outbox": ["?q=zzzz", "?state=kept"],
    "choose_raters": ["?q=cid", "?q=zzzz"],
    "approve_raters": ["?state=all&sort=-unit", "?q=zzzz", "?state=approved"],
    "rater_load": ["?q=zzzz", "?state=full", "?sort=name"],
    "statistics": ["?q=zzzz"],
    "cycle_statistics": ["?show=people&sort=-change", "?band=lenient", "?q=zzzz"],
    "calibrations": ["?q=zzzz", "?state=locked&sort=-held"],
    "calibration": ["?q=zzzz", "?view=board", "?view=boxes", "?view=side", "?view=log", "?sort=-change&moved=1"],
    "comparison": ["?by=tenure", "?by=rater&sort=-mean", "?q=zzzz"],
    "my_reviews": ["?show=past", "?q=zzzz"],
    "questions": ["?q=zzzz", "?topic=service&sort=-uses", "?state=archived"],
    "questionnaires": ["?q=zzzz", "?state=all"],
    "survey_response": ["?to=2001-01"],
    "follow_ups": ["?q=zzzz", "?state=all&sort=-score", "?state=overdue&owner=none"],
    "praise_wall": ["?q=zzzz", "?person=安&sort=reactions"],
    "feedback_requests": ["?q=zzzz", "?state=over&sort=-person"],
    "company_values": ["?q=zzzz", "?state=archived&sort=-praise"],
    "remarks": ["?q=zzzz", "?kind=praise&sort=-employee"],
    "trainings": ["?q=zzzz", "?state=all&sort=-taken"],
    "courses": ["?q=zzzz", "?state=archived", "?kind=ongoing&sort=-hours"],
    "training_records": ["?q=zzzz", "?state=passed&sort=-hours"],
    "surveys": ["?q=zzzz", "?state=archived&sort=-published"],
    "edit_survey_version": ["?check=1"],
    "survey_preview": ["?show=text&lang=en", "?show=page&width=phone"],
    "questionnaire_preview": ["?group=peers&width=phone&text=en", "?group=self&text=zh"],
}
#: Pages of one's own: the owner, who reviews nobody, has none.
ASSISTANTS = frozenset(
    {
        "my_reviews", "review_form", "save_review", "hand_in_review", "take_back_review", "withdraw_review",
        "review_hints", "decline_review", "reply_to_feedback", "decline_feedback", "feedback_asks",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Route:
    """One URL pattern: its full name, the names of its arguments, whether anybody may open it, and whose it is.

    `role` is the owner, or the assistant for what only employees have.
    """

    name: str
    arguments: tuple[str, ...]
    public: bool
    role: str = "owner"

    def __str__(self) -> str:
        return self.name

    def paths(self, samples: dict[str, list[Any]]) -> list[str]:
        """Its addresses, one for each combination of samples."""
        missing = [name for name in self.arguments if name not in samples]
        if missing:
            pytest.fail(
                f"The URL {self.name!r} takes {missing[0]!r}: give it a sample in `samples` (tests/browser/world.py)"
            )
        chosen = product(*(samples[name] for name in self.arguments))
        return [reverse(self.name, kwargs=dict(zip(self.arguments, values, strict=True))) for values in chosen]


def walk(
    patterns: Iterable[URLPattern | URLResolver], space: str = "", above: tuple[str, ...] = ()
) -> Iterator[Route]:
    """Every route below the patterns, nested ones included."""
    for pattern in patterns:
        arguments = (*above, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, inner, arguments)
            continue
        assert pattern.name, f"The pattern {pattern.pattern} has no name, so nothing can link to it."
        access = getattr(pattern.callback, "access", THIRD_PARTY.get(pattern.name))
        if access is not None and access.kind == "token":
            continue  # for programs: tests/api
        yield Route(
            space + pattern.name,
            arguments,
            public=access is not None and access.kind == "public",
            role="owner"
            if not access
            or not access.permission
            or (Role.OWNER in access.permission.roles and pattern.name not in ASSISTANTS)
            else "assistant",
        )


#: What customers see, and its previews, speak the customer's language, not the reader's: tests of surveys open them.
OF_CUSTOMERS = {
    "survey_logo", "survey_preview_mail", "survey_preview_page", "survey_answer", "survey_answer_logo",
    "survey_unsubscribe",
}  # fmt: skip
ROUTES = [one for one in walk(get_resolver("perfmgmt.urls").url_patterns) if one.name not in OF_CUSTOMERS]


def kind_of(visitors: Visitors, role: str, path: str) -> str:
    """What a GET answers: "page", "redirect", "action" (405), "part" (fragment, file, data) or "absent" (404)."""
    response = visitors.client(role).get(path)
    kind = response.headers.get("Content-Type", "")
    whole = kind.startswith("text/html") and not response.streaming and b"<!doctype" in response.content[:200].lower()
    response.close()
    if response.status_code == 405:
        assert "GET" not in response.headers["Allow"]
        return "action"
    if response.status_code in (301, 302):
        return "redirect"
    if response.status_code == 404:
        return "absent"
    assert response.status_code == 200, f"{path} answers {response.status_code} to {role or 'a visitor'}"
    return "page" if whole else "part"


def look(
    visitors: Visitors,
    role: str,
    path: str,
    msgids: set[str],
    looks: list[Look],
    *,
    name: str = "",
    status: int = 200,
) -> None:
    """Judge a page in several looks."""
    for each in looks:
        check_page(visitors.page(role), visitors.url + path, each, name=name, msgids=msgids, status=status)


@pytest.fixture(autouse=True)
def _progress(world: World) -> None:
    world.show_progress()


@PAGES
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_page(route: Route, world: World, visitors: Visitors, msgids: set[str]) -> None:
    """As the owner; what anybody may open as a visitor, unless that one is sent elsewhere.

    The first sample in all looks, the others (a failed job, a corrected fact) in two.
    """
    kinds: list[str] = []
    for path in route.paths(world.samples):
        for role in ("", "owner") if route.public else (route.role,):
            kind = kind_of(visitors, role, path)
            if kind == "page":
                look(visitors, role, path, msgids, STATE_LOOKS if "page" in kinds else LOOKS)
            kinds.append(kind)
            if kind == "page":
                break
            if kind == "redirect":
                assert visitors.client(role).get(path, follow=True).status_code == 200
    assert set(kinds) - {"absent"}, f"no sample of {route.arguments} opens {route.name}"


@STATES_OF_PAGES
@pytest.mark.parametrize(("name", "query"), [(name, query) for name, queries in STATES.items() for query in queries])
def test_every_state(name: str, query: str, world: World, visitors: Visitors, msgids: set[str]) -> None:
    """Filters without a match, other periods and metrics, an opened unit, a second page."""
    route = next(route for route in ROUTES if route.name == name)
    today = world.today
    filled = query.format(
        year=today.year,
        quarter=f"{today.year}-Q{(today.month + 2) // 3}",
        unit=world.company.units["north"].pk,
        locked=Period.containing(Grain.MONTH, today).next(-2).label,
        unfamiliar=world.company.people["cid"].pk,
    )
    role = "" if route.public else route.role
    # Of several samples (a cycle that is open, one that is closed) the first that this page is for.
    path = next(path for path in route.paths(world.samples) if kind_of(visitors, role, path) == "page")
    look(visitors, role, path + filled, msgids, STATE_LOOKS, name=f"{name}{query[:12]}")


@STATES_OF_PAGES
@pytest.mark.parametrize("role", ["manager", "assistant", "executive", "auditor", "hr", "payroll"])
def test_every_home(role: str, world: World, visitors: Visitors, msgids: set[str]) -> None:
    """The home differs by role."""
    look(visitors, role, reverse("home", args=["acme"]), msgids, LOOKS, name=f"home-{role}")


@STATES_OF_PAGES
@pytest.mark.parametrize("query", ["", "?day={locked}-10", "?day={today}"])
def test_an_assistants_log(query: str, world: World, visitors: Visitors, msgids: set[str]) -> None:
    """The log belongs to employees: a day with entries, one of a locked month, today."""
    locked = Period.containing(Grain.MONTH, world.today).next(-2).label
    path = reverse("log", args=["acme"]) + query.format(locked=locked, today=world.today)
    look(visitors, "assistant", path, msgids, LOOKS if not query else STATE_LOOKS, name=f"log{query[:6]}")


@STATES_OF_PAGES
@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.arguments == ("slug",) and route.role == "owner"], ids=str
)
def test_every_empty_page(route: Route, world: World, visitors: Visitors, msgids: set[str]) -> None:
    """A workspace in which nothing has happened yet."""
    (path,) = route.paths({"slug": ["empty"]})
    if kind_of(visitors, "owner", path) == "page":
        look(visitors, "owner", path, msgids, STATE_LOOKS)


@STATES_OF_PAGES
@pytest.mark.parametrize(
    ("role", "path", "status"),
    [("assistant", "/w/acme/imports/", 403), ("owner", "/w/acme/facts/999999/", 404), ("manager", "/w/empty/", 404)],
)
def test_refusals_are_pages(role: str, path: str, status: int, visitors: Visitors, msgids: set[str]) -> None:
    look(visitors, role, path, msgids, TWO_LOOKS, name=f"refused-{status}-{role}", status=status)


@PAGES
def test_an_argument_without_a_sample_is_named() -> None:
    with pytest.raises(pytest.fail.Exception, match="takes 'new_id'"):
        Route("some_page", ("slug", "new_id"), public=False).paths({"slug": ["acme"]})
