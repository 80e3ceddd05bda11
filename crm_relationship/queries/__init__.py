"""The only place with SQL. Each function returns rows or an ``odoo.tools.SQL``."""

from . import curve, merge, plan, refresh, sources, tickets
