"""Pure functions: no Odoo, no environment, no clock. One file per method of the field."""

from . import fairness, worktime
