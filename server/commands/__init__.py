"""Commands that start the rooms as processes and speak to them as any device would."""
