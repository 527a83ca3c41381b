"""Keys of keyboards and keypads by the names that Linux gives them (linux/input-event-codes.h)."""

_ROWS = {
    1: "ESC 1 2 3 4 5 6 7 8 9 0 MINUS EQUAL BACKSPACE TAB Q W E R T Y U I O P LEFTBRACE RIGHTBRACE ENTER LEFTCTRL",
    30: "A S D F G H J K L SEMICOLON APOSTROPHE GRAVE LEFTSHIFT BACKSLASH Z X C V B N M COMMA DOT SLASH RIGHTSHIFT",
    55: "KPASTERISK LEFTALT SPACE CAPSLOCK F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NUMLOCK SCROLLLOCK KP7 KP8 KP9 KPMINUS",
    75: "KP4 KP5 KP6 KPPLUS KP1 KP2 KP3 KP0 KPDOT",
    87: "F11 F12",
    96: "KPENTER RIGHTCTRL KPSLASH",
    102: "HOME UP PAGEUP LEFT RIGHT END DOWN PAGEDOWN INSERT DELETE",
    113: "MUTE VOLUMEDOWN VOLUMEUP",
    117: "KPEQUAL KPPLUSMINUS PAUSE",
    121: "KPCOMMA",
    163: "NEXTSONG PLAYPAUSE PREVIOUSSONG STOPCD",
    179: "KPLEFTPAREN KPRIGHTPAREN",
    183: "F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24",
}
"""{code of the first: names in order}."""

KEY_CODES: dict[str, int] = {
    f"KEY_{name}": first + place for first, row in _ROWS.items() for place, name in enumerate(row.split())
}
KEY_NAMES: dict[int, str] = {code: name for name, code in KEY_CODES.items()}
