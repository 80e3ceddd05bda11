"""Which period is audited: what may be asked for, and the job that audits each month."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..models.audit.crm_relationship_audit_job import CrmRelationshipAudit as Job
from ..models.audit.crm_relationship_audit_run import CrmRelationshipAudit as Runner
from .audits import NOW, AuditCase
from .tickets import MONDAY


@tagged("post_install", "-at_install")
class TestAuditPeriods(AuditCase):
    def test_a_period_that_ends_before_it_begins(self):
        with self.refused("ends before it begins"):
            self.make_audit("2026-03-31", "2026-03-01")

    def test_a_period_in_the_future(self):
        with self.refused("cannot be audited"):
            self.make_audit("2026-04-01", "2026-04-30")
        self.make_audit("2026-04-01", "2026-04-10")

    def test_a_period_without_days(self):
        form = Form(self.env["crm.relationship.audit"])
        form.date_from = form.date_to = False
        with self.assertRaisesRegex(AssertionError, "required"):
            form.save()

    def test_a_company_without_tickets(self):
        audit = self.make_audit()
        self.assertEqual((audit.state, audit.ticket_count), ("done", 0))
        self.assertFalse(audit.line_ids or audit.breach_ids)
        self.assertIn("nothing to prove", audit.summary)

    def test_one_day(self):
        self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        self.assertEqual(self.make_audit(MONDAY, MONDAY).ticket_count, 1)

    def test_another_period_makes_it_a_draft_again(self):
        self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        audit = self.make_audit()
        with freeze_time(NOW):
            audit.date_to = "2026-03-15"
        self.assertEqual((audit.state, audit.breach_count), ("draft", 0))
        self.assertFalse(audit.line_ids or audit.breach_ids)

    def test_results_are_not_entered(self):
        audit = self.make_audit()
        for values in ({"breach_count": 0}, {"state": "sealed"}, {"digest": "x"}):
            with self.refused("measured, not entered", UserError):
                audit.write(values)
        with self.refused("measured, not entered", UserError):
            self.make_audit(run=False, state="sealed")

    def test_names(self):
        self.assertEqual(self.make_audit().display_name, "March 2026")
        self.assertIn(" to ", self.make_audit(MONDAY, MONDAY).display_name)


@tagged("post_install", "-at_install")
class TestMonthlyAudit(AuditCase):
    def run_job(self, now="2026-04-02 04:30:00"):
        """The job, without the commits that a test must not make."""
        cron = self.env.registry["ir.cron"]
        commit = patch.object(cron, "_commit_progress", lambda *_args, **_kw: 60.0)
        with freeze_time(now), commit:
            self.env["crm.relationship.audit"].sudo()._cron_run()

    def audits(self):
        return self.env["crm.relationship.audit"].search(
            [("company_id", "=", self.company.id)]
        )

    def test_the_month_that_ended_is_audited_once(self):
        self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        self.run_job()
        audit = self.audits()
        self.assertEqual(
            (str(audit.date_from), str(audit.date_to), audit.state),
            ("2026-03-01", "2026-03-31", "done"),
        )
        self.run_job("2026-04-03 04:30:00")
        self.assertEqual(self.audits(), audit)
        self.run_job("2026-05-01 04:30:00")
        self.assertEqual(len(self.audits()), 2)

    def test_what_falls_due_after_the_month_is_found_until_it_is_sealed(self):
        self.open_ticket(self.small, "2026-03-31 15:00:00")
        self.run_job("2026-04-01 04:30:00")
        audit = self.audits()
        self.assertEqual((audit.breach_count, audit.undecided_count), (0, 1))
        self.assertIn("Not due yet when this was measured", audit.summary)
        self.run_job("2026-04-10 04:30:00")
        self.assertEqual(self.audits(), audit)
        self.assertEqual((audit.breach_count, audit.undecided_count), (2, 0))
        self.assertNotIn("Not due yet", audit.summary)
        run_at = audit.run_at
        self.run_job("2026-04-10 05:30:00")
        self.assertEqual(audit.run_at, run_at)
        audit.action_seal()
        self.run_job("2026-04-11 04:30:00")
        self.assertEqual((self.audits(), audit.run_at), (audit, run_at))

    def test_another_floor_judges_no_month_that_was_measured(self):
        self.open_ticket(self.small, f"{MONDAY} 09:00:00")
        self.run_job("2026-04-01 04:30:00")
        audit = self.audits()
        run_at = audit.run_at
        self.assertEqual(audit.breach_count, 2)
        self.floor._write_policies(
            {"first_response_hours": 200, "resolution_hours": 400}
        )
        self.run_job("2026-04-02 04:30:00")
        self.assertEqual((audit.breach_count, audit.run_at), (2, run_at))
        self.assertEqual(audit.floor_first_response_hours, 8)

    def test_a_month_has_ended_where_the_company_is(self):
        self.calendar.tz = "America/Los_Angeles"
        self.run_job("2026-04-01 04:30:00")
        self.assertFalse(self.audits())
        self.run_job("2026-04-02 04:30:00")
        self.assertTrue(self.audits())

    def test_it_waits_for_the_refresh(self):
        with freeze_time("2026-04-02 04:00:00"):
            refresh = self.env["crm.relationship.refresh"].create(
                {"company_id": self.company.id, "date": "2026-04-02"}
            )
        self.run_job()
        self.assertFalse(self.audits())
        refresh.state = "done"
        self.run_job()
        self.assertTrue(self.audits())

    def test_a_company_that_fails_does_not_stop_the_others(self):
        other = self.make_company("Relationship Other")
        run = Runner._run

        def fail_here(audits):
            if audits.company_id == self.company:
                raise ValueError("Not today")
            return run(audits)

        self.patch(self.env.registry["crm.relationship.audit"], "_run", fail_here)
        with self.assertLogs(Job.__module__, "ERROR"):
            self.run_job()
        self.assertFalse(self.audits())
        found = (
            self.env["crm.relationship.audit"]
            .sudo()
            .search([("company_id", "=", other.id)])
        )
        self.assertEqual(found.state, "done")
