"""Addresses that take no more mail. Whoever keeps that list says so here; until then there are none."""

from collections.abc import Callable, Collection

# Takes addresses, returns those of them (as they were given) that must not be written to; needs the open scope.
Check = Callable[[Collection[str]], set[str]]
_checks: list[Check] = []


def register(check: Check) -> None:
    """Ask `check(addresses)`, too; registering twice has no effect."""
    if check not in _checks:
        _checks.append(check)


def suppressed_addresses(addresses: Collection[str]) -> set[str]:
    """Return which of some addresses must not be written to."""
    found: set[str] = set()
    for check in _checks:
        found |= check(addresses)
    return found
