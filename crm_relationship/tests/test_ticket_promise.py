from datetime import datetime

from freezegun import freeze_time

from odoo.tests import Form, new_test_user, tagged

from .refusal import RefusalCase

MONDAY_NOON = "2026-03-09 12:00:00"

MAIL = """Return-Path: <{sender}>
To: {to}
From: {sender}
Subject: {subject}
Message-ID: <{message_id}@example.com>
Date: Mon, 09 Mar 2026 12:00:00 +0000
Content-Type: text/plain; charset=utf-8

The machine stands still.
"""


@tagged("post_install", "-at_install")
@freeze_time(MONDAY_NOON)
class TestTicketPromise(RefusalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.helpdesk_mgmt_ticket_auto_assign = False
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Nine to five",
                "tz": "UTC",
                "attendance_ids": [
                    (5,),
                    *(
                        (
                            0,
                            0,
                            {
                                "name": "Work",
                                "dayofweek": str(day),
                                "hour_from": 9,
                                "hour_to": 17,
                            },
                        )
                        for day in range(5)
                    ),
                ],
            }
        )
        cls.env.company.resource_calendar_id = cls.calendar
        cls.manager = new_test_user(
            cls.env, "mona", groups="helpdesk_mgmt.group_helpdesk_user"
        )
        cls.agent = new_test_user(
            cls.env, "albert", groups="helpdesk_mgmt.group_helpdesk_user"
        )
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {"name": "Key team", "user_ids": [(6, 0, cls.manager.ids)]}
        )
        cls.support = cls.env["helpdesk.ticket.team"].create(
            {"name": "Support", "alias_name": "promise-support"}
        )
        relationships = cls.env["crm.relationship"]
        cls.key = relationships._get_data("segment", "key")
        cls.policies = cls.env["crm.relationship.policy"]
        cls.floor = cls.policies._get_floor(cls.env.company)
        cls.policy = cls.policies.create(
            {
                "segment_id": cls.key.id,
                "first_response_hours": 2,
                "resolution_hours": 16,
                "priority": "3",
                "team_id": cls.team.id,
                "route_to_manager": True,
            }
        )
        cls.big, cls.small = cls.env["res.partner"].create(
            [
                {"name": "Big", "is_company": True, "email": "big@example.com"},
                {"name": "Little", "is_company": True, "email": "little@example.com"},
            ]
        )
        cls.ann = cls.env["res.partner"].create(
            {"name": "Ann", "parent_id": cls.big.id, "email": "ann@example.com"}
        )
        cls.relationship = relationships.create(
            {
                "partner_id": cls.big.id,
                "segment_id": cls.key.id,
                "manager_id": cls.manager.id,
            }
        )

    def setUp(self):
        super().setUp()
        self.env.cr._now = datetime(
            2026, 3, 9, 12
        )  # create_date is the clock of the database

    def _ticket(self, partner=None, **values):
        return self.env["helpdesk.ticket"].create(
            {
                "name": "Help",
                "description": "<p>Help</p>",
                "partner_id": partner.id if partner else False,
                **values,
            }
        )

    # --- the promise ---

    def test_a_contact_gets_the_promise_of_its_company(self):
        ticket = self._ticket(self.ann)
        self.assertEqual(ticket.relationship_id, self.relationship)
        self.assertEqual(ticket.policy_id, self.policy)
        self.assertEqual(ticket.first_response_deadline, datetime(2026, 3, 9, 14))
        self.assertEqual(ticket.resolution_deadline, datetime(2026, 3, 11, 12))
        self.assertEqual(ticket.next_deadline, datetime(2026, 3, 9, 14))

    def test_priority_team_and_owner_follow_the_policy(self):
        ticket = self._ticket(self.ann)
        self.assertEqual(ticket.priority, "3")
        self.assertEqual((ticket.team_id, ticket.user_id), (self.team, self.manager))

    def test_the_deputy_owns_it_where_there_is_no_manager(self):
        self.relationship.write({"manager_id": False, "deputy_id": self.agent.id})
        self.assertEqual(self._ticket(self.ann).user_id, self.agent)

    def test_an_unknown_sender_gets_the_floor(self):
        ticket = self._ticket()
        self.assertFalse(ticket.relationship_id)
        self.assertEqual(ticket.policy_id, self.floor)
        self.assertEqual(ticket.first_response_deadline, datetime(2026, 3, 10, 12))
        self.assertEqual(ticket.priority, "1")

    def test_a_customer_without_relationship_gets_one(self):
        ticket = self._ticket(self.small)
        self.assertEqual(ticket.relationship_id.partner_id, self.small)
        self.assertEqual(ticket.relationship_id.stage_id.code, "prospect")
        self.assertEqual(ticket.policy_id, self.floor)

    def test_a_persons_choice_is_kept(self):
        ticket = self._ticket(
            self.ann, priority="0", team_id=self.support.id, user_id=self.agent.id
        )
        self.assertEqual(
            (ticket.priority, ticket.team_id, ticket.user_id),
            ("0", self.support, self.agent),
        )
        ticket.partner_id = self.small
        self.assertEqual(
            (ticket.priority, ticket.team_id, ticket.user_id),
            ("0", self.support, self.agent),
        )
        self.assertEqual(ticket.policy_id, self.floor)

    def test_another_customer_brings_his_own_promise(self):
        ticket = self._ticket(self.small)
        ticket.partner_id = self.ann
        self.assertEqual(ticket.policy_id, self.policy)
        self.assertEqual(ticket.first_response_deadline, datetime(2026, 3, 9, 14))
        self.assertEqual(
            (ticket.priority, ticket.team_id, ticket.user_id),
            ("3", self.team, self.manager),
        )

    def test_a_later_choice_survives_another_customer(self):
        ticket = self._ticket(self.small)
        ticket.priority = "2"
        ticket.partner_id = self.ann
        self.assertEqual(ticket.priority, "2")
        self.assertEqual(ticket.team_id, self.team)

    def test_the_form_shows_it_before_it_is_saved(self):
        form = Form(self.env["helpdesk.ticket"].with_user(self.agent))
        form.name = "Help"
        form.description = "<p>Help</p>"
        form.partner_id = self.ann
        self.assertEqual(form.priority, "3")
        form.priority = "1"
        ticket = form.save()
        self.assertEqual(ticket.priority, "1")
        self.assertEqual(ticket.sudo().policy_id, self.policy)

    def test_the_form_replaces_defaults_and_what_another_policy_gave(self):
        mine = self.env["helpdesk.ticket.team"].create(
            {"name": "Mine", "user_ids": [(6, 0, self.agent.ids)]}
        )
        self.env.company.helpdesk_mgmt_ticket_auto_assign = True
        form = Form(self.env["helpdesk.ticket"].with_user(self.agent))
        form.name = "Help"
        form.description = "<p>Help</p>"
        self.assertEqual((form.team_id, form.user_id), (mine, self.agent))
        form.partner_id = self.ann
        proposed = (form.priority, form.team_id, form.user_id)
        self.assertEqual(proposed, ("3", self.team, self.manager))
        form.partner_id = self.small
        proposed = (form.priority, form.team_id, form.user_id)
        self.assertEqual(proposed, ("1", mine, self.agent))
        form.priority = "2"
        form.partner_id = self.ann
        ticket = form.save()
        self.assertEqual(
            (ticket.priority, ticket.team_id, ticket.user_id),
            ("2", self.team, self.manager),
        )

    def test_many_tickets_at_once(self):
        tickets = self.env["helpdesk.ticket"].create(
            [
                {"name": str(number), "description": "x", "partner_id": partner.id}
                for number, partner in enumerate((self.ann, self.small, self.ann))
            ]
        )
        self.assertEqual(tickets.mapped("policy_id"), self.policy | self.floor)
        self.assertEqual(tickets[2].relationship_id, self.relationship)

    # --- changes ---

    def test_segment_and_policy_changes_renew_open_tickets_only(self):
        ticket, closed = self._ticket(self.small), self._ticket(self.small)
        closed.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        ticket.relationship_id.segment_id = self.key
        self.assertEqual(
            (ticket.policy_id, closed.policy_id), (self.policy, self.floor)
        )
        self.policy.first_response_hours = 1
        self.assertEqual(ticket.first_response_deadline, datetime(2026, 3, 9, 13))
        self.assertEqual(closed.first_response_deadline, datetime(2026, 3, 10, 12))

    def test_a_type_change_renews_the_promise(self):
        dedicated = self.env["crm.relationship"]._get_data("type", "dedicated")
        policy = self.policies.create(
            {"type_id": dedicated.id, "first_response_hours": 1}
        )
        ticket = self._ticket(self.small)
        ticket.relationship_id._change_type(dedicated)
        self.assertEqual(ticket.policy_id, policy)

    def test_closed_tickets_have_no_next_deadline(self):
        ticket = self._ticket(self.ann)
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.assertFalse(ticket.next_deadline)
        ticket.stage_id = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_in_progress"
        )
        self.assertEqual(ticket.next_deadline, ticket.first_response_deadline)

    def test_the_first_answer_moves_the_deadline_on(self):
        ticket = self._ticket(self.ann)
        ticket.with_user(self.agent).message_post(
            body="internal", subtype_xmlid="mail.mt_note"
        )
        ticket.message_post(
            body="more",
            author_id=self.ann.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(ticket.first_response_at)
        ticket.with_user(self.manager).message_post(
            body="We are on it", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertEqual(ticket.first_response_at, datetime(2026, 3, 9, 12))
        self.assertEqual(ticket.next_deadline, ticket.resolution_deadline)
        self.assertEqual(ticket.next_promise, "resolution")

    # --- clocks ---

    def test_holidays_and_weekends_do_not_count(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": "2026-03-10 00:00:00",
                "date_to": "2026-03-10 23:59:59",
            }
        )
        ticket = self._ticket(self.small)
        self.assertEqual(ticket.first_response_deadline, datetime(2026, 3, 11, 12))

    def test_the_time_zone_of_the_calendar_decides(self):
        self.calendar.tz = "Asia/Shanghai"
        ticket = self._ticket(self.ann)
        self.assertEqual(ticket.first_response_deadline, datetime(2026, 3, 10, 3))

    def test_policy_calendar_goes_before_the_teams_before_the_companys(self):
        late = self.calendar.copy({"name": "Late"})
        late.attendance_ids.write({"hour_from": 13, "hour_to": 21})
        self.team.resource_calendar_id = late
        self.assertEqual(
            self._ticket(self.ann).first_response_deadline, datetime(2026, 3, 9, 15)
        )
        self.policy.calendar_id = self.calendar
        self.assertEqual(
            self._ticket(self.ann).first_response_deadline, datetime(2026, 3, 9, 14)
        )

    def test_a_calendar_emptied_later_is_told_and_nothing_is_lost(self):
        self.calendar.attendance_ids.unlink()
        ticket = self._ticket(self.ann)
        self.assertFalse(ticket.first_response_deadline)
        self.assertIn(
            "“Nine to five” has too few working hours", ticket.promise_problem
        )

    def test_what_is_left_is_said(self):
        ticket = self._ticket(self.ann)
        self.assertEqual(
            (ticket.promise_left, ticket.promise_state), ("2 h 0 min left", "today")
        )
        with freeze_time("2026-03-10 15:30:00"):
            ticket.invalidate_recordset()
            self.assertEqual(
                (ticket.promise_left, ticket.promise_state), ("late by 1 d 1 h", "late")
            )

    def test_the_queue_is_ordered_by_the_next_deadline(self):
        later, first = self._ticket(self.small), self._ticket(self.ann)
        done = self._ticket(
            self.ann,
            stage_id=self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id,
        )
        tickets = later | first | done
        self.assertEqual(
            self.env["helpdesk.ticket"].search([("id", "in", tickets.ids)]),
            first + later + done,
        )

    # --- mail ---

    def _mail(self, sender, message_id):
        self.env["mail.alias.domain"].search([], limit=1) or self.env[
            "mail.alias.domain"
        ].create({"name": "promise.example.com"})
        to = self.support.alias_id.display_name
        content = MAIL.format(
            sender=sender, to=to, subject="Broken", message_id=message_id
        )
        thread_id = self.env["mail.thread"].message_process("helpdesk.ticket", content)
        return self.env["helpdesk.ticket"].browse(thread_id)

    def test_a_mail_of_a_key_account_goes_to_its_team(self):
        ticket = self._mail("Ann <ann@example.com>", "one")
        self.assertEqual(ticket.partner_id, self.ann)
        self.assertEqual((ticket.policy_id, ticket.priority), (self.policy, "3"))
        self.assertEqual(ticket.team_id, self.team)
        self.assertEqual(ticket.user_id, self.manager)

    def test_a_mail_of_an_unknown_sender_gets_the_floor(self):
        ticket = self._mail("Who <who@example.net>", "two")
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.policy_id, self.floor)
        self.assertEqual(ticket.first_response_deadline, datetime(2026, 3, 10, 12))

    def test_a_mail_of_an_archived_contact_is_not_lost(self):
        self.ann.active = False
        ticket = self._mail("Ann <ann@example.com>", "three")
        self.assertTrue(ticket.exists())
        self.assertIn("ann@example.com", ticket.partner_email)
        self.assertEqual(ticket.policy_id, self.floor)

    # --- bad input ---

    def test_a_ticket_for_an_archived_partner_is_refused(self):
        self.small.active = False
        with self.refused("Little is archived"):
            self._ticket(self.small)
