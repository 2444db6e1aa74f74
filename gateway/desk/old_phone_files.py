"""The file of an old phone's texts: how it is read, and where it lies while it is needed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from gateway.desk.importing import Read
from gateway.domain import csv_lists, old_texts_csv, old_texts_xml
from gateway.domain.imports import Form
from gateway.domain.old_texts import OldRow
from gateway.domain.refusal_words import Refused
from gateway.store import imports as store
from gateway.store.waiting_lists import FOLDER, path_of

LARGEST = 512 << 20
"""Octets of a file."""
_CHUNK = 1 << 18
_SAMPLE = 1 << 16


# --- how it is read ----------------------------------------------------------------------------------


def form_of(sample: bytes, line_id: int) -> Form:
    """How a file with that beginning is most likely to be read.

    Raises:
        Refused: nothing is in it, or it is neither such a backup nor a list.
    """
    if not sample.strip():
        raise Refused("history_unknown")
    if old_texts_xml.is_xml(sample):
        return Form(format="xml", line_id=line_id)
    encoding = csv_lists.encoding_of(_whole_lines(sample))
    text = csv_lists.decoded(_whole_lines(sample), encoding)
    separator = csv_lists.separator_of(text)
    rows = csv_lists.table(text, separator).rows
    if not rows or len(rows[0].cells) < 2:
        raise Refused("history_unknown")
    columns = old_texts_csv.guess(rows[0].cells)
    return Form(encoding=encoding, separator=separator, columns=columns, line_id=line_id)


def _whole_lines(sample: bytes) -> bytes:
    """The beginning of a file without a half line, in which a letter may be cut."""
    end = sample.rfind(b"\n")
    return sample[: end + 1] if end > 0 and len(sample) >= _SAMPLE else sample


def sample_of(path: Path) -> bytes:
    """The beginning of a file, to find out how it was written."""
    with path.open("rb") as file:
        return file.read(_SAMPLE)


def headers_of(sample: bytes, form: Form) -> tuple[str, ...]:
    """The first row of a list."""
    return next(iter(_cells(sample, form)), ())


def first_rows(folder: Path, public_id: str, form: Form) -> list[tuple[str, ...]]:
    """The first rows of a list that is kept, headers first; none where its file is gone."""
    try:
        return _cells(sample_of(path_of(folder, public_id)), form)[:4]
    except OSError:
        return []


def _cells(sample: bytes, form: Form) -> list[tuple[str, ...]]:
    text = csv_lists.decoded(_whole_lines(sample), form.encoding)
    return [row.cells for row in csv_lists.table(text, form.separator).rows]


@contextlib.contextmanager
def rows_of(path: Path, form: Form, zone: ZoneInfo) -> Iterator[Iterator[OldRow]]:
    """The rows of a file, read as they are asked for; days and hours of a list are in that zone."""
    if form.format == "xml":
        with path.open("rb") as file:
            yield old_texts_xml.texts(iter(lambda: file.read(_CHUNK), b""))
        return
    encoding = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}.get(form.encoding, form.encoding)
    with path.open("r", encoding=encoding, errors="replace", newline="") as written:
        lines_of = (line.replace("\0", "") for line in written)
        rows = old_texts_csv.texts(lines_of, form.separator, form.columns, zone)
        yield (one for one in rows if one.row > 1) if form.headers else rows


# --- where it lies -----------------------------------------------------------------------------------


def put_aside(folder: Path, public_id: str, content: IO[bytes]) -> None:
    """Keep a file until it is taken in; nobody but the service reads it.

    Raises:
        Refused: it is too large.
        OSError: the disk does not take it.
    """
    path = path_of(folder, public_id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with path.open("wb") as out:
            path.chmod(0o600)
            while some := content.read(_CHUNK):
                out.write(some)
                if out.tell() > LARGEST:
                    raise Refused("import_large", most=LARGEST >> 20)
    except BaseException:
        path.unlink(missing_ok=True)  # half of it is of no use, and the disk may be full
        raise


def forget(folder: Path, public_id: str) -> None:
    """Remove the file of an import."""
    path_of(folder, public_id).unlink(missing_ok=True)


def tidy(read: Read, folder: Path) -> None:
    """Remove files of imports that nobody took in, or that are over."""
    there = list((folder / FOLDER).glob("imp_*"))  # first: what comes meanwhile is noted before its file
    wanted = read(store.with_file)
    for path in there:
        if path.name not in wanted:
            path.unlink(missing_ok=True)
