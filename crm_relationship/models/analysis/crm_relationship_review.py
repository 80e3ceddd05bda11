from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ... import review

BATCH_SIZE = 100
MAX_RELATIONSHIPS = 3000


class CrmRelationship(models.Model):
    """The account review: what there is to say about some customers, as an Excel file."""

    _inherit = "crm.relationship"

    def action_review_xlsx(self):
        """Download the account review of these relationships (button and action of the list)."""
        self.check_access("read")
        if not self:
            raise UserError(self.env._("Choose at least one customer to review."))
        if len(self) > MAX_RELATIONSHIPS:
            raise UserError(
                self.env._(
                    "%(count)s customers are too many for one file: choose at most %(limit)s.",
                    count=len(self),
                    limit=MAX_RELATIONSHIPS,
                )
            )
        request = self.env["crm.relationship.review"].create(
            {"relationship_ids": self.ids}
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/crm_relationship/review/{request.id}",
            "target": "download",
        }

    @api.model
    def _get_review_sheets(self):
        """The classes of the sheets, in their order. An addon adds its own :class:`review.ReviewSheet` with super."""
        return [
            review.SummarySheet,
            review.ChartsSheet,
            review.MonthsSheet,
            review.TicketSheet,
            review.SuggestionSheet,
            review.HealthSheet,
            review.PlanSheet,
        ]

    def _write_review(self, stream):
        """Write the review of those of these relationships that the user may read, the largest first.

        Memory and the number of queries per batch do not depend on how many there are.

        :param stream: binary file, open for writing.
        :return: the number of relationships written.
        """
        env = self.env(context=dict(self.env.context, active_test=False))
        ids = (
            env["crm.relationship"]
            .search([("id", "in", self.ids)], order="revenue_12m_amount desc, id")
            ._ids
        )
        book = review.Workbook(stream, self._get_review_title())
        sheets = [sheet(env, book) for sheet in self._get_review_sheets()]
        sheets = [sheet for sheet in sheets if sheet.is_available()]
        for sheet in sheets:
            sheet.start()
        for first, batch in enumerate(split_every(BATCH_SIZE, ids)):
            numbers = {id_: BATCH_SIZE * first + n for n, id_ in enumerate(batch, 1)}
            for sheet in sheets:
                sheet.add(numbers, env["crm.relationship"].browse(batch))
            env.invalidate_all()
        for sheet in sheets:
            sheet.connect(sheets)
        for sheet in sheets:
            sheet.finish()
        book.close()
        return len(ids)

    @api.model
    def _get_review_title(self):
        return self.env._(
            "Account review of %(date)s", date=fields.Date.context_today(self)
        )
