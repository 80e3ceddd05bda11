from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ...queries import facts, refresh, tickets, tuning

# What a refresh does, in this order: method ``_refresh_<step>``.
STEPS = ("figures", "suggestions", "months")


class CrmRelationship(models.Model):
    """The one writer of figures, segments and the primary type that a date brings."""

    _inherit = "crm.relationship"

    def action_refresh(self):
        """Compute the figures of these relationships now (button).

        Their suggestions wait for the night: the rules behind them come from the purchases of the whole company.
        """
        self.check_access("write")
        self._refresh_own()

    @api.model
    def _refresh(self, company, partner_ids=None, steps=STEPS):
        """Bring the relationships of a company up to date: rows, figures, segment, primary type, open tickets,
        suggestions, and the months that have ended.

        Set-based and idempotent: a second run writes nothing. Cost is linear in the company's transactions and
        interactions.

        :param company: res.company, one.
        :param partner_ids: commercial partner ids to refresh; None for all. This is the partition by which the
            work can be spread.
        :param steps: those of :data:`STEPS` to do, the figures among them.
        :return: (rows inserted, rows written).
        """
        return dict(self._run_steps(company, partner_ids, steps))["figures"]

    @api.model
    def _run_steps(self, company, partner_ids=None, steps=STEPS):
        """Do step after step, each of which leaves the database consistent. The facts are read once for all.

        :param steps: those of :data:`STEPS` that are still to do.
        :return: iterator over (step, what it gives).
        """
        self.env.flush_all()
        values = self._prepare_refresh_values(company)
        found = self._read_facts(company, values, partner_ids)
        for step in steps:
            tuning.run_alone(self.env)
            call = getattr(self, f"_refresh_{step}")
            yield step, call(company, values, found, partner_ids)
        facts.forget(self.env)

    @api.model
    def _read_facts(self, company, values, partner_ids):
        """The facts that a refresh needs, and all of those that it may close months with."""
        since = values.window_start
        if partner_ids is None:
            months = self.env["crm.relationship.snapshot"]
            since = min(since, months._get_next_day(company, values.today))
        tuning.run_alone(self.env)
        contracts = self.env["crm.relationship.source"]._get_facts()
        return facts.read_once(self.env, contracts, values, since, partner_ids)

    @api.model
    def _refresh_figures(self, company, values, found, partner_ids):
        """The rows with their figures, then what follows from them: the stage of prospects, and the promises of
        tickets. A renewed deadline may make a ticket late: the figures of those customers are computed again."""
        refresh.fill_target(self.env, found.transactions, values, partner_ids)
        self._compute_figures(company, values, partner_ids, found)
        inserted = refresh.insert_missing(self.env, values)
        written, changed_ids = refresh.update_changed(self.env, values)
        if inserted or written:
            self.env["crm.relationship"].invalidate_model()
            self._invalidate_partners()
        self._advance_prospects(values)
        renewed_ids = self._refresh_tickets(company, changed_ids)
        if partner_ids is not None:  # the facts of the others are not there
            renewed_ids = list(set(renewed_ids) & set(partner_ids))
        if renewed_ids:
            self.env.flush_all()
            self._refresh_figures(company, values, found, renewed_ids)
        return inserted, written

    @api.model
    def _refresh_suggestions(self, company, values, found, partner_ids):
        """What to offer. The rules are those of the whole company: facts of some customers do not do for them."""
        return self.env["crm.relationship.suggestion"]._refresh_suggestions(
            company, partner_ids, found.transactions if partner_ids is None else None
        )

    @api.model
    def _refresh_months(self, company, values, found, partner_ids):
        """The months that have ended are closed when all customers are refreshed."""
        if partner_ids is not None:
            return 0
        months = self.env["crm.relationship.snapshot"]
        return months._close_months(company, values.today, found)

    @api.model
    def _advance_prospects(self, values):
        """Who has ordered is no prospect any more; every other stage is left to people."""
        stages = self.env["crm.relationship.stage"].browse
        prospects = self.sudo().search(
            [
                ("company_id", "=", values.company_id),
                ("stage_id", "=", values.stage_ids["prospect"]),
                ("first_order_date", "!=", False),
            ]
        )
        new = prospects.filtered(lambda item: item.first_order_date >= values.new_since)
        for relationships, code in ((new, "onboarding"), (prospects - new, "active")):
            if relationships:
                relationships.stage_id = stages(values.stage_ids[code])

    @api.model
    def _refresh_tickets(self, company, changed_ids):
        """Link tickets that have no relationship yet, and renew the promise where the policy may have changed.

        :return: ids of the customers with a renewed promise.
        """
        linked_ids = tickets.link_relationships(self.env, company.id)
        if not linked_ids and not changed_ids:
            return []
        self.env["helpdesk.ticket"].invalidate_model(["relationship_id"])
        renewed = (
            self.env["helpdesk.ticket"]
            .sudo()
            .search(
                [
                    ("stage_id.closed", "=", False),
                    "|",
                    ("id", "in", linked_ids),
                    ("relationship_id", "in", changed_ids),
                ]
            )
        )
        return renewed._apply_promise().commercial_partner_id.ids

    @api.model
    def _prepare_refresh_values(self, company):
        """What the refresh decides with, as plain values."""
        today = fields.Date.today()
        key = company.relationship_key_share_ratio
        segments = self.env["crm.relationship.segment"].sudo()
        computed = [("code", "in", segments._get_computed_codes())]
        stages = (
            self.env["crm.relationship.stage"].sudo().with_context(active_test=False)
        )
        codes = ("prospect", "onboarding", "active", "dormant", "lost")
        return refresh.RefreshValues(
            company_id=company.id,
            uid=self.env.uid,
            today=today,
            window_start=today - relativedelta(years=1),
            new_since=today - relativedelta(days=company.relationship_new_days),
            key_bound=key,
            core_bound=key + company.relationship_core_share_ratio,
            decimal_places=company.currency_id.decimal_places,
            default_type_id=company.relationship_default_type_id.id or None,
            segment_ids={item.code: item.id for item in segments.search(computed)},
            stage_ids={
                item.code: item.id for item in stages.search([("code", "in", codes)])
            },
            is_only_company=self.env["res.company"].sudo().search_count([], limit=2)
            == 1,
        )

    @api.model
    def _cron_refresh(self):
        """Refresh company after company, each at a stretch, because its facts are read once for all steps. Each step
        is a transaction of its own; what is done today is not done again, so that a night which was cut off goes on
        where it stopped."""
        refreshes = self.env["crm.relationship.refresh"]._get_due(fields.Date.today())
        remaining = sum(len(item._get_steps()) for item in refreshes)
        progress = self.env["ir.cron"]._commit_progress
        for item in refreshes:
            for done in item._run():
                remaining -= done
                left = progress(done, remaining=remaining)
            if not left:
                return

    def _refresh_own(self):
        """Compute the figures and the segment of these relationships now, and nothing that needs all customers."""
        for company, relationships in self.grouped("company_id").items():
            self._refresh(company, relationships.partner_id.ids, ["figures"])
