"""What a role may do, in a sentence for whoever chooses one."""

from __future__ import annotations

from gateway.domain.people import Role

ROLES: dict[Role, str] = {
    Role.AGENT: "answers customers",
    Role.MANAGER: "answers customers, sets hours, pauses lines",
    Role.VIEWER: "reads, and writes nothing",
    Role.ADMIN: "may do everything, also change lines and staff",
}
"""Put after the role's name; the one most colleagues get first."""
