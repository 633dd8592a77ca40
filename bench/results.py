"""Case `surveys.results`: the results of a survey with 100,000 finished answers, against the page `about`.

130,000 were asked over twelve months after being served by 200 assistants in 20 teams (five customer types, twelve
products), others were passed over; some wrote words, and staff gave themes to some. Through all of Django, in turns
with the shell: as HR the whole, with each filter, with two, with months, and the response by step; as a manager of
100 the whole, with filters and by product; as an assistant. The slowest counts; `queries` are the most of any, and
each page's must be those of a survey with 1,000.
"""

from datetime import date, timedelta
from typing import Any

from bench.data import LED_100, World
from bench.home import TIMES, measure, queries_of
from bench.report import Report, say
from bench.servers import admin_cursor

CASE = "surveys.results"
GOAL, ANSWERS, FEW, PEOPLE, TEAMS, DAYS, SKIPPED = 4.0, 100_000, 1000, 200, 20, 365, 0.3
TABLES = (
    "people_assignment", "people_employee", "reviews_surveyinvitation", "reviews_surveyskip", "reviews_surveyanswer",
    "reviews_themedwords", "reviews_surveytally",
)  # fmt: skip
_IN_TEAMS = """
    UPDATE people_assignment a SET unit_id = t.ids[1 + substr(e.number, 2)::int %% %(teams)s]
    FROM people_employee e,
        (SELECT array_agg(id ORDER BY id DESC) AS ids FROM people_unit WHERE tenant_id = %(tenant)s) t
    WHERE a.employee_id = e.id AND a.tenant_id = %(tenant)s
"""
# Ten of thirteen finished; one of ten wrote words; a third of those got one theme or two.
_FILL = """
    CREATE TEMP TABLE asked ON COMMIT DROP AS
    SELECT g, hashint8(g)::bigint & 2147483647 AS h, hashint8(g + 500000000)::bigint & 2147483647 AS v
    FROM generate_series(1, %(asked)s) g;
    INSERT INTO reviews_surveyinvitation (tenant_id, survey_id, version_id, origin, fact_id, employee_id, customer,
        customer_type, product, region, after, number, day, purpose, language, state, chosen_at, send_at, expires_at,
        mailed_at, started_at, finished_at, reminders, channel)
    SELECT %(tenant)s, %(survey)s, %(version)s, 'trigger', g, people.ids[1 + h %% people.count],
        'Customer ' || v %% 50000, 'Type ' || v %% 5, 'Product ' || (v / 5) %% 12, '', 'order', 'SO-' || g,
        %(first)s::date + (h / 1000 %% %(days)s)::int, 'scored', 'en',
        CASE WHEN g %% 13 < 10 THEN 'finished' WHEN g %% 13 < 12 THEN 'mailed' ELSE 'chosen' END, now(), now(), now(),
        CASE WHEN g %% 13 < 12 THEN now() END, CASE WHEN g %% 13 < 10 THEN now() END,
        CASE WHEN g %% 13 < 10 THEN now() END, 0, 'mail'
    FROM asked, (SELECT array_agg(id ORDER BY id) AS ids, count(*)::int AS count FROM people_employee
                 WHERE tenant_id = %(tenant)s) people;
    INSERT INTO reviews_surveyskip (tenant_id, survey_id, fact_id, customer, day, reason, at)
    SELECT %(tenant)s, %(survey)s, g, '', %(first)s::date + (h / 1000 %% %(days)s)::int,
        (ARRAY['not_drawn', 'quiet', 'no_email'])[1 + v %% 3], now()
    FROM asked WHERE g <= %(skipped)s;
    INSERT INTO reviews_surveyanswer (tenant_id, invitation_id, key, kind, number, text)
    SELECT i.tenant_id, i.id, s.key, s.kind, s.number, s.text
    FROM reviews_surveyinvitation i CROSS JOIN LATERAL (VALUES
        ('satisfaction', 'csat', 5 - (i.fact_id * 7 %% 23 / 5)::int, ''),
        ('reason', 'choice', NULL, (ARRAY['speed', 'knowledge'])[1 + i.fact_id %% 2]),
        ('comment', 'text', NULL, 'Words ' || i.fact_id)) AS s(key, kind, number, text)
    WHERE i.tenant_id = %(tenant)s AND i.survey_id = %(survey)s AND i.state = 'finished'
        AND (s.key <> 'reason' OR i.fact_id * 7 %% 23 / 5 >= 2) AND (s.key <> 'comment' OR i.fact_id %% 10 = 0);
    INSERT INTO reviews_themedwords (tenant_id, answer_id, theme_id, at)
    SELECT s.tenant_id, s.id, t.id, now()
    FROM reviews_surveyanswer s JOIN reviews_surveyinvitation i ON i.id = s.invitation_id
    JOIN reviews_voicetheme t ON t.tenant_id = s.tenant_id AND (s.id + t.place) %% 20 = 0
    WHERE s.kind = 'text' AND i.survey_id = %(survey)s AND i.tenant_id = %(tenant)s
"""


def run(world: World, report: Report, answers: int, times: int = TIMES) -> None:
    """Measure every page of the large survey, count the statements of both surveys."""
    from django.urls import reverse

    say(f"{CASE}: {answers:,} answers")
    with admin_cursor(world.database) as cursor:
        cursor.execute(_IN_TEAMS, {"tenant": world.tenant_id, "teams": TEAMS})
    many, few = _surveys(world, {"many": answers, "few": min(FEW, answers)})
    shell = reverse("about", kwargs={"slug": "bench"})
    found = []
    for name, who, query in _pages(world):
        page, small = (
            reverse("survey_results", kwargs={"slug": "bench", "survey_id": survey}) + query for survey in (many, few)
        )
        ours, base = measure(who, page, shell, times)
        found.append((ours, base, queries_of(who, page), queries_of(who, small)))
        say(f"  {name} {query or 'all'}: {ours / base:.2f} ({ours:.3f} s of {base:.3f} s), queries {found[-1][2:]}")
    ours, base, *_counts = max(found, key=lambda one: one[0] / one[1])
    report.add(CASE, goal=GOAL, ours=ours, base=base, met=all(one[2] == one[3] for one in found),
               queries=max(one[2] for one in found), answers=answers)  # fmt: skip


def _pages(world: World) -> list[tuple[str, Any, str]]:
    """Return who reads which page."""
    from perfmgmt.people.models import Assignment
    from perfmgmt.tenants.scope import tenant_scope

    with tenant_scope(world.tenant_id):
        theirs = Assignment.objects.filter(manager__number=LED_100).order_by("pk")
        one = theirs.values_list("employee_id", "unit_id", "employee__number")[0]
    today = date.today()  # noqa: DTZ011
    last = today.replace(day=1) - timedelta(days=1)
    month = f"{last:%Y-%m}"
    hr, manager, assistant = _reader(world), _reader(world, LED_100), _reader(world, one[2])
    queries = ("", "?type=Type+1", "?product=Product+2", f"?employee={one[0]}", f"?unit={one[1]}", f"?to={month}",
               "?type=Type+1&product=Product+2", f"?type=Type+1&from={month}", "?by=response")  # fmt: skip
    mine = ("", "?type=Type+1", f"?employee={one[0]}", f"?to={month}", "?by=product")
    own = ("", f"?to={month}")
    readers = (("HR", hr, queries), ("manager", manager, mine), ("assistant", assistant, own))
    return [(name, who, query) for name, who, asked in readers for query in asked]


def _reader(world: World, number: str = "") -> Any:
    """Return a client signed in as HR, or as the person with this number."""
    from django.test import Client

    from perfmgmt.people.models import Employee, User
    from perfmgmt.people.roles import Role
    from perfmgmt.people.services import add_member
    from perfmgmt.tenants.scope import tenant_scope

    user = User.objects.create_user(f"results{number.lower()}@bench.example", name="Bench Reader")
    with tenant_scope(world.tenant_id):
        if number:
            add_member(user, employee=Employee.objects.get(number=number))
        else:
            add_member(user, Role.HR)
    client = Client()
    client.force_login(user)
    return client


def _surveys(world: World, sizes: dict[str, int]) -> list[int]:
    """Publish a survey for each size and fill it; return their ids."""
    from perfmgmt.tenants.scope import tenant_scope
    from reviews.surveys import services
    from reviews.surveys.content import content_of, stamp
    from reviews.surveys.pack import content, pack
    from reviews.surveys.services import SurveySettings
    from reviews.voice.rebuilding import rebuild
    from reviews.voice.themes import install_ready

    made = []
    with tenant_scope(world.tenant_id):
        install_ready()
        for name in sizes:
            survey = services.create_survey(SurveySettings(name, name, "scored"), content(pack()[0]))
            version = survey.versions.get()
            services.publish(version.pk, seen=stamp(content_of(version)), user_id=None)
            made.append((survey.pk, version.pk))
    with admin_cursor(world.database) as cursor:
        for (survey_id, version_id), answers in zip(made, sizes.values(), strict=True):
            cursor.execute("BEGIN")
            cursor.execute(_FILL, {
                "tenant": world.tenant_id, "survey": survey_id, "version": version_id, "asked": answers * 13 // 10,
                "skipped": int(answers * SKIPPED), "days": DAYS,
                "first": date.today() - timedelta(days=DAYS - 1),  # noqa: DTZ011
            })  # fmt: skip
            cursor.execute("COMMIT")
    with tenant_scope(world.tenant_id):
        rebuild()
    with admin_cursor(world.database) as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM (ANALYZE) {table}")
    return [survey_id for survey_id, _version_id in made]
