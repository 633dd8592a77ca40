"""Apps that hold data of a contact remove it when the contact is erased (T8), or unlink what may stay."""

from collections.abc import Callable

# (id of the contact); runs inside the erasure's transaction, before the contact itself is emptied.
EraseHook = Callable[[int], None]
_hooks: list[EraseHook] = []


def register(hook: EraseHook) -> None:
    """Call `hook(contact_id)` for a contact that is erased, and for each that was merged into it.

    Registering twice has no effect. What it raises undoes the whole erasure.
    """
    if hook not in _hooks:
        _hooks.append(hook)


def erased(contact_id: int) -> None:
    """Let every app forget a contact."""
    for hook in _hooks:
        hook(contact_id)
