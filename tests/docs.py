"""Writes what pages of docs/ say from the tables of the program (`PAGES`): `python -m tests.docs`.

`tests/test_docs.py` fails while what is written there differs from what the program says of itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from gateway.cli import main
from gateway.config import OPTIONS
from gateway.domain import alarm_words, line_options
from gateway.domain.alarms import RULES, Kind
from gateway.domain.presets import PRESETS
from gateway.domain.refusal_words import REFUSALS
from gateway.domain.settings import SETTINGS
from gateway.web import problems
from gateway.web.metric_table import METRICS
from tests import asvs, log_events
from tests.doctor.page import page as doctor_page

DOCS = Path(__file__).parent.parent / "docs"
LINE_OPTIONS = line_options.OPTIONS.values()


def settings_page() -> str:
    """What docs/settings.md must hold."""
    boot = [f"| `{o.name}` | `{o.env}` | {_default(o.default)} | {_cell(o.meaning)} |" for o in OPTIONS]
    office = [f"| `{s.name}` | {_default(s.default)} | {_cell(s.meaning)} |" for s in SETTINGS.values()]
    of_lines = [f"| `{o.name}` | {_default(o.default)} | {_cell(o.meaning)} |" for o in LINE_OPTIONS]
    return "\n".join(
        [
            "# Settings",
            "",
            "Three kinds, each in its own place. *A setting* is one of the office, changed with `sms-gateway",
            "setting set`; what the program needs to start is *a line in config.toml*.",
            "",
            "## What the program needs to start",
            "",
            "In a TOML file: `--config FILE`, else `$SMS_GATEWAY_CONFIG`, else",
            "`/etc/sms-gateway/config.toml`, else the defaults. An environment variable wins over the file.",
            "A key that does not exist is refused.",
            "",
            "| key | environment | default | meaning |",
            "|---|---|---|---|",
            *boot,
            "",
            "`data_dir` is `/var/lib/sms-gateway` where sms-gateway is installed as a service: its",
            "config.toml says so. From the source it is `~/.local/share/sms-gateway`",
            "(`$XDG_DATA_HOME/sms-gateway`).",
            "",
            "After a change of the file: `sudo systemctl restart sms-gateway`.",
            "",
            "## What the office decides",
            "",
            "In the database, changed while the program runs: `sms-gateway setting list`,",
            "`sms-gateway setting get NAME`, `sms-gateway setting set NAME VALUE`.",
            "",
            "| name | default | meaning |",
            "|---|---|---|",
            *office,
            "",
            "## What is decided for each line",
            "",
            "In the database, changed while the program runs: `sms-gateway line set NAME OPTION VALUE`,",
            "without VALUE to print it; `sms-gateway line show NAME` shows them all. The line's `port`,",
            "`number` and `limits` (such as `6/minute,300/day`, or `none`) are set in the same way, its PIN",
            "with `sms-gateway line pin`.",
            "",
            "| option | default | meaning |",
            "|---|---|---|",
            *of_lines,
            "",
        ]
    )


def _default(value: str | None) -> str:
    return f"`{value}`" if value else "see below" if value is None else "empty"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def below(group: click.Group) -> dict[str, click.Command]:
    """The commands of a group, by name."""
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def commands(group: click.Group = main, path: str = "sms-gateway") -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it, groups before what is in them."""
    for name, command in sorted(below(group).items()):
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def called(path: str, command: click.Command) -> click.Context:
    """What a command finds when it is called by these words. Any other context would stay in it: a command
    remembers its option for help as it was first asked for."""
    return click.Context(
        command,
        info_name=path,
        max_content_width=100,
        terminal_width=100,
        resilient_parsing=True,
        help_option_names=main.context_settings["help_option_names"],  # every command inherits them
    )


def help_of(path: str, command: click.Command) -> str:
    """What `--help` prints."""
    return command.get_help(called(path, command)).rstrip()


def commands_page() -> str:
    """What docs/commands.md must hold."""
    lines = [
        "# Commands",
        "",
        "Where sms-gateway is installed as a service, write `sudo` before each command; the examples leave",
        "it out.",
        "",
        "They act on the database, with the daemon running or not; a running one notices within a second.",
        "Exit codes: 0 ok, 1 failed, 2 usage, 78 configuration. Errors go to stderr.",
        "",
    ]
    for path, command in commands():
        lines += [f"## {path}", "", "```", help_of(path, command), "```", ""]
    return "\n".join(lines)


PRESETS_HEAD = "| code | place | hours there | source | looked at | also |\n|---|---|---|---|---|---|\n"


def hours_page() -> str:
    """docs/hours.md as it stands, with the presets of today."""
    before, head, rest = (DOCS / "hours.md").read_text(encoding="utf-8").partition(PRESETS_HEAD)
    rows = [
        f"| `{p.code}` | {p.name} | `{p.hours}` | {_cell(p.source)} | {p.checked_on} | {_cell(p.note)} |"
        for p in PRESETS.values()
    ]
    return before + head + "\n".join(rows) + "\n\n" + rest.partition("\n\n")[2]


ALARMS_HEAD = (
    "| alarm | how bad | raised at | over at | what is measured | what you can do |\n"
    "|---|---|---|---|---|---|\n"
)


def alarms_page() -> str:
    """docs/alarms.md as it stands, with the alarms of today."""
    before, head, rest = (DOCS / "alarms.md").read_text(encoding="utf-8").partition(ALARMS_HEAD)
    rows = [
        f"| `{kind}` | {rule.severity} | {_number(rule.raised_at)} | {_number(rule.over_at)} "
        f"| {rule.measure} | {_cell(alarm_words.ALARMS[kind].you_can)} |"
        for kind, rule in RULES.items()
        if kind is not Kind.TEST
    ]
    remedy = "see the line's page: it depends on why"
    rows = [row.replace("{remedy}", remedy).replace("{folder}", "the data folder") for row in rows]
    return (
        before + head + "\n".join(rows) + "\n\n" + rest.partition("\n\n" if rest.startswith("|") else "\n")[2]
    )


ERRORS_HEAD = "| status | `code` | `type` | what it says |\n|---|---|---|---|\n"


def api_page() -> str:
    """docs/api.md as it stands, with the refusals of today."""
    before, head, rest = (DOCS / "api.md").read_text(encoding="utf-8").partition(ERRORS_HEAD)
    rows = sorted(
        f"| {problems.status_of(key)} | {row.number} | `{key}` | {_filled(_cell(row.text))} |"
        for key, row in REFUSALS.items()
    )
    return before + head + "\n".join(rows) + "\n\n" + rest.partition("\n\n")[2]


def _filled(text: str) -> str:
    """A sentence, what is put into it slanted."""
    return re.sub(r"{(\w+)}", r"*\1*", text.replace("*", "\\*"))


def _number(value: float) -> str:
    return f"{value:g}"


def metrics_page() -> str:
    """What docs/metrics.md must hold."""
    rows = [
        f"| `{m.name}` | {m.type} | {', '.join(f'`{label}`' for label in m.labels)} | {_cell(m.meaning)} |"
        for m in METRICS.values()
    ]
    return "\n".join(
        [
            "# Metrics",
            "",
            "`GET /metrics` with a token that has the scope `metrics:read`, in Prometheus' text format:",
            "",
            "```",
            "sms-gateway token create prometheus --scope metrics:read",
            "curl -H 'Authorization: Bearer gw_...' http://127.0.0.1:8080/metrics",
            "```",
            "",
            "Counters and histograms count from the first question after a start, 5000 rows of each kind "
            "at one",
            "question at most; the next goes on. Labels are names of lines, states, codes and routes, "
            "never a",
            "number or a person. A line that was removed is called `removed`.",
            "",
            "| name | type | labels | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
            "Not measured: the credit of a prepaid SIM, garbage on the wire, the time from the modem's "
            "notice of a",
            "text to its being kept. Nor how far the event loop lags and how old each task's sign of life "
            "is: a program",
            "that gives none is started again by the service manager; the alarm `restarts` tells when that "
            "happens twice in",
            "an hour. Nor answers that "
            "go round in circles: the only one that goes by itself confirms a STOP, once a day at most.",
            "",
        ]
    )


def log_events_page() -> str:
    """What docs/log-events.md must hold."""
    rows = [
        f"| `{_cell(e.name)}` | {e.level} | {', '.join(f'`{name}`' for name in e.fields)} | `{e.module}` |"
        for e in log_events.every()
    ]
    return "\n".join(
        [
            "# What the log says",
            "",
            "To stderr, which the service manager keeps: `sudo journalctl -u sms-gateway`. With `log_format "
            "= json`",
            "each line is one object: `ts` (UTC), `level`, `logger` (the module), `event` (as below, "
            "always the",
            "same words), `said` (the whole sentence, where the event holds a `%s` or `%d`), `error` "
            "(where the",
            "program itself failed) and the event's own fields. No text, no whole number, no PIN and no "
            "token is",
            "ever logged.",
            "",
            "| event | level | fields | said by |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


PAGES = {
    "asvs.md": asvs.page,
    "alarms.md": alarms_page,
    "api.md": api_page,
    "metrics.md": metrics_page,
    "log-events.md": log_events_page,
    "settings.md": settings_page,
    "commands.md": commands_page,
    "hours.md": hours_page,
    "doctor.md": doctor_page,
}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
        print(DOCS / name)
