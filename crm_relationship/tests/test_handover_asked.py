"""Whatever way a ticket is taken from its owner: whoever does it is asked why, and told how to say it."""

from odoo.exceptions import RedirectWarning
from odoo.tests import HttpCase, JsonRpcException, tagged

from .test_handover import HandoverCase
from .test_ticket_owner import NOW

SPECIFICATION = {"user_id": {"fields": {"display_name": {}}}}


@tagged("post_install", "-at_install")
class TestHandoverAsked(HttpCase, HandoverCase):
    def setUp(self):
        super().setUp()
        self.agent.password = self.agent.login
        self.authenticate(self.agent.login, self.agent.login)

    def call(self, method, *args, model="helpdesk.ticket", **kwargs):
        """What the browser, or another program, calls; the error as its name and arguments."""
        path = f"/web/dataset/call_kw/{model}/{method}"
        parameters = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        try:
            return self.make_jsonrpc_request(path, parameters), None
        except JsonRpcException as error:
            return None, error

    def drag(self, *tickets, **values):
        ids = [ticket.id for ticket in tickets]
        _found, error = self.call("web_save", ids, values, specification=SPECIFICATION)
        self.env.invalidate_all()
        return error

    def test_dragging_a_ticket_to_a_colleague_leads_to_the_window(self):
        error = self.drag(self.ticket, user_id=self.third.id)
        self.assertEqual(self.ticket.user_id, self.agent)
        self.assertEqual(str(error), "odoo.exceptions.RedirectWarning")

    def test_the_window_knows_the_tickets_and_the_new_owner(self):
        other = self.make_ticket(NOW, user_id=self.agent.id)
        action = self.find_window(self.ticket | other, {"user_id": self.third.id})
        context = action["context"]
        self.assertEqual(action["res_model"], "crm.relationship.handover.wizard")
        self.assertEqual(context["default_ticket_ids"], [self.ticket.id, other.id])
        self.assertEqual(context["default_user_id"], self.third.id)
        wizards = self.env["crm.relationship.handover.wizard"].with_user(self.agent)
        wizard = wizards.with_context(**context).create({"reason": "Away."})
        self.assertEqual(wizard.action_confirm()["tag"], "soft_reload")
        self.assertEqual((self.ticket | other).user_id, self.third)
        self.assertEqual(self.last_event(other).reason, "Away.")

    def find_window(self, tickets, values):
        with self.assertRaisesRegex(RedirectWarning, "use Hand Over") as caught:
            tickets.with_user(self.agent)._ask_for_reason(values)
        return caught.exception.args[1]

    def test_several_rows_at_once_are_refused_together(self):
        free = self.make_ticket(NOW, user_id=False, partner_id=self.stranger.id)
        self.assertTrue(self.drag(free, self.ticket, user_id=self.third.id))
        self.assertFalse(free.user_id)
        self.assertEqual(self.ticket.user_id, self.agent)

    def test_to_nobody_and_to_another_team_as_well(self):
        team = self.team.copy({"name": "Workshop"})
        self.assertTrue(self.drag(self.ticket, user_id=False))
        self.assertTrue(self.drag(self.ticket, team_id=team.id))
        window = self.find_window(self.ticket, {"team_id": team.id})
        self.assertEqual(window["context"]["default_team_id"], team.id)
        self.assertEqual(self.ticket.team_id, self.team)
        self.assertFalse(self.last_event())

    def test_what_nobody_owns_is_free(self):
        free = self.make_ticket(NOW, user_id=False, partner_id=self.stranger.id)
        self.assertFalse(self.drag(free, user_id=self.third.id))
        self.assertEqual(free.user_id, self.third)

    def test_other_changes_are_free(self):
        values = {"priority": "3", "user_id": self.agent.id, "team_id": self.team.id}
        self.assertFalse(self.drag(self.ticket, **values))
        self.assertEqual(self.ticket.priority, "3")

    def test_another_program_gives_the_reason_with_the_owner(self):
        values = {"user_id": self.third.id}
        _found, error = self.call("write", self.ticket.ids, values)
        self.assertTrue(error)
        _found, error = self.call(
            "write", self.ticket.ids, {**values, "handover_reason": " "}
        )
        self.assertTrue(error)
        _found, error = self.call(
            "write", self.ticket.ids, {**values, "handover_reason": "Shift ended."}
        )
        self.assertFalse(error)
        self.env.invalidate_all()
        self.assertEqual(self.ticket.user_id, self.third)
        self.assertEqual(self.last_event().reason, "Shift ended.")

    def test_an_import_is_told_which_column_is_missing(self):
        fields = [".id", "user_id/.id"]
        row = [str(self.ticket.id), str(self.third.id)]
        context = {"context": {"import_file": True}}
        found, _error = self.call("load", fields, [row], **context)
        self.assertIn("Reason for the Hand-over", found["messages"][0]["message"])
        found, _error = self.call(
            "load", [*fields, "handover_reason"], [[*row, "New shift."]], **context
        )
        self.env.invalidate_all()
        self.assertFalse(found["messages"])
        self.assertEqual(self.ticket.user_id, self.third)
        self.assertEqual(self.last_event().reason, "New shift.")
