from perfmgmt.metrics.imports import people
from perfmgmt.metrics.imports.commands import ImportCommand
from perfmgmt.metrics.imports.people_mapping import DEFAULT_PEOPLE


class Command(ImportCommand):
    help = "Import people, their units and managers from a CSV file; prints a JSON summary."
    kind = people.KIND
    default_mapping = DEFAULT_PEOPLE
