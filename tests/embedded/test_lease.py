"""Who starts and who stops the embedded servers."""

import os
import signal
from pathlib import Path

import pytest

from perfmgmt import embedded
from perfmgmt.embedded.processes import send
from tests.embedded.support import (
    Holder,
    eventually,
    postgres_main,
    postgres_pids,
    redis_pids,
    servers,
    sign_in,
    store,
)

pytestmark = pytest.mark.xdist_group("embedded")


def value(base: Path, query: str, role: str = "app") -> object:
    connection = sign_in(base, role)
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    connection.close()
    return row and row[0]


def test_the_last_holder_stops_the_servers(base: Path) -> None:
    first, second = Holder.start(base), Holder.start(base)
    first.held()
    second.held()

    first.release()
    assert value(base, "SELECT 1") == 1
    assert store(base).ping()

    second.release()
    assert servers(base) == []


def test_a_killed_holder_is_no_longer_counted(base: Path) -> None:
    first, second = Holder.start(base).held(), Holder.start(base).held()

    first.kill()
    assert value(base, "SELECT 1") == 1

    second.release()
    assert servers(base) == []


def test_servers_of_a_killed_last_holder_are_used_and_then_stopped(base: Path) -> None:
    Holder.start(base).held().kill()
    left = postgres_main(base)
    assert left is not None

    with embedded.hold(base):
        assert postgres_main(base) == left

    assert servers(base) == []


def test_a_forked_child_stops_nothing(base: Path) -> None:
    with embedded.hold(base) as lease:
        child = os.fork()
        if child == 0:
            lease.release()
            os._exit(0)
        os.waitpid(child, 0)

        assert value(base, "SELECT 1") == 1


def test_releasing_twice_is_harmless(base: Path) -> None:
    lease = embedded.hold(base)
    other = embedded.hold(base)

    lease.release()
    lease.release()

    assert value(base, "SELECT 1") == 1
    other.release()
    assert servers(base) == []


def test_only_what_is_asked_for_is_started(base: Path) -> None:
    with embedded.hold(base, with_postgres=False):
        assert redis_pids(base)
        assert not postgres_pids(base)


def test_data_survive_a_restart(base: Path) -> None:
    with embedded.hold(base):
        value(base, "SELECT 1")
        store(base).set("kept", "yes")
        connection = sign_in(base, "owner")
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        connection.close()

    with embedded.hold(base):
        assert value(base, "SELECT answer FROM kept") == 42
        assert store(base).get("kept") == "yes"


def test_killed_postgres_comes_up_again_with_its_data(base: Path) -> None:
    with embedded.hold(base):
        connection = sign_in(base, "owner")
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        main = postgres_main(base)
        assert main is not None

        os.kill(main, signal.SIGKILL)
        eventually(lambda: embedded.ensure_running(base) == ["PostgreSQL"], "death noticed")

        assert value(base, "SELECT answer FROM kept") == 42
        assert embedded.ensure_running(base) == []
        connection.close()


def test_killed_redis_comes_up_again_with_its_data(base: Path) -> None:
    with embedded.hold(base):
        store(base).set("kept", "yes")

        os.kill(redis_pids(base)[0], signal.SIGKILL)
        eventually(lambda: embedded.ensure_running(base) == ["Redis"], "death noticed")

        assert store(base).get("kept") == "yes"


def test_servers_killed_while_nobody_looks_do_not_hinder_the_next_start(base: Path) -> None:
    Holder.start(base).held().kill()
    send(servers(base), signal.SIGKILL)  # the others may end by themselves once the first is gone

    with embedded.hold(base):
        assert value(base, "SELECT 1") == 1


def test_interrupted_holder_releases(base: Path) -> None:
    holder = Holder.start(base).held()

    holder.process.send_signal(signal.SIGINT)
    holder.process.communicate(timeout=60)

    assert servers(base) == []
