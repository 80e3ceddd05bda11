"""Tell the plot with Odoo's own flows: orders are confirmed, invoiced, posted and paid, tickets are created,
answered by the agents and closed. Imported only where demo data is loaded. Deterministic."""

from datetime import timedelta

from odoo import Command, fields

from . import audits, complaints, courses, decisions, months, opinions, plot, questions
from .cast import days_ago, get, get_channel, get_contact, set_dates

QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_notify_force_send": False,
}
# Slow payers pay so many days after the due date.
SLOW_DAYS = 40


def tell(env):
    """Create the whole story in the main company once, then refresh its relationships."""
    company = env.ref("base.main_company")
    buyer = get(env, f"customer_{plot.BUYERS[0].customer}")
    if env["sale.order"].search_count([("partner_id", "child_of", buyer.id)], limit=1):
        return
    env = (
        env["res.company"]
        .with_company(company)
        .with_context(allowed_company_ids=company.ids)
        .env
    )
    if not env["account.journal"].search_count([("type", "=", "sale")], limit=1):
        env["account.chart.template"].try_loading(
            "generic_coa", company, install_demo=False
        )
    set_sellers(env)
    invoices = invoice(env, order(env))
    credit(env, invoices)
    pay(env, invoices)
    # Only these: a refresh of all would already close the months that the tickets belong to.
    customers = invoices.commercial_partner_id
    env["crm.relationship"]._refresh(company, customers.ids)
    decisions.decide(env, company)
    ask(env)
    courses.follow(env)
    months.serve(env)
    rate(env)
    complaints.collect(env, company)
    env["crm.relationship"]._refresh(company)
    decisions.plan(env, company)
    decisions.answer_suggestions(env, company)
    audits.audit(env, company)


# --- orders, invoices, credit notes, payments ---


def set_sellers(env):
    for buyer in plot.BUYERS:
        get(env, f"customer_{buyer.customer}").user_id = get(
            env, f"user_{buyer.seller}"
        )


def order(env):
    """All orders of the plot, confirmed, in the order of their dates."""
    planned = sorted(
        (values for buyer in plot.BUYERS for values in prepare_orders(env, buyer)),
        key=lambda values: values["date_order"],
    )
    orders = env["sale.order"].create(planned)
    orders.action_confirm()
    for sale, values in zip(orders, planned, strict=True):
        sale.date_order = values["date_order"]
    return orders


def prepare_orders(env, buyer):
    """Values of each order of a buyer, with what he ordered besides."""
    services = {
        day: product for name, day, product in plot.SERVICES if name == buyer.customer
    }
    dates = range(buyer.first, buyer.last - 1, -buyer.every)
    for turn, day in enumerate(dates):
        basket = {name: swing(count, turn) for name, count in buyer.basket.items()}
        for due in [item for item in services if item >= day]:
            basket[services.pop(due)] = 1
        yield prepare_order(env, buyer, basket, days_ago(day - turn % 3, 7 + turn % 8))


def swing(count, turn):
    """A quarter less, as much, a quarter more, in turns."""
    return count + (turn % 3 - 1) * (count // 4)


def prepare_order(env, buyer, basket, date):
    contact = (
        f"contact_{buyer.contact}" if buyer.contact else f"customer_{buyer.customer}"
    )
    return {
        "partner_id": get(env, contact).id,
        "user_id": get(env, f"user_{buyer.seller}").id,
        "team_id": get(env, "sales_team").id,
        "date_order": date,
        "payment_term_id": env.ref("account.account_payment_term_30days").id,
        "order_line": [
            Command.create(
                {
                    "product_id": get(env, f"product_{name}").id,
                    "product_uom_qty": count,
                    "discount": buyer.discount,
                }
            )
            for name, count in basket.items()
        ],
    }


def invoice(env, orders):
    """One posted invoice an order, dated a day later."""
    moves = env["account.move"].create([prepare_invoice(sale) for sale in orders])
    moves.action_post()
    return moves


def prepare_invoice(sale):
    """As the order's own button prepares it, with the date from the start: a later change costs as much again."""
    date = min(sale.date_order.date() + timedelta(days=1), fields.Date.today())
    lines = [Command.create(line._prepare_invoice_line()) for line in sale.order_line]
    return {**sale._prepare_invoice(), "invoice_date": date, "invoice_line_ids": lines}


def credit(env, invoices):
    """All money back to the customer who left, one printer back from the one at risk."""
    lost = get_last_invoice(env, invoices, "brightmoor")
    reverse(
        lost,
        lost.invoice_date + timedelta(days=8),
        "Printer taken back, order cancelled",
    ).action_post()
    risky = get_last_invoice(env, invoices, "lagoverde")
    refund = reverse(
        risky, risky.invoice_date + timedelta(days=12), "One printer taken back"
    )
    printer = get(env, "product_printer")
    others = refund.invoice_line_ids.filtered(lambda line: line.product_id != printer)
    returned = refund.invoice_line_ids - others
    refund.invoice_line_ids = [
        *(Command.delete(line.id) for line in others),
        Command.update(returned.id, {"quantity": 1}),
    ]
    refund.action_post()


def get_last_invoice(env, invoices, customer):
    partner = get(env, f"customer_{customer}")
    return invoices.filtered(lambda move: move.commercial_partner_id == partner).sorted(
        "invoice_date"
    )[-1]


def reverse(move, date, reason):
    return move._reverse_moves([{"date": date, "invoice_date": date, "ref": reason}])


def pay(env, invoices):
    """Customers pay when it is due, slow ones weeks later: one bank entry per half month, reconciled by customer."""
    due = invoices.line_ids.filtered(
        lambda line: line.display_type == "payment_term" and line.amount_residual
    )
    today = fields.Date.today()
    slow = [get(env, f"customer_{name}") for name in plot.SLOW_PAYERS]
    halves = {}
    for line in due:
        lag = SLOW_DAYS if line.partner_id in slow else 0
        day = line.date_maturity + timedelta(days=lag)
        if day < today:
            halves.setdefault((day.year, day.month, day.day > 15), []).append(
                (day, line)
            )
    lines = env["account.move.line"]
    entries = env["account.move"].create(
        [
            prepare_payment(
                env,
                lines.concat(*[line for _day, line in items]),
                min(day for day, _line in items),
            )
            for items in halves.values()
        ]
    )
    entries.action_post()
    plan = []
    for entry, items in zip(entries, halves.values(), strict=True):
        paid = entry.line_ids.grouped("partner_id")
        owed = lines.concat(*[line for _day, line in items]).grouped("partner_id")
        plan += [own | paid[partner] for partner, own in owed.items()]
    lines._reconcile_plan(plan)


def prepare_payment(env, due, day):
    """Values of the bank entry by which customers pay these receivable lines."""
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    amounts = {
        partner: sum(lines.mapped("amount_residual"))
        for partner, lines in due.grouped("partner_id").items()
    }
    lines = [
        {
            "partner_id": partner.id,
            "account_id": due.account_id[:1].id,
            "credit": amount,
        }
        for partner, amount in amounts.items()
    ]
    lines.append(
        {"account_id": journal.default_account_id.id, "debit": sum(amounts.values())}
    )
    return {
        "journal_id": journal.id,
        "date": day,
        "ref": "Customer payments",
        "line_ids": [Command.create(dict(line, name="Payment")) for line in lines],
    }


# --- tickets ---


def ask(env):
    """All tickets of the plot, each with its promise from the hour it came, answered and closed as told."""
    every = questions.QUESTIONS + complaints.COMPLAINTS
    asked = sorted(every, key=lambda question: -question.age)
    tickets = env["helpdesk.ticket"].create(
        [prepare_ticket(env, item) for item in asked]
    )
    tickets.filtered(lambda ticket: not ticket.team_id).team_id = get(
        env, "team_service"
    )
    tickets += ask_unknown(env)
    now = fields.Datetime.now()
    ages = [item.age for item in asked] + [1.5]
    set_dates(env, tickets, [get_hour(now, age) for age in ages])
    tickets._apply_promise()
    for ticket, question in zip(tickets, asked, strict=False):
        answer(env, ticket, question)


def get_hour(now, age):
    """The hour at which a ticket of that age came; those older than two weeks came in the morning."""
    if age < 14 * questions.DAY:
        return now - timedelta(hours=age)
    return days_ago(age // questions.DAY, 7 + int(age) % 5)


def prepare_ticket(env, question):
    contact = get_contact(env, question.contact)
    return {
        "name": question.title,
        "description": f"<p>{question.text}</p>",
        "partner_id": contact.id,
        "partner_name": contact.name,
        "partner_email": contact.email,
        "channel_id": get_channel(env, question.channel).id,
        "category_id": get(env, f"category_{question.category}").id,
        "stage_id": env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new").id,
        "user_id": False,
        **complaints.prepare(env, question),
    }


def ask_unknown(env):
    """A mail of somebody whom we do not know: the floor holds for him too."""
    return env["helpdesk.ticket"].create(
        {
            "name": "Do you ship to Iceland?",
            "description": "<p>We pack fish and look for labels that stand the cold.</p>",
            "partner_name": "Sigrún Hallsdóttir",
            "partner_email": "sigrun@example.com",
            "channel_id": env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email").id,
            "kind_id": get(env, "ticket_kind_question").id,
            "team_id": get(env, "team_service").id,
            "user_id": False,
        }
    )


def answer(env, ticket, question):
    """The agent answers in public, and closes it."""
    agent = get(env, f"user_{question.agent}")
    values = {}
    if question.answer is not None:
        at = ticket.create_date + timedelta(hours=question.answer)
        ticket.with_user(agent).message_post(
            body=question.reply,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            date=at,
        )
        values = {
            "user_id": (ticket.user_id or agent).id,
            "stage_id": env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress").id,
        }
    if question.close is not None:
        values["stage_id"] = env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id
    if values:
        ticket.write(values)
        ticket.write(prepare_dates(ticket, question))


def prepare_dates(ticket, question):
    """When it was taken and closed, in place of now."""
    values = {
        "assigned_date": ticket.create_date + timedelta(hours=question.answer or 0)
    }
    values["last_stage_update"] = values["assigned_date"]
    if question.close is not None:
        values["closed_date"] = ticket.create_date + timedelta(hours=question.close)
        values["last_stage_update"] = values["closed_date"]
    return values


# --- what customers answer ---


def rate(env):
    """Customers say how it went, as ratings of the tickets and orders that they were asked about."""
    tickets = {
        ticket.name: ticket
        for ticket in env["helpdesk.ticket"].search(
            [("company_id", "=", env.company.id), ("closed_date", "!=", False)]
        )
    }
    asked = [get_asked(env, tickets, opinion) for opinion in opinions.OPINIONS]
    ratings = env["rating.rating"].create(
        [
            prepare_rating(env, document, opinion)
            for (document, _day), opinion in zip(asked, opinions.OPINIONS, strict=True)
        ]
    )
    now = fields.Datetime.now()
    # Odoo dates an answer when it is written: only afterwards it can be told as of then.
    for rating, (_document, day) in zip(ratings, asked, strict=True):
        rating.rated_on = min(day + timedelta(days=1, hours=2), now)


def get_asked(env, tickets, opinion):
    """(ticket or order that the customer was asked about, when it was done)."""
    if opinion.title:
        ticket = tickets[opinion.title]
        return ticket, ticket.closed_date
    order = get_order(env, opinion)
    return order, order.date_order


def get_order(env, opinion):
    customer = get(env, f"customer_{opinion.customer}")
    return env["sale.order"].search(
        [
            ("partner_id", "child_of", customer.id),
            ("state", "=", "sale"),
            ("date_order", "<", days_ago(opinion.days)),
        ],
        order="date_order desc",
        limit=1,
    )


def prepare_rating(env, document, opinion):
    return {
        "res_model_id": env["ir.model"]._get(document._name).id,
        "res_id": document.id,
        "partner_id": document.partner_id.id,
        "rated_partner_id": document.user_id.partner_id.id,
        "rating": opinion.score,
        "feedback": opinion.comment,
        "consumed": True,
    }
