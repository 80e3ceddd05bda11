"""A team that is reached by mail, and mails as they come from the wire."""

from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count

from freezegun import freeze_time

from odoo import fields

from .tickets import MONDAY, TicketCase

CUSTOMER = "Contact <contact@example.com>"
STRANGER = "Stranger <stranger@nowhere.example>"


class MailGatewayCase(TicketCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "desk.example"})
        cls.company.write({"email": "desk@desk.example", "alias_domain_id": cls.domain})
        cls.team.write({"alias_name": "service", "alias_domain_id": cls.domain.id})
        cls.company.fcr_reopen_window_days = 7
        cls.numbers = count()

    def make_mail(self, sender, moment, answers=None, text="Hello", **header):
        """A raw mail to the team, an answer to a message if one is given."""
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = "service@desk.example"
        mail["Subject"] = "It is broken"
        mail["Message-ID"] = f"<{next(self.numbers)}@customer.example>"
        if "Date" not in header:
            mail["Date"] = format_datetime(fields.Datetime.to_datetime(moment))
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers.message_id
        for name, value in header.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return mail

    def receive(self, sender, moment, answers=None, **values):
        """The ticket that a mail reached."""
        mail = self.make_mail(sender, moment, answers, **values)
        return self.process(mail, moment)

    def process(self, mail, moment):
        with freeze_time(moment):
            ticket_id = self.env["mail.thread"].message_process(None, mail.as_bytes())
        self.env.flush_all()
        return self.env["helpdesk.ticket"].browse(ticket_id)

    def make_closed_ticket(self, **values):
        """A ticket of Monday that we answered at 9 and closed at 10, and our answer."""
        ticket = self.make_ticket(f"{MONDAY} 08:00:00", **values)
        answer = self.post(ticket, f"{MONDAY} 09:00:00")
        self.move(ticket, f"{MONDAY} 10:00:00", stage_id=self.done.id)
        return ticket, answer

    def tickets_after(self, ticket):
        return self.env["helpdesk.ticket"].search([("id", ">", ticket.id)])

    def announcements_of(self, ticket):
        """What was sent by itself to say that a ticket follows up another."""
        return ticket.message_ids.filtered(
            lambda message: message.message_type == "auto_comment"
        )
