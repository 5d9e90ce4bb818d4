// Times as people write them (a part of what towlctl's -S takes), and as they are shown.

const kUnits: Record<string, number> = {
  ms: 1, s: 1e3, sec: 1e3, second: 1e3, m: 60e3, min: 60e3, minute: 60e3, h: 3600e3, hr: 3600e3, hour: 3600e3,
  d: 86400e3, day: 86400e3, w: 7 * 86400e3, week: 7 * 86400e3, month: 30.44 * 86400e3, y: 365.25 * 86400e3, year: 365.25 * 86400e3,
};

function span(text: string): number | undefined {
  let total = 0;
  let rest = text.trim();
  if (rest === "") return undefined;
  while (rest !== "") {
    const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)\s*/.exec(rest);
    if (!match) return undefined;
    const name = match[2] || "s";
    const unit = kUnits[name] ?? kUnits[name.replace(/s$/, "")];
    if (unit === undefined) return undefined;
    total += Number(match[1]) * unit;
    rest = rest.slice(match[0].length);
  }
  return total;
}

/** Milliseconds since the epoch, or undefined for what is not understood. Without a zone it is this machine's, or UTC. */
export function parseTime(text: string, now: number, utc: boolean): number | undefined {
  const trimmed = text.trim();
  const lower = trimmed.toLowerCase();
  if (lower === "now") return now;
  if (lower === "today") return midnight(now, 0, utc);
  if (lower === "yesterday") return midnight(now, -1, utc);
  if (lower === "tomorrow") return midnight(now, 1, utc);
  if (/^@\d+(\.\d+)?$/.test(lower)) return Number(lower.slice(1)) * 1000;
  const relative = /^([-+])(.+)$/.exec(lower) ?? undefined;
  if (relative) {
    const length = span(relative[2]!);
    return length === undefined ? undefined : now + (relative[1] === "-" ? -length : length);
  }
  if (lower.endsWith(" ago")) {
    const length = span(lower.slice(0, -4));
    return length === undefined ? undefined : now - length;
  }
  const date = /^(\d{4}-\d\d-\d\d)(?:[t ](\d\d:\d\d)(:\d\d(?:[.,]\d+)?)?)?\s*(z|utc|[+-]\d\d:?\d\d)?$/i.exec(trimmed);
  if (!date) return undefined;
  const seconds = (date[3] ?? ":00").replace(",", ".").replace(/(\.\d{3})\d+/, "$1");
  let zone = (date[4] ?? (utc ? "Z" : "")).toUpperCase().replace("UTC", "Z");
  if (/^[+-]\d{4}$/.test(zone)) zone = zone.slice(0, 3) + ":" + zone.slice(3);
  const ms = Date.parse(`${date[1]}T${date[2] ?? "00:00"}${seconds}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

function midnight(now: number, days: number, utc: boolean): number {
  const date = new Date(now);
  if (utc) return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + days);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

export const rfc3339 = (ms: number): string => new Date(ms).toISOString();

const two = (number: number): string => String(number).padStart(2, "0");

/** "2026-01-17 14:30:05.123" in the zone that is shown. */
export function showTime(time: string, utc: boolean): string {
  const ms = Date.parse(time.replace(/(\.\d{3})\d+/, "$1"));
  if (Number.isNaN(ms)) return time;
  if (utc) return new Date(ms).toISOString().replace("T", " ").slice(0, 23);
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${clock}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Without fractions that say nothing: for ranges. */
export function showMs(ms: number, utc: boolean): string {
  return showTime(rfc3339(ms), utc).replace(/\.000$/, "").replace(/:00$/, "");
}

export interface Range {
  /** Expressions; "" is no bound. */
  from: string;
  to: string;
}

export interface Bounds {
  start?: number;
  end?: number;
}

export const kPresets: { name: string; from: string }[] = [
  { name: "Last 15 minutes", from: "-15min" },
  { name: "Last hour", from: "-1h" },
  { name: "Last 6 hours", from: "-6h" },
  { name: "Last 24 hours", from: "-24h" },
  { name: "Last 7 days", from: "-7d" },
  { name: "Last 30 days", from: "-30d" },
  { name: "All time", from: "" },
];

export function nameOfRange(range: Range, utc: boolean, now: number): string {
  if (range.to === "") {
    const preset = kPresets.find((one) => one.from === range.from);
    if (preset) return preset.name;
  }
  const show = (text: string): string => {
    if (!/^\d{4}-/.test(text)) return text;
    const ms = parseTime(text, now, utc);
    return ms === undefined ? text : showMs(ms, utc);
  };
  if (range.to === "") return `since ${show(range.from)}`;
  if (range.from === "") return `until ${show(range.to)}`;
  return `${show(range.from)} – ${show(range.to)}`;
}

/** The bounds in milliseconds, or what is wrong with them. */
export function boundsOf(range: Range, now: number, utc: boolean): Bounds | string {
  const bounds: Bounds = {};
  for (const [text, which] of [[range.from, "start"], [range.to, "end"]] as const) {
    if (text === "") continue;
    const ms = parseTime(text, now, utc);
    if (ms === undefined) return `“${text}” is not a time. Examples: -1h, 2h ago, today, 2026-01-17 14:30, 2026-01-17T14:30:00Z, @1768660200`;
    bounds[which] = ms;
  }
  if (bounds.start !== undefined && bounds.end !== undefined && bounds.start >= bounds.end) return "The range ends before it begins";
  return bounds;
}
