// The histogram. Dragging over it zooms; where the counts are not known it is hatched and says so.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Bins } from "../model/bins";
import { count } from "../model/text";
import { rfc3339, showMs, showTime } from "../model/time";

interface Properties {
  bins: Bins;
  utc: boolean;
  /** Changes with the colours. */
  theme: string;
  onZoom(startMs: number, endMs: number): void;
}

const kHeight = 96;

/** What a custom property is as a colour: light-dark() is resolved only where it is used. */
function used(name: string): string {
  const probe = document.getElementById("colors")!;
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

function hatch(u: uPlot, fromMs: number, toMs: number): void {
  const { ctx, bbox } = u;
  const left = Math.max(bbox.left, u.valToPos(fromMs / 1000, "x", true));
  const right = Math.min(bbox.left + bbox.width, u.valToPos(toMs / 1000, "x", true));
  if (right - left < 2) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  ctx.clip();
  ctx.strokeStyle = used("--line");
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = left - bbox.height; x < right; x += 9 * devicePixelRatio) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  if (right - left > 110 * devicePixelRatio) {
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    const middle = [(left + right) / 2, bbox.top + bbox.height / 2] as const;
    const width = ctx.measureText("not counted yet").width + 12 * devicePixelRatio;
    ctx.fillStyle = used("--ground");
    ctx.fillRect(middle[0] - width / 2, middle[1] - 10 * devicePixelRatio, width, 20 * devicePixelRatio);
    ctx.fillStyle = used("--muted");
    ctx.fillText("not counted yet", ...middle);
  }
  ctx.restore();
}

/** "14:30", with seconds where ticks are close, and the date at the first tick of a day. */
function tickText(tick: number, before: number | undefined, stepSeconds: number, utc: boolean): string {
  const text = showTime(rfc3339(tick * 1000), utc);
  const day = text.slice(0, 10);
  if (stepSeconds >= 86400) return day;
  if (before !== undefined && showTime(rfc3339(before * 1000), utc).slice(0, 10) !== day) return day.slice(5) + text.slice(10, 16);
  return stepSeconds < 1 ? text.slice(14) : stepSeconds < 60 ? text.slice(11, 19) : text.slice(11, 16);
}

function options(width: number, properties: { current: Properties }): uPlot.Options {
  const muted = used("--muted");
  const axis = { stroke: muted, grid: { stroke: used("--line"), width: 1 }, ticks: { stroke: used("--line"), width: 1, size: 4 }, font: "11px system-ui, sans-serif" };
  const bars = uPlot.paths.bars!({ size: [0.9, 60], align: 1 });
  const series = (name: string): uPlot.Series => ({ paths: bars, fill: used(name), stroke: used(name), width: 0, points: { show: false } });
  return {
    width,
    height: kHeight,
    ms: 1e-3,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    padding: [6, 8, 0, 0],
    tzDate: (seconds) => {
      const date = new Date(seconds * 1000);
      return properties.current.utc ? uPlot.tzDate(date, "Etc/UTC") : date;
    },
    scales: {
      x: { time: true, range: () => [properties.current.bins.startMs / 1000, (properties.current.bins.startMs + properties.current.bins.stepMs * properties.current.bins.counts.length) / 1000] },
      y: { range: (_, __, most) => [0, Math.max(most, 1) * 1.05] },
    },
    axes: [
      { ...axis, size: 24, gap: 2, space: 74, values: (_, ticks, __, ___, step) => ticks.map((tick, i) => tickText(tick, ticks[i - 1], step, properties.current.utc)) },
      { ...axis, size: 46, gap: 3, space: 26, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 1e8], values: (_, ticks) => ticks.map((tick) => (tick >= 1e6 ? tick / 1e6 + "M" : tick >= 1e3 ? tick / 1e3 + "k" : String(tick))) },
    ],
    series: [{}, series("--bar"), series("--warning"), series("--error")],
    hooks: {
      draw: [
        (u) => {
          const { bins } = properties.current;
          const end = bins.startMs + bins.stepMs * bins.counts.length;
          if (bins.knownFromMs === undefined || bins.knownToMs === undefined) return hatch(u, bins.startMs, end);
          hatch(u, bins.startMs, bins.knownFromMs);
          hatch(u, bins.knownToMs, end);
        },
      ],
      setSelect: [
        (u) => {
          if (u.select.width < 3) return;
          const from = u.posToVal(u.select.left, "x") * 1000;
          const to = u.posToVal(u.select.left + u.select.width, "x") * 1000;
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          properties.current.onZoom(Math.round(from), Math.round(to));
        },
      ],
    },
  };
}

function dataOf(bins: Bins): uPlot.AlignedData {
  const none = bins.counts.map(() => null);
  return [bins.counts.map((_, i) => (bins.startMs + i * bins.stepMs) / 1000), bins.counts, bins.warnings ?? none, bins.errors ?? none];
}

export function Chart(properties: Properties) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const current = useRef(properties);
  current.current = properties;

  useEffect(() => {
    const element = box.current!;
    const made = new uPlot(options(element.clientWidth, current), dataOf(current.current.bins), element);
    plot.current = made;
    const watch = new ResizeObserver(() => element.isConnected && made.setSize({ width: element.clientWidth, height: kHeight }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [properties.theme, properties.utc]);

  useEffect(() => plot.current?.setData(dataOf(properties.bins)), [properties.bins]);

  const { bins, utc } = properties;
  const total = bins.counts.reduce((sum, one) => sum + one, 0);
  const end = bins.startMs + bins.stepMs * bins.counts.length;
  const label = `Entries over time: ${count(total)} counted from ${showMs(bins.startMs, utc)} to ${showMs(end, utc)}. Drag to zoom; keys: + and - zoom, [ and ] move.`;
  return <div class="chart" role="img" aria-label={label} ref={box} />;
}
