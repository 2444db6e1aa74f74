"""Files that wait to be brought in: where they lie, and which of them hold a number of somebody erased."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from gateway.domain.csv_lists import decoded
from gateway.domain.imports import Form
from gateway.store.database import Tx
from gateway.store.tables import imports

FOLDER = "imports"
"""Beside the database: files too large for it."""
GAPS = re.compile(r"(?<=\d)[\s()./\-\u2010-\u2015]+(?=\d)")
"""What people write within a number."""
_WAITING = ("uploaded", "looked")
_CHUNK = 1 << 18
_LONGEST = 64
"""Characters of a number, however it is written."""


def path_of(folder: Path, public_id: str) -> Path:
    """Where the file of an import lies that is not kept in the database."""
    return folder / FOLDER / public_id


def holding(tx: Tx, ends: Sequence[str]) -> list[int]:
    """Ids of imports that nobody took in yet, and whose file holds a number with one of these ends. It reads
    every such file."""
    if not ends:
        return []
    query = select(imports.c.id, imports.c.public_id, imports.c.form, imports.c.content)
    rows = tx.execute(query.where(imports.c.state.in_(_WAITING)))
    return [row.id for row in rows if any(end in some for some in _pieces(tx, row) for end in ends)]


def _pieces(tx: Tx, row: Row[Any]) -> Iterator[str]:
    """A file's text without the gaps in its numbers, in pieces that overlap by a number."""
    encoding = Form.of(row.form).encoding
    if row.content is not None:
        yield GAPS.sub("", decoded(row.content, encoding))
        return
    reader, end = codecs.getincrementaldecoder(encoding)(errors="replace"), ""
    try:
        with path_of(tx.keys.folder, row.public_id).open("rb") as file:
            while some := file.read(_CHUNK):
                piece = end + reader.decode(some)
                yield GAPS.sub("", piece)
                end = piece[-_LONGEST:]
    except OSError:
        return  # what cannot be read is not taken in either


def older(tx: Tx, kind: str, most: int) -> list[int]:
    """Ids of uploads of that kind which nobody took in yet, but for so many of the newest."""
    here = (imports.c.state.in_(_WAITING), imports.c.source == "upload", imports.c.kind == kind)
    query = select(imports.c.id).where(*here).order_by(imports.c.id.desc()).offset(most)
    return list(tx.execute(query).scalars())


def drop(tx: Tx, import_ids: Sequence[int], problem: str) -> None:
    """Keep these files no longer. `problem`: why, a key of `domain.refusal_words`."""
    for import_id in import_ids:
        public_id = tx.scalar(select(imports.c.public_id).where(imports.c.id == import_id))
        values = {"content": None, "state": "failed", "problem": problem}
        tx.update(imports, import_id, values)
        file = path_of(tx.keys.folder, str(public_id))
        tx.after_commit.append(lambda file=file: file.unlink(missing_ok=True))  # type: ignore[misc]
