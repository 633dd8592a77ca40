"""Apps that point at customers or contacts move their rows when one is merged into another."""

from collections.abc import Callable

CUSTOMER, CONTACT = "customer", "contact"
# (what: CUSTOMER or CONTACT, id of the loser, id of the winner); runs inside the merge's transaction.
MergeHook = Callable[[str, int, int], None]
_hooks: list[MergeHook] = []


def register(hook: MergeHook) -> None:
    """Call `hook(what, loser_id, winner_id)` whenever two are merged; registering twice has no effect.

    What it raises undoes the whole merge.
    """
    if hook not in _hooks:
        _hooks.append(hook)


def moved(what: str, loser_id: int, winner_id: int) -> None:
    """Tell every app that the winner stands for the loser from now on."""
    for hook in _hooks:
        hook(what, loser_id, winner_id)
