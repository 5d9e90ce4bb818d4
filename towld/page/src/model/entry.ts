// An entry as the collector gives it, and what is read from it for the list: its message, level and fields.

/** 0 emergency … 7 debug, as syslog has them. */
export const kLevels = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

export interface Entry {
  /** FILE:ORDINAL, within this collector. */
  key: string;
  fileId: number;
  ordinal: number;
  fileUuid?: string;
  sender: string;
  /** RFC 3339, UTC, with as many digits as it needs. */
  time: string;
  /** The same with all nine digits: such times compare as texts. */
  timeKey: string;
  received: string;
  message: string;
  level?: number;
  hasFields: boolean;
  /** As it came: a line of JSON, kept for exports and for numbers to the digit. */
  line: string;
}

export interface Field {
  name: string;
  value: string;
}

type Bytes = string | number[];

/** What is not UTF-8 comes as an array of byte values. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (isBytes(value)) return bytesAsText(value);
  return value === undefined ? "" : JSON.stringify(value);
}

function isBytes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256);
}

/** What cannot be decoded is a U+FFFD; which bytes they were, the export has. */
function bytesAsText(bytes: number[]): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes));
}

function levelOf(fields: Record<string, unknown>): number | undefined {
  const priority = textOf(fields["PRIORITY"]);
  return /^[0-7]$/.test(priority) ? Number(priority) : undefined;
}

interface Wire {
  file_id: number;
  ordinal: number;
  file_uuid?: string;
  sender: Bytes;
  time: string;
  received: string;
  log_format: number;
  log_entry: Bytes;
}

export function readEntry(line: string): Entry {
  const wire = JSON.parse(line) as Wire;
  if (typeof wire.file_id !== "number") throw new Error("The collector's answer holds something else than entries");
  const stored = textOf(wire.log_entry);
  const entry: Entry = {
    key: `${wire.file_id}:${wire.ordinal}`,
    fileId: wire.file_id,
    ordinal: wire.ordinal,
    sender: textOf(wire.sender),
    time: wire.time,
    timeKey: wire.time.replace(/(?:\.(\d+))?Z$/, (_, digits: string | undefined) => `.${(digits ?? "").padEnd(9, "0")}Z`),
    received: wire.received,
    message: stored,
    hasFields: false,
    line,
  };
  if (wire.file_uuid) entry.fileUuid = wire.file_uuid;
  if (wire.log_format !== 1) return entry;
  try {
    const fields: unknown = JSON.parse(stored);
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return entry;
    const record = fields as Record<string, unknown>;
    entry.hasFields = true;
    if (record["MESSAGE"] !== undefined && record["MESSAGE"] !== null) entry.message = firstText(record["MESSAGE"]);
    const level = levelOf(record);
    if (level !== undefined) entry.level = level;
  } catch {
    // A text, then.
  }
  return entry;
}

/** A field that is there repeatedly is an array of its values: the first one. */
function firstText(value: unknown): string {
  return Array.isArray(value) && !isBytes(value) ? textOf(value[0]) : textOf(value);
}

/** A number that a double cannot hold stays as it was written. */
const exactly = (_name: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === "number" && context?.source !== undefined && String(value) !== context.source ? context.source : value;

/** All fields, in their order; the message is not among them. */
export function fieldsOf(entry: Entry): Field[] {
  if (!entry.hasFields) return [];
  const stored = textOf((JSON.parse(entry.line) as Wire).log_entry);
  const record = JSON.parse(stored, exactly) as Record<string, unknown>;
  const fields: Field[] = [];
  for (const [name, value] of Object.entries(record)) {
    if (name === "MESSAGE") continue;
    if (value === null) fields.push({ name, value: "(too large to be kept)" });
    // Fields of the journal are in capitals; theirs alone are bytes where they are arrays of numbers.
    else if (!/^[A-Z0-9_]+$/.test(name)) fields.push({ name, value: typeof value === "string" ? value : JSON.stringify(value) });
    else if (Array.isArray(value) && !isBytes(value) && value.every((one) => typeof one === "string" || isBytes(one)))
      for (const one of value) fields.push({ name, value: textOf(one) });
    else fields.push({ name, value: textOf(value) });
  }
  return fields;
}

/** UUID/ORDINAL, the same on every mirror; FILE:ORDINAL where the collector does not tell the file's UUID. */
export function addressOf(entry: Entry): string {
  return entry.fileUuid ? `${entry.fileUuid}/${entry.ordinal}` : entry.key;
}

export function msOf(time: string): number {
  return Date.parse(time.replace(/(\.\d{3})\d+/, "$1"));
}

export function levelName(level: number | undefined): string {
  return level === undefined ? "" : (kLevels[level] ?? "");
}

/** Newest first; of one time, the later stored first. */
export function byNewest(a: Entry, b: Entry): number {
  if (a.timeKey !== b.timeKey) return a.timeKey < b.timeKey ? 1 : -1;
  return b.fileId - a.fileId || b.ordinal - a.ordinal;
}
