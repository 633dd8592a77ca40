"""Drives Debian's or Playwright's Chromium over real pages and judges them as a demanding reader would."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

ROOT: Final = Path(__file__).resolve().parents[2]
SCREENSHOTS: Final = ROOT / "var" / "screenshots"
AXE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FONTS: Final = ROOT / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
LANGUAGES: Final = ("zh-hans", "en")
WIDTHS: Final = (1440, 390)
FLAGS: Final = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]
_RULES: Final[dict[str, Any]] = {
    "all": {},
    "structure": {"rules": {"color-contrast": {"enabled": False}}},
    "contrast": {"runOnly": ["color-contrast"]},
}
#: Sentences of four or more English words in a Chinese page; names and codes are shorter or marked.
_ENGLISH: Final = re.compile(r"\b[A-Za-z][a-z']+(?: [a-z'-]+){3,}")

_RECORD_CSP: Final = """
window.__csp = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.__csp.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""
_SEEN: Final = """() => ({
  policy: window.__csp || [],
  nowhere: [...document.querySelectorAll("main a[href='']")].map((link) => link.textContent),
})"""
#: A change of the window or of the theme is laid out and painted. Every style is computed anew, without fading over:
#: now and then Chromium keeps the colour that a link inherited before the change.
_NEXT_FRAME: Final = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const root = document.documentElement;
  await frame();
  root.style.display = "none";
  void root.offsetHeight;
  root.style.display = "";
  await frame();
}"""
_WIDTHS: Final = """() => {
  const page = document.documentElement;
  const wide = page.scrollWidth > page.clientWidth;
  const culprits = wide ? [...document.querySelectorAll("body *")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.right > page.clientWidth + 1 && !node.closest(".table-box");
  }).slice(0, 5).map((node) => `${node.tagName.toLowerCase()}.${node.getAttribute("class") || ""}`) : [];
  return { scroll: page.scrollWidth, client: page.clientWidth, culprits };
}"""
_TEXTS: Final = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim().replace(/\\s+/g, " ");
    if (!text || !parent.checkVisibility()) continue;
    if (parent.closest("script, style, code, pre, option[translate=no], [translate=no], [lang=en]")) continue;
    texts.push(text);
  }
  document.querySelectorAll("[aria-label], [placeholder], [title]").forEach((node) => {
    if (node.closest("[translate=no]")) return;
    for (const name of ["aria-label", "placeholder", "title"]) {
      if (node.hasAttribute(name)) texts.push(node.getAttribute(name).trim());
    }
  });
  texts.push(document.title);
  return texts;
}"""


@dataclass
class Recorder:
    """What the browser complained about since the last look."""

    problems: list[str] = field(default_factory=list)
    #: Console errors that a deliberate error status makes by itself.
    ignore: re.Pattern[str] = re.compile(
        r"Failed to load resource: the server responded with a status of (4\d\d|500)"
    )

    def attach(self, page: Page) -> None:
        """Listen to a page; done once for each."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("requestfailed", self._failed)

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before the answer came
            self.problems.append(f"request failed: {request.url} ({request.failure})")

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"} and not self.ignore.search(message.text):
            self.problems.append(f"console {message.type}: {message.text}")

    def take(self) -> list[str]:
        """The complaints, which are then forgotten."""
        found, self.problems = self.problems, []
        return found


def fits(page: Page) -> bool:
    """Whether a page is no wider than its window."""
    page.locator("main").wait_for()
    widths = page.evaluate(_WIDTHS)
    return bool(widths["scroll"] <= widths["client"])


def launch(playwright: Playwright) -> Browser:
    """Start Chromium (the system's, else Playwright's own) with the Chinese font of the tests."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    environment = {**os.environ, "FONTCONFIG_FILE": str(_fontconfig())}
    return playwright.chromium.launch(executable_path=path, args=flags, env=environment)


def _fontconfig() -> Path:
    """Only fonts that are the same on every machine, so that screenshots and line breaks are too."""
    folder = ROOT / "var" / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    weights = [FONTS / name for name in ("400Regular", "500Medium", "600SemiBold", "700Bold")]
    missing = [str(path.relative_to(ROOT)) for path in weights if not path.is_dir()]
    if missing:
        raise FileNotFoundError(f"{missing[0]} is missing: run `make setup` or `make test`")
    listed = "".join(f"<dir>{path}</dir>" for path in weights)
    config = folder / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"{listed}<cachedir>{folder / 'cache'}</cachedir>"
        "<alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>"
        "</fontconfig>",
        encoding="utf-8",
    )
    return config


def new_page(browser: Browser, storage_state: Any = None) -> tuple[Page, Recorder]:
    """A page in a context of its own; `storage_state` carries a signed-in session."""
    context = browser.new_context(storage_state=storage_state, reduced_motion="reduce")
    context.add_init_script(_RECORD_CSP)
    page = context.new_page()
    recorder = Recorder()
    recorder.attach(page)
    page.recorder = recorder  # type: ignore[attr-defined]
    return page, recorder


def set_language(context: BrowserContext, base_url: str, lang: str) -> None:
    """The language as the site remembers it."""
    parts = urlsplit(base_url)
    context.add_cookies([{"name": "django_language", "value": lang, "url": f"{parts.scheme}://{parts.netloc}/"}])


@dataclass(frozen=True)
class Look:
    """How a page is looked at.

    `rules`: "all" of axe-core's, the "structure" (all but contrast), the "contrast", or none ("").
    `stay`: on the page as it is open, whose window and theme change as a reader changes them; a page with charts is
    loaded anew, so that the charts are drawn for them.
    """

    lang: str
    width: int
    theme: str = "light"
    rules: str = "all"
    stay: bool = False


def check_page(
    page: Page, url: str, look: Look, *, status: int = 200, name: str = "", msgids: Iterable[str] = ()
) -> None:
    """Open `url` and fail with everything that is wrong at once; the screenshot is then in var/screenshots.

    `page` comes from `new_page`; `msgids` are messages that have a translation (`catalogue_msgids`). With
    SCREENSHOTS=1 in the environment pages without a fault leave a screenshot, too.
    """
    recorder: Recorder = page.recorder  # type: ignore[attr-defined]
    recorder.take()
    set_language(page.context, url, look.lang)
    page.set_viewport_size({"width": look.width, "height": 900})
    page.emulate_media(color_scheme="dark" if look.theme == "dark" else "light")
    problems = []
    if look.stay and not page.evaluate("!!document.querySelector('figure[data-chart]')"):
        page.evaluate(_NEXT_FRAME)
    else:
        response = page.goto(url, wait_until="load")
        problems += [] if response and response.status == status else [f"status {response and response.status}"]
        wait_for_charts(page)
    seen = page.evaluate(_SEEN)
    problems += [f"policy: {text}" for text in seen["policy"]]
    problems += [f"a link that leads nowhere: {text.strip()!r}" for text in seen["nowhere"]]
    problems += _scroll_problems(page)
    problems += axe_findings(page, look.rules) if look.rules else []
    problems += _language_problems(page, look.lang, set(msgids))
    problems += recorder.take()
    if problems or os.environ.get("SCREENSHOTS"):
        screenshot(page, name or slug(url), look.lang, look.width, look.theme)
    assert not problems, f"{url} ({look.lang}, {look.width} px, {look.theme}):\n  " + "\n  ".join(problems)


def wait_for_charts(page: Page) -> None:
    """Until each chart is drawn or has shown its error."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('figure[data-chart]')].every((figure) =>"
        " figure.dataset.drawn || !figure.querySelector('[data-chart-error]').hidden)",
        timeout=15_000,
    )


def axe_findings(page: Page, rules: str = "all") -> list[str]:
    """Serious and critical findings of axe-core, with the first element of each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "async (options) => (await axe.run(document, {resultTypes: ['violations'], preload: false, ...options}))"
        ".violations",
        _RULES[rules],
    )
    return [
        f"axe {item['impact']}: {item['id']} at {item['nodes'][0]['target']} ({len(item['nodes'])}): "
        f"{(item['nodes'][0].get('failureSummary') or '').splitlines()[-1:]}"
        for item in found
        if item["impact"] in {"serious", "critical"}
    ]


def _scroll_problems(page: Page) -> list[str]:
    seen = page.evaluate(_WIDTHS)
    if seen["scroll"] <= seen["client"]:
        return []
    return [f"page scrolls sideways: {seen['scroll']} > {seen['client']}, from {', '.join(seen['culprits'])}"]


def _language_problems(page: Page, lang: str, msgids: set[str]) -> list[str]:
    shown = page.evaluate("document.documentElement.lang")
    problems = [] if shown.lower() == lang else [f"the page says lang={shown}"]
    if lang != "en":
        texts: list[str] = page.evaluate(_TEXTS)
        problems += [f"not translated: {text[:80]!r}" for text in texts if text in msgids or _ENGLISH.search(text)]
    return problems


def catalogue_msgids(po: Path = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po") -> set[str]:
    """Messages whose Chinese differs: one of these in a Chinese page was not translated."""
    from babel.messages.pofile import read_po

    compiled = po.with_suffix(".mo")
    if not compiled.exists() or compiled.stat().st_mtime < po.stat().st_mtime:
        raise RuntimeError("The translations are not compiled: run tools/messages.py compile (make test does)")
    with po.open("rb") as file:
        catalogue = read_po(file)
    return {
        message.id
        for message in catalogue
        if isinstance(message.id, str) and message.id and message.string and message.id != message.string
    }


def screenshot(page: Page, name: str, lang: str, width: int, theme: str) -> Path:
    """The whole page as a reader scrolls it."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.{lang}.{width}{'.dark' if theme == 'dark' else ''}.png"
    page.screenshot(path=path, full_page=True)
    return path


def slug(url: str) -> str:
    """A file name for an address, without host and query."""
    return re.sub(r"[^a-z0-9]+", "-", urlsplit(url).path.lower()).strip("-") or "start"


def absolute(base_url: str, path: str) -> str:
    """A path on the server under test."""
    return urljoin(base_url, path)


def storage_state(base_url: str, client: Any) -> dict[str, Any]:
    """A Django test client's session for `new_page(browser, storage_state=...)`."""
    host = urlsplit(base_url).hostname
    cookies = [
        {"name": name, "value": morsel.value, "domain": host, "path": "/", "expires": -1,
         "httpOnly": True, "secure": False, "sameSite": "Lax"}
        for name, morsel in client.cookies.items()
    ]  # fmt: skip
    return {"cookies": cookies, "origins": []}
