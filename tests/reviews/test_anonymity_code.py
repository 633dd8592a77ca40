"""What the code may do with answers, read from the code itself: one package is the door to them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models

from perfmgmt.tenants.history import UNAUDITED, event_models
from reviews.models import Answer, AnswerSheet, AuthorKey, FairnessVoice

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = (Answer, AnswerSheet, AuthorKey, FairnessVoice)
NAMES = {model.__name__ for model in ANSWERS}
TABLES = {model._meta.db_table for model in ANSWERS}
#: Who may touch the tables: the door's package, the models themselves, and their migrations.
MAY_TOUCH = (
    "reviews/answers/",
    "reviews/models/",
    "reviews/migrations/",
    "perfmgmt/tenants/history.py",  # names them as having no trail
)
#: What only certain code may use of the door's package: modules by who may import them.
INNER = {
    "reviews.answers.seal": ("reviews/answers/",),
    "reviews.answers.authors": ("reviews/answers/", "reviews/statistics/adjusting.py"),
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    """All code that runs in the product, with its path below the root."""
    for app in ("perfmgmt", "goals", "reviews", "incentives", "analytics"):
        for path in sorted((ROOT / app).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def imported(tree: ast.Module) -> Iterator[str]:
    """Full names of what a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{one.name}" for one in node.names)


def touches(tree: ast.Module) -> set[str]:
    """What of the answers a module names: imports of the models, attributes called so, tables and labels in texts."""
    found = {name for name in imported(tree) if name.startswith("reviews.") and name.rpartition(".")[2] in NAMES}
    found |= {name for name in imported(tree) if name.startswith("reviews.models.answers")}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in NAMES:
            found.add(node.attr)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = set(node.value.replace('"', " ").replace("(", " ").replace(",", " ").split())
            found |= words & (TABLES | {f"reviews.{name}" for name in NAMES})
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get_model":
            found |= {one.value for one in node.args if isinstance(one, ast.Constant)} & NAMES
    return found


def test_only_the_door_touches_answers() -> None:
    beside = {
        path: sorted(found)
        for path, tree in sources()
        if not path.startswith(MAY_TOUCH) and (found := touches(tree) - {"reviews.models.FairnessAsked"})
    }
    assert beside == {}


def test_the_walk_over_the_code_would_see_a_way_around() -> None:
    for text in (
        "from reviews.models import Answer",
        "from reviews.models.answers import AuthorKey",
        "from reviews import models\nmodels.AnswerSheet.objects.all()",
        "cursor.execute('SELECT * FROM reviews_answer')",
        "apps.get_model('reviews', 'Answer')",
    ):
        assert touches(ast.parse(text)), text


@pytest.mark.parametrize("module", INNER)
def test_seals_are_opened_by_the_door_and_for_the_model_of_raters_only(module: str) -> None:
    users = [
        path
        for path, tree in sources()
        if any(one == module or one.startswith(f"{module}.") for one in imported(tree))
    ]
    assert users and not [path for path in users if not path.startswith(INNER[module])]


def test_no_answer_carries_a_time_a_sequence_or_a_name() -> None:
    timed = (models.DateField, models.TimeField, models.DurationField,
             models.AutoField, models.BigAutoField, models.SmallAutoField)  # fmt: skip
    for model in ANSWERS:
        assert not [one.name for one in model._meta.fields if isinstance(one, timed)], model
        people = [one.name for one in model._meta.fields if one.is_relation and one.name != "tenant"]
        assert people == (["rater"] if model is AuthorKey else []), model
    assert "key" in {one.name for one in AnswerSheet._meta.fields if isinstance(one, models.UUIDField)}


@pytest.mark.django_db
def test_the_database_counts_no_answers() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_name = ANY(%s) AND "
            "(is_identity = 'YES' OR column_default LIKE 'nextval%%' OR data_type ~ 'time|date')",
            [sorted(TABLES)],
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal "
            "AND tgrelid::regclass::text = ANY(%s)",
            [sorted(TABLES)],
        )
        assert cursor.fetchall() == []


def test_answers_have_no_audit_trail_by_name() -> None:
    assert {f"reviews.{name}" for name in NAMES} <= UNAUDITED.keys()
    assert not [model for model in event_models() if model._meta.get_field("pgh_obj").related_model in ANSWERS]


def test_no_admin_screen_knows_of_answers() -> None:
    assert not apps.is_installed("django.contrib.admin")


def test_no_relation_leads_from_elsewhere_to_an_answer() -> None:
    """A foreign key would let a page follow it without naming the table."""
    for model in apps.get_models():
        relations = [one for one in model._meta.get_fields() if one.is_relation and one.related_model in ANSWERS]
        assert all(one.auto_created for one in relations), model
