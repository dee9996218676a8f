"""Why a server can't be reached, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping

WHERE = "Correct PGTRICKLE_DSN or the variables PG… in .env"
_AUTHORITY = "set PGSSLROOTCERT (sslrootcert) to the certificate of the authority that signed it"
# The first that fits a reason counts; {…} are the connection's own variables.
_REMEDIES = (
    (r"resolve host|translate host name", f"{WHERE}: no server has the name {{PGHOST}}."),
    (
        r"Connection refused|No such file",
        f"Start the server; or {WHERE[0].lower()}{WHERE[1:]}: nobody listens on port {{PGPORT}} "
        "of {PGHOST}.",
    ),
    (
        r"timeout expired|timed out|unreachable|No route",
        "Open the way there (firewall, VPN, allow list of the provider); or check PGHOST.",
    ),
    (r"no password supplied", f"{WHERE}: the password is missing."),
    (
        r"password authentication|authentication failed|role .* does not exist",
        f"{WHERE}: user {{PGUSER}} or the password is wrong.",
    ),
    (
        r"database .* does not exist|no such database",
        "Have it made: create database {PGDATABASE}; or name another one.",
    ),
    (
        r"unsupported startup parameter",
        "Take PGOPTIONS away: a PgBouncer in between refuses it; or connect to PostgreSQL itself.",
    ),
    (
        r"no pg_hba.conf entry.*no encryption",
        "The server asks for TLS: set PGSSLMODE (sslmode) to verify-full, or require at least.",
    ),
    (r"no pg_hba.conf entry", "Have pg_hba.conf let {PGUSER} into {PGDATABASE} from this machine."),
    (
        r"does not support SSL",
        "Have TLS switched on there (ssl = on); PGSSLMODE {PGSSLMODE} insists on it.",
    ),
    (
        r"root certificate file|certificate verify failed|self.signed",
        f"The server's certificate can't be trusted: {_AUTHORITY}, as PEM.",
    ),
    (
        r"does not match host name",
        "Name the server in PGHOST as its certificate does (PGHOSTADDR can hold its address).",
    ),
    (r"private key|certificate", "Look at PGSSLCERT and PGSSLKEY (mode 0600)."),
    (
        r"starting up|shutting down|recovery mode|not yet accepting",
        "Wait until it has started, then try again.",
    ),
    (r"too many|remaining connection slots", "Close connections, or have max_connections raised."),
)


def remedy(reason: str, environment: Mapping[str, str]) -> str:
    """What to do about a refusal, told with the connection's own names.

    Args:
        reason: why no connection came about, from tasklib.database.
        environment: the connection's variables.
    """
    for pattern, text in _REMEDIES:
        if re.search(pattern, reason, re.I):
            return re.sub(r"{(\w+)}", lambda name: environment.get(name[1], "?"), text)
    return f"{WHERE}."
