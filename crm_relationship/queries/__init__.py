"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import merge, refresh, sources, suggestions, tickets
from . import (
    compass,
    costs,
    customers,
    feedback,
    interactions,
    merge,
    profitability,
    refresh,
    reports,
    snapshots,
    sources,
    tickets,
)
