"""Options that say when a text is to go, alike for every command that takes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Row

from gateway.commands.context import Command
from gateway.desk import chosen_times
from gateway.domain.schedule import Kind, Schedule, at_wall
from gateway.domain.typed import BadTime, wall_clock
from gateway.store import settings
from gateway.store.database import Tx


class _Wall(click.ParamType[datetime]):
    """A date and time on a clock that is named elsewhere."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return wall_clock(value)
        except BadTime as error:
            self.fail(str(error), param, ctx)


WALL = _Wall()


@dataclass(frozen=True, slots=True)
class Wanted:
    """When a text is to go, as typed. None of it: as soon as the rules allow."""

    at: datetime | None = None
    zone: str | None = None
    their_time: bool = False
    when: str | None = None

    def __post_init__(self) -> None:
        if self.at is not None and self.when is not None:
            raise click.UsageError("--at and --when are two ways to say it. Give one of them.")
        if self.at is None and (self.zone is not None or self.their_time):
            raise click.UsageError(
                "--zone and --their-time say on whose clock --at is, so they go with --at TIME."
            )
        if self.zone is not None and not self.zone.strip():
            raise click.UsageError("--zone names none. Give one such as Europe/London, or leave it out.")
        if self.zone is not None and self.their_time:
            raise click.UsageError("--zone and --their-time are two ways to say it. Give one of them.")

    @property
    def is_given(self) -> bool:
        """Whether anything was typed."""
        return self.at is not None or self.when is not None

    def chosen(self, tx: Tx, line: Row[Any], number: str, now: datetime) -> Schedule | None:
        """The time that is meant, for a text to `number` by that line.

        Raises:
            Refused: there is no such time, or it lies in the past or too far ahead.
        """
        if self.when is not None:
            return chosen_times.choose(tx, Kind(self.when), line, number, now)
        if self.at is None:
            return None
        if self.their_time:
            return chosen_times.choose_theirs(tx, line, number, now, self.at)
        return chosen_times.choose(tx, Kind.AT, line, number, now, self.at, self.zone)


def options(command: Command) -> Command:
    """--at, --zone, --their-time and --when, given to the command as `wanted`."""

    def gathered(
        *args: Any, at: datetime | None, zone: str | None, their_time: bool, when: str | None, **rest: Any
    ) -> Any:
        return command(*args, wanted=Wanted(at, zone, their_time, when), **rest)

    gathered.__name__, gathered.__doc__ = command.__name__, command.__doc__
    gathered.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered  # type: ignore[return-value]


_OPTIONS = (
    click.option("--at", type=WALL, metavar="TIME", help='When it goes: "2026-11-24 08:00", our time.'),
    click.option("--zone", metavar="ZONE", help="--at is on this zone's clock, such as Europe/London."),
    click.option("--their-time", is_flag=True, help="--at is on their clock."),
    click.option(
        "--when",
        type=click.Choice([Kind.WAKE.value, Kind.OPEN.value], case_sensitive=False),
        help="It goes when they wake, or when the office opens next.",
    ),
)


def office_zone(tx: Tx) -> ZoneInfo:
    """The zone of the office's clock."""
    return ZoneInfo(settings.get(tx, "office.zone"))


def on_our_clock(tx: Tx, wall: datetime | None) -> datetime | None:
    """The instant at which the office's clock shows that time."""
    return None if wall is None else at_wall(wall, office_zone(tx).key).at.astimezone(UTC)
