from lxml import html

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .portal import AHEAD, LATE, LATER, PortalCase


@tagged("post_install", "-at_install")
class TestPortal(PortalCase):
    """What a customer finds under /my/relationship."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_entitlements()
        cls.relationship = cls.make_key_account()

    def open_small_as(self, code):
        self.relationship_of(self.small)._change_type(self.types[code])
        return self.open("/my/relationship", self.small_user)

    def is_before(self, page, first, second):
        order = page.xpath("//*[@id='relationship_page']/*/@id")
        return order.index(first) < order.index(second)

    # --- people ---

    def test_a_key_account_finds_manager_and_deputy_with_ways_to_reach_them(self):
        page = self.open("/my/relationship", self.key_user)
        people = self.text(page, "relationship_people")
        self.assertIn("Your contact person Marta Manager", people)
        self.assertIn("Deputy of your contact person Dario Deputy", people)
        links = page.xpath("//*[@id='relationship_people']//a/@href")
        for link in (
            "mailto:marta@works.example",
            "tel:+4930101",
            "mailto:dario@works.example",
        ):
            self.assertIn(link, links)

    def test_without_a_manager_the_company_is_the_way_to_a_person(self):
        page = self.open("/my/relationship", self.small_user)
        self.assertIn("Our Works", self.text(page, "relationship_people"))
        links = page.xpath("//*[@id='relationship_people']//a/@href")
        self.assertIn("mailto:hello@works.example", links)
        self.assertIn("tel:+4930100", links)

    def test_who_left_the_company_is_not_shown_and_the_deputy_steps_in(self):
        self.manager.active = False
        people = self.text(
            self.open("/my/relationship", self.key_user), "relationship_people"
        )
        self.assertNotIn("Marta", people)
        self.assertIn("Your contact person Dario Deputy", people)

    def test_there_is_a_way_to_a_person_even_if_the_company_has_no_mail_and_no_phone(
        self,
    ):
        self.company.write({"email": False, "phone": False})
        page = self.open("/my/relationship", self.small_user)
        self.assertIn(
            "/new/ticket", page.xpath("//*[@id='relationship_people']//a/@href")
        )

    def test_self_service_leads_where_the_type_says_so_and_people_stay(self):
        page = self.open_small_as("self_service")
        self.assertTrue(
            self.is_before(page, "relationship_self_service", "relationship_people")
        )
        self.assertIn("hello@works.example", self.text(page, "relationship_people"))

    def test_people_lead_for_every_other_type(self):
        page = self.open_small_as("personal")
        self.assertTrue(
            self.is_before(page, "relationship_people", "relationship_self_service")
        )

    # --- what holds ---

    def test_each_sees_the_promise_that_holds_for_him(self):
        key = self.text(
            self.open("/my/relationship", self.key_user), "relationship_promise"
        )
        self.assertIn("A person answers your ticket within 2 working hours", key)
        self.assertIn("solved within 16 working hours", key)
        small = self.text(
            self.open("/my/relationship", self.small_user), "relationship_promise"
        )
        self.assertIn("A person answers your ticket within 8 working hours", small)
        self.assertIn("(Europe/Berlin)", small)
        self.assertIn("Phone", small)

    def test_types_speak_in_the_words_of_their_promise(self):
        text = self.text(
            self.open("/my/relationship", self.key_user), "relationship_types"
        )
        for code in ("dedicated", "co_creation"):
            self.assertIn(" ".join(self.types[code].promise.split()), text)
        self.assertNotIn(self.types["community"].name, text)
        self.assertNotIn(self.types["dedicated"].description, text)

    def test_services_come_with_the_terms_of_the_own_policy_and_else_of_the_floor(self):
        key = self.text(
            self.open("/my/relationship", self.key_user), "relationship_services"
        )
        self.assertIn("Visit Included, 4 times a year", key)
        self.assertIn("Phone Included", key)
        small = self.text(
            self.open("/my/relationship", self.small_user), "relationship_services"
        )
        self.assertIn("Visit Paid", small)
        self.assertIn("Ask for it", small)

    def test_nothing_internal_shows(self):
        page = self.text(self.open("/my/relationship", self.key_user))
        self.assertIn("Keystone", self.key.name)
        for secret in (
            self.segments["key"].name,
            "Knows the owner",
            "Pays late",
            "765",
            "Frame contract",
            "Contract",
            "floor",
            "policy",
            "Made for",
        ):
            self.assertNotIn(secret.lower(), page.lower())

    # --- tickets ---

    def test_own_open_tickets_with_the_next_deadline_in_the_own_time_zone(self):
        self.key_ticket.write(
            {"first_response_deadline": AHEAD, "resolution_deadline": LATER}
        )
        text = self.text(
            self.open("/my/relationship", self.key_user), "relationship_tickets"
        )
        self.assertIn("The pump is loud", text)
        self.assertIn("Answer by 01/05/2099 11:00", text)
        self.assertIn(" left", text)
        self.assertIn("Times in Europe/Berlin", text)
        self.assertNotIn("The bill is wrong", text)

    def test_a_missed_promise_is_said_as_it_is(self):
        self.key_ticket.write(
            {
                "first_response_at": LATE,
                "first_response_deadline": LATE,
                "resolution_deadline": LATE,
            }
        )
        text = self.text(
            self.open("/my/relationship", self.key_user), "relationship_tickets"
        )
        self.assertIn("Solution by 01/06/2020 11:00", text)
        self.assertIn("late by", text)

    def test_closed_tickets_are_only_counted(self):
        self.key_ticket.stage_id = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_done"
        )
        text = self.text(
            self.open("/my/relationship", self.key_user), "relationship_tickets"
        )
        self.assertNotIn("The pump is loud", text)
        self.assertIn("closed: 1", text)

    def test_list_and_page_of_tickets_show_the_promise(self):
        self.key_ticket.write(
            {"first_response_deadline": AHEAD, "resolution_deadline": LATER}
        )
        tickets = self.text(self.open("/my/tickets", self.key_user))
        self.assertIn("Answer by 01/05/2099 11:00", tickets)
        page = self.text(
            self.open(f"/my/ticket/{self.key_ticket.id}"), "ticket_promises"
        )
        self.assertIn("Answer by: 01/05/2099 11:00", page)
        self.assertIn("Solution by: 01/06/2099 11:00", page)
        self.assertIn(" left", page)

    def test_dates_and_times_are_written_as_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.key_user.lang = "de_DE"
        self.key_ticket.write(
            {"first_response_deadline": AHEAD, "resolution_deadline": LATER}
        )
        page = self.open("/my/relationship", self.key_user)
        self.assertIn("05.01.2099 11:00", self.text(page, "relationship_tickets"))
        self.assertIn("Mo.–Fr. 08:00–12:00", self.text(page, "relationship_promise"))

    # --- who sees what ---

    def test_every_contact_of_the_company_sees_its_file(self):
        colleague = self.make_portal_user("keystone_second", self.key)
        page = self.open("/my/relationship", colleague)
        self.assertIn("Marta Manager", self.text(page, "relationship_people"))
        self.open(f"/my/relationship/{self.relationship.id}")

    def test_the_file_of_another_customer_looks_like_one_that_does_not_exist(self):
        self.log_in(self.small_user)
        pages = []
        for record_id in (self.relationship.id, 2**31 - 1, 10**12):
            response = self.url_open(f"/my/relationship/{record_id}")
            self.assertEqual(response.status_code, 404)
            self.assertNotIn("Keystone", response.text)
            page = html.fromstring(response.text)
            pages.append(self.text(page).replace(str(record_id), ""))
        self.assertEqual(len(set(pages)), 1)

    def test_records_of_others_are_closed_by_rule_as_well(self):
        other = self.relationship.with_user(self.small_user)
        with self.assertRaises(AccessError):
            other.read(["partner_id"])
        own = self.relationship_of(self.small).with_user(self.small_user).sudo(False)
        self.assertEqual(own.read(["partner_id"])[0]["partner_id"][0], self.small.id)
        with self.assertRaises(AccessError):
            own.write({"manager_id": self.manager.id})
        with self.assertRaises(AccessError):
            own.read(["segment_id"])
        with self.assertRaises(AccessError):
            own.primary_type_id.read(["description"])

    def test_who_is_not_logged_in_is_asked_to_log_in(self):
        self.authenticate(None, None)
        for path in ("/my/relationship", f"/my/relationship/{self.relationship.id}"):
            response = self.url_open(path, allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertIn("/web/login", response.headers["Location"])

    def test_a_customer_without_a_file_reads_the_floor_and_nothing_is_stored(self):
        customer = self.make_customer("Newcomer")
        user = self.make_portal_user("newcomer_contact", customer)
        page = self.open("/my/relationship", user)
        self.assertIn("within 8 working hours", self.text(page, "relationship_promise"))
        self.assertIn("hello@works.example", self.text(page, "relationship_people"))
        self.assertFalse(self.relationship_of(customer))

    def test_a_colleague_without_rights_on_relationships_gets_no_error(self):
        self.open("/my/relationship", self.manager)
        response = self.url_open(f"/my/relationship/{self.relationship.id}")
        self.assertEqual(response.status_code, 404)

    def test_a_customer_of_two_of_our_companies_has_one_entry_for_each(self):
        other = self.make_company("Our Shop")
        self.env["crm.relationship"]._get_or_create([(other.id, self.key.id)])
        user = self.make_portal_user("keystone_both", self.key, self.company | other)
        page = self.open("/my/relationship", user)
        links = page.xpath("//a[starts-with(@href, '/my/relationship/')]")
        self.assertEqual(len(links), 2)
        self.assertIn("Our Shop", self.text(page))
        for link in links:
            self.open(link.get("href"))
        shop = self.relationship_of(self.key, other)
        page = self.open(f"/my/relationship/{shop.id}")
        self.assertNotIn("Marta", self.text(page))
        self.assertNotIn("The pump is loud", self.text(page))

    # --- home ---

    def test_the_card_on_the_home_page_leads_to_the_file(self):
        page = self.open("/my", self.key_user)
        self.assertTrue(page.xpath("//a[@href='/my/relationship']"))
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["relationship_count"]}
        )
        self.assertEqual(counters, {"relationship_count": 1})

    def test_in_a_browser_a_customer_goes_from_home_to_his_person_and_closes_his_ticket(
        self,
    ):
        self.start_tour("/my", "relationship_portal", login=self.key_user.login)
        self.assertTrue(self.key_ticket.closed)

    def test_reading_a_file_costs_the_same_with_two_tickets_and_with_twelve(self):
        def count():
            self.env.invalidate_all()
            relationship = self.relationship.with_user(self.key_user)
            start = self.cr.sql_log_count
            values = relationship._prepare_portal_values()
            values["open_tickets"].mapped("promise_left")
            values["open_tickets"].mapped("stage_id.name")
            return self.cr.sql_log_count - start

        self.make_ticket(self.key_user, "Second")
        self.env.flush_all()
        count()
        few = count()
        for number in range(10):
            self.make_ticket(self.key_user, f"More {number}")
        self.env.flush_all()
        self.assertEqual(count(), few)


@tagged("post_install", "-at_install")
class TestPortalWords(PortalCase):
    """Hours and calendars in words."""

    def hours(self, value):
        return self.env["crm.relationship.policy"]._get_hours_text(value)

    def test_hours(self):
        self.assertEqual(self.hours(8), "within 8 working hours")
        self.assertEqual(self.hours(1), "within one working hour")
        self.assertEqual(self.hours(0.5), "within 30 working minutes")
        self.assertEqual(self.hours(2.25), "within 2 working hours and 15 minutes")

    def week(self, *attendances, **values):
        return self.env["resource.calendar"].create(
            {
                "name": "Ours",
                "tz": "Europe/Berlin",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": "Work",
                            "dayofweek": day,
                            "hour_from": start,
                            "hour_to": stop,
                        }
                    )
                    for day, start, stop in attendances
                ],
                **values,
            }
        )

    def test_days_with_the_same_hours_are_named_together(self):
        calendar = self.week(("0", 8, 12), ("1", 8, 12), ("3", 8, 12), ("4", 9, 10.5))
        text = calendar._get_week_text().replace("\u202f", " ")
        self.assertEqual(
            text, "Mon–Tue, Thu 8:00 AM–12:00 PM; Fri 9:00 AM–10:30 AM (Europe/Berlin)"
        )

    def test_a_flexible_calendar_has_hours_a_week(self):
        calendar = self.week(flexible_hours=True, hours_per_week=30)
        self.assertEqual(calendar._get_week_text(), "30 hours a week")

    def test_no_calendar_is_around_the_clock(self):
        calendar = self.env["resource.calendar"]
        self.assertEqual(calendar._get_week_text(), "around the clock, every day")
        self.assertTrue(calendar._is_around_clock())
