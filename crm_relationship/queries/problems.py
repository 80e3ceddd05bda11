"""Set-based statements over complaints that repeat themselves."""

from typing import NamedTuple

from odoo.tools import SQL

from .verdict import merged

# Where a complaint names both, it is about its product; what no product explains may be the category's.
SUBJECTS = ("product_id", "category_id")


class Limits(NamedTuple):
    """When complaints about one thing are a problem: so many of one customer, or so many customers, since then."""

    since: object
    repeat_count: int
    customer_count: int


def raise_problems(env, company_id, lang, limits):
    """Collect the complaints of the company that repeat themselves in problems: one statement.

    Complaints are tickets of a kind that needs a remedy, of known customers, not merged into another, in no problem yet
    and not taken out of one by a person. One that is about the same thing as an open problem joins it. Where there is
    none, complaints raise one: all of them if enough customers have the same one, else those of a customer who has it
    often enough.
    Index: ``helpdesk_ticket(kind_id, create_date) WHERE problem_id IS NULL``.

    :param lang: language of the names that new problems get: those of their products and categories.
    :return: list of (problem id, whether it is new), one for each ticket that joined one.
    """
    return env.execute_query(
        SQL(
            """
            WITH complaint AS MATERIALIZED (%(complaints)s),
            taken AS (%(taken)s),
            raised AS (%(raised)s),
            joined AS (
                SELECT taken.id, COALESCE(taken.problem_id, raised.id) AS problem_id, taken.problem_id IS NULL AS is_new
                  FROM taken
             LEFT JOIN raised ON raised.product_id = taken.product_id OR raised.category_id = taken.category_id
            )
            UPDATE helpdesk_ticket ticket
               SET problem_id = joined.problem_id
              FROM joined
             WHERE ticket.id = joined.id
            RETURNING joined.problem_id, joined.is_new
            """,
            complaints=_complaints(company_id, limits),
            taken=_taken(company_id, limits),
            raised=_raised(env, company_id, lang),
        )
    )


def _complaints(company_id, limits):
    """Columns id, product_id, category_id, partner_id: a row for each complaint that may be part of a problem."""
    return SQL(
        """
        SELECT ticket.id, ticket.product_id, ticket.category_id, ticket.commercial_partner_id AS partner_id
          FROM helpdesk_ticket ticket
         WHERE ticket.kind_id IN (SELECT id FROM crm_relationship_ticket_kind WHERE needs_remedy)
           AND ticket.create_date >= %(since)s
           AND ticket.company_id = %(company_id)s
           AND ticket.problem_id IS NULL
           AND ticket.active
           AND NOT %(merged)s
           AND ticket.no_problem_reason IS NULL
           AND ticket.commercial_partner_id IS NOT NULL
        """,
        merged=merged("ticket"),
        since=limits.since,
        company_id=company_id,
    )


def _taken(company_id, limits):
    """Columns id, product_id, category_id, problem_id: complaints that are part of a problem, one of the two subjects
    set, the problem's id where it is open already. Those of products come first."""
    return SQL(
        """
        WITH of_product AS MATERIALIZED (%(of_product)s)
        SELECT id, subject AS product_id, NULL::integer AS category_id, problem_id FROM of_product
        UNION ALL
        SELECT id, NULL, subject, problem_id FROM (%(of_category)s) of_category
        """,
        of_product=_taken_by(
            "product_id", SQL("SELECT * FROM complaint"), company_id, limits
        ),
        of_category=_taken_by(
            "category_id",
            SQL("SELECT * FROM complaint WHERE id NOT IN (SELECT id FROM of_product)"),
            company_id,
            limits,
        ),
    )


def _taken_by(column, complaints, company_id, limits):
    """Columns id, subject, problem_id: of these complaints, those that repeat themselves by one subject."""
    return SQL(
        """
        SELECT own.id, own.subject, problem.id AS problem_id
          FROM (SELECT id, %(column)s AS subject, COUNT(*) OVER (PARTITION BY %(column)s, partner_id) AS own_count
                  FROM (%(complaints)s) item
                 WHERE %(column)s IS NOT NULL) own
          JOIN (SELECT %(column)s AS subject, COUNT(DISTINCT partner_id) AS customer_count
                  FROM (%(complaints)s) item
                 GROUP BY %(column)s) whole ON whole.subject = own.subject
     LEFT JOIN crm_relationship_problem problem
            ON problem.%(column)s = own.subject AND problem.company_id = %(company_id)s AND problem.state = 'open'
         WHERE problem.id IS NOT NULL
            OR whole.customer_count >= %(customer_count)s
            OR own.own_count >= %(repeat_count)s
        """,
        column=SQL.identifier(column),
        complaints=complaints,
        company_id=company_id,
        customer_count=limits.customer_count,
        repeat_count=limits.repeat_count,
    )


def _raised(env, company_id, lang):
    """Insert a problem for each subject that has none; columns id, product_id, category_id."""
    return SQL(
        """
        INSERT INTO crm_relationship_problem
               (company_id, product_id, category_id, name, state, create_uid, create_date, write_uid, write_date)
        SELECT %(company_id)s, subject.product_id, subject.category_id,
               COALESCE(template.name->>%(lang)s, template.name->>'en_US', category.name->>%(lang)s,
                        category.name->>'en_US'),
               'open', %(uid)s, %(now)s, %(uid)s, %(now)s
          FROM (SELECT DISTINCT product_id, category_id FROM taken WHERE problem_id IS NULL) subject
     LEFT JOIN product_product product ON product.id = subject.product_id
     LEFT JOIN product_template template ON template.id = product.product_tmpl_id
     LEFT JOIN helpdesk_ticket_category category ON category.id = subject.category_id
        RETURNING id, product_id, category_id
        """,
        company_id=company_id,
        lang=lang,
        uid=env.uid,
        now=env.cr.now(),
    )


def update_figures(env, problem_ids):
    """Count the tickets and customers of problems, merged duplicates left out, and find first and last date, kind and
    single customer: where something changed. Index: ``helpdesk_ticket(problem_id)``.

    :return: ids of the problems that changed.
    """
    rows = env.execute_query(
        SQL(
            """
            UPDATE crm_relationship_problem problem
               SET (ticket_count, customer_count, first_date, last_date, kind_id, partner_id, repeat)
                   = (found.ticket_count, found.customer_count, found.first_date, found.last_date, found.kind_id,
                      found.partner_id, found.repeat)
              FROM (SELECT item.id,
                           COUNT(ticket.id) AS ticket_count,
                           COUNT(DISTINCT ticket.commercial_partner_id) AS customer_count,
                           MIN(ticket.create_date)::date AS first_date,
                           MAX(ticket.create_date)::date AS last_date,
                           MODE() WITHIN GROUP (ORDER BY ticket.kind_id) AS kind_id,
                           CASE WHEN COUNT(DISTINCT ticket.commercial_partner_id) = 1
                                THEN MIN(ticket.commercial_partner_id) END AS partner_id,
                           CASE WHEN COUNT(DISTINCT ticket.commercial_partner_id) > 1 THEN 'many' ELSE 'same' END
                                AS repeat
                      FROM crm_relationship_problem item
                 LEFT JOIN helpdesk_ticket ticket ON ticket.problem_id = item.id AND ticket.active AND NOT %(merged)s
                     WHERE item.id = ANY(%(problem_ids)s)
                     GROUP BY item.id) found
             WHERE problem.id = found.id
               AND (problem.ticket_count, problem.customer_count, problem.first_date, problem.last_date,
                    problem.kind_id, problem.partner_id, problem.repeat)
                   IS DISTINCT FROM
                   (found.ticket_count, found.customer_count, found.first_date, found.last_date,
                    found.kind_id, found.partner_id, found.repeat)
            RETURNING problem.id
            """,
            merged=merged("ticket"),
            problem_ids=list(problem_ids),
        )
    )
    return [problem_id for (problem_id,) in rows]


def set_owners(env, problem_ids):
    """Give each of these problems that has none an owner who still works here.

    Of one customer's: his manager; of many customers': the leader of the team that has most of the tickets; where there
    is none, the other of the two, else who works on most of the tickets.

    :return: list of (problem id, user id) of those that found one.
    """
    return env.execute_query(
        SQL(
            """
            WITH candidate AS (
                SELECT ticket.problem_id,
                       MODE() WITHIN GROUP (ORDER BY manager.id) AS manager_id,
                       MODE() WITHIN GROUP (ORDER BY leader.id) AS leader_id,
                       MODE() WITHIN GROUP (ORDER BY agent.id) AS agent_id
                  FROM helpdesk_ticket ticket
             LEFT JOIN crm_relationship relation ON relation.id = ticket.relationship_id
             LEFT JOIN helpdesk_ticket_team team ON team.id = ticket.team_id
             LEFT JOIN res_users manager ON manager.id = relation.manager_id AND manager.active
             LEFT JOIN res_users leader ON leader.id = team.user_id AND leader.active
             LEFT JOIN res_users agent ON agent.id = ticket.user_id AND agent.active
                 WHERE ticket.problem_id = ANY(%(problem_ids)s)
                 GROUP BY ticket.problem_id
            ), chosen AS (
                SELECT problem.id,
                       CASE WHEN problem.repeat = 'same'
                            THEN COALESCE(manager_id, leader_id, agent_id)
                            ELSE COALESCE(leader_id, manager_id, agent_id) END AS user_id
                  FROM candidate
                  JOIN crm_relationship_problem problem ON problem.id = candidate.problem_id
            )
            UPDATE crm_relationship_problem problem
               SET user_id = chosen.user_id
              FROM chosen
             WHERE problem.id = chosen.id AND problem.user_id IS NULL AND chosen.user_id IS NOT NULL
            RETURNING problem.id, problem.user_id
            """,
            problem_ids=list(problem_ids),
        )
    )
