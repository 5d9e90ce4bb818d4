// The view: what is asked and how it is shown. It is the part of the link after the `#`, which browsers send to nobody.

export type Pane = "results" | "live" | "entry" | "patterns" | "files" | "parts";

export interface View {
  pane: Pane;
  query: string;
  level: string;
  from: string;
  to: string;
  order: "newest" | "oldest";
  utc: boolean;
  /** Of pane `patterns`: only those that did not come before this expression of time; "" is all. */
  fresh: string;
  /** Of pane `entry`: UUID/ORDINAL or FILE:ORDINAL. */
  address: string;
}

export const kFirstView: View = { pane: "results", query: "", level: "", from: "", to: "", order: "newest", utc: false, fresh: "", address: "" };

const kPanes: Pane[] = ["results", "live", "entry", "patterns", "files", "parts"];

export function readLink(hash: string): View {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const pane = values.get("pane") as Pane | null;
  const address = values.get("entry") ?? "";
  return {
    pane: address ? "entry" : pane && kPanes.includes(pane) && pane !== "entry" ? pane : "results",
    query: values.get("query") ?? "",
    level: values.get("level") ?? "",
    from: values.get("from") ?? "",
    to: values.get("to") ?? "",
    order: values.get("order") === "oldest" ? "oldest" : "newest",
    utc: values.get("zone") === "utc",
    fresh: values.get("new") ?? "",
    address,
  };
}

export function printLink(view: View): string {
  const values = new URLSearchParams();
  if (view.pane === "entry") values.set("entry", view.address);
  else if (view.pane !== "results") values.set("pane", view.pane);
  if (view.query) values.set("query", view.query);
  if (view.level) values.set("level", view.level);
  if (view.from) values.set("from", view.from);
  if (view.to) values.set("to", view.to);
  if (view.order !== "newest") values.set("order", view.order);
  if (view.utc) values.set("zone", "utc");
  if (view.pane === "patterns" && view.fresh) values.set("new", view.fresh);
  const text = values.toString();
  return text ? "#" + text : "#";
}

/** Of one line alone, wherever it is opened. */
export function permalink(address: string, base: string): string {
  return base.replace(/#.*$/, "") + printLink({ ...kFirstView, pane: "entry", address });
}
