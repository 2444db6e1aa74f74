"""`contact`: what is noted of somebody, whose numbers are whose, and who is blocked."""

from __future__ import annotations

from datetime import datetime

import click

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.desk import blocking, erasure, merging
from gateway.desk import contacts as desk
from gateway.desk import numbers as desk_numbers
from gateway.desk.settings import country
from gateway.domain import contact_words, phone, zones
from gateway.domain.contact import Health, Stage
from gateway.domain.conversation import Priority
from gateway.domain.decision_words import Clocks
from gateway.store import contact_list, contacts, numbers, settings
from gateway.store.contact_list import Wanted
from gateway.store.database import Tx
from gateway.web import objects_contacts

_LISTED = 500


@click.group()
def contact() -> None:
    """What is noted of the people we write with.

    Example: sms-gateway contact show +12025550123
    """


def _number(tx: Tx, typed: str) -> phone.Number:
    return phone.parse(typed, country(tx))


def _id(tx: Tx, typed: str) -> int:
    return int(desk.known(tx, _number(tx, typed).text).id)


# --- reading -----------------------------------------------------------------------------------------


@contact.command("list")
@click.argument("words", nargs=-1)
@click.option(
    "--stage", type=click.Choice([one.value for one in Stage]), help="How far they have come with the office."
)
@click.option("--tag", help="Who has this tag.")
@click.option(
    "--health", type=click.Choice([one.value for one in Health]), help="Who has a number like that."
)
@click.option("--blocked", is_flag=True, help="Who is blocked.")
@as_json
@pass_context
def list_(
    context: Context,
    words: tuple[str, ...],
    stage: str | None,
    tag: str | None,
    health: str | None,
    blocked: bool,
    as_json: bool,
) -> None:
    """List contacts by name, 500 at most; WORDS are pieces of a name, company, e-mail or number.

    Example: sms-gateway contact list --health bad
    """
    wanted = Wanted(
        words=" ".join(words), stage=stage, tag=tag, health=health, blocked=True if blocked else None
    )
    found = context.read(lambda tx: objects_contacts.contacts(tx, contact_list.page(tx, wanted, _LISTED)))
    if as_json:
        print_json({"data": found})
        return
    for one in found:
        say(f"{', '.join(one['numbers']) or '-'}, {one['stage']}, {one['name'] or 'no name'}")


@contact.command()
@click.argument("number")
@as_json
@pass_context
def show(context: Context, number: str, as_json: bool) -> None:
    """Show what is noted of somebody, and what time it is for them.

    Example: sms-gateway contact show +12025550123
    """
    if as_json:

        def look(tx: Tx) -> dict[str, object]:
            return objects_contacts.contact(tx, desk.known(tx, _number(tx, number).text))

        print_json(context.read(look))
        return
    for told in context.read(lambda tx: _shown(tx, number, now())):
        say(told)


def _shown(tx: Tx, typed: str, at: datetime) -> list[str]:
    number = _number(tx, typed).text
    row = desk.known(tx, number)
    ours = settings.get(tx, "office.zone")
    where = zones.of_recipient(number, row.zone, ours, country(tx), at)
    there = tuple(filter(None, map(zones.find, where.names)))
    here = zones.find(ours)
    told = [f"{row.name or 'No name'}, {', '.join(contacts.numbers_of(tx, row.id))}"]
    if (row.stage, row.priority) != (Stage.PROSPECT, Priority.NORMAL):
        told.append(f"Stage: {row.stage}, priority: {row.priority}")
    if row.blocked_at is not None:
        told.append(f"Blocked since {row.blocked_at:%Y-%m-%d}: {row.blocked_why}.")
    for one in numbers.of(tx, [row.id])[row.id]:
        if one.health != Health.OK:
            told.append(f"{one.number}: {contact_words.ABOUT_HEALTH[one.health]}")
    if row.held_since is not None:
        told.append(f"A legal hold keeps their history since {row.held_since:%Y-%m-%d}: {row.held_why}.")
    told.append(f"Zone: {row.zone or 'as their number tells'} ({' or '.join(map(zones.label, where.names))})")
    if here is not None:
        told.append(f"{Clocks(at, here, there).it_is(at)}.")
    return told


# --- changing ----------------------------------------------------------------------------------------


@contact.command("set")
@click.argument("number")
@click.option("--name", help="What they are called; empty forgets it.")
@click.option("--zone", help="Where they live, such as Europe/London; empty: as their number tells.")
@click.option(
    "--stage", type=click.Choice([one.value for one in Stage]), help="How far they have come with the office."
)
@click.option(
    "--priority", type=click.Choice([one.value for one in Priority]), help="How soon they are answered."
)
@click.option("--language", help="Its code, such as en or fr; empty forgets it.")
@click.option("--company", help="Empty forgets it.")
@click.option("--email", help="Empty forgets it.")
@click.option("--tag", multiple=True, help="Puts a tag on them.")
@click.option("--untag", multiple=True, help="Takes a tag off.")
@pass_context
def set_(
    context: Context,
    /,
    number: str,
    tag: tuple[str, ...],
    untag: tuple[str, ...],
    **fields: str | None,
) -> None:
    """Say who somebody is; what waits for them is decided anew.

    Example: sms-gateway contact set +12025550123 --name "Ann Lee" --zone America/Denver
    """
    values = {name: value for name, value in fields.items() if value is not None}
    if not values and not tag and not untag:
        raise click.UsageError('Say what to note, such as --name "Ann Lee" or --zone Europe/London.')

    def verb(tx: Tx) -> list[str]:
        at = now()
        contact_id = contacts.find_or_add(tx, _number(tx, number), at)
        desk.change(tx, contact_id, values, context.author, at)
        for one in tag:
            desk.tag(tx, contact_id, one, context.author, at)
        for one in untag:
            desk.untag(tx, contact_id, one, context.author, at)
        return _shown(tx, number, at)

    for told in context.write(verb):
        say(told)


@contact.command()
@click.argument("number")
@click.option("--why", default="", help="The reason; staff read it.")
@click.option("--lift", is_flag=True, help="Unblock them.")
@pass_context
def block(context: Context, number: str, why: str, lift: bool) -> None:
    """Block somebody: what they write is kept and makes no noise; their STOP still counts.

    Example: sms-gateway contact block +12025550123 --why "Insults"
    """

    def verb(tx: Tx) -> None:
        if lift:
            blocking.unblock(tx, _id(tx, number), context.author, now())
        else:
            blocking.block(tx, _id(tx, number), why, context.author, now())

    context.write(verb)
    say("They are no longer blocked." if lift else "They are blocked: what they write makes no noise.")


@contact.command()
@click.argument("number")
@click.argument("other")
@click.option("--part", is_flag=True, help="Part the two again, the one merged last; OTHER is its number.")
@pass_context
def merge(context: Context, number: str, other: str, part: bool) -> None:
    """Make the people with these two numbers one: the first stays, with the texts of both.

    Example: sms-gateway contact merge +12025550123 +12025550124
    """

    def verb(tx: Tx) -> None:
        kept = _id(tx, number)
        if part:
            merging.part_by_number(tx, kept, _number(tx, other).text, context.author, now())
        else:
            merging.merge(tx, kept, _id(tx, other), context.author, now())

    context.write(verb)
    say("They are two people again." if part else "They are one person now. --part parts them again.")


@contact.group("number")
def number_() -> None:
    """Several numbers of one person.

    Example: sms-gateway contact number add +12025550123 +12025550199
    """


@number_.command("add")
@click.argument("number")
@click.argument("further")
@click.option("--move", is_flag=True, help="Take it from whoever has it: the number changed hands.")
@pass_context
def add_number(context: Context, number: str, further: str, move: bool) -> None:
    """Give the person with NUMBER the number FURTHER as well.

    Example: sms-gateway contact number add +12025550123 +12025550199
    """

    def verb(tx: Tx) -> None:
        theirs = _number(tx, further)
        if move:
            desk_numbers.move(tx, _id(tx, number), theirs.text, context.author, now())
        else:
            desk_numbers.add(tx, _id(tx, number), theirs, context.author, now())

    context.write(verb)
    say("Texts from either number stand in one conversation now.")


@number_.command("remove")
@click.argument("number")
@pass_context
def remove_number(context: Context, number: str) -> None:
    """Take a number from the person who has it; their other numbers and their texts stay.

    Example: sms-gateway contact number remove +12025550199
    """

    def verb(tx: Tx) -> None:
        theirs = _number(tx, number).text
        desk_numbers.remove(tx, _id(tx, number), theirs, context.author, now())

    context.write(verb)
    say("Whoever writes from it now is somebody new.")


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
        contact_id = _id(tx, number)
        if lift:
            erasure.lift_hold(tx, contact_id, context.author, now())
        else:
            erasure.hold(tx, contact_id, why, context.author, now())

    context.write(verb)
    say("The legal hold has ended." if lift else "Nothing about them is removed until the hold is lifted.")
