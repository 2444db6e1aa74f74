"""What a role may do, in a sentence for whoever chooses one."""

from __future__ import annotations

from gateway.domain.language import t
from gateway.domain.people import Role

NAMES: dict[Role, str] = {
    Role.AGENT: t("agent"),
    Role.MANAGER: t("manager"),
    Role.VIEWER: t("viewer"),
    Role.ADMIN: t("admin"),
}
"""What a role is called."""

ROLES: dict[Role, str] = {
    Role.AGENT: t("answers customers"),
    Role.MANAGER: t("answers customers, sets hours, pauses lines"),
    Role.VIEWER: t("reads, and writes nothing"),
    Role.ADMIN: t("may do everything, also change lines and staff"),
}
"""Put after the role's name; the one most colleagues get first."""
