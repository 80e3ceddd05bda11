"""Customers with a history of messages, tickets, orders and leads, made in bulk."""

from typing import Any, NamedTuple

from .volume import UNCHECKED

CUSTOMERS = 20_000
# What a customer of size 1 has: about 50 messages, most of them on his own page, so that his chatter is comparable.
PER_CUSTOMER = {
    "tickets": 15,
    "orders": 5,
    "leads": 2,
    "partner_messages": 30,
    "activities": 2,
}
BUSY_SIZE = 100
USUAL_SIZE = 2

CUSTOMER_ROWS = """
SELECT setseed(0.19);

CREATE TEMP TABLE seed_customer ON COMMIT DROP AS
SELECT nextval('res_partner_id_seq')::int AS id, nextval('crm_relationship_id_seq')::int AS relationship_id,
       CASE n WHEN 1 THEN %(busy_size)s WHEN 2 THEN 0 WHEN 3 THEN %(usual_size)s ELSE 1 END AS size
  FROM generate_series(1, %(customers)s) n;

INSERT INTO res_partner (id, commercial_partner_id, name, complete_name, email, active, type, is_company,
                         autopost_bills, create_date)
SELECT id, id, 'Customer ' || id, 'Customer ' || id, id || '@customer.example', TRUE, 'contact', TRUE, 'ask', now()
  FROM seed_customer;

INSERT INTO crm_relationship (id, partner_id, company_id, active, create_date)
SELECT relationship_id, id, %(company_id)s, TRUE, now() FROM seed_customer
"""

DOCUMENTS = """
INSERT INTO helpdesk_ticket (company_id, partner_id, commercial_partner_id, relationship_id, team_id, stage_id,
                             user_id, number, name, description, active, sequence, create_uid, create_date)
SELECT %(company_id)s, id, id, relationship_id, %(team_id)s, %(stage_id)s, %(user_id)s, 'HT' || id || '-' || n,
       'Help', '<p>Help</p>', TRUE, 10, %(user_id)s, now() - random() * interval '3 years'
  FROM seed_customer, generate_series(1, size * %(tickets)s) n;

INSERT INTO sale_order (company_id, partner_id, partner_invoice_id, partner_shipping_id, name, state, user_id,
                        date_order, currency_id, currency_rate, create_uid, create_date)
SELECT %(company_id)s, id, id, id, 'S' || id || '-' || n, 'sale', %(user_id)s,
       now() - random() * interval '3 years', %(currency_id)s, 1, %(user_id)s, now()
  FROM seed_customer, generate_series(1, size * %(orders)s) n;

INSERT INTO sale_order_line (order_id, company_id, name, product_uom_qty, price_unit, price_subtotal, discount,
                             purchase_price, product_id, product_uom_id, customer_lead)
SELECT sale.id, %(company_id)s, 'Line', 1, 100, 100, 0, 50, %(product_id)s, %(uom_id)s, 0
  FROM sale_order sale JOIN seed_customer customer ON customer.id = sale.partner_id
 CROSS JOIN generate_series(1, 2);

INSERT INTO crm_lead (company_id, partner_id, name, type, active, user_id, create_uid, create_date)
SELECT %(company_id)s, id, 'Lead ' || n, 'opportunity', TRUE, %(user_id)s, %(user_id)s, now()
  FROM seed_customer, generate_series(1, size * %(leads)s) n
"""

# Every other message is a mail of the customer, every other an answer of a colleague that was sent to him.
MESSAGES = """
CREATE TEMP TABLE seed_document ON COMMIT DROP AS
SELECT 'res.partner' AS model, id AS res_id, id AS partner_id, size * %(partner_messages)s AS messages
  FROM seed_customer
 UNION ALL
SELECT 'helpdesk.ticket', ticket.id, partner_id, 1
  FROM helpdesk_ticket ticket JOIN seed_customer customer ON customer.id = ticket.partner_id
 UNION ALL
SELECT 'sale.order', sale.id, partner_id, 1
  FROM sale_order sale JOIN seed_customer customer ON customer.id = sale.partner_id
 UNION ALL
SELECT 'crm.lead', lead.id, partner_id, 1
  FROM crm_lead lead JOIN seed_customer customer ON customer.id = lead.partner_id;

INSERT INTO mail_message (model, res_id, message_type, subtype_id, author_id, email_from, date, body, message_id,
                          record_company_id, is_internal, create_uid, create_date)
SELECT model, res_id, CASE n %% 2 WHEN 0 THEN 'email' ELSE 'comment' END, %(subtype_id)s,
       CASE n %% 2 WHEN 0 THEN partner_id ELSE %(author_id)s END, 'someone@company.example', moment,
       '<p>Good morning,</p><p>' || repeat('thank you for your message about it. ', 8) || '</p>',
       '<' || n || '@company.example>', %(company_id)s, FALSE, %(user_id)s, moment
  FROM (SELECT document.*, row_number() OVER () AS n, now() - random() * interval '3 years' AS moment
          FROM seed_document document, generate_series(1, messages)) message;

INSERT INTO mail_notification (mail_message_id, author_id, res_partner_id, notification_type, notification_status,
                               is_read)
SELECT message.id, message.author_id, message.res_id, 'email', 'sent', TRUE
  FROM mail_message message JOIN seed_customer customer ON customer.id = message.res_id
 WHERE message.model = 'res.partner' AND message.author_id = %(author_id)s;

INSERT INTO mail_activity (res_model, res_model_id, res_id, activity_type_id, user_id, date_deadline, date_done,
                           active, create_date, write_date)
SELECT 'res.partner', %(partner_model_id)s, id, %(call_id)s, %(user_id)s, day, day, FALSE, day, day
  FROM (SELECT customer.id, (now() - random() * interval '3 years')::date AS day
          FROM seed_customer customer, generate_series(1, size * %(activities)s)) done;

INSERT INTO rating_rating (res_model, res_model_id, res_id, partner_id, rating, consumed, rated_on, create_date,
                           write_date)
SELECT 'helpdesk.ticket', %(ticket_model_id)s, id, partner_id, 1 + id %% 5, TRUE, create_date, create_date,
       create_date
  FROM helpdesk_ticket WHERE partner_id IN (SELECT id FROM seed_customer) AND id %% 5 = 0;

ANALYZE
"""


class Customers(NamedTuple):
    """Relationships: one with the longest history, one with a short one, one with none."""

    busy: Any
    usual: Any
    silent: Any


def seed(env: Any, customers: int = CUSTOMERS) -> Customers:
    """Make them with all others, the same ones on every run. Commits."""
    values = {
        "customers": customers,
        "busy_size": BUSY_SIZE,
        "usual_size": USUAL_SIZE,
        **PER_CUSTOMER,
    }
    values |= _references(env)
    env.flush_all()
    for statement in (
        UNCHECKED % "replica",
        CUSTOMER_ROWS,
        DOCUMENTS,
        MESSAGES,
        UNCHECKED % "origin",
    ):
        env.cr.execute(statement, values)
    env.cr.execute("SELECT relationship_id FROM seed_customer ORDER BY id LIMIT 3")
    found = env["crm.relationship"].browse([row[0] for row in env.cr.fetchall()])
    env.cr.commit()
    env.invalidate_all()
    busy, silent, usual = found
    return Customers(busy, usual, silent)


def make_user(env: Any, login: str, *groups: str) -> Any:
    """A user of the company with these groups and nothing more."""
    from odoo.fields import Command

    return env["res.users"].create(
        {
            "name": login,
            "login": login,
            "group_ids": [Command.link(env.ref(group).id) for group in groups],
        }
    )


def _references(env: Any) -> dict[str, int]:
    """The ids that the rows refer to."""
    company = env.company
    company.relationship_revenue_basis = "ordered"
    product = env["product.product"].create({"name": "Part", "type": "service"})
    models = env["ir.model"]
    return {
        "company_id": company.id,
        "currency_id": company.currency_id.id,
        "product_id": product.id,
        "uom_id": product.uom_id.id,
        "user_id": env.ref("base.user_admin").id,
        "author_id": env.ref("base.user_admin").partner_id.id,
        "team_id": env["helpdesk.ticket.team"].create({"name": "Support"}).id,
        "stage_id": env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress").id,
        "subtype_id": env.ref("mail.mt_comment").id,
        "call_id": env.ref("mail.mail_activity_data_call").id,
        "partner_model_id": models._get("res.partner").id,
        "ticket_model_id": models._get("helpdesk.ticket").id,
    }
