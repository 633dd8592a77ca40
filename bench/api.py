"""Case `api.facts_batch`: a batch of 5,000 rows through the real API, against COPY of the rows it gave.

From the request to the answer with every row's result, committed: routing by token, checks, staging, publishing, the
answer kept for its key. The base copies finished fact rows, every id looked up already, into a table of the same
columns, keys and indexes without policies.
"""

import json
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from bench.data import World
from bench.importing import HEADER, copy, keep_rows, rows_of
from bench.report import Report, say
from bench.servers import admin_cursor, checkpoint, using

CASE = "api.facts_batch"
GOAL = 4.0
ROWS, TIMES = 5_000, 9


def run(world: World, report: Report, rows: int = ROWS, times: int = TIMES) -> None:
    """Send a batch and copy its rows in turns, each into empty tables; compare the medians."""
    say(f"{times} batches of {rows:,} rows")
    body = _body(world, rows)
    ours, base, again = [], [], []
    with tempfile.TemporaryDirectory() as folder, using(world.database):
        finished = Path(folder) / "finished.csv"
        send = _sender(world)
        for turn in range(times + 1):
            _empty(world)
            seconds = send(body, f"new-{turn}", "added", rows)
            if turn == 0:  # warms the connection and the code up, and gives the base its rows
                keep_rows(world, finished)
                continue
            ours.append(seconds)
            again.append(send(body, f"again-{turn}", "unchanged", rows))
            base.append(copy(world, finished))
    report.add(CASE, goal=GOAL, ours=median(ours), base=median(base), rows=rows, again_s=round(median(again), 5))


def _body(world: World, rows: int) -> bytes:
    """Return a batch of facts that are scattered over people, metrics and days."""
    found = [dict(zip(HEADER, row, strict=True)) for row in rows_of(world, rows)]
    return json.dumps({"source": "bench_api", "rows": found}).encode()


def _empty(world: World) -> None:
    with admin_cursor(world.database) as cursor:
        cursor.execute("TRUNCATE metrics_fact, metrics_dirtykey, metrics_factversion, api_batchanswer")
    checkpoint()


def _sender(world: World) -> Any:
    """Return a function that sends a batch and returns the seconds to its answer."""
    from django.conf import settings
    from django.test import Client

    from perfmgmt.api.models import ApiToken, TokenRoute
    from perfmgmt.api.services import digest
    from perfmgmt.tenants.scope import tenant_scope
    from perfmgmt.wsgi import settle

    settle()  # as in the process that serves
    secret = "pm_bench"
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "1000000/min")
    with tenant_scope(world.tenant_id):
        ApiToken.objects.create(
            name="Bench", prefix=secret, token_hash=digest(secret), scopes=["facts:write"],
            expires_on=date(2999, 1, 1),
        )  # fmt: skip
        TokenRoute.objects.create(token_hash=digest(secret), tenant_id=world.tenant_id)
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def send(body: bytes, key: str, result: str, rows: int) -> float:
        begun = time.perf_counter()
        response = client.post(
            "/api/v1/facts:batch", body, content_type="application/json",
            headers={"Idempotency-Key": key},
        )  # fmt: skip
        seconds = time.perf_counter() - begun
        if response.status_code != 200 or response.json()["summary"][result] != rows:
            raise RuntimeError(f"the batch did something else: {response.content[:300]!r}")
        return seconds

    return send
