// Stands before a collector and adds what the page also knows to ask for: the query language, counts over time, the tail
// as a stream of events, entries by UUID, tokens; or takes it away. Its language is a word.
import { createServer, request } from "node:http";

const kUuid = "0123456789abcdef0123456789abcdef";

export class StandIn {
  #server;
  #collector;
  token = "";
  /** What the tail has sent and will send: JSON of entries. */
  tail = [];
  tailsOpen = new Set();
  tailAsked = [];
  unread = [];
  /** What it answers when asked for patterns, instead of the collector. */
  patterns;
  /** Has none of it. */
  isOld = false;
  seen = [];

  constructor(collector) {
    this.#collector = collector;
  }

  async start() {
    this.#server = createServer((from, to) => this.#answer(from, to).catch((error) => to.writeHead(500).end(String(error))));
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/`;
  }

  async end() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Sends it to all that follow. */
  push(entry) {
    this.tail.push(entry);
    for (const to of this.tailsOpen) this.#event(to, this.tail.length - 1);
  }

  cutTails() {
    for (const to of this.tailsOpen) to.destroy();
    this.tailsOpen.clear();
  }

  #event(to, i) {
    // In pieces, with the ends of lines that the standard also has.
    const text = `event: entry\r\nid: ${kUuid}/${i}\r\ndata: ${JSON.stringify(this.tail[i])}\r\n\r\n`;
    for (let at = 0; at < text.length; at += 7) to.write(text.slice(at, at + 7));
  }

  async #answer(from, to) {
    const url = new URL(from.url, this.url);
    this.seen.push({ path: from.url, authorization: from.headers.authorization ?? "" });
    const fail = (code, error, more = {}) => to.writeHead(code, { "Content-Type": "application/json" }).end(JSON.stringify({ error, ...more }));
    if (url.pathname !== "/" && this.token && from.headers.authorization !== `Bearer ${this.token}`) return fail(401, "a token is needed");
    if (this.isOld && /^\/(tail|query\/(histogram|patterns)|entry\/.*)$/.test(url.pathname)) return fail(404, "there is nothing at this path");
    if (this.isOld && url.searchParams.has("query")) return fail(400, '"query" is not one of level, sender, q, regex, start, end, limit, cursor, format');
    if (url.pathname === "/tail") return this.#tail(from, to);
    if (url.pathname === "/query/patterns" && this.patterns) return to.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(this.patterns));
    if (url.pathname === "/query/histogram") {
      if (!/^\d+ms$/.test(url.searchParams.get("step"))) return fail(400, "step is a duration: 10s, 5m, 1h");
      const step = parseInt(url.searchParams.get("step"));
      const first = Math.floor(Date.parse("2026-03-01T11:43:20Z") / step) * step;
      const rows = Array.from({ length: 100 }, (_, i) => ({ _time: new Date(first + i * step).toISOString(), hits: i + 1 }));
      return to.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ rows }));
    }
    const address = /^\/entry\/([0-9a-f]{32})\/(\d+)$/.exec(url.pathname);
    if (address) {
      if (address[1] !== kUuid) return fail(404, "there is no such file");
      const found = await (await fetch(`${this.#collector.url}query?cursor=1:${address[2]}&limit=1&format=ndjson`)).text();
      return to.writeHead(200, { "Content-Type": "application/json" }).end(found.replace("{", `{"file_uuid":"${kUuid}",`));
    }
    if (url.pathname === "/query" && !this.isOld) {
      const query = url.searchParams.get("query") ?? "";
      const bad = query.indexOf("(");
      if (bad >= 0 && !query.includes(")")) return fail(400, `query: column ${Buffer.byteLength(query.slice(0, bad)) + 1}: the bracket is not closed`);
      if (query.includes("|")) return to.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ rows: [{ sender: "web-0<b>", hits: 334 }, { sender: "web-1", hits: 12 }] }));
      url.searchParams.delete("query");
      if (query && !query.includes(":")) url.searchParams.set("q", query);
      if (this.unread.length > 0) {
        const answer = await fetch(`${this.#collector.url}${url.pathname.slice(1)}${url.search}`);
        if (url.searchParams.get("format") === "ndjson") {
          const headers = { "Towl-Errors": String(this.unread.length), ...(answer.headers.get("Towl-Cursor") ? { "Towl-Cursor": answer.headers.get("Towl-Cursor") } : {}) };
          return to.writeHead(200, headers).end(await answer.text());
        }
        return to.writeHead(200).end(JSON.stringify({ ...(await answer.json()), errors: this.unread }));
      }
    }
    const headers = { ...from.headers, host: this.#collector.address };
    delete headers.authorization;
    const asked = request(`${this.#collector.url}${url.pathname.slice(1)}${url.search}`, { method: from.method, headers }, (answer) => {
      to.writeHead(answer.statusCode, answer.headers);
      answer.pipe(to);
    });
    asked.on("error", () => (to.headersSent ? to.destroy() : fail(502, "the collector is not there")));
    to.on("close", () => asked.destroy());
    from.pipe(asked);
  }

  #tail(from, to) {
    this.tailAsked.push(from.headers["last-event-id"] ?? "");
    to.writeHead(200, { "Content-Type": "text/event-stream" });
    to.write(": here\n\n");
    const last = /\/(\d+)$/.exec(from.headers["last-event-id"] ?? "");
    for (let i = last ? Number(last[1]) + 1 : this.tail.length; i < this.tail.length; ++i) this.#event(to, i);
    this.tailsOpen.add(to);
    to.on("close", () => this.tailsOpen.delete(to));
  }
}
