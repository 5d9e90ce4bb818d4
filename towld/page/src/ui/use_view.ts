import { useCallback, useEffect, useState } from "preact/hooks";
import { printLink, readLink, type View } from "../model/view";

export type SetView = (change: Partial<View>, replace?: boolean) => void;

/** The view that the link says; a change is a new step of the browser's history, unless it replaces the last one. */
export function useView(): [View, SetView] {
  const [view, setView] = useState(() => readLink(location.hash));
  useEffect(() => {
    const changed = () => setView(readLink(location.hash));
    addEventListener("popstate", changed);
    addEventListener("hashchange", changed);
    return () => {
      removeEventListener("popstate", changed);
      removeEventListener("hashchange", changed);
    };
  }, []);
  const change = useCallback<SetView>((part, replace) => {
    const next = { ...readLink(location.hash), ...part };
    const link = printLink(next);
    if (link === printLink(readLink(location.hash))) return;
    if (replace) history.replaceState(null, "", link);
    else history.pushState(null, "", link);
    setView(next);
  }, []);
  return [view, change];
}
