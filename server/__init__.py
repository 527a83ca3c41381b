"""The truth of a hall: its tables and journal, one transaction a command, the API and the push."""
