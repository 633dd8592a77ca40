"""The WSGI entry point that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perfmgmt.settings")
# New containers before the youngest are looked through. A request that reads thousands of rows makes tens of
# thousands, all of them needed until it ends; at Python's 700 it looked through them again and again (a fifth of
# the time of a batch of 5,000 facts).
YOUNG = 50_000


def settle() -> None:
    """Take what was loaded at the start out of garbage collection, and look for garbage less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)


application = get_wsgi_application()
settle()
