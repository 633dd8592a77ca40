"""Migration `reviews.0022` over rows from before: what was finished when, and names that old facts still had."""

from importlib import import_module

from django.db import connections

from perfmgmt.metrics.models import Fact, FactVersion
from reviews.models import SurveyTally
from reviews.voice.rebuilding import rebuild
from tests import servers
from tests.conftest import admin_cursor
from tests.factories import Company
from tests.reviews.answering_factories import ask
from tests.reviews.survey_factories import published, ready, with_question
from tests.reviews.test_voice_tally import says

NAME = "Globex 集团"


def test_old_answers_are_counted_by_month_of_finishing_and_names_of_unnamed_ones_go(committed: None) -> None:
    company = Company.create("acme")
    with company.scope():
        named = published()
        quiet = published("Quiet", with_question(ready(), "satisfaction", identified=False))
    asked = {name: ask(company, version) for name, version in (("named", named), ("quiet", quiet))}
    for one in asked.values():
        says(one, 5)
        says(one, 2, correcting=True)
    with admin_cursor(servers.DATABASE) as cursor:
        cursor.execute("UPDATE metrics_fact SET customer = %s", [NAME])
        cursor.execute("UPDATE metrics_factversion SET customer = %s", [NAME])
        cursor.execute("DELETE FROM reviews_surveytally WHERE by = 'finished'")
    step = import_module("reviews.migrations.0022_voice_batches").Migration.operations[-1]
    with connections["owner"].cursor() as cursor:
        cursor.execute(step.sql)
    with company.scope():
        assert SurveyTally.objects.filter(by="finished").count() == 2
        assert rebuild(check=True)[1] == 0
        for rows in (Fact.objects.all(), FactVersion.objects.all()):
            found = {int(row.external_id.split(":")[0]): row.customer for row in rows}
            assert found == {asked["named"].pk: NAME, asked["quiet"].pk: ""}
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM metrics_factversion")
        assert cursor.fetchone() == (0,)  # the wall stands again
