"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import merge, refresh, sources, tickets, uninstall
