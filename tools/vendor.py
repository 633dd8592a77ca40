"""Copy the third-party front-end files in use from node_modules to static/vendor, and the fonts of PDF files.

    python tools/vendor.py

Icons are copied when a template or a Python file names them; a name that Tabler does not have is an error.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
ICONS = MODULES / "@tabler" / "icons" / "icons" / "outline"
FILES = {
    "tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "tabler/LICENSE": "@tabler/icons/LICENSE",
    "plotly/plotly-cartesian.min.js": "plotly.js-cartesian-dist-min/plotly-cartesian.min.js",
    "plotly/LICENSE": "plotly.js-cartesian-dist-min/LICENSE",
    "sortablejs/sortable.esm.js": "sortablejs/modular/sortable.esm.js",
    "sortablejs/LICENSE": "sortablejs/LICENSE",
}
# For PDF files, made on the server: not below static, so that nobody downloads 20 MB of them.
FONTS = ROOT / "perfmgmt" / "web" / "fonts"
FONT_FILES = {
    "NotoSansSC_400Regular.ttf": "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "NotoSansSC_700Bold.ttf": "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf",
    "LICENSE": "@expo-google-fonts/noto-sans-sc/LICENSE_FONT",
}
LOCALES = {"plotly/locale-zh-cn.js": "plotly.js-locales/zh-cn.js"}
SOURCE_MAP = re.compile(rb"\n?(?://|/\*)# sourceMappingURL=[^\s*]+(?:\s*\*/)?\s*")
# `{% icon "home" %}`, `icon="home"`, `icon_name="home"`: these must exist.
NAMED = re.compile(r"""(?:\{%\s*icon\s+|\bicon(?:_name)?=)["']([a-z0-9-]+)["']""")
# Any other string may be one (positional arguments, lookup tables); a few icons too many do no harm.
LITERAL = re.compile(r"""["']([a-z][a-z0-9-]+)["']""")
APPS = ("perfmgmt", "goals", "reviews", "incentives", "analytics")


class VendorError(Exception):
    """The files cannot be copied; the message says why."""


def sources() -> list[Path]:
    """Templates and Python files that may name icons."""
    found = list((ROOT / "templates").rglob("*.html"))
    for app in APPS:
        found += [path for kind in ("*.py", "*.html") for path in (ROOT / app).rglob(kind)]
    return sorted(found)


def icon_names() -> tuple[dict[str, Path], set[str]]:
    """Names that must be icons (with a file that uses each), and strings that may be."""
    named: dict[str, Path] = {}
    literal: set[str] = set()
    for path in sources():
        text = path.read_text(encoding="utf-8")
        named.update(dict.fromkeys(NAMED.findall(text), path))
        literal.update(LITERAL.findall(text))
    return named, literal


def fingerprint() -> str:
    """Changes when the copies have to be made anew."""
    named, literal = icon_names()
    known = sorted(set(named) | {name for name in literal if (ICONS / f"{name}.svg").exists()})
    digest = hashlib.sha256(Path(__file__).read_bytes())
    digest.update((ROOT / "package-lock.json").read_bytes())
    digest.update("\n".join(known).encode())
    return digest.hexdigest()


def copy() -> int:
    """Make static/vendor anew beside the old one and swap, and copy the fonts; returns the number of icons."""
    for target, source in FONT_FILES.items():
        _write(FONTS / target, _read(source))
    draft = VENDOR.with_name("vendor.new")
    shutil.rmtree(draft, ignore_errors=True)
    for target, source in FILES.items():
        _write(draft / target, SOURCE_MAP.sub(b"\n", _read(source)))
    for target, source in LOCALES.items():
        _write(draft / target, _as_script(_read(source)))
    count = _copy_icons(draft / "icons")
    shutil.rmtree(VENDOR, ignore_errors=True)
    draft.replace(VENDOR)
    return count


def _copy_icons(folder: Path) -> int:
    named, literal = icon_names()
    for name, path in sorted(named.items()):
        if not (ICONS / f"{name}.svg").exists():
            raise VendorError(f'{path.relative_to(ROOT)}: Tabler has no outline icon "{name}"')
    count = 0
    for name in sorted(set(named) | literal):
        icon = ICONS / f"{name}.svg"
        if icon.exists():
            _write(folder / icon.name, icon.read_bytes())
            count += 1
    return count


def _as_script(module: bytes) -> bytes:
    """A CommonJS locale as a plain script that registers itself, before or after Plotly is there."""
    return (
        b"(function () {\nvar module = {};\n"
        + module
        + b"\nif (window.Plotly) { window.Plotly.register(module.exports); }\n"
        + b"else { (window.PlotlyLocales = window.PlotlyLocales || []).push(module.exports); }\n})();\n"
    )


def _read(source: str) -> bytes:
    path = MODULES / source
    if not path.exists():
        raise VendorError(f"{path.relative_to(ROOT)} is missing: run `make setup`")
    return path.read_bytes()


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def main() -> int:
    try:
        print(
            f"{copy()} icons, {len(FILES) + len(LOCALES)} other files in static/vendor, fonts in perfmgmt/web/fonts"
        )
    except VendorError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
