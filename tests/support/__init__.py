"""What the tests in this folder share: an Odoo to command, a server to talk to, a browser."""
