"""Kinds of jobs: apps register what a job of a kind does, in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from perfmgmt.people.permissions import Permission

if TYPE_CHECKING:
    from perfmgmt.jobs.context import JobContext
    from perfmgmt.jobs.models import Job


def _nothing_against(job: "Job") -> str | Promise:
    return ""


def _nothing_more(job: "Job", again: "Job") -> None:
    return None


@dataclass(frozen=True)
class JobKind:
    """`run(context)` does the work inside the workspace's scope and returns the result (plain JSON values).

    `permission` is who may start it, and start it again; without one it can't be started again from its page.
    `against_retry(job)` says in a sentence why a job can't be done again (its file is gone), "" when it can;
    `retried(job, again)` lets the app point what it keeps at the new job. `told` says whether whoever started one is
    told of its end. `result_template` shows
    what came out, where the usual parts (rows, a file, a summary) say too little.
    """

    code: str
    label: str | Promise
    run: Callable[["JobContext"], dict[str, Any]]
    permission: Permission | None = None
    against_retry: Callable[["Job"], str | Promise] = _nothing_against
    retried: Callable[["Job", "Job"], None] = _nothing_more
    told: bool = True
    result_template: str = ""


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Make a kind known; the same code again replaces it."""
    _kinds[kind.code] = kind


def kind_of(code: str) -> JobKind:
    """Return the kind; KeyError for an unknown one."""
    return _kinds[code]


def registered() -> list[JobKind]:
    """Return all kinds, by what they are called in the language of the reader."""
    return sorted(_kinds.values(), key=lambda kind: str(kind.label))


def label_of(code: str) -> str | Promise:
    """Return what to call a kind; its code when the kind is no longer known."""
    return _kinds[code].label if code in _kinds else code


def permission_of(code: str) -> Permission | None:
    """Return who may start a kind of job; None where that is not said, or the kind is no longer known."""
    return _kinds[code].permission if code in _kinds else None


def result_template_of(code: str) -> str:
    """Return the template that shows what came out of a kind of job; "" for the usual one."""
    return _kinds[code].result_template if code in _kinds else ""


def is_told(code: str) -> bool:
    """Return whether the end of a job is told; that of a kind that is no longer known, too: it has failed."""
    return code not in _kinds or _kinds[code].told
