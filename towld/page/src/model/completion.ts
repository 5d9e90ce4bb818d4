// What can be typed next: names of fields, and values that were seen of one.

import { fieldsOf, kLevels, type Entry } from "./entry";

export interface Completion {
  /** Where in the box it begins. */
  from: number;
  text: string;
  about: string;
}

const kKnown: [string, string][] = [
  ["level", "severity: err, >=warning, …"],
  ["sender", "who sent it"],
  ["unit", "systemd unit or service"],
  ["_msg", "the message"],
  ["_raw", "the text as it is stored"],
  ["_title", "of the file"],
  ["_time", "when it happened"],
  ["_received", "when it arrived"],
  ["_file", "UUID of the file"],
  ["_file_id", "number of the file"],
];
const kLookedAt = 300;
const kOffers = 8;

/** Of entries at both ends of what is there: enough to know what they are like. */
function sample(entries: Entry[]): Entry[] {
  return entries.length <= kLookedAt ? entries : [...entries.slice(0, kLookedAt / 2), ...entries.slice(-kLookedAt / 2)];
}

export const isPlainName = (name: string): boolean => /^[A-Za-z_][\w.]*$/.test(name);

/** A value as the language reads it. */
export const quoted = (text: string): string => (/^[\w.@/-]+$/.test(text) && !/^(and|or|not)$/i.test(text) && !text.startsWith("-") ? text : `"${text.replace(/["\\]/g, "\\$&")}"`);

export function complete(text: string, at: number, entries: Entry[]): Completion[] {
  const before = text.slice(0, at);
  const value = /(?:^|[\s(!-])([A-Za-z_][\w.]*):=?([\w.-]*)$/.exec(before);
  if (value) return values(value[1]!, value[2]!, at - value[2]!.length, entries);
  const name = /(?:^|[\s(!-])([A-Za-z_][\w.]*)$/.exec(before);
  if (!name) return [];
  const begin = name[1]!;
  const found = new Map<string, string>(kKnown);
  for (const entry of sample(entries)) for (const field of fieldsOf(entry)) if (isPlainName(field.name) && !found.has(field.name)) found.set(field.name, "field");
  return [...found]
    .filter(([known]) => known.toLowerCase().startsWith(begin.toLowerCase()) && known !== begin)
    .slice(0, kOffers)
    .map(([known, about]) => ({ from: at - begin.length, text: known + ":", about }));
}

function values(name: string, begin: string, from: number, entries: Entry[]): Completion[] {
  const counts = new Map<string, number>();
  if (name === "level") for (const level of kLevels) counts.set(level, 0);
  else
    for (const entry of sample(entries)) {
      const seen = name === "sender" ? [entry.sender] : fieldsOf(entry).flatMap((field) => (field.name === name ? [field.value] : []));
      for (const one of seen) if (one.length <= 80) counts.set(one, (counts.get(one) ?? 0) + 1);
    }
  return [...counts]
    .filter(([one]) => one.toLowerCase().startsWith(begin.toLowerCase()) && one !== begin)
    .sort((a, b) => b[1] - a[1])
    .slice(0, kOffers)
    .map(([one, times]) => ({ from, text: quoted(one), about: times > 0 ? `${times} seen` : "" }));
}
