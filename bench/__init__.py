"""What the hall costs, measured on real parts."""
