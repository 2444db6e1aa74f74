"""Templates at the keyboard."""

from __future__ import annotations

import json

from click.testing import CliRunner, Result

from gateway.cli import main
from tests.office import Office


def run(office: Office, *arguments: str) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, ["template", *arguments], env={"SMS_GATEWAY_DATA_DIR": folder})


def test_templates_are_kept_shown_and_removed(office: Office) -> None:
    assert run(office, "list").stdout == "There is no template.\n"
    assert run(office, "add", "Hours", "Hello {first_name|there}").stdout == (
        "The template Hours is kept, in en.\n"
    )
    done = run(office, "add", "hours", "Bonjour", "--language", "fr")
    assert done.stdout == "The template hours has these words in fr now.\n"
    shown = run(office, "list").stdout
    assert shown == "Hours (used 0 times)\n  en: Hello {first_name|there}\n  fr: Bonjour\n"
    (one,) = json.loads(run(office, "list", "--json").stdout)
    assert (one["name"], one["places"]) == ("Hours", ["first_name"])
    assert run(office, "remove", "HOURS").stdout == "The template Hours is removed.\n"
    assert run(office, "list").stdout == "There is no template.\n"


def test_what_cannot_be_kept_says_why(office: Office) -> None:
    done = run(office, "add", "Visit", "Reply CANCEL to cancel your visit")
    assert done.exit_code == 1 and "Write instead: Reply C to cancel your visit" in done.stderr
    done = run(office, "remove", "Visit")
    assert (done.exit_code, done.stderr) == (1, "sms-gateway: There is no template Visit.\n")
