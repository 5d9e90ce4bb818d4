import { useEffect, useState } from "preact/hooks";
import { keep, kept } from "../model/kept";

export type Theme = "system" | "light" | "dark";

const kKey = "towl-theme";

function stored(): Theme {
  const theme = kept("browser", kKey);
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** The theme, what it is on this screen, and how to change to the next one. */
export function useTheme(): [Theme, string, () => void] {
  const [theme, setTheme] = useState<Theme>(stored);
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const changed = () => setDark(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  // Before anything is drawn in its colours.
  document.documentElement.dataset["theme"] = theme;
  const next = () =>
    setTheme((before) => {
      const after = before === "system" ? (dark ? "light" : "dark") : before === "dark" ? "light" : "dark";
      const chosen: Theme = (after === "dark") === dark ? "system" : after;
      keep("browser", kKey, chosen);
      return chosen;
    });
  return [theme, theme === "system" ? (dark ? "dark" : "light") : theme, next];
}
