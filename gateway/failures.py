"""When the disk or the database failed, kept beside the database: the next start checks the whole file first,
and the third failure within an hour is not followed by another start, which could make things worse."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.store.database import CannotOpen

MOST = 3
WITHIN = timedelta(hours=1)


class Failures:
    """The failures of one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "check-database"

    def note(self, now: datetime) -> None:
        """Remember one. What fails may be the disk this is written to: then nothing is remembered."""
        with contextlib.suppress(OSError), self._path.open("a") as file:
            file.write(f"\n{now.isoformat()}\n")  # what stands before may have been torn

    def refuse_if_too_many(self, now: datetime) -> None:
        """Raises CannotOpen after too many failures in a short time."""
        if len(self._lately(now)) >= MOST:
            raise CannotOpen(
                f"The disk or the database failed {MOST} times within an hour, so sms-gateway stays down. "
                "Look for errors of the disk with sudo journalctl -k and copy the data folder to another "
                f"one. Then remove {self._path} and start again. Nothing was changed."
            )

    def is_any(self) -> bool:
        """Whether there was one since the database was last found to be whole, or in the last hour."""
        return self._path.exists()

    def found_whole(self, now: datetime) -> None:
        """The database was checked after them: those that are an hour old count no more."""
        if not self._lately(now):
            self._path.unlink(missing_ok=True)

    def _lately(self, now: datetime) -> list[datetime]:
        try:
            lines = self._path.read_text(errors="replace").split()
            changed_at = datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CannotOpen(
                f"{self._path} cannot be read: {error.strerror}. Give this user the right to."
            ) from None
        times = [_time(line) or changed_at for line in lines]
        return [at for at in times if abs(now - at) < WITHIN]


def _time(line: str) -> datetime | None:
    """When a failure was; None where the line cannot be read, for the disk failed just then."""
    try:
        at = datetime.fromisoformat(line)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
