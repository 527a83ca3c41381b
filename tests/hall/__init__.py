"""The words, rules and wording of the hall."""
