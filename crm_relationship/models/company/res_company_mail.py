from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_reopen_window_days(self):
        """For so many days after it was closed, a customer's message reopens a ticket; later it makes a new one."""
        self.ensure_one()
        return self.fcr_reopen_window_days
