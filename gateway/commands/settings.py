"""`setting`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gateway import config
from gateway.commands.context import Context, now, pass_context
from gateway.commands.saying import say
from gateway.desk import settings as desk_settings
from gateway.desk.settings import BadSetting
from gateway.domain.settings import SETTINGS
from gateway.store import settings
from gateway.store.backup import need_folder
from gateway.store.database import Tx


@click.group()
def setting() -> None:
    """Read and change the settings of the office.

    Example: sms-gateway setting list
    """


def _of_the_office(context: Context, name: str) -> None:
    """
    Raises:
        BadSetting: it is what the program needs to start, and stands elsewhere.
    """
    for option in config.OPTIONS:
        if option.name == name:
            raise BadSetting(
                f"{name} stands in {context.file or config.DEFAULT_FILE} (or in {option.env}), since the "
                "program needs it to start. Change it there, then: sudo systemctl restart sms-gateway"
            )


@setting.command("get")
@click.argument("name")
@pass_context
def setting_get(context: Context, name: str) -> None:
    """Print one setting.

    Example: sms-gateway setting get office.name
    """
    _of_the_office(context, name)
    say(context.read(lambda tx: settings.get(tx, desk_settings.known(name))))


@setting.command("set", context_settings={"ignore_unknown_options": True})  # -1 is a value
@click.argument("name")
@click.argument("value")
@pass_context
def setting_set(context: Context, name: str, value: str) -> None:
    """Change one setting.

    Example: sms-gateway setting set office.name "Alderwick Dental"
    """

    _of_the_office(context, name)

    def change(tx: Tx) -> str:
        desk_settings.change(tx, name, value, context.actor, now())
        return desk_settings.warning(tx, now()) if name in ("hours.marketing", "hours.presets") else ""

    with context.database() as database:
        if name == "backup.folder" and Path(value).is_absolute():
            need_folder(Path(value))
        warning = database.write_now(change)
    say(f"{name} changed.")
    if warning:
        say(warning)


@setting.command("list")
@pass_context
def setting_list(context: Context) -> None:
    """Print every setting with its value and meaning.

    Example: sms-gateway setting list
    """

    def query(tx: Tx) -> list[tuple[str, Any, str]]:
        return [(name, settings.get(tx, name), row.meaning) for name, row in SETTINGS.items()]

    for name, value, meaning in context.read(query):
        say(f"{name} = {value}\n    {meaning}")
