"""Kinds of jobs: apps register what a job of a kind does, in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from perfmgmt.jobs.context import JobContext


@dataclass(frozen=True)
class JobKind:
    """`run(context)` does the work inside the workspace's scope and returns the result (plain JSON values)."""

    code: str
    label: str | Promise
    run: Callable[["JobContext"], dict[str, Any]]


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Make a kind known; the same code again replaces it."""
    _kinds[kind.code] = kind


def kind_of(code: str) -> JobKind:
    """Return the kind; KeyError for an unknown one."""
    return _kinds[code]


def label_of(code: str) -> str | Promise:
    """Return what to call a kind; its code when the kind is no longer known."""
    return _kinds[code].label if code in _kinds else code
