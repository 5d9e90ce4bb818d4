// Stands before a collector, and gives what a collector cannot be made to give at will: a tail in pieces that is cut, parts that
// could not be read, patterns of a part; and asks for a token. Everything else is the collector's.
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
    if (url.pathname === "/tail") return this.#tail(from, to);
    if (url.pathname === "/query/patterns" && this.patterns) return to.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(this.patterns));
    if (url.pathname === "/query" && this.unread.length > 0) {
      const answer = await fetch(`${this.#collector.url}${url.pathname.slice(1)}${url.search}`);
      if (url.searchParams.get("format") === "ndjson") {
        const headers = { "Towl-Errors": String(this.unread.length), ...(answer.headers.get("Towl-Cursor") ? { "Towl-Cursor": answer.headers.get("Towl-Cursor") } : {}) };
        return to.writeHead(200, headers).end(await answer.text());
      }
      return to.writeHead(200).end(JSON.stringify({ ...(await answer.json()), errors: this.unread }));
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
