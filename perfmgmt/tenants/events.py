"""Named events: how news goes up without an import going up.

A lower app publishes, a higher one subscribes in its `AppConfig.ready()`. Subscribers run at once, in the same
transaction, so that what they write stands or falls with what was announced.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

_subscribers: dict[str, list[Callable[..., None]]] = defaultdict(list)


def subscribe(event: str, handler: Callable[..., None]) -> None:
    """Call `handler(**payload)` whenever `event` is published; subscribing twice has no effect."""
    if handler not in _subscribers[event]:
        _subscribers[event].append(handler)


def publish(event: str, **payload: Any) -> None:
    """Tell every subscriber of `event`, in the order in which they subscribed."""
    for handler in _subscribers[event]:
        handler(**payload)
