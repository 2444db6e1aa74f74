"""The catalogues of sentences: `python -m tests.translations` brings those in gateway/translations up to date
with what is marked in the code (`t`, `tn`) and says what is not translated yet. `--list FILE` writes the
sentences that wait for a translation, one to a line, for whoever translates."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from gateway import languages

ROOT = Path(__file__).parent.parent
GATEWAY = ROOT / "gateway"
KEYWORDS = {"t": None, "tn": (1, 2)}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
TRANSLATED = tuple(code for code in languages.NAMES if code != "en")


def marked() -> Catalog:
    """Every sentence that is marked in the code, with the files it stands in."""
    found = Catalog(charset="utf-8")
    options = {"**/templates/**.html": {"silent": "false"}}
    sentences = extract_from_dir(
        GATEWAY, METHODS, options, keywords=KEYWORDS, directory_filter=lambda _: True
    )
    for file, _, words, _, _ in sentences:
        found.add(words, locations=[(file, 0)])
    return found


def path(code: str) -> Path:
    """Where the catalogue of a language is."""
    return languages.FOLDER / f"{code}.po"


def catalogue(code: str) -> Catalog:
    """The catalogue of a language as it stands."""
    if not path(code).exists():
        return Catalog(locale=code, header_comment="# What the panel says.", fuzzy=False)
    with path(code).open("rb") as file:
        return read_po(file, locale=code)


def open_sentences(found: Catalog) -> list[str]:
    """What a catalogue holds without a translation."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in found
        if message.id and (message.fuzzy or not _is_whole(message.string))
    ]


def _is_whole(translation: str | tuple[str, ...] | None) -> bool:
    return all(translation) if isinstance(translation, tuple) else bool(translation)


def main() -> int:
    """Bring the catalogues up to date; returns 1 where sentences wait for a translation."""
    template, waiting = marked(), []
    for code in TRANSLATED:
        found = catalogue(code)
        found.update(template, no_fuzzy_matching=True)
        found.obsolete.clear()
        written = BytesIO()
        write_po(written, found, width=110, sort_output=True, omit_header=False, no_location=True)
        path(code).write_bytes(written.getvalue())
        waiting = open_sentences(found)
        print(f"{code}: {len(found)} sentences, {len(waiting)} not translated yet")
        if "--list" in sys.argv:
            Path(sys.argv[sys.argv.index("--list") + 1]).write_text("\n".join(waiting), encoding="utf-8")
    return bool(waiting)


if __name__ == "__main__":
    sys.exit(main())
