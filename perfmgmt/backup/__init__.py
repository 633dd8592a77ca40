"""One archive of a whole installation, and the way back: `manage.py backup FILE`, `manage.py restore FILE`."""
