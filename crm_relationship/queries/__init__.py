"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import (
    compass,
    costs,
    completeness,
    customers,
    duplicates,
    feedback,
    interactions,
    merge,
    profitability,
    snapshots,
    refresh,
    reports,
    sources,
    tickets,
    timeline,
)
