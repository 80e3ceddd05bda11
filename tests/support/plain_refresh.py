"""What PostgreSQL needs at the least for the aggregates of a refresh: plain statements, each of which reads its tables
and writes what it found into an empty table with the same indexes as ours.

Parameters: company_id, start (of the 12 months), month (the first day of this month), first (day of the oldest month).
"""

TABLES = """
DROP TABLE IF EXISTS plain_suggestion, plain_pair, plain_ticket, plain_month, plain_relationship, plain_rhythm,
                     plain_basket, plain_contact;
CREATE TABLE plain_relationship (LIKE crm_relationship INCLUDING ALL);
CREATE TABLE plain_month (LIKE crm_relationship_snapshot INCLUDING ALL);
CREATE TABLE plain_ticket (LIKE helpdesk_ticket INCLUDING ALL);
CREATE TABLE plain_suggestion (LIKE crm_relationship_suggestion INCLUDING ALL);
CREATE TABLE plain_pair (product_id int, other_id int, customers int, PRIMARY KEY (product_id, other_id));
CREATE TABLE plain_rhythm (partner_id int PRIMARY KEY, days float8, margin float8, trend float8);
CREATE TABLE plain_basket (partner_id int, product_id int, orders int, last_date date,
                           PRIMARY KEY (partner_id, product_id));
CREATE TABLE plain_contact (partner_id int PRIMARY KEY, persons int, minutes float8, open_tickets int)
"""

# Checking the foreign keys is most of what such an insert costs PostgreSQL, so the bound holds against tables that
# have them as well as the indexes (of tickets only the one that a refresh writes). The ratio to tables with the
# indexes alone is printed beside it.
FOREIGN_KEYS = """
DO $$
DECLARE foreign_key record;
BEGIN
    FOR foreign_key IN SELECT plain, replace(pg_get_constraintdef(oid), 'REFERENCES crm_relationship(',
                                             'REFERENCES plain_relationship(') AS definition
                         FROM pg_constraint
                         JOIN (VALUES ('crm_relationship', 'plain_relationship'),
                                      ('crm_relationship_snapshot', 'plain_month'),
                                      ('crm_relationship_suggestion', 'plain_suggestion'),
                                      ('helpdesk_ticket', 'plain_ticket')) counterpart (own, plain)
                           ON conrelid = own::regclass
                        WHERE contype = 'f'
                          AND (own <> 'helpdesk_ticket' OR pg_get_constraintdef(oid) LIKE '%crm_relationship(%')
    LOOP
        EXECUTE format('ALTER TABLE %s ADD %s', foreign_key.plain, foreign_key.definition);
    END LOOP;
END $$
"""

AGGREGATE = """
SELECT sale.company_id, customer.commercial_partner_id AS partner_id, TRUE AS active,
       ROUND(SUM(line.price_subtotal / sale.currency_rate)
             FILTER (WHERE sale.date_order >= %(start)s), 2) AS revenue,
       COUNT(DISTINCT sale.id) FILTER (WHERE sale.date_order >= %(start)s) AS orders,
       MIN(sale.date_order)::date AS first_date, MAX(sale.date_order)::date AS last_date
  FROM sale_order_line line
  JOIN sale_order sale ON sale.id = line.order_id
  JOIN res_partner customer ON customer.id = sale.partner_id
 WHERE sale.state = 'sale' AND sale.company_id = %(company_id)s
 GROUP BY sale.company_id, customer.commercial_partner_id
"""

LINES = """
SELECT customer.commercial_partner_id AS partner_id, sale.id AS sale_id, sale.date_order::date AS day,
       line.product_id, line.price_subtotal / sale.currency_rate AS revenue,
       line.product_uom_qty * line.purchase_price / sale.currency_rate AS cost
  FROM sale_order_line line
  JOIN sale_order sale ON sale.id = line.order_id
  JOIN res_partner customer ON customer.id = sale.partner_id
 WHERE sale.state = 'sale' AND sale.company_id = %(company_id)s
"""

RHYTHM = f"""
SELECT partner_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS days,
       SUM(revenue - cost) FILTER (WHERE day >= %(start)s) AS margin,
       SUM(revenue - cost) FILTER (WHERE day >= %(start)s)
           / NULLIF(SUM(revenue - cost) FILTER (WHERE day < %(start)s), 0) AS trend
  FROM (SELECT partner_id, day, SUM(revenue) AS revenue, SUM(cost) AS cost,
               day - LAG(day) OVER (PARTITION BY partner_id ORDER BY day) AS gap
          FROM ({LINES}) line GROUP BY partner_id, day) purchase
 GROUP BY partner_id
"""

BASKETS = f"""
SELECT partner_id, product_id, COUNT(DISTINCT sale_id) AS orders, MAX(day) AS last_date
  FROM ({LINES}) line GROUP BY partner_id, product_id
"""

CONTACTS = """
SELECT document.partner_id, message.author_id, message.date, 5 AS minutes
  FROM mail_message message
  JOIN (SELECT 'helpdesk.ticket' AS model, id, commercial_partner_id AS partner_id FROM helpdesk_ticket
         UNION ALL
        SELECT 'sale.order', sale.id, customer.commercial_partner_id
          FROM sale_order sale JOIN res_partner customer ON customer.id = sale.partner_id
         UNION ALL
        SELECT 'res.partner', id, commercial_partner_id FROM res_partner) document
    ON document.id = message.res_id AND document.model = message.model
 WHERE message.message_type IN ('email', 'comment') AND message.is_internal IS NOT TRUE
   AND message.subtype_id NOT IN (SELECT id FROM mail_message_subtype WHERE internal)
 UNION ALL
SELECT commercial_partner_id, partner_id, create_date, 15 FROM helpdesk_ticket
"""

CONTACTS_OF_THE_YEAR = f"""
SELECT contact.partner_id, COUNT(DISTINCT author_id) AS persons, SUM(minutes) AS minutes,
       COALESCE(MAX(waiting.tickets), 0) AS open_tickets
  FROM ({CONTACTS}) contact
  LEFT JOIN (SELECT ticket.commercial_partner_id AS partner_id, COUNT(*) AS tickets
               FROM helpdesk_ticket ticket JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
              WHERE stage.closed IS NOT TRUE GROUP BY 1) waiting ON waiting.partner_id = contact.partner_id
 WHERE contact.partner_id IS NOT NULL AND date >= %(start)s
 GROUP BY contact.partner_id
"""

MONTHS = f"""
SELECT relation.id, %(company_id)s, period, COALESCE(revenue, 0), COALESCE(revenue - cost, 0), 0,
       COALESCE(orders, 0), COALESCE(minutes, 0) * 0.5, COALESCE(revenue - cost, 0) - COALESCE(minutes, 0) * 0.5,
       COALESCE(minutes, 0)
  FROM (SELECT partner_id, (date_trunc('month', day) + interval '1 month')::date - 1 AS period,
               SUM(revenue) AS revenue, SUM(cost) AS cost, COUNT(DISTINCT sale_id) AS orders
          FROM ({LINES}) line
         WHERE day >= %(first)s AND day < %(month)s
         GROUP BY 1, 2) sold
  FULL JOIN (SELECT partner_id, (date_trunc('month', date) + interval '1 month')::date - 1 AS period,
                    SUM(minutes) AS minutes
               FROM ({CONTACTS}) contact
              WHERE date >= %(first)s AND date < %(month)s
              GROUP BY 1, 2) served USING (partner_id, period)
  JOIN plain_relationship relation ON relation.partner_id = COALESCE(sold.partner_id, served.partner_id)
"""

# Who buys one buys the other: of two products those pairs that a fifth of the customers of the first make.
PAIRS = """
SELECT own.product_id, other.product_id AS other_id, COUNT(*) AS customers
  FROM plain_basket own JOIN plain_basket other USING (partner_id)
 WHERE own.product_id <> other.product_id
 GROUP BY 1, 2
"""

SUGGESTIONS = """
SELECT relation.id, 'next_product', product_id, 'open', %(month)s
  FROM (SELECT basket.partner_id, pair.other_id AS product_id,
               ROW_NUMBER() OVER (PARTITION BY basket.partner_id ORDER BY MAX(pair.customers) DESC) AS place
          FROM plain_basket basket
          JOIN (SELECT product_id, COUNT(*) AS customers FROM plain_basket GROUP BY 1) bought USING (product_id)
          JOIN plain_pair pair ON pair.product_id = basket.product_id AND pair.customers * 5 > bought.customers
         WHERE NOT EXISTS (SELECT FROM plain_basket own
                            WHERE own.partner_id = basket.partner_id AND own.product_id = pair.other_id)
         GROUP BY 1, 2) found
  JOIN plain_relationship relation USING (partner_id)
 WHERE place <= 5
"""

TICKET_COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
 WHERE attrelid = 'helpdesk_ticket'::regclass AND attnum > 0 AND NOT attisdropped
   AND attname <> 'relationship_id'
"""

# ``{tickets}``: the columns of a ticket beside the relationship, see :data:`TICKET_COLUMNS`.
INSERTS = f"""
INSERT INTO plain_relationship (company_id, partner_id, active, revenue_12m_amount, order_count_12m,
                                first_order_date, last_order_date, stage_id, segment_id, primary_type_id)
SELECT fact.*, 1, 1, 1 FROM ({AGGREGATE}) fact;
INSERT INTO plain_rhythm {RHYTHM};
INSERT INTO plain_basket {BASKETS};
INSERT INTO plain_contact {CONTACTS_OF_THE_YEAR};
INSERT INTO plain_month (relationship_id, company_id, date, revenue_amount, margin_amount, discount_amount,
                         order_count, cost_to_serve_amount, contribution_amount, interaction_minutes) {MONTHS};
ANALYZE plain_basket;
INSERT INTO plain_pair {PAIRS};
ANALYZE plain_pair;
INSERT INTO plain_suggestion (relationship_id, kind, product_id, state, date) {SUGGESTIONS};
INSERT INTO plain_ticket ({{tickets}}, relationship_id)
SELECT {{tickets}}, (SELECT relation.id FROM plain_relationship relation
                      WHERE relation.partner_id = commercial_partner_id)
  FROM helpdesk_ticket
"""

COMPARE = f"""
SELECT COUNT(*) FROM ({AGGREGATE}) fact
  JOIN ({RHYTHM}) rhythm ON rhythm.partner_id = fact.partner_id
  LEFT JOIN ({CONTACTS_OF_THE_YEAR}) contact ON contact.partner_id = fact.partner_id
  JOIN crm_relationship relation
    ON relation.partner_id = fact.partner_id AND relation.company_id = fact.company_id
 WHERE (relation.revenue_12m_amount, relation.order_count_12m, relation.margin_12m_amount,
        relation.first_order_date, relation.last_order_date, relation.purchase_interval_days,
        relation.cost_to_serve_12m_amount, relation.health_score)
       IS DISTINCT FROM (COALESCE(fact.revenue, 0), fact.orders, rhythm.margin,
                         fact.first_date, fact.last_date, rhythm.days, contact.minutes, contact.persons);
CREATE TEMPORARY TABLE plain_basket ON COMMIT DROP AS {BASKETS};
ANALYZE plain_basket;
CREATE TEMPORARY TABLE plain_pair ON COMMIT DROP AS {PAIRS};
ANALYZE plain_pair;
SELECT COUNT(*) FROM ({SUGGESTIONS.replace("plain_relationship", "crm_relationship")})
       wanted (relationship_id, kind, product_id, state, date)
  LEFT JOIN crm_relationship_suggestion suggestion USING (relationship_id, kind, product_id)
 WHERE suggestion.id IS NULL
"""
