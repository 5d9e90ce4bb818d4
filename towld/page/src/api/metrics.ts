// Prometheus' text format, as far as the page needs it: names, labels, values.

import { ask } from "./client";

export class Figures {
  private readonly values = new Map<string, { labels: Record<string, string>; value: number }[]>();
  constructor(
    text: string,
    readonly takenMs: number,
  ) {
    for (const line of text.split("\n")) {
      const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
      if (!match) continue;
      const labels: Record<string, string> = {};
      for (const label of (match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
        labels[label[1]!] = label[2]!.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
      const list = this.values.get(match[1]!) ?? [];
      list.push({ labels, value: Number(match[3]) });
      this.values.set(match[1]!, list);
    }
  }

  /** The sum of what has these labels; undefined if there is none. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    const found = (this.values.get(name) ?? []).filter((one) => Object.entries(labels).every(([key, value]) => one.labels[key] === value));
    return found.length === 0 ? undefined : found.reduce((sum, one) => sum + one.value, 0);
  }

  labelsOf(name: string, label: string): string[] {
    return [...new Set((this.values.get(name) ?? []).flatMap((one) => one.labels[label] ?? []))];
  }
}

export async function takeFigures(signal?: AbortSignal): Promise<Figures> {
  const response = await ask("metrics", signal ? { signal } : {});
  return new Figures(await response.text(), performance.now());
}
