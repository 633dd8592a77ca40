from perfmgmt.metrics.imports import facts
from perfmgmt.metrics.imports.commands import ImportCommand
from perfmgmt.metrics.imports.mapping import DEFAULT_FACTS


class Command(ImportCommand):
    help = "Import facts from a CSV file; prints a JSON summary."
    kind = facts.KIND
    default_mapping = DEFAULT_FACTS
