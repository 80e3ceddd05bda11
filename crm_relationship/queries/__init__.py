"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import interactions, merge, refresh, sources, tickets
