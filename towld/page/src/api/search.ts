// One answer of GET /query.

import { readEntry, type Entry } from "../model/entry";
import { rfc3339 } from "../model/time";
import { ask, RequestFailed, url } from "./client";

export interface Question {
  query: string;
  level: string;
}

export interface Answer {
  entries: Entry[];
  /** There may be more: the limit, the answer's size or its time was reached. */
  cursor?: string;
  /** So many parts of the store could not be read. */
  unread: number;
}

export interface Part {
  startMs?: number;
  endMs?: number;
  limit: number;
  /** The newest first, by file and ordinal. */
  backwards?: boolean;
  cursor?: string;
}

/** The parameters of `question`. */
const parametersOf = (question: Question): Record<string, string | undefined> => ({ query: question.query.trim() || undefined, level: question.level });

/** The collector counts columns in bytes of UTF-8; here, in characters of the box. */
function inCharacters(error: RequestFailed, query: string): RequestFailed {
  if (error.column === undefined) return error;
  const before = new TextEncoder().encode(query).slice(0, error.column - 1);
  const column = new TextDecoder().decode(before).length + 1;
  return new RequestFailed(error.status, error.message.replace(/^(query: )?(column \d+: )?/, ""), column);
}

/** `send` with the parameters of `question`; columns of its errors are those of the box. */
export async function asking<T>(question: Question, send: (parameters: Record<string, string | undefined>) => Promise<T>): Promise<T> {
  try {
    return await send(parametersOf(question));
  } catch (error) {
    throw error instanceof RequestFailed && error.status === 400 ? inCharacters(error, question.query.trim()) : error;
  }
}

export function search(question: Question, part: Part, signal?: AbortSignal): Promise<Answer> {
  return asking(question, async (parameters) => {
    const response = await ask(
      url("query", {
        ...parameters,
        start: part.startMs === undefined ? undefined : rfc3339(part.startMs),
        end: part.endMs === undefined ? undefined : rfc3339(part.endMs),
        limit: part.limit,
        order: part.backwards ? "backwards" : undefined,
        cursor: part.cursor,
        format: "ndjson",
      }),
      signal ? { signal } : {},
    );
    const text = await response.text();
    const answer: Answer = { entries: readLines(text), unread: Number(response.headers.get("Towl-Errors")) || 0 };
    const cursor = response.headers.get("Towl-Cursor");
    if (cursor) answer.cursor = cursor;
    return answer;
  });
}

/** What could not be read, in words: the same question once more, as JSON, for a single entry. */
export async function unreadParts(question: Question, part: Part, signal?: AbortSignal): Promise<string[]> {
  return asking(question, async (parameters) => {
    const answer = (await (
      await ask(
        url("query", {
          ...parameters,
          start: part.startMs === undefined ? undefined : rfc3339(part.startMs),
          end: part.endMs === undefined ? undefined : rfc3339(part.endMs),
          limit: part.limit,
          cursor: part.cursor,
        }),
        signal ? { signal } : {},
      )
    ).json()) as { errors?: string[] };
    return answer.errors ?? [];
  });
}

export function readLines(text: string): Entry[] {
  const entries: Entry[] = [];
  for (let begin = 0; begin < text.length; ) {
    let end = text.indexOf("\n", begin);
    if (end < 0) end = text.length;
    if (end > begin) entries.push(readEntry(text.slice(begin, end)));
    begin = end + 1;
  }
  return entries;
}
