from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .refusal import RefusalCase

TODAY = "2026-03-10"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestTypes(RefusalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create(
            {"name": "Acme", "is_company": True}
        )
        cls.relationship = cls.env["crm.relationship"].create(
            {"partner_id": cls.partner.id}
        )
        cls.types = {
            item.code: item for item in cls.env["crm.relationship.type"].search([])
        }

    def _assign(self, code, since=TODAY, **values):
        return self.env["crm.relationship.assignment"].create(
            {
                "relationship_id": self.relationship.id,
                "type_id": self.types[code].id,
                "since": since,
                **values,
            }
        )

    def test_eight_types_come_as_data(self):
        codes = "transactional self_service automated long_term personal dedicated community co_creation"
        self.assertLessEqual(set(codes.split()), set(self.types))
        self.assertTrue(self.types["dedicated"].needs_manager)
        self.assertTrue(self.types["self_service"].is_self_service_first)
        for code in codes.split():
            self.assertTrue(self.types[code].promise and self.types[code].channel_ids)

    def test_without_an_assignment_the_default_type_holds(self):
        self.assertEqual(self.relationship.primary_type_id, self.types["transactional"])
        self.assertEqual(self.relationship.type_ids, self.types["transactional"])

    def test_the_first_type_becomes_the_primary_one(self):
        self.assertTrue(self._assign("personal").is_primary)
        self.assertFalse(self._assign("community").is_primary)
        self.assertEqual(self.relationship.primary_type_id, self.types["personal"])
        self.assertEqual(
            self.relationship.type_ids, self.types["personal"] | self.types["community"]
        )

    def test_two_primary_types_are_refused(self):
        self._assign("personal", since="2026-01-01", is_primary=True)
        with self.refused("two primary types at a time: “Personal"):
            self._assign("dedicated", is_primary=True)

    def test_until_before_since_is_refused(self):
        with self.refused("would end on 2026-03-01, before it begins on 2026-03-10"):
            self._assign("personal", until="2026-03-01")

    def test_the_same_type_twice_at_a_time_is_refused(self):
        self._assign("personal")
        with self.refused("already has the type"):
            self._assign("personal")

    def test_a_type_that_gives_less_needs_a_reason(self):
        self._assign("dedicated", since="2026-01-01")
        with self.refused(
            "from “Dedicated personal assistance” to “Transactional” takes away a dedicated"
        ):
            self.relationship._change_type(self.types["transactional"])

    def test_with_a_reason_it_moves_and_stays_visible(self):
        old = self._assign("dedicated", since="2026-01-01")
        self.relationship._change_type(self.types["transactional"], "Asked for it")
        self.assertEqual(old.until, date(2026, 3, 9))
        self.assertEqual(self.relationship.primary_type_id, self.types["transactional"])
        self.assertEqual(len(self.relationship.assignment_ids), 2)
        self.assertEqual(old.is_current, False)
        self.assertEqual(
            self.relationship.assignment_ids.mapped("reason"), [False, "Asked for it"]
        )

    def test_a_type_that_gives_more_needs_none(self):
        self._assign("transactional", since="2026-01-01")
        self.relationship._change_type(self.types["dedicated"])
        self.assertEqual(self.relationship.primary_type_id, self.types["dedicated"])

    def test_handing_the_primary_place_over_needs_the_reason_too(self):
        first = self._assign("dedicated", since="2026-01-01")
        second = self._assign("transactional", since="2026-01-01", is_primary=False)
        first.is_primary = False
        with self.refused("Give the reason"):
            second.is_primary = True
        second.write({"is_primary": True, "reason": "By contract"})
        self.assertEqual(self.relationship.primary_type_id, self.types["transactional"])

    def test_the_primary_type_can_be_set_directly(self):
        self.relationship.primary_type_id = self.types["personal"]
        self.assertEqual(
            self.relationship.assignment_ids.type_id, self.types["personal"]
        )
        self.assertTrue(self.relationship.assignment_ids.is_primary)

    def test_history_is_neither_deleted_nor_rewritten(self):
        old = self._assign("personal", since="2026-01-01")
        with self.refused("stays in the history", UserError):
            old.unlink()
        with self.refused("the history stays as it was", UserError):
            old.type_id = self.types["dedicated"]
        self._assign("community").unlink()
        self.assertEqual(self.relationship.type_ids, self.types["personal"])

    def test_a_type_to_come_is_not_in_force_yet(self):
        self._assign("personal", since="2026-04-01", is_primary=True)
        self.assertEqual(self.relationship.primary_type_id, self.types["transactional"])
        with freeze_time("2026-04-01"):
            self.relationship._refresh(self.relationship.company_id)
            self.assertEqual(self.relationship.primary_type_id, self.types["personal"])

    def test_a_missing_manager_is_pointed_out(self):
        self._assign("dedicated")
        missing = self.env["crm.relationship"].search(
            [("is_manager_missing", "=", True)]
        )
        self.assertTrue(self.relationship.is_manager_missing)
        self.assertIn(self.relationship, missing)
        self.relationship.manager_id = self.env.ref("base.user_admin")
        self.assertFalse(self.relationship.is_manager_missing)

    def test_a_manager_is_an_internal_user(self):
        portal = new_test_user(self.env, "portal_mia", groups="base.group_portal")
        with self.refused("only internal users"):
            self.relationship.manager_id = portal
        with self.refused("only internal users"):
            self.relationship.deputy_id = portal

    def test_manager_and_deputy_are_two_people(self):
        admin = self.env.ref("base.user_admin")
        with self.refused("cannot be the deputy as well"):
            self.relationship.write({"manager_id": admin.id, "deputy_id": admin.id})

    def test_the_dialog_shows_what_is_taken_away(self):
        self._assign("dedicated", since="2026-01-01")
        wizard = self.env["crm.relationship.type.wizard"].create(
            {
                "relationship_id": self.relationship.id,
                "type_id": self.types["self_service"].id,
            }
        )
        self.assertIn("a dedicated manager", wizard.losses)
        self.assertIn("a person as the first answer", wizard.losses)
        wizard.reason = "New contract"
        wizard.action_confirm()
        self.assertEqual(self.relationship.primary_type_id, self.types["self_service"])

    def test_a_prospect_who_orders_is_no_prospect_any_more(self):
        self.relationship.company_id.relationship_revenue_basis = "ordered"
        self.assertEqual(self.relationship.stage_id.code, "prospect")
        product = self.env["product.product"].create({"name": "Part"})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [(0, 0, {"product_id": product.id, "price_unit": 100})],
            }
        )
        order.action_confirm()
        self.relationship._refresh(self.relationship.company_id)
        self.assertEqual(self.relationship.stage_id.code, "onboarding")
