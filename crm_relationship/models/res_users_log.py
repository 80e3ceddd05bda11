from odoo import api, models

from ..queries import interactions


class ResUsersLog(models.Model):
    _inherit = "res.users.log"

    @api.autovacuum
    def _gc_user_logs(self):
        """Keep one log-in a day of portal users: Odoo would keep the last one only, and a log-in is an interaction."""
        self.env.flush_all()
        interactions.keep_last_logins_of_the_day(self.env)
