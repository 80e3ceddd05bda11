"""Services are given and refused on tickets; the audit counts them and shows what only key accounts got."""

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .audits import AuditCase
from .tickets import MONDAY


class UseCase(AuditCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.services = cls.by_code("service")
        cls.visit, cls.training = cls.services["visit"], cls.services["training"]
        cls.entitle(cls.floor, cls.visit, "included", 1)
        cls.entitle(cls.floor, cls.training, "paid", 0)
        cls.entitle(cls.policy, cls.visit, "included", 2, ground="contract")

    @classmethod
    def entitle(cls, policy, service, access, quota, **values):
        return cls.env["crm.relationship.entitlement"].create(
            {
                "policy_id": policy.id,
                "service_id": service.id,
                "access": access,
                "quota": quota,
                **values,
            }
        )

    def use(self, relationship, service, date=MONDAY, **values):
        return self.env["crm.relationship.service.use"].create(
            {
                "relationship_id": relationship.id,
                "company_id": self.company.id,
                "service_id": service.id,
                "date": date,
                **values,
            }
        )


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10 10:00:00")
class TestServiceUse(UseCase):
    def setUp(self):
        super().setUp()
        self.ticket = self.open_ticket(
            self.small, f"{MONDAY} 09:00:00", user_id=self.agent.id
        )
        self.wizards = self.env["crm.relationship.service.use.wizard"].with_user(
            self.agent
        )

    def form(self):
        action = self.ticket.with_user(self.agent).action_record_service()
        return Form(self.wizards.with_context(**action["context"]))

    def test_an_agent_notes_a_service_on_the_ticket(self):
        form = self.form()
        form.service_id = self.visit
        self.assertIn("Included, once a year", form.terms)
        self.assertFalse(form.warning)
        form.save().action_confirm()
        use = self.ticket.service_use_ids
        self.assertEqual(
            (use.relationship_id, use.service_id, use.state, use.user_id),
            (self.small, self.visit, "used", self.agent),
        )

    def test_a_quota_that_is_used_up_is_told_with_numbers(self):
        self.use(self.small, self.visit)
        self.use(self.small, self.visit, date="2025-12-31")  # another year
        form = self.form()
        form.service_id = self.visit
        self.assertIn("given 1 of 1 times in 2026", form.warning)
        form.save().action_confirm()
        self.assertTrue(self.ticket.service_use_ids, "it is told, not forbidden")

    def test_a_service_beyond_reach_is_told(self):
        form = self.form()
        form.service_id = self.services["extended_hours"]
        self.assertIn("not among the customer's services", form.warning)

    def test_refusing_what_the_customer_is_entitled_to_is_told(self):
        form = self.form()
        form.service_id = self.visit
        form.state = "refused"
        self.assertIn("entitled to", form.warning)
        form.reason = "No technician free"
        form.save().action_confirm()
        self.assertEqual(self.ticket.service_use_ids.state, "refused")

    def test_a_refusal_needs_a_reason(self):
        for reason in (False, "  "):
            with self.refused("say why"):
                self.use(self.small, self.visit, state="refused", reason=reason)

    def test_a_service_of_tomorrow_was_not_given(self):
        with self.refused("still to come"):
            self.use(self.small, self.visit, date="2026-03-11")

    def test_a_ticket_of_somebody_else(self):
        with self.refused("is a ticket of Small"):
            self.use(self.key, self.visit, ticket_id=self.ticket.id)

    def test_a_ticket_without_a_customer(self):
        ticket = self.make_ticket(f"{MONDAY} 09:00:00", partner_id=False)
        with self.refused("has no customer", UserError):
            ticket.action_record_service()

    def test_agents_write_and_managers_correct(self):
        use = self.use(self.small, self.visit, ticket_id=self.ticket.id)
        with self.assertRaises(AccessError):
            use.with_user(self.agent).state = "used"
        with self.assertRaises(AccessError):
            use.with_user(self.users["user"]).read(["state"])
        self.small.manager_id = self.users["user"]
        self.assertTrue(use.with_user(self.users["user"]).read(["state"]))
        use.with_user(self.users["manager"]).unlink()


@tagged("post_install", "-at_install")
class TestServicesInTheAudit(UseCase):
    def findings(self, audit):
        return {
            (row.finding, row.service_id): (row.used_count, row.refused_count)
            for row in audit.service_ids
        }

    def test_uses_are_counted_by_segment(self):
        self.use(self.key, self.visit)
        self.use(self.small, self.visit)
        self.use(self.small, self.training, state="refused", reason="Full")
        self.use(self.small, self.visit, date="2026-04-01")
        audit = self.make_audit()
        line = self.line_of(audit, "segment", self.segments["small"])
        self.assertEqual(
            (line.entitlement_used_count, line.entitlement_refused_count), (1, 1)
        )
        self.assertEqual(self.line_of(audit).entitlement_used_count, 2)

    def test_what_only_key_accounts_received(self):
        self.use(self.key, self.training)
        self.use(self.key, self.visit)
        self.use(self.small, self.visit)
        self.use(self.small, self.training, state="refused", reason="Full")
        audit = self.make_audit()
        self.assertEqual(self.findings(audit), {("key_only", self.training): (1, 1)})
        self.assertEqual(audit.key_only_count, 1)
        self.assertEqual(audit.service_ids.floor_terms, "Paid")
        self.assertIn("went to key accounts only", audit.summary)

    def key_only(self):
        """The services that an audit finds to be for key accounts only, without a rule."""
        audit = self.make_audit()
        found = audit.service_ids.filtered(lambda row: row.finding == "key_only")
        self.assertEqual(audit.key_only_count, len(found))
        return found.service_id

    def test_what_no_policy_names_is_a_finding_too(self):
        extended = self.services["extended_hours"]
        self.use(self.key, extended)
        self.assertEqual(self.key_only(), extended)

    def test_what_a_rule_gives_to_key_accounts_is_no_finding(self):
        self.use(self.key, self.training)
        self.use(self.key, self.visit)  # by contract
        self.assertEqual(self.key_only(), self.training)
        rule = self.entitle(self.policy, self.training, "included", 1, ground="need")
        for ground in ("need", "use", "contract"):
            rule.ground = ground
            self.assertFalse(self.key_only(), ground)

    def test_revenue_is_no_rule(self):
        self.entitle(self.policy, self.training, "included", 1, ground="revenue")
        self.use(self.key, self.training)
        self.assertEqual(self.key_only(), self.training)
        audit = self.make_audit()
        self.assertEqual((audit.key_only_count, audit.revenue_only_count), (1, 1))
        self.assertEqual(
            set(audit.service_ids.mapped("finding")), {"key_only", "revenue_only"}
        )

    def test_a_rule_on_the_terms_of_the_floor_is_none(self):
        self.entitle(self.policy, self.training, "paid", 0, ground="contract")
        self.use(self.key, self.training)
        self.assertEqual(self.key_only(), self.training)

    def test_a_rule_for_a_type_is_one_for_the_accounts_of_that_type_only(self):
        types = self.env["crm.relationship.type"].search([])
        type_ = (types - self.key.primary_type_id)[0]
        dedicated = self.env["crm.relationship.policy"].create(
            {
                "company_id": self.company.id,
                "type_id": type_.id,
                "first_response_hours": 6,
                "resolution_hours": 30,
            }
        )
        self.entitle(dedicated, self.training, "included", 0, ground="contract")
        self.use(self.key, self.training)
        self.assertEqual(self.key_only(), self.training)
        self.key.primary_type_id = type_
        self.assertFalse(self.key_only())

    def test_what_nobody_received_is_no_finding(self):
        self.use(self.key, self.training, state="refused", reason="Full")
        self.assertFalse(self.make_audit().key_only_count)

    def test_differences_by_revenue_only_are_listed(self):
        audit = self.make_audit()
        self.assertEqual((audit.differing_count, audit.revenue_only_count), (1, 0))
        self.entitle(self.policy, self.training, "included", 1, ground="revenue")
        audit = self.make_audit()
        self.assertEqual((audit.differing_count, audit.revenue_only_count), (2, 1))
        row = audit.service_ids
        self.assertEqual(
            (row.finding, row.terms, row.floor_terms),
            ("revenue_only", "Included, once a year", "Paid"),
        )
        self.assertIn("no ground but revenue: 1 of 2", audit.summary)

    def test_a_ground_without_a_difference_is_none(self):
        self.entitle(self.policy, self.training, "paid", 0, ground="revenue")
        self.assertFalse(self.make_audit().revenue_only_count)

    def test_a_difference_without_a_ground_cannot_be(self):
        with self.refused("say on what ground"):
            self.entitle(self.policy, self.training, "included", 1)


@tagged("post_install", "-at_install")
class TestInvitationsInTheAudit(UseCase):
    """How often customers of each segment and type are asked for their opinion."""

    def ask(self, relationship, date, rating=0):
        contact = relationship.partner_id
        ticket = self.open_ticket(relationship, f"{MONDAY} 09:00:00")
        asked = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "res_id": ticket.id,
                "partner_id": contact.id,
                "rated_partner_id": self.agent.partner_id.id,
                "rating": rating,
                "consumed": bool(rating),
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE rating_rating SET create_date = %s WHERE id = %s", [date, asked.id]
        )

    def counts(self, *line):
        line = self.line_of(*line)
        return line.invitation_count, line.invitation_answered_count

    def test_who_was_asked_and_who_answered(self):
        self.ask(self.key, "2026-03-03 10:00:00", rating=5)
        self.ask(self.key, "2026-03-04 10:00:00")
        self.ask(self.small, "2026-03-04 10:00:00")
        self.ask(self.small, "2026-04-04 10:00:00", rating=1)
        audit = self.make_audit()
        self.assertEqual(self.counts(audit), (3, 1))
        self.assertEqual(self.counts(audit, "segment", self.segments["key"]), (2, 1))
        self.assertEqual(self.counts(audit, "segment", self.segments["small"]), (1, 0))

    def test_what_a_colleague_was_asked_counts_for_no_customer(self):
        self.ask(self.key, "2026-03-03 10:00:00", rating=5)
        self.env["rating.rating"].search([]).partner_id = self.agent.partner_id
        self.assertEqual(self.counts(self.make_audit()), (0, 0))
