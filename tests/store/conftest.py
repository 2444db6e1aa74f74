"""An open database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.database import Database, opened
from gateway.store.keys import Keys


@pytest.fixture
def database(database_path: Path) -> Iterator[Database]:
    with opened(database_path, Keys(database_path.parent)) as database:
        yield database
