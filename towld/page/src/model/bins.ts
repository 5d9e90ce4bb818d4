// Bins: how many entries there are in each piece of the time that is shown.

import { msOf, type Entry } from "./entry";

export interface Bins {
  startMs: number;
  stepMs: number;
  /** All, and of these the warnings and worse, the errors and worse; the latter two only if they were counted. */
  counts: number[];
  warnings?: number[];
  errors?: number[];
  /** The times between which the counts are those of all entries; undefined: nowhere known. */
  knownFromMs?: number;
  knownToMs?: number;
}

const kSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3, 7200e3,
  10800e3, 21600e3, 43200e3, 86400e3, 2 * 86400e3, 7 * 86400e3, 14 * 86400e3, 30 * 86400e3, 91 * 86400e3, 365 * 86400e3,
];

/** A step of those that people count in, so that there are at most `most` bins. */
export function stepFor(spanMs: number, most: number): number {
  return kSteps.find((step) => spanMs / step <= most) ?? Math.ceil(spanMs / most);
}

export function emptyBins(startMs: number, endMs: number, most: number): Bins {
  const stepMs = stepFor(Math.max(endMs - startMs, 1), most);
  const first = Math.floor(startMs / stepMs) * stepMs;
  const count = Math.max(1, Math.ceil((endMs - first) / stepMs));
  return { startMs: first, stepMs, counts: new Array<number>(count).fill(0) };
}

export function countInto(bins: Bins, entries: Entry[]): Bins {
  const counts = new Array<number>(bins.counts.length).fill(0);
  const warnings = counts.slice();
  const errors = counts.slice();
  for (const entry of entries) {
    const at = Math.floor((msOf(entry.time) - bins.startMs) / bins.stepMs);
    if (at < 0 || at >= counts.length) continue;
    counts[at]! += 1;
    if (entry.level !== undefined && entry.level <= 4) warnings[at]! += 1;
    if (entry.level !== undefined && entry.level <= 3) errors[at]! += 1;
  }
  return { ...bins, counts, warnings, errors };
}
