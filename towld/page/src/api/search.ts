// One answer of GET /query. The query language where the collector has one; found out once, by asking.

import { readEntry, type Entry } from "../model/entry";
import { rfc3339 } from "../model/time";
import { ask, RequestFailed, url } from "./client";
import { NotPlain, plainQuery } from "./plain_query";

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

let hasLanguage: boolean | undefined;

/** undefined: not known yet. */
export const languageKnown = (): boolean | undefined => hasLanguage;

/** Finds out whether the collector has the query language, with a question that is wrong in it: nothing is searched. */
export async function probeLanguage(signal?: AbortSignal): Promise<void> {
  if (hasLanguage !== undefined) return;
  try {
    await ask(url("query", { query: "(", limit: 1 }), signal ? { signal } : {});
    hasLanguage = true;
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.status !== 400) throw error;
    hasLanguage = !kNoSuchParameter.test(error.message);
  }
}

const kNoSuchParameter = /^"query" is not one of/;

/** The parameters of `question`, in the language or without it. Errors: RequestFailed with a column. */
export function questionParameters(question: Question): Record<string, string | undefined> {
  if (hasLanguage !== false) return { query: question.query.trim() || undefined, level: question.level };
  try {
    const { readAs: _, ...plain } = plainQuery(question.query);
    if (plain.level && question.level) throw new NotPlain("the level is chosen beside the box already", 1);
    return { ...plain, level: plain.level ?? question.level };
  } catch (error) {
    if (error instanceof NotPlain) throw new RequestFailed(400, error.message, error.column);
    throw error;
  }
}

/** The collector counts columns in bytes of UTF-8; here, in characters of the box. */
function inCharacters(error: RequestFailed, query: string): RequestFailed {
  if (error.column === undefined) return error;
  const before = new TextEncoder().encode(query).slice(0, error.column - 1);
  const column = new TextDecoder().decode(before).length + 1;
  return new RequestFailed(error.status, error.message.replace(/^(query: )?(column \d+: )?/, ""), column);
}

/** `send` with the parameters of `question`; once more without the language if the collector turns out to have none. */
export async function inItsLanguage<T>(question: Question, send: (parameters: Record<string, string | undefined>) => Promise<T>): Promise<T> {
  const inLanguage = hasLanguage !== false;
  try {
    const answer = await send(questionParameters(question));
    if (question.query.trim() !== "") hasLanguage ??= true;
    return answer;
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.status !== 400) throw error;
    if (!inLanguage || !kNoSuchParameter.test(error.message)) throw inLanguage ? inCharacters(error, question.query.trim()) : error;
    hasLanguage = false;
    return send(questionParameters(question));
  }
}

export function search(question: Question, part: Part, signal?: AbortSignal): Promise<Answer> {
  return inItsLanguage(question, async (parameters) => {
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
  return inItsLanguage(question, async (parameters) => {
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
