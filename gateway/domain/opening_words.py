"""What is said of opening the panel from other machines: on the page for them, and by the commands."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.domain.language import t

TITLE = t("Open the panel from another device")
WHAT = t(
    "This box made a certificate of its own, so that nobody on the way can read along. No other device knows "
    "it yet. Tell each one once to trust it; after that the panel opens there without a warning."
)
ONLY_THIS_BOX = t(
    "Trusting it means trusting it for this box's addresses, its names and names below them. For any other "
    "it counts nothing."
)
WARNED = t(
    "Until then the browser warns. Go on past that warning (Advanced, then continue) only to come to this "
    "page and fetch the certificate. Do not sign in before the warning is gone."
)
COMPARE = t(
    "Before you trust it, compare its fingerprint (SHA-256) with the one that sms-gateway tls show prints on "
    "the box. If they differ, somebody stands in between: stop, and ask whoever looks after your network."
)
DOWNLOAD = t("Download the certificate")
THEN = t("Then open the panel at one of these addresses:")
TRUST_FIRST = t(
    "On a device that does not know this box yet, open {address} first and follow the page there."
)
"""Beside a link that is given to somebody."""
SCAN = t("To begin on a phone, scan this code: it leads to this page.")
PANEL = t("To the panel")
QR_LABEL = t("Code that leads to {address}")
LOCAL = t(
    "An address that ends in .local needs the program avahi-daemon on the box, and works while the box may "
    "get another number from the router. For the number to stay, fix it in the router."
)
PUBLIC = t("The panel is open to other devices. They need nothing but its address:")
CLOSED = t(
    "The panel opens on this box only. It can be opened to the other devices of the office: the box makes a "
    "certificate, and nobody on the way can read along. An admin can do that."
)
OPEN_UP = t("Open it to the office")
"""On the button."""
BY_COMMAND = t("Or on the box, where it can be given more names:")
INIT = "sudo sms-gateway tls init"
OTHER_WAYS = t(
    "With a certificate of your own, or a web server in front of the panel, no device has to be told to "
    "trust this box: docs/opening.md, in /usr/share/doc/sms-gateway on the box, has both."
)


@dataclass(frozen=True, slots=True)
class System:
    """How one kind of device is told to trust a certificate, step by step."""

    name: str
    steps: tuple[str, ...]


SYSTEMS: tuple[System, ...] = (
    System(
        t("Windows"),
        (
            t("Download the certificate and open the file."),
            t(
                "Choose Install Certificate, Current User, then Place all certificates in the following "
                "store, Browse, Trusted Root Certification Authorities."
            ),
            t("Confirm with Yes, and open the browser anew."),
        ),
    ),
    System(
        t("macOS"),
        (
            t("Download the certificate and open the file: Keychain Access takes it."),
            t(
                "Find SMS gateway there, open it, unfold Trust, and set When using this certificate to "
                "Always Trust."
            ),
            t("Close that window, type your password, and open the browser anew."),
        ),
    ),
    System(
        t("iPhone and iPad"),
        (
            t("Download the certificate in Safari, and choose Allow."),
            t("In Settings, General, VPN & Device Management, choose the profile SMS gateway, then Install."),
            t("In Settings, General, About, Certificate Trust Settings, switch SMS gateway on."),
        ),
    ),
    System(
        t("Android"),
        (
            t("Download the certificate."),
            t(
                "In Settings, search for CA certificate (under Security, Encryption & credentials, Install a "
                "certificate), and choose Install anyway, then the file."
            ),
            t("Android then says that the network may be monitored. It says so of every such certificate."),
        ),
    ),
    System(
        t("Linux"),
        (
            t("Download the certificate."),
            t(
                "Firefox: Settings, Privacy & Security, View Certificates, Authorities, Import; tick "
                "websites."
            ),
            t("Chrome: Settings, Privacy and security, Security, Manage certificates, Authorities, Import."),
            t(
                "For all other programs (Debian, Ubuntu): sudo cp ca.crt "
                "/usr/local/share/ca-certificates/sms-gateway.crt && sudo update-ca-certificates"
            ),
        ),
    ),
)

# --- the commands ------------------------------------------------------------------------------------

MADE = (
    "This box has an authority of its own now, which vouches for these names, names below them, and nothing "
    "else:"
)
RENEWED = "This box has a new certificate. Devices that trust its authority notice nothing."
AUTHORITY_ENDS = (
    "Its authority ends then too, so no certificate of it lasts longer. Make another authority in good time, "
    "which every device has to be told to trust again: sms-gateway tls init --anew"
)
OPENS = "The running program opens the panel there within a few seconds."
START = "It opens there when the program runs: sms-gateway run"
NEXT = "On every other device open {address} and follow the page."
SHUT = t(
    "In /etc/sms-gateway/config.toml tls_listen is empty, so it opens nowhere. Give it an address, such as "
    "0.0.0.0:8443, and then: sudo systemctl restart sms-gateway"
)
OWN_IN_USE = (
    "The certificate that config.toml names (tls_cert) is in use, so the box's own is not. Take tls_cert and "
    "tls_key out of config.toml to use it."
)
"""Said after `tls init` and `tls renew`."""
MADE_BUT_SHUT = t("This box has its certificate, and the panel opens on this box only.")
"""Before `SHUT`, on the page."""
NONE = "The panel opens on this machine only. To open it to others: sms-gateway tls init"
