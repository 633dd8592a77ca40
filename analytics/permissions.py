"""Who sees which home."""

from perfmgmt.people.permissions import SEE_PERSON, SEE_WORKSPACE

SEE_HOME = SEE_WORKSPACE
__all__ = ["SEE_HOME", "SEE_PERSON"]
