from . import fcr, portal, review, ticket, ticket_page
