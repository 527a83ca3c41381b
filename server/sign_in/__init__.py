"""People and their accounts: passwords, the second factor, other identity providers, sessions."""
