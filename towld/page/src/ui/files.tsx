// The collector's files, and who is fetching them.

import { useEffect, useState } from "preact/hooks";
import { isAbort, messageOf } from "../api/client";
import { listFiles, type FileInfo } from "../api/files";
import { takeFigures, type Figures } from "../api/metrics";
import { count, size } from "../model/text";
import { showTime } from "../model/time";
import { VisibleText } from "./visible_text";

const kRefreshMs = 3000;
const kShownFiles = 500;

export function Files(props: { utc: boolean; onError(error: unknown): void; onShow(file: FileInfo): void }) {
  const [files, setFiles] = useState<FileInfo[] | undefined>(undefined);
  const [figures, setFigures] = useState<Figures | undefined>(undefined);
  const [problem, setProblem] = useState("");
  const [shown, setShown] = useState(kShownFiles);
  useEffect(() => {
    const abort = new AbortController();
    const refresh = async () => {
      try {
        setFiles((await listFiles(0, abort.signal)).reverse());
        setProblem("");
        setFigures(await takeFigures(abort.signal).catch(() => undefined));
      } catch (error) {
        if (isAbort(error)) return;
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
  const time = (text: string | undefined) => (text ? showTime(text, props.utc) : "");
  const entries = files?.reduce((sum, file) => sum + file.count, 0) ?? 0;
  const bytes = files?.reduce((sum, file) => sum + file.size, 0) ?? 0;
  return (
    <section class="pane" aria-label="Files" tabIndex={0}>
      <h2>Files</h2>
      {problem && <p class="error" role="alert">{problem}{files && ". What is shown is how it was before"}</p>}
      {files && (
        <p>
          {count(files.length)} {files.length === 1 ? "file" : "files"}, {count(entries)} entries that are synced to disk, {size(bytes)}.
          {figures && ` Mirrors: ${count(figures.value("towl_pulls_active") ?? 0)} fetching now, ${count(figures.value("towl_followers") ?? 0)} of them following; ${count(figures.value("towl_pulls_total") ?? 0)} pulls and ${size(figures.value("towl_pulled_bytes_total") ?? 0)} sent since the start.`}
        </p>
      )}
      {files && files.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table of files">
          <table class="table">
            <thead><tr><th>ID</th><th>Title</th><th>State</th><th class="number">Entries</th><th class="number">Size</th><th class="number">Format</th><th>First received</th><th>Last received</th><th></th></tr></thead>
            <tbody>
              {files.slice(0, shown).map((file) => (
                <tr key={file.file_id}>
                  <td>{file.file_id}</td>
                  <td><VisibleText text={file.org ? `${file.org} / ${file.title}` : file.title} /></td>
                  <td><span class={`state ${file.state}`}>{file.state}</span></td>
                  <td class="number">{count(file.count)}</td>
                  <td class="number">{size(file.size)}</td>
                  <td class="number">{file.format_version}</td>
                  <td>{time(file.first)}</td>
                  <td>{time(file.last)}</td>
                  <td>{file.count > 0 && <button type="button" class="small" aria-label={`Open the beginning of file ${file.file_id}`} onClick={() => props.onShow(file)}>Open</button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {files && files.length > shown && <p><button type="button" onClick={() => setShown(shown + kShownFiles)}>Show more: {count(files.length - shown)} files are not shown</button></p>}
      {files?.length === 0 && <p>There are no files yet: nothing was stored.</p>}
    </section>
  );
}
