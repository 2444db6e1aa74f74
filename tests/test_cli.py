"""The command line loads what a command needs, and no more: on a small PC that is most of its time."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from gateway.cli import COMMANDS, main

LOADED = """
import sys
import click
from gateway.cli import main
main.get_command(click.Context(main), sys.argv[1])
print(*sys.modules)
"""


@pytest.mark.parametrize("name", ["send", "template", "line"])
def test_a_command_loads_neither_the_panel_nor_the_other_commands(name: str) -> None:
    call = [sys.executable, "-c", LOADED, name]
    loaded = set(subprocess.run(call, check=True, capture_output=True, text=True).stdout.split())
    files = {f"gateway.commands.{file}" for file in COMMANDS[name]}
    others = {f"gateway.commands.{file}" for files in COMMANDS.values() for file in files} - files
    assert files <= loaded
    assert not loaded & {"flask", "hypercorn", "apscheduler", "gateway.daemon"}
    assert len(loaded & others) <= 2  # what it shares with another


def test_every_command_is_where_it_is_said_to_be() -> None:
    context = click.Context(main)
    names = main.list_commands(context)
    assert set(COMMANDS) < set(names)
    for name in names:
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
    assert main.get_command(context, "nonsense") is None
