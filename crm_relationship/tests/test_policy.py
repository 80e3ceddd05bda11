from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .refusal import RefusalCase


@tagged("post_install", "-at_install")
class TestPolicy(RefusalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Promise Ltd"})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(
            context={"allowed_company_ids": cls.company.ids, "tracking_disable": True}
        )
        cls.policies = cls.env["crm.relationship.policy"]
        cls.floor = cls.policies._get_floor(cls.company)
        data = cls.env["crm.relationship"]._get_data
        cls.key, cls.small = data("segment", "key"), data("segment", "small")
        cls.dedicated = data("type", "dedicated")
        cls.transactional = data("type", "transactional")
        cls.visit = cls.env["crm.relationship.service"].search([("code", "=", "visit")])

    def _policy(self, **values):
        defaults = {"company_id": self.company.id, "first_response_hours": 4}
        return self.policies.create({**defaults, **values})

    def _relationship(self, segment=None, type_=None):
        partner = self.env["res.partner"].create({"name": "Acme", "is_company": True})
        relationship = self.env["crm.relationship"].create(
            {"partner_id": partner.id, "segment_id": (segment or self.small).id}
        )
        if type_:
            relationship._change_type(type_)
        return relationship

    # --- the floor ---

    def test_a_new_company_has_exactly_one_floor(self):
        self.assertEqual(len(self.floor), 1)
        self.assertEqual(
            (self.floor.first_response_hours, self.floor.resolution_hours), (8, 40)
        )
        with self.refused("Promise Ltd already has its floor"):
            self._policy(is_floor=True)

    def test_the_floor_is_neither_deleted_nor_archived_nor_narrowed(self):
        with self.refused("the floor always stays", UserError):
            self.floor.unlink()
        with self.refused("holds for everybody"):
            self.floor.active = False
        with self.refused("holds for everybody"):
            self.floor.segment_id = self.small
        with self.refused("stays the floor", UserError):
            self.floor.is_floor = False

    def test_a_policy_says_for_whom_it_is(self):
        with self.refused("Say for whom"):
            self._policy()

    def test_one_policy_for_a_segment_and_type(self):
        self._policy(segment_id=self.key.id)
        with self.refused("already has the policy “Key account”"):
            self._policy(segment_id=self.key.id)

    # --- which one wins ---

    def test_the_most_specific_policy_wins_and_says_why(self):
        relationship = self._relationship(self.key, self.dedicated)
        self.assertEqual(relationship.policy_id, self.floor)
        self.assertIn("floor", relationship.policy_reason)
        for scope, words in (
            ({"segment_id": self.key.id}, "Made for segment “Key account”"),
            ({"type_id": self.dedicated.id}, "goes before the segment"),
            ({"segment_id": self.key.id, "type_id": self.dedicated.id}, "together"),
        ):
            policy = self._policy(**scope)
            self.assertEqual(relationship.policy_id, policy)
            self.assertIn(words, relationship.policy_reason)

    def test_policy_of_another_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other Ltd"})
        self.policies.sudo().create(
            {
                "company_id": other.id,
                "segment_id": self.key.id,
                "first_response_hours": 1,
            }
        )
        self.assertEqual(self._relationship(self.key).policy_id, self.floor)

    def test_relationships_are_found_by_policy(self):
        policy = self._policy(segment_id=self.key.id)
        key, small = self._relationship(self.key), self._relationship(self.small)
        relationships = self.env["crm.relationship"]
        self.assertEqual(relationships.search([("policy_id", "=", policy.id)]), key)
        self.assertEqual(
            relationships.search([("policy_id", "=", self.floor.id)]), small
        )
        self.assertEqual(policy.relationship_count, 1)

    # --- no promise below the floor ---

    def test_worse_hours_are_refused_with_both_values(self):
        with self.refused(
            "(?s)Key account.*First Response Hours: 9, the floor gives 8"
        ):
            self._policy(segment_id=self.key.id, first_response_hours=9)
        with self.refused("Resolution Hours: 41, the floor gives 40"):
            self._policy(segment_id=self.key.id, resolution_hours=41)

    def test_lower_priority_is_refused(self):
        with self.refused("Priority: Low, the floor gives Medium"):
            self._policy(segment_id=self.key.id, priority="0")

    def test_fewer_channels_are_refused(self):
        email = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email")
        with self.refused("Channels: without"):
            self._policy(segment_id=self.key.id, channel_ids=email.ids)
        self.floor._write_policies({"channel_ids": [(6, 0, email.ids)]})
        self.assertTrue(self._policy(segment_id=self.key.id, channel_ids=email.ids))

    def test_shorter_working_week_is_refused(self):
        mornings = self._calendar("Mornings", days=5, hour_from=8, hour_to=12)
        with self.refused("Mornings with 20 hours a week"):
            self._policy(segment_id=self.key.id, calendar_id=mornings.id)

    def test_a_better_floor_that_passes_a_policy_is_refused(self):
        self._policy(segment_id=self.key.id, first_response_hours=4)
        with self.refused("First Response Hours: 4, the floor gives 2"):
            self.floor.first_response_hours = 2

    def test_absurd_hours_are_refused(self):
        for hours in (-1, 0, 2001):
            with self.refused(f"{hours} hours cannot be promised"):
                self._policy(segment_id=self.key.id, first_response_hours=hours)
        with self.refused("before the first response"):
            self._policy(
                segment_id=self.key.id, first_response_hours=6, resolution_hours=5
            )

    def test_a_calendar_without_hours_is_refused(self):
        empty = self._calendar("Never", days=0)
        with self.refused("“Never” has no working hours"):
            self._policy(segment_id=self.key.id, calendar_id=empty.id)

    def _calendar(self, name, days, hour_from=8, hour_to=17):
        lines = [
            (
                0,
                0,
                {
                    "name": "Work",
                    "dayofweek": str(day),
                    "hour_from": hour_from,
                    "hour_to": hour_to,
                },
            )
            for day in range(days)
        ]
        return self.env["resource.calendar"].create(
            {
                "name": name,
                "company_id": self.company.id,
                "tz": "UTC",
                "attendance_ids": [(5,), *lines],
            }
        )

    # --- lowering the floor ---

    def test_lowering_the_floor_lists_whom_it_affects_first(self):
        relationship = self._relationship(self.small)
        with self.refused(
            "(?s)First Response Hours: 24, the floor gives 8.*1 customers \\(Acme\\)",
            UserError,
        ):
            self.floor.first_response_hours = 24
        self.assertEqual(self.floor.first_response_hours, 8)
        self.assertEqual(relationship.policy_id, self.floor)

    def test_the_dialog_lowers_the_floor_and_keeps_the_reason(self):
        relationship = self._relationship(self.small)
        wizard = self.env["crm.relationship.floor.wizard"].create(
            {
                "policy_id": self.floor.id,
                "first_response_hours": 16,
                "reason": "Two of us left",
            }
        )
        self.assertIn("First Response Hours: 16, the floor gives 8", wizard.lowered)
        self.assertEqual(wizard.relationship_ids, relationship)
        wizard.action_confirm()
        self.assertEqual(self.floor.first_response_hours, 16)
        self.assertIn("Two of us left", self.floor.message_ids[0].body)

    def test_raising_the_floor_needs_no_dialog(self):
        self.floor.write({"first_response_hours": 6})
        self.assertEqual(self.floor.first_response_hours, 6)

    # --- entitlements ---

    def _entitlement(self, **values):
        return [(0, 0, {"service_id": self.visit.id, **values})]

    def test_a_service_that_some_cannot_reach_is_refused(self):
        with self.refused(
            "“Visit” is given by “Key account” \\(Included\\).*could not reach it"
        ):
            self._policy(
                segment_id=self.key.id, entitlement_ids=self._entitlement(ground="need")
            )

    def test_reachable_on_the_floor_but_different_needs_a_ground(self):
        self.floor.entitlement_ids = self._entitlement(access="paid")
        with self.refused("gives “Visit” as Included while others get it"):
            self._policy(segment_id=self.key.id, entitlement_ids=self._entitlement())
        policy = self._policy(
            segment_id=self.key.id, entitlement_ids=self._entitlement(ground="contract")
        )
        self.assertEqual(policy.entitlement_ids.access, "included")

    def test_every_segment_may_have_it_without_the_floor(self):
        segments = self.env["crm.relationship.segment"].search([])
        with self.assertRaises(ValidationError):
            for segment in segments:
                self._policy(
                    segment_id=segment.id,
                    entitlement_ids=self._entitlement(ground="need"),
                )
        policies = self.policies.create(
            [
                {
                    "company_id": self.company.id,
                    "segment_id": segment.id,
                    "first_response_hours": 4,
                }
                for segment in segments
            ]
        )
        self.env["crm.relationship.entitlement"].create(
            [
                {"policy_id": policy.id, "service_id": self.visit.id, "ground": "need"}
                for policy in policies
            ]
        )
        self.assertEqual(len(policies.entitlement_ids), len(segments))

    def test_worse_terms_than_the_floor_are_refused(self):
        self.floor.entitlement_ids = self._entitlement(access="included", quota=4)
        with self.refused("as Paid, the floor gives Included, 4 times"):
            self._policy(
                segment_id=self.key.id,
                entitlement_ids=self._entitlement(access="paid", ground="need"),
            )

    def test_what_the_floor_alone_gives_cannot_be_taken_from_it_while_others_have_it(
        self,
    ):
        self.floor.entitlement_ids = self._entitlement(access="paid")
        self._policy(
            segment_id=self.key.id, entitlement_ids=self._entitlement(ground="need")
        )
        with self.refused("could not reach it at all"):
            self.floor.entitlement_ids.unlink()

    def test_negative_quota_is_refused(self):
        with self.assertRaises(ValidationError):
            self.floor.entitlement_ids = self._entitlement(quota=-2)

    # --- in use ---

    def test_what_is_in_use_is_not_deleted(self):
        policy = self._policy(segment_id=self.key.id)
        relationship = self._relationship(self.key, self.dedicated)
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "?", "description": "?", "partner_id": relationship.partner_id.id}
        )
        self.assertEqual(ticket.policy_id, policy)
        with self.refused("promise of 1 tickets", UserError):
            policy.unlink()
        with self.refused("in use \\(1 assignments", UserError):
            self.dedicated.unlink()
        with self.refused("“Key account” cannot be deleted", UserError):
            self.key.unlink()
