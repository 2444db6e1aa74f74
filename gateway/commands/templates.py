"""`template`: the office's templates."""

from __future__ import annotations

import click

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.desk import templates as desk
from gateway.store.database import Tx
from gateway.web.objects_templates import shared


@click.group()
def template() -> None:
    """The office's templates: texts with places to fill in.

    Example: sms-gateway template list
    """


@template.command("list")
@as_json
@pass_context
def list_(context: Context, as_json: bool) -> None:
    """Show the office's templates, by name.

    Example: sms-gateway template list
    """
    found = context.read(shared)
    if as_json:
        print_json(found)
        return
    for one in found:
        say(f"{one['name']} (used {one['used']} times)")
        for language, body in one["texts"].items():
            say(f"  {language}: {body}")
    if not found:
        say("There is no template.")


@template.command()
@click.argument("name")
@click.argument("text")
@click.option("--language", default="en", show_default=True, help="The language of the words: en, fr, nl...")
@pass_context
def add(context: Context, name: str, text: str, language: str) -> None:
    """Keep a template for the office. One with that name gets these words in that language as well.

    Example: sms-gateway template add "Open hours" "Hello {first_name|there}, we open at nine."
    """

    def verb(tx: Tx) -> str:
        if desk.add_words(tx, name, language, text, context.author, now()):
            return f"The template {name} is kept, in {language}."
        return f"The template {name} has these words in {language} now."

    say(context.write(verb))


@template.command()
@click.argument("name")
@pass_context
def remove(context: Context, name: str) -> None:
    """Take one of the office's templates away, by its name or id.

    Example: sms-gateway template remove "Open hours"
    """

    def verb(tx: Tx) -> str:
        row = desk.find(tx, name, None)
        desk.remove(tx, row, context.author, now())
        return f"The template {row.name} is removed."

    say(context.write(verb))
