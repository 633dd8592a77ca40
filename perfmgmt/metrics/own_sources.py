"""Sources whose facts the product writes itself: no file and no program may give facts in their name.

Work logs and customers' answers correct their own facts by id; a row imported under the same id would be taken for
one of them, and count as what a customer said.
"""

_codes: set[str] = set()


def reserve(code: str) -> None:
    """Keep a source's code for the part of the product that calls this."""
    _codes.add(code.lower())


def is_reserved(code: str) -> bool:
    """Tell whether a source is the product's own; capital letters make no other source."""
    return code.lower() in _codes
