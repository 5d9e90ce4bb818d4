// The page and what the collector answers at its endpoints; and answers that a collector only gives if something is wrong, or
// is guarded: stand_in.mjs gives these.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Collector, madeEntries, messages, openBrowser, openPage, status } from "./support.mjs";
import { StandIn } from "./stand_in.mjs";

let browser;
const collector = new Collector();

before(async () => {
  browser = await openBrowser();
  await collector.start();
  await collector.ingest(madeEntries(3000));
});

after(async () => {
  await browser?.close();
  await collector.end();
});

async function over(body, settings = {}) {
  const standIn = Object.assign(await new StandIn(collector).start(), settings);
  try {
    await body(standIn);
  } finally {
    await standIn.end();
  }
}

test("the chart has the collector's counts", async () => {
  const page = await openPage(browser, collector.url);
  await page.waitForSelector(".row");
  await page.waitForFunction(() => /: 3,000 counted/.test(document.querySelector(".chart")?.getAttribute("aria-label") ?? ""));
  assert.doesNotMatch(await status(page), /hatched/);
  await page.context().close();
});

test("an error of the language stands under its column", async () => {
  const page = await openPage(browser, collector.url);
  await page.fill("#search", "ä OR (b");
  await page.press("#search", "Enter");
  await page.waitForSelector("#search-error mark");
  // Seven characters in eight bytes, and what is missing comes after them.
  assert.match(await page.textContent("#search-error"), /Column 8: a \) is missing/);
  await page.context().close();
});

test("a query with pipes gives a table", async () => {
  const page = await openPage(browser, `${collector.url}#query=request+|+stats+by+(sender)+count()+as+hits+|+sort+by+(sender)`);
  await page.waitForSelector("#table");
  const senders = ["web-0", "web-1", "web-2"];
  assert.deepEqual(await page.$$eval("#table tbody tr", (rows) => rows.map((row) => row.innerText.trim().split("\t"))), senders.map((name) => [name, "1,000"]));
  assert.match(await page.textContent(".pane"), /3 rows: all there are/);
  await page.press("#table", "e");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=CSV")]);
  assert.equal(readFileSync(await download.path(), "utf8"), ["sender,hits", ...senders.map((name) => `${name},1000`), ""].join("\r\n"));
  await page.fill("#search", 'request "|"');
  await page.press("#search", "Enter");
  await page.waitForSelector("text=Nothing found");
  await page.context().close();
});

test("a field's value becomes a condition", async () => {
  const page = await openPage(browser, collector.url);
  await page.click(".row");
  await page.click('[aria-label="Only entries without this path"]');
  await page.waitForFunction(() => location.hash.includes("query="));
  assert.match(await page.inputValue("#search"), /^!path:=\/items\/\d+$/);
  await page.waitForFunction(() => /2,9\d\d counted/.test(document.querySelector(".chart")?.getAttribute("aria-label") ?? ""));
  await page.context().close();
});

test("what could not be read is said", () =>
  over(
    async (standIn) => {
      const page = await openPage(browser, standIn.url);
      await page.waitForSelector("text=Not everything could be read");
      assert.match(await page.textContent(".error"), /file 1: frame at 4,096 is damaged/);
      await page.context().close();
    },
    { unread: ["file 1: frame at 4,096 is damaged"] },
  ));

test("the tail goes on after the last event that came", () =>
  over(async (standIn) => {
    const page = await openPage(browser, `${standIn.url}#pane=live`);
    await page.waitForFunction(() => document.querySelector(".status")?.textContent.includes("Live:"));
    const entry = (i) => ({ file_id: 1, ordinal: i, sender: "s", time: `2026-01-01T00:00:0${i}.000000000Z`, received: `2026-01-01T00:00:0${i}.000000000Z`, log_format: 0, log_entry: `event ${i}` });
    const rows = (count) => page.waitForFunction((wanted) => document.querySelectorAll(".row").length === wanted, count);
    standIn.push(entry(0));
    standIn.push(entry(1));
    await rows(2);
    standIn.cutTails();
    standIn.push(entry(2));
    standIn.push(entry(3));
    await rows(4);
    assert.deepEqual(await messages(page), ["event 0", "event 1", "event 2", "event 3"]);
    assert.equal(standIn.tailAsked[0], "");
    assert.match(standIn.tailAsked.at(-1), /\/1$/);
    await page.context().close();
  }));

test("a link by UUID finds its entry", async () => {
  const { file_uuid: uuid } = await (await fetch(`${collector.url}query?limit=1&format=ndjson`)).json();
  const page = await openPage(browser, `${collector.url}#entry=${uuid}/500`);
  await page.waitForSelector(".row.marked");
  assert.match(await page.textContent(".row.marked .message"), /^request 500 /);
  await page.goto(`${collector.url}#entry=ffffffffffffffffffffffffffffffff/5`);
  await page.waitForFunction(() => (document.querySelector("#search-error")?.textContent ?? "") !== "");
  await page.context().close();
});

test("a token is asked for, sent in a header, and kept nowhere else than asked", () =>
  over(
    async (standIn) => {
      const page = await openPage(browser, standIn.url);
      await page.waitForSelector("dialog[open] #token");
      await page.keyboard.type("wrong");
      await page.keyboard.press("Enter");
      await page.waitForSelector("text=This token was not taken");
      await page.keyboard.type("secret-token");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".row");
      const stored = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
      assert.doesNotMatch(await stored(), /secret-token/);
      await page.reload();
      await page.waitForSelector("dialog[open] #token");
      await page.keyboard.type("secret-token");
      await page.check("dialog input[type=checkbox]");
      await page.click("text=Use it");
      await page.waitForSelector(".row");
      await page.reload();
      await page.waitForSelector(".row");
      assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage }).includes("secret-token")), false);
      await page.click("text=Log out");
      await page.waitForSelector("dialog[open] #token");
      assert.doesNotMatch(await stored(), /secret-token/);
      assert.ok(standIn.seen.some((one) => one.authorization === "Bearer secret-token"));
      assert.ok(standIn.seen.every((one) => !one.path.includes("secret")));
      await page.context().close();
    },
    { token: "secret-token" },
  ));

test("patterns of a part are marked", () =>
  over(async (standIn) => {
    standIn.patterns = { rows: [{ count: 7, example: "1:0", pattern: [255, 60, 42, 62] }], more: 3, others: 12, not_looked_at: 2000, errors: ["file 1: damaged"] };
    const page = await openPage(browser, `${standIn.url}#pane=patterns`);
    await page.waitForSelector("#patterns");
    const said = await page.textContent(".pane");
    assert.match(said, /3 rarer patterns are not shown/);
    assert.match(said, /12 entries have patterns of their own/);
    assert.match(said, /2,000 entries were not looked at/);
    assert.match(said, /file 1: damaged/);
    assert.match(said, /\ufffd<\*>/);
    await page.context().close();
  }));
