"""Who sees which home."""

from perfmgmt.people.permissions import SEE_PEOPLE, SEE_WORKSPACE

SEE_HOME = SEE_WORKSPACE
SEE_PERSON = SEE_PEOPLE
