"""A local mail server: it keeps what is sent, and hands mails for our domain to Odoo as a mail server does.

Customers and Odoo send to it by SMTP; what is for the domain of the desk goes through the pipe that Odoo brings along.
A mail is handed over before the server says that it has it, so that who sent it finds what came of it.
"""

import asyncio
import re
import smtplib
import subprocess
import sys
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formatdate, getaddresses, make_msgid, parseaddr
from html import unescape
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from checks.addon_tests import free_port

from . import inprocess
from .server import Server

HOST = "127.0.0.1"


@dataclass
class Delivery:
    """One mail on the wire: who sent it by its envelope, to whom, and the mail itself."""

    sender: str
    recipients: list[str]
    raw: bytes
    mail: EmailMessage = field(init=False)

    def __post_init__(self) -> None:
        parsed: Any = message_from_bytes(self.raw, policy=policy.default)
        self.mail = parsed

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"])

    @property
    def html(self) -> str:
        part: Any = self.mail.get_body(("html",))
        return str(part.get_content()) if part else ""

    @property
    def text(self) -> str:
        """What a reader without pictures and colours sees, in one line."""
        words = re.sub(
            r"<(style|head)[^>]*>.*?</\1>|<[^>]+>", " ", self.html, flags=re.S
        )
        return " ".join(words.replace("&nbsp;", " ").split())

    def link(self, path: str) -> str:
        """The path of the link in it that leads there."""
        found = re.search(rf'href="[^"]*?({re.escape(path)}[^"]*)"', self.html)
        assert found, f"no link to {path}"
        return unescape(found[1])


class Pipe:
    """Odoo's script for mail servers: a mail on its standard input reaches the gateway."""

    def __init__(self, server: Server, login: str) -> None:
        inprocess.load()
        from odoo.tools.misc import file_path

        self.script = file_path("mail/static/scripts/odoo-mailgate.py")
        uid = str(server.rpc(login).uid)
        place = ["--host", HOST, "--port", str(server.port), "-d", server.database]
        self.arguments = [*place, "-u", uid, "-p", login]

    def __call__(self, raw: bytes) -> int:
        command = [sys.executable, "-X", "utf8", self.script, *self.arguments]
        return subprocess.run(command, input=raw, check=False).returncode


class PostOffice:
    """Takes every mail, keeps it, and pipes those for its own domain to Odoo."""

    def __init__(self, domain: str, pipe: Pipe) -> None:
        self.domain = domain
        self.pipe = pipe
        self.deliveries: list[Delivery] = []
        self.controller = Controller(self, hostname=HOST, port=free_port())

    @property
    def port(self) -> int:
        return int(self.controller.port)

    def start(self) -> None:
        self.controller.start()

    def stop(self) -> None:
        self.controller.stop()

    async def handle_DATA(
        self, _smtp: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Called by the server for each mail, once its text is here."""
        raw: Any = envelope.original_content
        sender, recipients = envelope.mail_from or "", list(envelope.rcpt_tos)
        self.deliveries.append(Delivery(sender, recipients, raw))
        loop = asyncio.get_running_loop()
        for recipient in recipients:
            if self.is_ours(recipient):
                note = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n"
                code = await loop.run_in_executor(None, self.pipe, note.encode() + raw)
                if code:
                    return f"550 The pipe ended with code {code}"
        return "250 Taken"

    def is_ours(self, address: str) -> bool:
        return address.endswith(f"@{self.domain}")

    def send(
        self, mail: EmailMessage | MIMEMultipart, sender: str | None = None
    ) -> None:
        """Send a mail by SMTP, from an address that may differ from its From; to whom its header says."""
        fields = [str(mail[name]) for name in ("To", "Cc") if mail[name]]
        recipients = [address for _name, address in getaddresses(fields)]
        if sender is None:
            sender = parseaddr(str(mail["From"]))[1]
        with smtplib.SMTP(HOST, self.port, timeout=60) as smtp:
            smtp.sendmail(sender, recipients, mail.as_bytes(policy=policy.SMTP))

    def bounce(self, delivery: Delivery, address: str) -> None:
        """Say to whom sent a mail, by the envelope, that there is no such address. Source: RFC 3464."""
        report = MIMEMultipart("report", report_type="delivery-status")
        report["From"] = f"Mail Delivery System <MAILER-DAEMON@{address.split('@')[1]}>"
        report["To"] = delivery.sender
        report["Subject"] = "Undelivered Mail Returned to Sender"
        report["Message-ID"] = make_msgid()
        report["Auto-Submitted"] = "auto-replied"
        report.attach(MIMEText(f"<{address}>: user unknown"))
        status = f"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n"
        part = message_from_bytes(
            f"Content-Type: message/delivery-status\n\n{status}".encode()
        )
        report.attach(part)
        report.attach(MIMEMessage(message_from_bytes(delivery.raw)))
        self.send(report, sender="")


@dataclass
class Customer:
    """A person with an address: what is in the mailbox, and what he sends."""

    office: PostOffice
    address: str
    name: str = ""
    seen: int = 0

    @property
    def inbox(self) -> list[Delivery]:
        """What was sent to him by others, the oldest first."""
        return [
            item for item in self.office.deliveries if self.address in item.recipients
        ]

    def new(self) -> list[Delivery]:
        """What came since he looked the last time."""
        found = self.inbox[self.seen :]
        self.seen += len(found)
        return found

    def write(self, to: str, subject: str, text: str, **header: str) -> EmailMessage:
        """A new mail; header fields with _ for -."""
        mail = self.prepare(to, subject, text, **header)
        self.office.send(mail)
        return mail

    def write_html(self, to: str, subject: str, html: str) -> None:
        mail = self.prepare(to, subject, "This mail is in HTML.")
        mail.add_alternative(html, subtype="html")
        self.office.send(mail)

    def answer(self, delivery: Delivery, text: str, **header: str) -> EmailMessage:
        """An answer as mail programs write it: to Reply-To, with the history of the conversation."""
        mail = delivery.mail
        known = f"{mail['References'] or ''} {mail['Message-Id']}"
        return self.write(
            str(mail["Reply-To"] or mail["From"]),
            f"Re: {delivery.subject}",
            f"{text}\n\n> {delivery.text}",
            In_Reply_To=str(mail["Message-Id"]).strip(),
            References=" ".join(known.split()),
            **header,
        )

    def prepare(self, to: str, subject: str, text: str, **header: str) -> EmailMessage:
        mail = EmailMessage()
        mail.set_content(text)
        mail["From"] = f"{self.name} <{self.address}>"
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = formatdate()
        mail["Message-ID"] = make_msgid(domain=self.address.split("@")[1])
        for name, value in header.items():
            mail[name.replace("_", "-")] = value
        return mail
