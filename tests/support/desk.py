"""A helpdesk team that is reached by mail: the team of the demo data, its agent at his browser, and its mail server."""

from itertools import count
from typing import Any

import databases

from .mailbox import HOST, Customer, PostOffice
from .server import Server

DOMAIN = "desk.example"
COMPANY = f"info@{DOMAIN}"
TEAM = f"service@{DOMAIN}"
WINDOW_DAYS = 7
LOOP_THRESHOLD = 4
NUMBERS = count(1)


class Desk:
    """The team, its agent at his browser, and the mail server."""

    def __init__(self, server: Server, office: PostOffice) -> None:
        self.server = server
        self.office = office
        self.admin, self.manager, self.agent = (
            server.session(login) for login in ("admin", "manager", "agent")
        )

    def get_id(self, name: str) -> int:
        """Id of a record of the addons' data."""
        module, _dot, name = name.partition(".")
        domain = [("module", "=", module), ("name", "=", name)]
        fields = {"fields": ["res_id"]}
        (found,) = self.admin.call("ir.model.data", "search_read", domain, **fields)
        return int(found["res_id"])

    def prepare(self) -> None:
        """The domain of the desk, the mail server, and nothing left in the queue."""
        call = self.admin.call
        for model in ("mail.mail", "ir.mail_server"):
            call(model, "unlink", call(model, "search", []))
        host = {"smtp_host": HOST, "smtp_port": self.office.port, "from_filter": DOMAIN}
        call("ir.mail_server", "create", {"name": "Local", **host})
        domain = {
            "alias_domain_id": call("mail.alias.domain", "create", {"name": DOMAIN})
        }
        team, company = self.get_id("crm_relationship.team_service"), 1
        call("helpdesk.ticket.team", "write", [team], domain)
        call(
            "res.company",
            "write",
            [company],
            {
                "email": COMPANY,
                "fcr_reopen_window_days": WINDOW_DAYS,
                **domain,
            },
        )
        threshold = ("mail.gateway.loop.threshold", str(LOOP_THRESHOLD))
        call("ir.config_parameter", "set_param", *threshold)

    # --- customers ---

    def make_stranger(self, name: str = "Stranger") -> Customer:
        address = f"{name.lower()}{next(NUMBERS)}@customer.example"
        return Customer(self.office, address, name)

    def make_customer(self, name: str, **values: Any) -> Customer:
        """Somebody with a mailbox whom Odoo knows."""
        customer = self.make_stranger(name)
        values = {"name": name, "email": customer.address, **values}
        self.manager.call("res.partner", "create", values)
        return customer

    # --- tickets ---

    def find(self, customer: Customer) -> list[int]:
        """The tickets that somebody opened by mail, the oldest first."""
        domain = [("partner_email", "ilike", customer.address)]
        found: list[int] = self.manager.call(
            "helpdesk.ticket", "search", domain, order="id"
        )
        return found

    def find_one(self, customer: Customer) -> int:
        (ticket,) = self.find(customer)
        return ticket

    def read(self, ticket: int, *names: str) -> dict[str, Any]:
        (values,) = self.manager.call("helpdesk.ticket", "read", [ticket], names)
        return dict(values)

    def counts(self, ticket: int) -> tuple[int, int, int]:
        """(our answers, the customer's, reopenings)."""
        names = ("agent_reply_count", "customer_reply_count", "reopen_count")
        values = self.read(ticket, *names)
        return tuple(values[name] for name in names)

    def is_closed(self, ticket: int) -> bool:
        return bool(self.read(ticket, "closed")["closed"])

    def close(self, ticket: int) -> None:
        done = {"stage_id": self.get_id("helpdesk_mgmt.helpdesk_ticket_stage_done")}
        self.agent.call("helpdesk.ticket", "write", [ticket], done)

    def age(self, ticket: int, days: int) -> None:
        """Let it be closed so many days longer."""
        with databases.connect(self.server.database) as cursor:
            cursor.execute(
                "UPDATE helpdesk_ticket SET resolved_at = resolved_at - %s * interval '1 day' WHERE id = %s",
                [days, ticket],
            )

    def answer(self, ticket: int, text: str) -> None:
        """What the agent's “Send message” does: to whom the composer proposes."""
        place = {"thread_model": "helpdesk.ticket", "thread_id": ticket}
        path = "/mail/thread/recipients/get_suggested_recipients"
        people = self.agent.ask(path, **place, partner_ids=[])
        known = [item["partner_id"] for item in people if item.get("partner_id")]
        unknown = [item["email"] for item in people if not item.get("partner_id")]
        post = {
            "body": f"<p>{text}</p>",
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "partner_ids": known,
            "partner_emails": unknown,
        }
        self.agent.ask("/mail/message/post", **place, post_data=post)

    def send_queue(self) -> None:
        """Odoo's job for mails that are not sent at once."""
        job = self.get_id("mail.ir_cron_mail_scheduler_action")
        self.admin.call("ir.cron", "method_direct_trigger", [job])
