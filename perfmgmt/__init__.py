"""perfmgmt: performance management for sales assistants.

Kept empty on purpose: `perfmgmt.embedded` is imported before Django and Celery are.
"""

__version__ = "0.1.0"
