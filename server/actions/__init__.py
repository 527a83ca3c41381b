"""What may be done in a hall: each action changes rows and leaves events, inside one transaction."""
