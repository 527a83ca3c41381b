"""Paper: the slip as data, as a picture, as ESC/POS bytes, and printers that must answer for it."""
