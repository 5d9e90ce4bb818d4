// The page over collectors that have more, and less: the query language, counts over time, the tail as events, entries by
// UUID, tokens; and none of these. What stands for such collectors is stand_in.mjs.
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

test("the chart has the collector's counts", () =>
  over(async (standIn) => {
    const page = await openPage(browser, standIn.url);
    await page.waitForSelector(".row");
    await page.waitForFunction(() => /: 5,050 counted/.test(document.querySelector(".chart")?.getAttribute("aria-label") ?? ""));
    assert.doesNotMatch(await status(page), /hatched/);
    await page.context().close();
  }));

test("an error of the language stands under its column", () =>
  over(async (standIn) => {
    const page = await openPage(browser, standIn.url);
    await page.fill("#search", "ä OR (b");
    await page.press("#search", "Enter");
    await page.waitForSelector("#search-error mark");
    assert.equal(await page.textContent("#search-error mark"), "(");
    assert.match(await page.textContent("#search-error"), /Column 6: the bracket is not closed/);
    await page.context().close();
  }));

test("a query with pipes gives a table", () =>
  over(async (standIn) => {
    const page = await openPage(browser, `${standIn.url}#query=request+|+stats+by+(sender)+count()`);
    await page.waitForSelector("#table");
    assert.deepEqual(await page.$$eval("#table tbody tr", (rows) => rows.map((row) => row.innerText.trim().split("\t"))), [["web-0<b>", "334"], ["web-1", "12"]]);
    assert.match(await page.textContent(".pane"), /2 rows: all there are/);
    await page.press("#table", "e");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=CSV")]);
    assert.equal(readFileSync(await download.path(), "utf8"), "sender,hits\r\nweb-0<b>,334\r\nweb-1,12\r\n");
    await page.fill("#search", 'request "|"');
    await page.press("#search", "Enter");
    await page.waitForSelector("#list");
    await page.context().close();
  }));

test("a field's value becomes a condition", () =>
  over(async (standIn) => {
    const page = await openPage(browser, standIn.url);
    await page.click(".row");
    await page.click('[aria-label="Only entries without this path"]');
    await page.waitForFunction(() => location.hash.includes("query="));
    assert.match(await page.inputValue("#search"), /^!path:=\/items\/\d+$/);
    await page.context().close();
  }));

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

test("a collector without all that is asked for what it has, and what it cannot say is refused", () =>
  over(
    async (standIn) => {
      const page = await openPage(browser, standIn.url);
      await page.waitForSelector(".row");
      await page.waitForFunction(() => /there may be more.*The chart counts what was fetched; the rest is hatched/.test(document.querySelector(".status").textContent));
      await page.fill("#search", "request 29 took");
      await page.press("#search", "Enter");
      await page.waitForFunction(() => /no query language: searched for the text “request 29 took”.*1 entry: all there are/.test(document.querySelector(".status")?.textContent));
      await page.fill("#search", "disk status:500");
      await page.press("#search", "Enter");
      await page.waitForSelector("#search-error mark");
      assert.match(await page.textContent("#search-error"), /Column 6: .*no query language/);
      for (const wrong of ["a or b", "a | stats count()", 'a "b', "!a"]) {
        await page.fill("#search", wrong);
        await page.press("#search", "Enter");
        await page.waitForFunction((text) => new URLSearchParams(location.hash.slice(1)).get("query") === text && document.querySelector("#search-error mark"), wrong);
      }
      await page.fill("#search", "level:warning sender:web-1");
      await page.press("#search", "Enter");
      await page.waitForFunction(() => document.querySelectorAll(".row").length > 3 && [...document.querySelectorAll(".row .level")].every((one) => /^(warning|err)$/.test(one.textContent)));
      assert.ok(standIn.seen.every((one) => !one.path.startsWith("/query?query=a")));
      await page.context().close();
    },
    { isOld: true },
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

test("a link by UUID finds its entry", () =>
  over(async (standIn) => {
    const page = await openPage(browser, `${standIn.url}#entry=0123456789abcdef0123456789abcdef/500`);
    await page.waitForSelector(".row.marked");
    assert.match(await page.textContent(".row.marked .message"), /^request 500 /);
    await page.goto(`${standIn.url}#entry=ffffffffffffffffffffffffffffffff/5`);
    await page.waitForFunction(() => document.querySelector("#search-error")?.textContent.includes("there is no such file"));
    await page.context().close();
  }));

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

test("patterns of a part are marked, and a collector without patterns is named", () =>
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
    standIn.patterns = undefined;
    standIn.isOld = true;
    await page.keyboard.press("r");
    await page.waitForFunction(() => /does not tell patterns/.test(document.querySelector("#search-error")?.textContent ?? ""));
    await page.context().close();
  }));
