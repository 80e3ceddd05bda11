from freezegun import freeze_time

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
@freeze_time("2026-03-10")
class TestRelationshipFollows(TransactionCase):
    """Contacts move, companies merge, partners are archived: the relationship follows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"]
        cls.acme, cls.beta = cls.partners.create(
            [{"name": "Acme", "is_company": True}, {"name": "Beta", "is_company": True}]
        )
        cls.ann = cls.partners.create({"name": "Ann", "parent_id": cls.acme.id})
        cls.relationships = cls.env["crm.relationship"]
        cls.of_acme, cls.of_beta = cls.relationships.create(
            [{"partner_id": cls.acme.id}, {"partner_id": cls.beta.id}]
        )
        data = cls.relationships._get_data
        cls.personal, cls.community = (
            data("type", "personal"),
            data("type", "community"),
        )

    def _ticket(self, partner):
        return self.env["helpdesk.ticket"].create(
            {"name": "Help", "description": "Help", "partner_id": partner.id}
        )

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def test_contacts_see_the_relationship_of_their_company(self):
        self.assertEqual(self.ann.relationship_id, self.of_acme)
        found = self.partners.search([("relationship_id", "=", self.of_acme.id)])
        self.assertEqual(found, self.acme | self.ann)

    def test_contacts_are_found_by_type_and_segment(self):
        self.of_acme._change_type(self.personal)
        found = self.partners.search([("relationship_type_id", "=", self.personal.id)])
        self.assertEqual(found, self.acme | self.ann)
        without = self.partners.search([("relationship_segment_id", "=", False)])
        self.assertNotIn(self.acme, without)
        lonely = self.partners.create({"name": "Lonely"})
        self.assertIn(
            lonely, self.partners.search([("relationship_type_id", "=", False)])
        )

    def test_a_contact_moves_to_another_company_with_its_tickets(self):
        ticket = self._ticket(self.ann)
        self.ann.parent_id = self.beta
        self.assertEqual(self.ann.relationship_id, self.of_beta)
        self.assertEqual(ticket.relationship_id, self.of_beta)
        self.assertTrue(self.of_acme.exists())

    def test_a_company_that_becomes_a_contact_hands_its_relationship_over(self):
        ticket = self._ticket(self.acme)
        self.of_acme._change_type(self.personal)
        self.of_acme.message_post(body="Remember me")
        self.acme.write({"is_company": False, "parent_id": self.beta.id})
        self.assertFalse(self.of_acme.exists())
        self.assertEqual(self.acme.relationship_id, self.of_beta)
        self.assertEqual(ticket.relationship_id, self.of_beta)
        self.assertEqual(self.of_beta.primary_type_id, self.personal)
        self.assertIn("Remember me", "".join(self.of_beta.message_ids.mapped("body")))

    def test_without_a_relationship_there_it_moves_as_it_is(self):
        gamma = self.partners.create({"name": "Gamma", "is_company": True})
        self.acme.write({"is_company": False, "parent_id": gamma.id})
        self.assertEqual(self.of_acme.partner_id, gamma)

    def test_a_contact_that_leaves_its_company_starts_anew(self):
        ticket = self._ticket(self.ann)
        self.ann.parent_id = False
        self.assertEqual(ticket.relationship_id.partner_id, self.ann)

    def test_merged_companies_keep_everything_once(self):
        ticket = self._ticket(self.acme)
        admin = self.env.ref("base.user_admin")
        self.of_acme.manager_id = admin
        self.of_acme._change_type(self.personal)
        self.of_beta._change_type(self.community)
        self.of_acme.message_post(body="Remember me")
        self._merge(self.acme, self.beta)
        relationship = self.relationships.search([("partner_id", "=", self.beta.id)])
        self.assertEqual(relationship, self.of_beta)
        self.assertEqual(relationship.manager_id, admin)
        self.assertEqual(relationship.type_ids, self.personal | self.community)
        self.assertEqual(relationship.primary_type_id, self.community)
        self.assertIn("Remember me", "".join(relationship.message_ids.mapped("body")))
        self.assertEqual(ticket.relationship_id, relationship)
        self.assertEqual(ticket.partner_id, self.beta)

    def test_merging_into_a_customer_without_relationship_moves_it(self):
        gamma = self.partners.create({"name": "Gamma", "is_company": True})
        self._merge(self.acme, gamma)
        self.assertEqual(self.of_acme.exists().partner_id, gamma)

    def test_merging_keeps_each_company_of_ours_apart(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        of_other = self.relationships.sudo().create(
            {"partner_id": self.acme.id, "company_id": other.id}
        )
        self._merge(self.acme, self.beta)
        self.assertEqual(of_other.partner_id, self.beta)
        self.assertEqual(self.of_beta.partner_id, self.beta)

    def test_the_same_type_on_both_sides_is_kept_once(self):
        self.of_acme._change_type(self.personal, since="2025-01-01")
        self.of_beta._change_type(self.personal, since="2026-01-01")
        self._merge(self.acme, self.beta)
        self.assertEqual(len(self.of_beta.assignment_ids), 1)
        self.assertEqual(str(self.of_beta.assignment_ids.since), "2025-01-01")

    def test_archiving_and_restoring_the_partner(self):
        self.acme.active = False
        self.assertFalse(self.of_acme.active)
        self.assertNotIn(self.of_acme, self.relationships.search([]))
        self.acme.active = True
        self.assertTrue(self.of_acme.active)
