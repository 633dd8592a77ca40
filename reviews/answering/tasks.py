"""Workers' side of answers: facts that had to wait for an import."""

from perfmgmt.tenants.scope import current_tenant_id
from perfmgmt.tenants.tasks import tenant_task
from reviews.answering import feed

BUSY_SECONDS = 2.0


@tenant_task("reviews.feed_answers")
def feed_answers() -> None:
    """Feed what waits; while an import holds the facts, come again."""
    if not feed.catch_up():
        feed_answers.apply_async(args=[current_tenant_id()], countdown=BUSY_SECONDS, retry=False)
