"""The course of one ticket, run in Odoo's shell: opened, answered, paused, closed, rated.

Its team is the one of the name Service, which may be older than the addons; another company gets a team as well.
"""

OLD_TEAM = 'env["helpdesk.ticket.team"].create({"name": "Service"})'

COURSE = """
    from odoo import Command

    login = values["login"]

    def stage(name):
        return env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")

    has_sla = "helpdesk.sla" in env
    has_rating = "rating_status" in env["helpdesk.ticket"]._fields
    group = env.ref("helpdesk_mgmt.group_helpdesk_user")
    env["ir.mail_server"].search([]).active = False
    agent = env["res.users"].create({
        "name": "Agent", "login": login, "email": f"{login}@example.com",
        "group_ids": [Command.link(group.id)],
    })
    customer = env["res.partner"].create(
        {"name": "Customer", "email": f"customer-{login}@example.com"}
    )
    teams = env["helpdesk.ticket.team"]
    team = teams.search([("name", "=", "Service")]) or teams.create({"name": "Service"})
    team.user_ids = agent
    other = env["res.company"].create({"name": f"Company of {login}"})
    teams.create({"name": "Elsewhere", "company_id": other.id})
    if has_sla:
        team.use_sla = True
        env["helpdesk.sla"].search([]).active = False
        env["helpdesk.sla"].create({
            "name": "Four hours", "hours": 4, "stage_id": stage("done").id,
            "team_ids": [Command.set(team.ids)],
            "ignore_stage_ids": [Command.set(stage("awaiting").ids)],
        })
    if has_rating:
        template = env.ref("helpdesk_mgmt_rating.rating_ticket_email_template")
        stage("done").rating_mail_template_id = template

    ticket = env["helpdesk.ticket"].with_user(agent).create({
        "name": "Broken", "description": "It does not work",
        "partner_id": customer.id, "team_id": team.id, "user_id": agent.id,
    })
    talk = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
    ticket.message_post(body="We look at it", **talk)
    ticket.stage_id = stage("awaiting")
    states = [ticket.ticket_sla_ids.state] if has_sla else []
    ticket.sudo().message_post(body="Here it is", author_id=customer.id, **talk)
    back = ticket.stage_id
    ticket.stage_id = stage("done")
    states += [ticket.ticket_sla_ids.state] if has_sla else []
    asked = env["rating.rating"].search_count(
        [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
    )
    token = ticket.sudo()._rating_get_access_token()
    ticket.sudo().rating_apply(5, token=token, feedback="Thank you")
    env.flush_all()
    own = ticket.sudo()
    given = env["crm.relationship.feedback"].search(
        [("document_model", "=", "helpdesk.ticket"), ("document_id", "=", ticket.id)]
    ) if "crm.relationship.feedback" in env else []
    result = {
        "id": ticket.id,
        "back in work": back == stage("in_progress"),
        "closed": ticket.closed,
        "sla": states,
        "asked": asked,
        "feedback": [row.score for row in given],
    }
    if "event_ids" in ticket._fields:
        result["events"] = own.event_ids.sorted("id").mapped("kind")
        result["promised"] = bool(own.policy_id and own.resolution_deadline)
        result["counts"] = [
            own.agent_reply_count, own.customer_reply_count, own.reopen_count
        ]
    if has_rating:
        result["positive"] = own.positive_rate_percentage
"""
