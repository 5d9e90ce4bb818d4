// Inputs, outputs and the collector itself, with what they count.

import { useEffect, useState } from "preact/hooks";
import { isAbort, messageOf, MissingEndpoint } from "../api/client";
import { takeFigures, type Figures } from "../api/metrics";
import { count, size } from "../model/text";
import { VisibleText } from "./visible_text";

const kRefreshMs = 3000;

interface Taken {
  now: Figures;
  before?: Figures;
}

function rate(taken: Taken, name: string, labels: Record<string, string>): string {
  const { now, before } = taken;
  if (!before) return "";
  const seconds = (now.takenMs - before.takenMs) / 1000;
  const more = (now.value(name, labels) ?? 0) - (before.value(name, labels) ?? 0);
  // Fewer than before: the collector was started anew.
  return more < 0 || seconds <= 0 ? "" : (more / seconds).toFixed(more / seconds < 10 ? 1 : 0);
}

const kInput: [string, string][] = [
  ["Received", "towl_entries_received_total"],
  ["Stored", "towl_entries_stored_total"],
  ["Rejected", "towl_entries_rejected_total"],
  ["Dropped", "towl_entries_dropped_total"],
  ["Not parsed", "towl_parse_failures_total"],
  ["Cut", "towl_entries_cut_total"],
  ["Lost in source", "towl_entries_lost_in_source_total"],
];
const kBad = new Set(["Rejected", "Dropped", "Lost in source"]);

function Inputs({ taken }: { taken: Taken }) {
  const names = taken.now.labelsOf("towl_entries_received_total", "input");
  if (names.length === 0) return <p>There are no inputs.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of inputs">
      <table class="table">
        <thead><tr><th>Input</th><th class="number">Per second</th>{kInput.map(([title]) => <th class="number" key={title}>{title}</th>)}<th class="number">Queued</th><th class="number">Bytes</th><th class="number">Not read yet</th></tr></thead>
        <tbody>
          {names.map((input) => {
            const value = (name: string) => taken.now.value(name, { input }) ?? 0;
            const queued = value("towl_entries_received_total") - value("towl_entries_stored_total") - value("towl_entries_rejected_total") - value("towl_entries_dropped_total");
            const lag = taken.now.value("towl_file_lag_bytes", { input });
            return (
              <tr key={input}>
                <th scope="row"><VisibleText text={input} /></th>
                <td class="number">{rate(taken, "towl_entries_received_total", { input })}</td>
                {kInput.map(([title, name]) => <td key={title} class={kBad.has(title) && value(name) > 0 ? "number bad" : "number"}>{count(value(name))}</td>)}
                <td class="number">{count(Math.max(0, queued))}</td>
                <td class="number">{size(value("towl_input_bytes_total"))}</td>
                <td class="number">{lag === undefined ? "" : size(lag)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Outputs({ taken }: { taken: Taken }) {
  const names = taken.now.labelsOf("towl_output_connected", "output");
  if (names.length === 0) return <p>There are no outputs: entries stay here until mirrors fetch them.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Table of outputs">
      <table class="table">
        <thead><tr><th>Output</th><th>State</th><th class="number">Per second</th><th class="number">Sent entries</th><th class="number">Sent bytes</th><th class="number">Failures</th><th class="number">To be sent</th><th class="number">Bytes to be sent</th></tr></thead>
        <tbody>
          {names.map((output) => {
            const value = (name: string) => taken.now.value(name, { output }) ?? 0;
            const connected = value("towl_output_connected") > 0;
            return (
              <tr key={output}>
                <th scope="row"><VisibleText text={output} /></th>
                <td class={connected ? "" : "bad"}>{connected ? "connected" : "not connected"}</td>
                <td class="number">{rate(taken, "towl_output_sent_entries_total", { output })}</td>
                <td class="number">{count(value("towl_output_sent_entries_total"))}</td>
                <td class="number">{size(value("towl_output_sent_bytes_total"))}</td>
                <td class={value("towl_output_failures_total") > 0 ? "number bad" : "number"}>{count(value("towl_output_failures_total"))}</td>
                <td class="number">{count(value("towl_output_backlog_entries"))}</td>
                <td class="number">{size(value("towl_output_backlog_bytes"))}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Collector({ taken }: { taken: Taken }) {
  const { now } = taken;
  const value = (name: string, labels?: Record<string, string>) => now.value(name, labels) ?? 0;
  const up = Date.now() / 1000 - value("process_start_time_seconds");
  const days = Math.floor(up / 86400);
  const facts: [string, string][] = [
    ["Version", now.labelsOf("towl_build_info", "version")[0] ?? ""],
    ["Up", `${days > 0 ? `${days} d ` : ""}${Math.floor((up % 86400) / 3600)} h ${Math.floor((up % 3600) / 60)} min`],
    ["Memory", size(value("process_resident_memory_bytes"))],
    ["CPU", `${value("process_cpu_seconds_total").toFixed(1)} s since the start`],
    ["Queue", `${size(value("towl_queue_bytes"))} of ${size(value("towl_queue_limit_bytes"))}`],
    ["Store", `${size(value("towl_store_size_bytes"))}, ${count(value("towl_store_files"))} ${value("towl_store_files") === 1 ? "file" : "files"}`],
    ["Entries stored since the start", `${count(value("towl_ingest_stored_total"))} (${rate(taken, "towl_ingest_stored_total", {}) || "…"} per second)`],
    ["HTTP connections", `${count(value("towl_http_connections"))}, ${count(value("towl_http_connections_refused_total"))} refused`],
  ];
  return <dl class="facts">{facts.map(([name, text]) => <div key={name}><dt>{name}</dt><dd>{text}</dd></div>)}</dl>;
}

export function Parts(props: { onError(error: unknown): void }) {
  const [taken, setTaken] = useState<Taken | undefined>(undefined);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    const refresh = async () => {
      try {
        const now = await takeFigures(abort.signal);
        setTaken((last) => (last ? { now, before: last.now } : { now }));
        setProblem("");
      } catch (error) {
        if (isAbort(error)) return;
        if (error instanceof MissingEndpoint) return setProblem("This is a mirror, which has no inputs and outputs: its collector's page shows them");
        setProblem(messageOf(error));
        props.onError(error);
      }
    };
    void refresh();
    const timer = setInterval(() => void refresh(), kRefreshMs);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, []);
  return (
    <section class="pane" aria-label="Inputs and outputs" tabIndex={0}>
      {problem && <p class="error" role="alert">{problem}{taken && ". What is shown is how it was before"}</p>}
      {taken && (
        <>
          <h2>Inputs</h2>
          <Inputs taken={taken} />
          <h2>Outputs</h2>
          <Outputs taken={taken} />
          <h2>Collector</h2>
          <Collector taken={taken} />
        </>
      )}
    </section>
  );
}
