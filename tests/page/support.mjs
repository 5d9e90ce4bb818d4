// What the tests of the page need: a collector on a store of its own, and a browser to look at it with.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../towld/page/package.json", import.meta.url));
const { chromium } = require("playwright-core");

export const axeSource = require("axe-core").source;

const kStartMs = 60_000;

export class Collector {
  #program;
  folder = mkdtempSync(join(tmpdir(), "towl-page-"));
  address = "127.0.0.1:0";

  get url() {
    return `http://${this.address}/`;
  }

  /** Listens; after a stop, at the address that it had. */
  async start() {
    const program = spawn(process.env.TOWLD_PROGRAM, ["--store", join(this.folder, "store"), "--listen", "127.0.0.1:0", "--http", this.address], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, TOWLD_CONFIG: "" },
    });
    this.#program = program;
    this.address = await new Promise((resolve, reject) => {
      let log = "";
      const late = setTimeout(() => reject(new Error(`towld did not start: ${log}`)), kStartMs);
      program.on("exit", (code) => reject(new Error(`towld ended with ${code}: ${log}`)));
      program.stderr.on("data", (text) => {
        log += text;
        const listens = /HTTP on (127\.0\.0\.1:\d+)/.exec(log);
        if (!listens) return;
        clearTimeout(late);
        resolve(listens[1]);
      });
    });
    for (;;) {
      const ready = await fetch(`${this.url}readyz`).catch(() => undefined);
      if (ready?.ok) return this;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop() {
    const program = this.#program;
    if (!program || program.exitCode !== null) return;
    const ended = new Promise((resolve) => program.removeAllListeners("exit").on("exit", resolve));
    program.kill("SIGTERM");
    await ended;
  }

  async end() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Stored and synced when this returns. */
  async ingest(entries) {
    for (let at = 0; at < entries.length; at += 5000) {
      const body = entries.slice(at, at + 5000).map((entry) => JSON.stringify(entry)).join("\n");
      for (let attempt = 0; ; ++attempt) {
        const answer = await fetch(`${this.url}ingest`, { method: "POST", body });
        if (answer.status === 202) break;
        if (answer.status !== 503 || attempt === 100) throw new Error(`${answer.status} ${await answer.text()}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

const kLevels = ["debug", "info", "info", "notice", "info", "warning", "info", "error"];

/** `count` entries, a second apart, of which the last happened at `last`. */
export function madeEntries(count, last = Date.parse("2026-03-01T12:00:00Z")) {
  return Array.from({ length: count }, (_, i) => ({
    time: new Date(last - (count - 1 - i) * 1000).toISOString(),
    message: `request ${i} took ${(i * 37) % 900} ms`,
    level: kLevels[i % kLevels.length],
    host: `web-${i % 3}`,
    path: `/items/${i % 97}`,
    status: [200, 304, 404, 500][i % 4],
  }));
}

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PROGRAM,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** A page that notes what it asks for and what goes wrong in it. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, timezoneId: "UTC", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.asked = [];
  page.wrong = [];
  page.on("request", (request) => page.asked.push(request));
  page.on("pageerror", (error) => page.wrong.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) page.wrong.push(message.text());
  });
  await page.goto(url);
  return page;
}

/** The messages of the rows that are in the document, from the top. */
export async function messages(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll(".row")].sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top)).map((row) => row.querySelector(".message").textContent),
  );
}

export const selectedMessage = (page) => page.textContent(".row.selected .message");

export const status = (page) => page.textContent(".status");
