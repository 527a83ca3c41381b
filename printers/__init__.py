"""Paper: the slip as data, drawn to a picture or to ESC/POS bytes, sent to a printer that must answer for it."""
