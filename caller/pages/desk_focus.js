// What has just been opened has the focus: its keys act, and a screen reader begins there.
import { useLayoutEffect, useRef } from "preact/hooks";

// A ref for what takes the focus whenever `key` becomes another.
export function useFocusOn(key) {
  const own = useRef(null);
  useLayoutEffect(() => own.current.focus({ preventScroll: true }), [key]);
  return own;
}
