// The range of time: the usual ones at a key, any other as two expressions.

import { useEffect, useRef, useState } from "preact/hooks";
import { collectorNow } from "../api/client";
import { boundsOf, kPresets, nameOfRange, type Range } from "../model/time";

export function TimeRange(props: { range: Range; utc: boolean; onChange(range: Range): void; onZone(utc: boolean): void }) {
  const { range, utc } = props;
  const details = useRef<HTMLDetailsElement>(null);
  const [from, setFrom] = useState(range.from);
  const [to, setTo] = useState(range.to);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    setFrom(range.from);
    setTo(range.to);
    setWrong("");
  }, [range.from, range.to]);

  const take = (taken: Range) => {
    const bounds = boundsOf(taken, collectorNow(), utc);
    if (typeof bounds === "string") return setWrong(bounds);
    details.current!.open = false;
    details.current!.querySelector("summary")!.focus();
    props.onChange(taken);
  };
  return (
    <details
      class="menu"
      ref={details}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        details.current!.open = false;
        details.current!.querySelector("summary")!.focus();
      }}
    >
      <summary id="time" title="Time range (t)">{nameOfRange(range, utc, collectorNow())}</summary>
      <div class="panel">
        <div class="presets">
          {kPresets.map((preset) => (
            <button type="button" key={preset.name} aria-pressed={range.from === preset.from && range.to === ""} onClick={() => take({ from: preset.from, to: "" })}>
              {preset.name}
            </button>
          ))}
        </div>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            take({ from: from.trim(), to: to.trim() });
          }}
        >
          <label>From <input value={from} placeholder="-2h, today, 2026-01-17 14:30" onInput={(event) => setFrom(event.currentTarget.value)} /></label>
          <label>To <input value={to} placeholder="now" onInput={(event) => setTo(event.currentTarget.value)} /></label>
          {wrong && <p class="error" role="alert">{wrong}</p>}
          <button type="submit" class="primary">Apply</button>
        </form>
        <label class="check"><input type="checkbox" checked={utc} onChange={(event) => props.onZone(event.currentTarget.checked)} /> Times in UTC</label>
      </div>
    </details>
  );
}
