"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import (
    completeness,
    customers,
    duplicates,
    feedback,
    interactions,
    merge,
    refresh,
    reports,
    sources,
    tickets,
    timeline,
)
