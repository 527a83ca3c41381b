"""What every room shares: the words, the rules and the wording of a hall, with no input or output."""
