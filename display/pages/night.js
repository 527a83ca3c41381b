// When a screen that runs for months may load itself anew: what a browser gathers in a day is then let go.

export const NIGHT_HOUR = 3; // by the hall's own clock
const SINCE_LAST = 6 * 60; // minutes

/** Nobody is called, the line stands, and it has not been done this night. */
export const mayRenew = ({ hour, minutesOpen, calls, up }) =>
  hour === NIGHT_HOUR && minutesOpen > SINCE_LAST && calls === 0 && up;
