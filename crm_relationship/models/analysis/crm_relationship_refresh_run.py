import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...queries import facts
from .crm_relationship_refresh import STEPS

_logger = logging.getLogger(__name__)
# Runs older than this tell nobody anything.
KEPT_DAYS = 90


class CrmRelationshipRefresh(models.Model):
    """The refresh of one company on one day: how far it is, what it wrote, why it stopped.

    Written by the nightly job, and by :meth:`action_start` when somebody wants it at once; kept for 90 days.
    """

    _name = "crm.relationship.refresh"
    _description = "Refresh of Relationships"
    _order = "date desc, id desc"
    _rec_name = "date"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [("running", "Under Way"), ("done", "Done"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="running",
    )
    step = fields.Selection(
        [
            ("figures", "Figures, segments and types"),
            ("suggestions", "Suggestions"),
            ("months", "Months that have ended"),
        ],
        string="Next Step",
        readonly=True,
        default=STEPS[0],
        help="What is to be done next; empty when all is done.",
    )
    progress = fields.Float(
        compute="_compute_progress", help="Part of the steps that are done, in %."
    )
    inserted_count = fields.Integer(string="New Relationships", readonly=True)
    written_count = fields.Integer(string="Changed Relationships", readonly=True)
    started_at = fields.Datetime(string="Started", readonly=True)
    ended_at = fields.Datetime(string="Ended", readonly=True)
    message = fields.Char(readonly=True, help="Why it stopped.")

    _company_date_unique = models.Constraint(
        "UNIQUE (company_id, date)", "The company has a refresh on this day already."
    )

    @api.depends("step")
    def _compute_progress(self):
        for refresh in self:
            refresh.progress = 100 - 100 * len(refresh._get_steps()) / len(STEPS)

    @api.model
    def _get_due(self, today):
        """The refreshes of all companies that are still to be done today, in the order of companies."""
        own = self.sudo()
        own.search([("state", "=", "running"), ("date", "<", today)])._set_failed(
            self.env._("It was cut off, and began anew the next day.")
        )
        of_today = [("date", "=", today)]
        missing = [("id", "not in", own.search(of_today).company_id.ids)]
        companies = self.env["res.company"].sudo().search(missing)
        own.create([{"company_id": item.id, "date": today} for item in companies])
        due = [*of_today, ("state", "=", "running"), ("company_id.active", "=", True)]
        return own.search(due, order="company_id")

    def _get_steps(self):
        """The steps that are left."""
        return STEPS[STEPS.index(self.step) :] if self.step else ()

    def _run(self):
        """Do the steps that are left, one at a time: an iterator over how many have been done or will not be, which
        begins with 0 so that the beginning can be seen.

        A step that fails is told in the log and here, and leaves the others to the next day. Where somebody changed
        the same records meanwhile, the step stays to be done, and the job comes back to it.
        """
        self.ensure_one()
        steps = self._get_steps()
        self.started_at = self.started_at or fields.Datetime.now()
        yield 0
        relationships = self.env["crm.relationship"].with_company(self.company_id)
        work = relationships._run_steps(self.company_id, steps=steps)
        for position, step in enumerate(steps, start=1):
            try:
                with self.env.cr.savepoint():
                    _step, result = next(work)
                    self._set_done(step, result, steps[position:])
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                facts.forget(self.env)
                return
            except Exception as error:
                _logger.exception(
                    "The relationships of %s could not be refreshed; the other companies go on.",
                    self.company_id.name,
                )
                facts.forget(self.env)
                self._set_failed(str(error) or type(error).__name__)
                yield len(steps) - position + 1
                return
            yield 1

    def _set_done(self, step, result, left):
        values = {"step": left[0] if left else False}
        if step == "figures":
            inserted, written = result
            values |= {"inserted_count": inserted, "written_count": written}
        if not left:
            facts.forget(self.env)
            values |= {"state": "done", "ended_at": fields.Datetime.now()}
        self.write(values)

    def _set_failed(self, message):
        self.write(
            {
                "state": "failed",
                "message": message,
                "ended_at": fields.Datetime.now(),
            }
        )

    def action_start(self):
        """Begin anew, in the background (button): after an import, or when what failed is mended."""
        self.check_access("read")
        today = fields.Date.today()
        own = self.sudo()
        companies = self.company_id
        own.search([("date", "=", today), ("company_id", "in", companies.ids)]).unlink()
        own.create([{"company_id": item.id, "date": today} for item in companies])
        self.env.ref("crm_relationship.ir_cron_refresh").sudo()._trigger()

    @api.autovacuum
    def _gc_old(self):
        since = fields.Date.subtract(fields.Date.today(), days=KEPT_DAYS)
        self.search([("date", "<", since)]).unlink()
