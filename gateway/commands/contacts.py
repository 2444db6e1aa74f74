"""`contact`: what is noted of somebody, and where they live."""

from __future__ import annotations

from datetime import datetime

import click

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.desk import contacts as desk
from gateway.desk import erasure
from gateway.desk.settings import country
from gateway.domain import phone, zones
from gateway.domain.decision_words import Clocks
from gateway.store import contacts, settings
from gateway.store.database import Tx
from gateway.web import objects


@click.group()
def contact() -> None:
    """What is noted of the people we write with.

    Example: sms-gateway contact show +12025550123
    """


def _number(tx: Tx, typed: str) -> phone.Number:
    return phone.parse(typed, country(tx))


@contact.command("set")
@click.argument("number")
@click.option("--name", help="What they are called; empty forgets it.")
@click.option("--zone", help="Where they live, such as Europe/London; empty: as their number tells.")
@pass_context
def set_(context: Context, number: str, name: str | None, zone: str | None) -> None:
    """Say what somebody is called or where they live; what waits for them is decided anew.

    Example: sms-gateway contact set +12025550123 --name "Ann Lee" --zone America/Denver
    """
    if name is None and zone is None:
        raise click.UsageError('Say what to note, such as --name "Ann Lee" or --zone Europe/London.')

    def verb(tx: Tx) -> list[str]:
        at = now()
        contact_id = contacts.find_or_add(tx, _number(tx, number), at)
        if name is not None:
            desk.set_name(tx, contact_id, name, context.author, at)
        if zone is not None:
            desk.set_zone(tx, contact_id, zone, context.author, at)
        return _shown(tx, number, at)

    for told in context.write(verb):
        say(told)


@contact.command()
@click.argument("number")
@as_json
@pass_context
def show(context: Context, number: str, as_json: bool) -> None:
    """Show what is noted of somebody, and what time it is for them.

    Example: sms-gateway contact show +12025550123
    """
    if as_json:
        print_json(context.read(lambda tx: objects.contact(tx, desk.known(tx, _number(tx, number).text))))
        return
    for told in context.read(lambda tx: _shown(tx, number, now())):
        say(told)


@contact.command()
@click.argument("number")
@click.option("--why", default="", help="The reason, such as a court's file number.")
@click.option("--lift", is_flag=True, help="End it: what the office decided about keeping counts again.")
@pass_context
def hold(context: Context, number: str, why: str, lift: bool) -> None:
    """Keep everything about somebody, whatever rule or person would remove it: a legal hold.

    Example: sms-gateway contact hold +12025550123 --why "Claim 4711"
    """

    def verb(tx: Tx) -> None:
        contact_id = desk.known(tx, _number(tx, number).text).id
        if lift:
            erasure.lift_hold(tx, contact_id, context.author, now())
        else:
            erasure.hold(tx, contact_id, why, context.author, now())

    context.write(verb)
    say("The legal hold has ended." if lift else "Nothing about them is removed until the hold is lifted.")


def _shown(tx: Tx, typed: str, at: datetime) -> list[str]:
    number = _number(tx, typed).text
    row = desk.known(tx, number)
    ours = settings.get(tx, "office.zone")
    where = zones.of_recipient(number, row.zone, ours, country(tx), at)
    there = tuple(filter(None, map(zones.find, where.names)))
    here = zones.find(ours)
    told = [f"{row.name or 'No name'}, {number}"]
    if row.held_since is not None:
        told.append(f"A legal hold keeps their history since {row.held_since:%Y-%m-%d}: {row.held_why}.")
    told.append(f"Zone: {row.zone or 'as their number tells'} ({' or '.join(map(zones.label, where.names))})")
    if here is not None:
        told.append(f"{Clocks(at, here, there).it_is(at)}.")
    return told
