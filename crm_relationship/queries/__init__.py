"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import (
    customers,
    feedback,
    interactions,
    merge,
    reports,
    refresh,
    sources,
    tickets,
)
