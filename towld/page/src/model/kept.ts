// What a browser keeps for this page, where it lets it; where it does not, nothing is kept, and nothing breaks.

type Where = "tab" | "browser";

function store(where: Where): Storage | undefined {
  try {
    return where === "tab" ? sessionStorage : localStorage;
  } catch {
    return undefined;
  }
}

export const kept = (where: Where, name: string): string => store(where)?.getItem(name) ?? "";

/** "" keeps nothing. */
export function keep(where: Where, name: string, value: string): void {
  try {
    if (value) store(where)?.setItem(name, value);
    else store(where)?.removeItem(name);
  } catch {
    // It is full, or not allowed.
  }
}
