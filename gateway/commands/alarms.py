"""`alarm`: what is wrong and what to do about it, that somebody saw it, and whether alarms reach people."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Row

from gateway.commands.context import Context, as_json, limit, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.desk import alarm_readings, alarm_texts
from gateway.desk import alarms as desk
from gateway.domain import alarm_words
from gateway.domain.decision_words import Clocks
from gateway.lock import is_running
from gateway.store import alarms, settings
from gateway.store.database import Database, Tx

ANSWER_WITHIN_S = 30.0
"""Seconds a test is waited for: a call of the webhook may take half of that."""
LOOK_EVERY_S = 0.2


@click.group()
def alarm() -> None:
    """Alarms: what is wrong, since when, and what to do about it.

    Example: sms-gateway alarm list
    """


@alarm.command("list")
@click.option("--past", is_flag=True, help="Those that are over as well.")
@limit(20)
@as_json
@pass_context
def alarm_list(context: Context, past: bool, limit: int, as_json: bool) -> None:
    """Show what is wrong now, the newest first.

    Example: sms-gateway alarm list --past
    """

    def query(tx: Tx) -> tuple[list[dict[str, Any]], list[str], Callable[[datetime], str]]:
        over = alarms.past(tx, limit) if past else []
        when = Clocks(now(), ZoneInfo(settings.get(tx, "office.zone"))).when
        found = [desk.as_object(row) for row in (*reversed(alarms.every_open(tx)), *over)]
        return found, alarm_readings.coming(tx, when), when

    found, coming, when = context.read(query)
    if as_json:
        print_json(found)
        return
    for one in found:
        began, ended = (one[at] and when(datetime.fromisoformat(one[at])) for at in ("began_at", "ended_at"))
        until = f" to {ended}" if ended else ""
        say(f"{one['id']} [{one['severity']}] {began}{until}: {one['happened']}")
        after = one["over"] or f"{one['doing']}\n     What to do: {one['you_can']}"
        say(f"     {after}")
    for sentence in coming:
        say(sentence)
    if not found and not coming:
        say("Nothing is wrong that we know of.")


@alarm.command("seen")
@click.argument("alarm_id", metavar="[ID]", type=int, required=False)
@pass_context
def alarm_seen(context: Context, alarm_id: int | None) -> None:
    """Say that somebody has seen an alarm, or without ID all of them: nobody is reminded of it any more.

    Example: sms-gateway alarm seen 12
    """
    count = context.write(lambda tx: desk.seen(tx, alarm_id, context.actor, now()))
    say(
        f"Seen: {count}."
        if count
        else "There is no such alarm that nobody has seen. See: sms-gateway alarm list"
    )


@alarm.command("test")
@pass_context
def alarm_test(context: Context) -> None:
    """Send a test alarm by every way that is set, and say what became of it.

    Example: sms-gateway alarm test
    """
    runs = is_running(context.settings().data_dir)
    with context.database() as database:
        alarm_id = database.write_now(lambda tx: desk.test(tx, context.actor, now()))
        notices = database.read(lambda tx: alarms.notices_of(tx, [alarm_id]))
        if not notices:
            say(alarm_words.NO_WAYS)
        elif not runs:
            say(alarm_words.NOT_RUNNING)
        else:
            notices = _tried(database, alarm_id)
            for sentence in database.read(lambda tx: [_said(tx, notice) for notice in notices]):
                say(sentence)
    if any(notice.done_at is None for notice in notices):
        raise SystemExit(1)


def _tried(database: Database, alarm_id: int) -> list[Row[Any]]:
    """The notices of a test once each was tried, or after a while."""
    end = time.monotonic() + ANSWER_WITHIN_S
    while True:
        notices = database.read(lambda tx: alarms.notices_of(tx, [alarm_id]))
        if all(notice.tries for notice in notices) or time.monotonic() > end:
            return notices
        time.sleep(LOOK_EVERY_S)


def _said(tx: Tx, notice: Row[Any]) -> str:
    way = alarm_words.BY_WEBHOOK if notice.way == desk.WEBHOOK else alarm_words.BY_TEXT
    if not notice.tries:
        return f"{alarm_words.told(way.format(number=notice.number), notice.what, alarm_words.NOT_YET)}."
    if notice.way == desk.TEXT:
        return f"{alarm_texts.became(tx, notice, notice.number)}."
    return f"{alarm_words.told(way, notice.what, notice.problem)}."


@alarm.command("secret")
@pass_context
def alarm_secret(context: Context) -> None:
    """Make a new secret that calls of the webhook are signed with, and print it, this once.

    Example: sms-gateway alarm secret
    """
    say(context.write(lambda tx: desk.new_secret(tx, context.actor, now())))
