from freezegun import freeze_time

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import RelationshipCase

RELATIONSHIP = ["partner_id", "company_id/.id", "primary_type_id", "segment_id"]
ASSIGNMENT = [
    "relationship_id/.id",
    "type_id",
    "since",
    "until",
    "is_primary",
    "reason",
]


@tagged("post_install", "-at_install")
@freeze_time("2026-03-16 10:00:00")
class TestImports(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(
            cls.env,
            "relationship_importer",
            groups="crm_relationship.group_relationship_officer",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.acme, cls.bolt = (
            cls.make_customer("Acme Import"),
            cls.make_customer("Bolt Import"),
        )

    def load(self, model, names, *rows):
        """(ids or False, messages as one text). Odoo tries a bad row too, which PostgreSQL logs."""
        with mute_logger("odoo.sql_db"):
            result = (
                self.env[model]
                .with_user(self.officer)
                .load(names, list(map(list, rows)))
            )
        return result["ids"], "\n".join(item["message"] for item in result["messages"])

    def load_relationships(self, *rows):
        rows = [
            (name, str(self.company.id), type_, segment)
            for name, type_, segment in rows
        ]
        return self.load("crm.relationship", RELATIONSHIP, *rows)

    def load_assignments(self, *rows):
        relationship = self.env["crm.relationship"]._get_or_create(
            [(self.company.id, self.acme.id)]
        )[self.company.id, self.acme.id]
        rows = [(str(relationship.id), *row) for row in rows]
        return self.load("crm.relationship.assignment", ASSIGNMENT, *rows), relationship

    def count(self):
        return self.env["crm.relationship"].search_count(
            [("company_id", "=", self.company.id)]
        )

    def test_types_and_segments_are_found_by_code(self):
        ids, messages = self.load_relationships(
            ("Acme Import", "long_term", "key"),
            ("Bolt Import", "self_service", "small"),
        )
        self.assertFalse(messages)
        acme, bolt = self.env["crm.relationship"].browse(ids)
        self.assertEqual(
            (acme.primary_type_id.code, acme.segment_id.code), ("long_term", "key")
        )
        self.assertEqual(bolt.primary_type_id.code, "self_service")
        self.assertEqual(acme.assignment_ids.type_id.code, "long_term")

    def test_an_imported_segment_stays_after_the_night(self):
        ids, _messages = self.load_relationships(("Acme Import", "long_term", "key"))
        self.refresh()
        self.assertEqual(
            self.env["crm.relationship"].browse(ids).segment_id.code, "key"
        )

    def test_an_unknown_segment_is_named_and_nothing_is_written(self):
        ids, messages = self.load_relationships(
            ("Acme Import", "long_term", "key"), ("Bolt Import", "long_term", "gold")
        )
        self.assertFalse(ids)
        self.assertIn("gold", messages)
        self.assertIn("Segment", messages)
        self.assertEqual(self.count(), 0)

    def test_an_unknown_type_is_named_and_nothing_is_written(self):
        ids, messages = self.load_relationships(
            ("Acme Import", "long_term", "key"), ("Bolt Import", "platinum", "key")
        )
        self.assertFalse(ids)
        self.assertIn("platinum", messages)
        self.assertEqual(self.count(), 0)

    def test_a_customer_who_is_there_already_is_named(self):
        self.load_relationships(("Acme Import", "long_term", "key"))
        ids, messages = self.load_relationships(
            ("Bolt Import", "personal", "key"), ("Acme Import", "personal", "key")
        )
        self.assertFalse(ids)
        self.assertIn("already has a relationship", messages)
        self.assertEqual(self.count(), 1)

    def test_an_existing_customer_is_updated_by_its_id(self):
        ids, _messages = self.load_relationships(("Acme Import", "personal", "key"))
        ids, messages = self.load(
            "crm.relationship", [".id", "segment_id"], (str(ids[0]), "core")
        )
        self.assertFalse(messages)
        self.assertEqual(self.relationship_of(self.acme).segment_id.code, "core")

    def test_assignments_are_loaded_by_the_code_of_their_type(self):
        (ids, messages), relationship = self.load_assignments(
            ("personal", "2025-01-01", "2025-12-31", "True", ""),
            ("dedicated", "2026-01-01", "", "True", "Grown"),
        )
        self.assertFalse(messages)
        self.assertEqual(len(ids), 2)
        self.assertEqual(relationship.primary_type_id.code, "dedicated")

    def test_an_assignment_of_an_unknown_type_is_refused(self):
        (ids, messages), relationship = self.load_assignments(
            ("personal", "2025-01-01", "2025-12-31", "True", ""),
            ("best_friend", "2026-01-01", "", "True", ""),
        )
        self.assertFalse(ids)
        self.assertIn("best_friend", messages)
        self.assertFalse(relationship.assignment_ids)

    def test_a_bad_date_is_named(self):
        (ids, messages), relationship = self.load_assignments(
            ("personal", "2026-13-45", "", "True", "")
        )
        self.assertFalse(ids)
        self.assertIn("2026-13-45", messages)
        self.assertFalse(relationship.assignment_ids)

    def test_an_end_before_the_beginning_is_refused_as_a_whole(self):
        (ids, messages), relationship = self.load_assignments(
            ("personal", "2025-01-01", "2025-12-31", "True", ""),
            ("dedicated", "2026-01-01", "2025-06-30", "True", ""),
        )
        self.assertFalse(ids)
        self.assertIn("before it begins", messages)
        self.assertFalse(relationship.assignment_ids)

    def test_two_primary_types_at_a_time_are_refused_as_a_whole(self):
        (ids, messages), relationship = self.load_assignments(
            ("personal", "2025-01-01", "", "True", ""),
            ("dedicated", "2026-01-01", "", "True", ""),
        )
        self.assertFalse(ids)
        self.assertIn("two primary types", messages)
        self.assertFalse(relationship.assignment_ids)
