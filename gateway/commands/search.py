"""`search`: people, conversations, texts and notes."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import click

from gateway.commands.context import Context, as_json, limit, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.desk import search as desk
from gateway.desk.search import Searcher
from gateway.domain.search import Kind, parse
from gateway.store import settings
from gateway.store.database import Tx
from gateway.web import objects_search

_PIECE = 100
"""Characters of a text that are shown."""


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", type=click.Choice([one.value for one in Kind]), help="This group alone.")
@limit(20)
@as_json
@pass_context
def search(context: Context, words: tuple[str, ...], kind: str | None, limit: int, as_json: bool) -> None:
    """Search people, conversations, texts and notes; WORDS are words, pieces of a number, and filters
    such as from:anna, before:2026-05 or is:failed.

    Example: sms-gateway search reparat with:anna
    """
    at = now()

    def look(tx: Tx) -> dict[str, Any]:
        today = at.astimezone(ZoneInfo(settings.get(tx, "office.zone"))).date()
        question = desk.question(tx, parse(" ".join(map(_quoted, words)), today), Searcher())
        kinds = {one for one in Kind if kind in (None, one)}
        return objects_search.found(tx, question, desk.find(tx, question, kinds, limit), at)

    found = context.read(look)
    if as_json:
        print_json(found)
        return
    for trouble in found["not_understood"]:
        click.echo(trouble, err=True)
    for name, group in found["groups"].items():
        for one in group["data"]:
            say(f"{name}: {_SAID[name](one)}")
        if group["next_cursor"] is not None:
            say(f"{name}: there are more. Add a word, or raise --limit.")
    if not any(group["data"] for group in found["groups"].values()):
        say("Nothing found.")


def _quoted(word: str) -> str:
    """A word of the shell, which may hold several of ours behind a filter."""
    name, colon, value = word.partition(":")
    return f'{name}:"{value}"' if colon and " " in value and '"' not in value else word


_SAID = {
    Kind.PEOPLE.value: lambda one: f"{', '.join(one['numbers']) or '-'}  {one['name'] or 'no name'}",
    Kind.CONVERSATIONS.value: lambda one: (
        f"{one['id']}  {one['state']}  {one['number'] or '-'}  {one['name'] or '-'}"
    ),
    Kind.TEXTS.value: lambda one: (
        f"{one['id']}  {one['created_at']}  {one['state']}  {one['from'] or '-'}  {_piece(one['body'])}"
    ),
    Kind.NOTES.value: lambda one: f"{one['created_at']}  {one['author']}  {_piece(one['body'])}",
}


def _piece(body: str) -> str:
    line = " ".join(body.split())
    return line if len(line) <= _PIECE else line[:_PIECE] + "…"
