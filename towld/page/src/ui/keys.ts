import { useEffect, useRef } from "preact/hooks";

export type Keys = Record<string, (() => void) | undefined>;

const kTyping = "input, textarea, select";
const kPressed = "button, a, summary, input, select, dialog";

/** Calls what stands for a key, unless somebody is typing, a dialog is open, or the key belongs to the browser. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as Element;
      if (target.closest(kTyping) && event.key !== "Escape") return;
      if (document.querySelector("dialog[open]")) return;
      if ((event.key === "Enter" || event.key === " ") && target.closest(kPressed)) return;
      const action = current.current[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}
