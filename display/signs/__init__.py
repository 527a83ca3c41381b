"""LED signs over serial ports and TCP: what each shows (`shown`), how it is told (one file a family), and by whom."""
