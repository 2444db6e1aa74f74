"""`tls`: the certificate that opens the panel to other machines."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import click

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.config import Settings
from gateway.domain import opening_words as words
from gateway.domain.typed import shown
from gateway.lock import is_running
from gateway.owner import become_owner_of
from gateway.store.team import note
from gateway.web.opening import Opened, places, surest


@click.group()
def tls() -> None:
    """Open the panel to other machines, over TLS.

    Example: sms-gateway tls init
    """


@tls.command("init")
@click.option("--name", "names", multiple=True, metavar="NAME", help="A DNS name of it; may be repeated.")
@click.option("--address", "addresses", multiple=True, metavar="IP", help="An address; may be repeated.")
@click.option(
    "--anew", is_flag=True, help="Replace the authority there is: every device has to trust it again."
)
@pass_context
def tls_init(context: Context, names: tuple[str, ...], addresses: tuple[str, ...], anew: bool) -> None:
    """Make an authority of this box's own and a certificate for it, and open the panel with that.

    Without --name and --address they are for this machine's own names and addresses; what is named with them
    comes on top. The authority can vouch for these alone. The certificate is renewed by itself.

    Example: sms-gateway tls init --name panel.example.org
    """
    from gateway import box_names, tls
    from gateway.certificates import Names

    here = box_names.found()
    named = tuple(_name(typed) for typed in names)
    numbers = tuple(_address(typed) for typed in addresses)
    wanted = Names(tuple(dict.fromkeys(named + here.dns)), tuple(dict.fromkeys(numbers + here.addresses)))
    boot = context.settings()
    become_owner_of(boot.data_dir)
    opened = tls.init(boot.data_dir, wanted, now(), anew=anew)
    context.write(lambda tx: note(tx, now(), context.actor, "tls.init", "panel", after=list(opened.names)))
    say(words.MADE)
    _tell(boot, opened)


@tls.command("renew")
@pass_context
def tls_renew(context: Context) -> None:
    """Make a new certificate now; by itself that is done a month before the old one ends.

    Example: sms-gateway tls renew
    """
    from gateway import tls

    boot = context.settings()
    become_owner_of(boot.data_dir)
    opened = tls.renew(boot.data_dir, now())
    context.write(lambda tx: note(tx, now(), context.actor, "tls.renew", "panel", after=list(opened.names)))
    say(words.RENEWED)
    _tell(boot, opened)
    if tls.ends_with_authority(opened):
        say(words.AUTHORITY_ENDS)


@tls.command("show")
@as_json
@pass_context
def tls_show(context: Context, as_json: bool) -> None:
    """Show the certificate in use: its names, its end, and the fingerprint to compare on other devices.

    Example: sms-gateway tls show
    """
    from gateway import tls

    boot = context.settings()
    opened = tls.read_in_use(boot)
    if as_json:
        print_json(_as_object(boot, opened))
    elif opened is None:
        say(words.NONE)
    else:
        say("\n".join(f"  {place}" for place in places(boot, opened) or opened.names))
        _facts(opened)


def _name(typed: str) -> str:
    from gateway.box_names import is_name

    if not is_name(typed):
        raise click.UsageError(
            f"{shown(typed)} is no DNS name with its domain. Write it such as panel.example.org."
        )
    return typed.lower()


def _address(typed: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(typed)
    except ValueError:
        raise click.UsageError(f"{shown(typed)} is no address. Write it such as 192.168.1.20.") from None


def _tell(boot: Settings, opened: Opened) -> None:
    say("\n".join(f"  {name}" for name in opened.names))
    _facts(opened)
    found = places(boot, opened)
    if boot.tls_cert is not None:
        say(words.OWN_IN_USE)
    elif not found:
        say(words.SHUT)
    else:
        say(words.OPENS if is_running(boot.data_dir) else words.START)
        say(words.NEXT.format(address=f"{surest(found)}/open"))


def _facts(opened: Opened) -> None:
    say(f"Ends: {opened.ends:%Y-%m-%d}{', renewed by itself' if opened.root else ''}")
    say(f"Fingerprint of the {'authority' if opened.root else 'certificate'} (SHA-256): {opened.fingerprint}")


def _as_object(boot: Settings, opened: Opened | None) -> dict[str, object] | None:
    if opened is None:
        return None
    return {
        "certificate": str(opened.certificate),
        "names": opened.names,
        "addresses": places(boot, opened),
        "ends": opened.ends.isoformat(),
        "own_authority": opened.root is not None,
        "fingerprint": opened.fingerprint,
    }
