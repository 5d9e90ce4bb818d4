// Requests to the collector that served the page, and what they need: the token, the collector's clock, patience.

import { keep, kept } from "../model/kept";

const kTokenKey = "towl-token";

/** The collector has no such endpoint: an older one. */
export class MissingEndpoint extends Error {}

/** A token is needed, or this one does not do. */
export class NeedsToken extends Error {}

export class RequestFailed extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** From 1: where in the expression the error is. */
    readonly column?: number,
  ) {
    super(message);
  }
}

let token = kept("tab", kTokenKey);
let clockOffsetMs = 0;

export function setToken(value: string, keepInTab: boolean): void {
  token = value;
  keep("tab", kTokenKey, keepInTab ? value : "");
}

export const hasToken = (): boolean => token !== "";

/** By the collector's clock, as far as the page knows it. */
export const collectorNow = (): number => Date.now() + clockOffsetMs;

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new DOMException("", "AbortError"));
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("", "AbortError"));
    });
  });
}

function lookAtClock(response: Response): void {
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (Number.isNaN(date)) return;
  // The header has whole seconds: less than two apart is the same time.
  const offset = date + 500 - Date.now();
  clockOffsetMs = Math.abs(offset) < 2000 ? 0 : offset;
}

async function errorOf(response: Response): Promise<Error> {
  let message = `${response.status} ${response.statusText}`;
  let column: number | undefined;
  try {
    const body = (await response.json()) as { error?: string; column?: number };
    if (typeof body.error === "string") message = body.error;
    if (typeof body.column === "number") column = body.column;
  } catch {
    // What stands between may answer in its own way: the status has to do.
  }
  column ??= Number(/\bcolumn (\d+)/.exec(message)?.[1]) || undefined;
  if (response.status === 401) return new NeedsToken(message);
  if (response.status === 404 && message === "there is nothing at this path") return new MissingEndpoint(message);
  if (response.status === 403 && token) message = `This token may not do that: ${message}`;
  return new RequestFailed(response.status, message, column);
}

/** A full answer's headers with its body to be read. Busy collectors (429, 503) are asked again a few times. */
export async function ask(path: string, options: { signal?: AbortSignal; headers?: Record<string, string> } = {}): Promise<Response> {
  for (let attempt = 0; ; ++attempt) {
    const headers = new Headers(options.headers);
    if (token) headers.set("Authorization", `Bearer ${token}`);
    let response: Response;
    try {
      response = await fetch(path, { headers, signal: options.signal ?? null, cache: "no-store", credentials: "omit", redirect: "error" });
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new RequestFailed(0, "The collector cannot be reached. Is towld running?");
    }
    lookAtClock(response);
    if (response.ok) return response;
    const busy = response.status === 429 || response.status === 503;
    if (!busy || attempt === 3) throw await errorOf(response);
    const seconds = Number(response.headers.get("Retry-After")) || 1;
    await sleep(Math.min(seconds, 5) * 1000, options.signal);
  }
}

export function url(path: string, values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
