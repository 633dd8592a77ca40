# Two commands: `make run` and `make test`. Both need Python 3.11 or newer and nothing else.
# PORT=8001 make run · PYTHON=/path/to/python3.12 make setup · PYTEST_ARGS="-n 0 tests/people" make test

.PHONY: help setup run test check bench lock clean
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

help:
	@echo "make run      the product on http://127.0.0.1:8000 (PORT= another port, HOST= another address)"
	@echo "make test     all tests (PYTEST_ARGS= instead of: -n 2 --dist loadgroup)"
	@echo "make check    lint, format, types, layers, templates, migrations, translations"
	@echo "make bench    benchmarks, one JSON line per case (BENCH_ARGS= arguments)"
	@echo "make setup    everything up to the point of running"
	@echo "make lock     lock files anew (UPGRADE=1 newer versions)"
	@echo "make clean    remove what make setup made; the data in var/ stays"

# Any Python will do for the first step: it looks for a good one, or says in one line what is missing.
setup run test check bench lock:
	@for python in "$${PYTHON:-python3}" python3.13 python3.12 python3.11 python3 python; do \
		if "$$python" -c "" 2>/dev/null; then exec "$$python" tools/bootstrap.py $@; fi; \
	done; echo "No Python found: perfmgmt needs Python 3.11 or newer; install it or set PYTHON=..." >&2; exit 1

clean:
	rm -rf .venv node_modules static/vendor perfmgmt/web/fonts var/static var/test var/bench var/cache var/uv
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
