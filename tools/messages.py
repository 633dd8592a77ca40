"""The translations, without the system's gettext.

    python tools/messages.py extract    collect messages from Python and templates into the .po file
    python tools/messages.py missing    print what has no translation yet, as JSON with empty "text"
    python tools/messages.py fill FILE  take translations from such JSON ("-" reads standard input)
    python tools/messages.py check      exit 1 on anything missing, fuzzy, obsolete, not extracted or broken
    python tools/messages.py compile    write the .mo files (not in git; Django reads these)

Messages are written in English in the code, so English needs no catalogue. The .po file names files without
line numbers and carries no dates: it changes only when a message does.
"""

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGE = "zh_Hans"
SOURCES = ("perfmgmt", "goals", "reviews", "incentives", "analytics", "templates")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_t": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdif]|%[sd]|\{(\w*)\}")
CHINESE = r"[\u4e00-\u9fff\u201d\u201c\u300a\u300b\uff09}]"
#: A half-width mark beside a Chinese character: a slip of the keyboard that readers notice.
HALF_WIDTH = re.compile(rf"(?<={CHINESE})[,:;?!]|[,:;?!](?=[\u4e00-\u9fff])")
FULL_WIDTH = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in ",:;?!()"})
DATES = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Generated-By")
Key = tuple[str | None, str | tuple[str, ...]]


def sources() -> Iterator[Path]:
    """Python files and templates that may hold messages."""
    for name in SOURCES:
        for path in sorted((ROOT / name).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path


def extracted() -> Catalog:
    """A catalogue of what the code says now, without translations."""
    found = Catalog(locale=LANGUAGE, charset="utf-8")
    for path in sources():
        text = path.read_text(encoding="utf-8")
        code = text if path.suffix == ".py" else _as_python(text, path)
        location = path.relative_to(ROOT).as_posix()
        messages = extract("python", io.BytesIO(code.encode()), keywords=KEYWORDS, comment_tags=["Translators:"])
        for _line, message, comments, context in messages:
            key = (message[0], message[1]) if isinstance(message, tuple) else message
            if key and key != ("", ""):
                found.add(key, locations=[(location, 0)], auto_comments=comments, context=context)
    return found


def _as_python(text: str, path: Path) -> str:
    """Django turns a template into something like Python; its indentation would stop the tokenizer."""
    import django
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    python: str = templatize(text, origin=str(path))
    return "\n".join(line.lstrip() for line in python.splitlines())


def po_path(locale: str = LANGUAGE) -> Path:
    """The catalogue of a language."""
    return LOCALE / locale / "LC_MESSAGES" / "django.po"


def load() -> Catalog:
    """The catalogue as it is in git; empty before the first extract."""
    path = po_path()
    if not path.exists():
        return Catalog(locale=LANGUAGE, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def save(catalogue: Catalog) -> None:
    """Write the catalogue so that nothing but messages can change in it."""
    catalogue.project, catalogue.version = "perfmgmt", "1"
    catalogue.header_comment = "# perfmgmt: Simplified Chinese. Made by tools/messages.py; edit msgstr only."
    catalogue.fuzzy = False
    raw = io.BytesIO()
    write_po(raw, catalogue, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True)
    lines = raw.getvalue().decode().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(tuple(f'"{name}' for name in DATES))]
    path = po_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(kept), encoding="utf-8")


def merged() -> tuple[Catalog, list[Key]]:
    """Today's messages with the translations we have, and the keys that nothing uses any more."""
    now, before = extracted(), load()
    ours, theirs = keys(now), keys(before)
    gone = sorted(theirs.keys() - ours.keys(), key=str)
    for key, message in ours.items():
        known = theirs.get(key)
        if known is not None:
            message.string = known.string
            message.flags |= known.flags & {"fuzzy"}
            message.user_comments = known.user_comments
    return now, gone


def keys(catalogue: Catalog) -> dict[Key, Message]:
    """Messages by context and English text, the header left out."""
    return {(message.context, message.id): message for message in catalogue if message.id}


def is_missing(message: Message) -> bool:
    """No translation, or a plural form without one."""
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return not texts or not all(texts)


def problems() -> list[str]:
    """Everything that would show a reader the wrong language or break a format."""
    now, current = extracted(), load()
    known, used = keys(current), keys(now)
    found = [f"not extracted: {_show(key)} ({_where(used[key])})" for key in used if key not in known]
    found += [f"obsolete: {_show(key)}" for key in known if key not in used]
    found += [f"obsolete entry kept as a comment: {message.id!r}" for message in current.obsolete.values()]
    for key, message in known.items():
        if message.fuzzy:
            found.append(f"fuzzy: {_show(key)}")
        elif is_missing(message):
            found.append(f"missing: {_show(key)} ({_where(message)})")
        else:
            found += _broken(key, message)
    return found


def _broken(key: Key, message: Message) -> list[str]:
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    wanted = _placeholders(ids[-1])
    found = [f"placeholders differ: {_show(key)} -> {text!r}" for text in texts if _placeholders(text) != wanted]
    found += [f"half-width punctuation: {text!r}" for text in texts if HALF_WIDTH.search(text)]
    edges = [(text[:1] == "\n", text[-1:] == "\n") for text in (ids[0], texts[0])]
    return found + ([f"line breaks at the ends differ: {_show(key)}"] if edges[0] != edges[1] else [])


def _placeholders(text: str) -> list[str]:
    return sorted(match.group(0) for match in PLACEHOLDER.finditer(text.replace("%%", "")))


def _show(key: Key) -> str:
    context, text = key
    return f"{text!r}" + (f" [{context}]" if context else "")


def _where(message: Message) -> str:
    return ", ".join(sorted({path for path, _line in message.locations})[:3])


def run_extract() -> int:
    """Bring the .po file up to what the code says."""
    catalogue, gone = merged()
    save(catalogue)
    for key in gone:
        print(f"removed: {_show(key)}")
    missing = sum(is_missing(message) for message in keys(catalogue).values())
    print(f"{len(keys(catalogue))} messages, {missing} without a translation")
    return 0


def run_missing() -> int:
    """Print what a translator has to do."""
    catalogue, _gone = merged()
    todo = [
        {
            "context": message.context,
            "id": message.id[0] if isinstance(message.id, tuple | list) else message.id,
            "where": _where(message),
            "text": "",
        }
        for message in keys(catalogue).values()
        if is_missing(message) or message.fuzzy
    ]
    print(json.dumps(todo, ensure_ascii=False, indent=1))
    return 0


def run_fill(source: str) -> int:
    """Take translations; an item without a message of ours is an error, so that nothing is lost silently."""
    text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    catalogue, _gone = merged()
    by_text = {
        (context, ids[0] if isinstance(ids, tuple | list) else ids): message
        for (context, ids), message in keys(catalogue).items()
    }
    unknown = []
    for item in json.loads(text):
        message = by_text.get((item.get("context"), item["id"]))
        if message is None:
            unknown.append(item["id"])
        elif item["text"]:
            # Chinese has one plural form.
            text = full_width(item["text"])
            message.string = (text,) if isinstance(message.id, tuple | list) else text
            message.flags.discard("fuzzy")
    save(catalogue)
    for name in unknown:
        print(f"no such message: {name!r}", file=sys.stderr)
    return 1 if unknown else 0


def full_width(text: str) -> str:
    """Chinese punctuation where it stands beside Chinese characters; numbers and placeholders keep theirs."""
    return HALF_WIDTH.sub(lambda match: match[0].translate(FULL_WIDTH), text)


def run_check() -> int:
    """For `make check`."""
    found = problems()
    for line in found:
        print(line)
    print(f"translations: {len(found)} problems" if found else "translations: complete")
    return 1 if found else 0


def run_compile() -> int:
    """Write every catalogue's .mo beside it."""
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parent.parent.name)
        draft = path.with_suffix(".mo.new")
        with draft.open("wb") as file:
            write_mo(file, catalogue)
        # Replaced in one step: a server that starts meanwhile never reads half a file.
        draft.replace(path.with_suffix(".mo"))
    return 0


def main(arguments: list[str]) -> int:
    """Run one command."""
    commands = {"extract": run_extract, "missing": run_missing, "check": run_check, "compile": run_compile}
    if len(arguments) == 2 and arguments[0] == "fill":
        return run_fill(arguments[1])
    if len(arguments) != 1 or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    return commands[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
