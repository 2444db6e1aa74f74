"""config.toml as it is installed: every boot setting with its meaning; the data folder set, others not."""

from __future__ import annotations

import json

from gateway.config import OPTIONS

DATA_DIR = "/var/lib/sms-gateway"
_HEAD = """\
# What sms-gateway needs to start. Everything else is decided on the panel and kept in the database.
# A line without # counts. After a change: sudo systemctl restart sms-gateway
"""


def config_file() -> str:
    """The whole file."""
    pieces = [_HEAD]
    for option in OPTIONS:
        is_set = option.name == "data_dir"
        value = json.dumps(DATA_DIR if is_set else option.default or "")
        pieces.append(f"# {option.meaning}\n{'' if is_set else '#'}{option.name} = {value}\n")
    return "\n".join(pieces)
