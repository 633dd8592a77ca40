"""`make check`: lint, format, types, layers, templates, migrations, production settings, API schema,
translations.

All checks run, two at a time; each says one line, and what it found follows when it failed.

    python tools/check.py [name ...]    only these
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = [sys.executable]
MODULE = [sys.executable, "-m"]
MANAGE = [sys.executable, str(ROOT / "manage.py")]
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
# What production must state; none of it is used beyond the check.
PRODUCTION = {
    "PERFMGMT_ENV": "production",
    "SECRET_KEY": "Only-for-make-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG",
    "ALLOWED_HOSTS": "perfmgmt.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://perfmgmt.example.com",
    "DATABASE_URL": "postgresql://perfmgmt_app:x@localhost/perfmgmt",
    "MIGRATION_DATABASE_URL": "postgresql://perfmgmt_owner:x@localhost/perfmgmt",
    "REDIS_URL": "redis://localhost:6379/0",
    "EMAIL_URL": "smtp://localhost:25",
}


def checks() -> dict[str, tuple[list[str], dict[str, str]]]:
    """Name -> command and extra environment, slowest first so that two run side by side well."""
    templates = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
    return {
        "types": ([*MODULE, "mypy"], {}),
        "settings": ([*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        "migrations": ([*MANAGE, "makemigrations", "--check", "--dry-run"], {}),
        "schema": (
            [*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull],
            {},
        ),
        "layers": ([*PYTHON, "-c", LINT_IMPORTS], {"PYTHONPATH": str(ROOT)}),
        "messages": ([*PYTHON, str(ROOT / "tools" / "messages.py"), "check"], {}),
        # djade is a program, not a module; being no script, it has no first line that a space could break
        "templates": (
            [str(Path(sys.executable).with_name("djade")), "--check", "--target-version", "5.2", *templates],
            {},
        ),
        "lint": ([*MODULE, "ruff", "check", "."], {}),
        "format": ([*MODULE, "ruff", "format", "--check", "."], {}),
    }


def run(command: list[str], extra: dict[str, str]) -> tuple[bool, str, float]:
    """Whether it passed, what it said, and how long it took."""
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **extra},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return done.returncode == 0, done.stdout.strip(), time.monotonic() - began


def main() -> int:
    every = checks()
    names = sys.argv[1:] or list(every)
    unknown = [name for name in names if name not in every]
    if unknown:
        print(f"Unknown check {unknown[0]}: one of {', '.join(every)}", file=sys.stderr)
        return 2
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {pool.submit(run, *every[name]): name for name in names}
        for future in as_completed(running):
            name = running[future]
            passed, output, seconds = future.result()
            print(f"  {'ok    ' if passed else 'FAILED'} {name:<11} {seconds:5.1f} s", flush=True)
            if not passed:
                failed.append(name)
                print("\n".join(f"      {line}" for line in output.splitlines()), flush=True)
    if failed:
        print(f"\n{len(failed)} of {len(names)} checks failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
