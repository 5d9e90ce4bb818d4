// What kinds of entries there are: how often each came, and one of them. With a time, those that did not come before it.

import { useEffect, useState } from "preact/hooks";
import { count, entries } from "../model/text";
import { kFirstView, printLink } from "../model/view";
import type { PatternsFound } from "./use_patterns";
import { VisibleText } from "./visible_text";

const kShownPatterns = 200;
const kPresets: [string, string][] = [["Any time", ""], ["Last hour", "-1h"], ["Last 24 hours", "-24h"], ["Last 7 days", "-7d"]];

/** What varies stands out from what was said; a pattern that is no UTF-8 comes as bytes. */
function PatternText({ pattern }: { pattern: string | number[] }) {
  const text = typeof pattern === "string" ? pattern : new TextDecoder().decode(new Uint8Array(pattern));
  return <>{text.split("<*>").map((part, i) => <>{i > 0 && <i class="varies">&lt;*&gt;</i>}<VisibleText text={part} /></>)}</>;
}

export function PatternsPane(props: { found: PatternsFound; fresh: string; onFresh(fresh: string): void }) {
  const { found, fresh } = props;
  const [text, setText] = useState(fresh);
  const [shown, setShown] = useState(kShownPatterns);
  useEffect(() => setText(fresh), [fresh]);
  useEffect(() => setShown(kShownPatterns), [found.patterns]);
  const all = found.patterns;
  const rows = all?.rows ?? [];
  const most = rows[0]?.count ?? 1;
  const sum = rows.reduce((total, row) => total + row.count, 0);
  const lacks = all && [
    all.more && `${count(all.more)} rarer patterns are not shown`,
    all.others && `${entries(all.others)} have patterns of their own, more than the collector keeps`,
    all.not_looked_at && `${entries(all.not_looked_at)} were not looked at: the collector's time for a question was over`,
  ].filter((one): one is string => typeof one === "string");
  const preset = (name: string, value: string) => <button type="button" key={value} aria-pressed={fresh === value} onClick={() => props.onFresh(value)}>{name}</button>;
  return (
    <section class="pane" aria-label="Patterns" tabIndex={0}>
      <form
        class="presets"
        onSubmit={(event) => {
          event.preventDefault();
          props.onFresh(text.trim());
        }}
      >
        <label class="check" for="fresh">New since</label>
        {kPresets.map(([name, value]) => preset(name, value))}
        <input id="fresh" value={text} placeholder="-2h, 2026-01-17 14:30" onInput={(event) => setText(event.currentTarget.value)} />
        <button type="submit">Apply</button>
      </form>
      <p class="muted" role="status">
        {!all ? (found.problem ? "" : "Looking for patterns…") : rows.length === 0 ? (fresh ? "Nothing came since then that had not come before" : "There are no entries") : `${count(rows.length)} ${rows.length === 1 ? "pattern" : "patterns"} of ${entries(sum)}${fresh ? ", none of which came before" : ""}`}
        {lacks?.map((one) => <>. <b>{one}</b></>)}
      </p>
      {all?.errors && <ul class="error" role="alert"><li>Not everything could be read: the figures lack it</li>{all.errors.map((part) => <li key={part}>{part}</li>)}</ul>}
      {rows.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of patterns">
          <table class="table patterns" id="patterns">
            <thead><tr><th class="number">Entries</th><th><span class="hidden">Compared</span></th><th>Pattern</th><th>Example</th></tr></thead>
            <tbody>
              {rows.slice(0, shown).map((row) => {
                const address = row.example.replace("towl://", "");
                return (
                  <tr key={row.example}>
                    <td class="number">{count(row.count)}</td>
                    <td><span class="measured" style={{ width: `${Math.max(1, (row.count / most) * 90)}px` }} /></td>
                    <td class="pattern"><PatternText pattern={row.pattern} /></td>
                    <td><a href={printLink({ ...kFirstView, pane: "entry", address })} aria-label={`Show entry ${address}`}>Show</a></td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {rows.length > shown && <p><button type="button" onClick={() => setShown(shown + kShownPatterns)}>Show more: {count(rows.length - shown)} patterns are not shown</button></p>}
    </section>
  );
}
