// A person at the app, in a real browser. One step a line comes in as JSON, one answer goes out.
// Arguments: the folder that holds node_modules, and the hub's address.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { nextCode } from "../totp.mjs";

const [folder, hub] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const { chromium } = require("playwright-core");
const { default: AxeBuilder } = require("@axe-core/playwright");

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
// Nothing is judged in the middle of a movement.
const context = await browser.newContext({ viewport: { width: 390, height: 844 }, acceptDownloads: true, reducedMotion: "reduce" });
const page = await context.newPage();
page.setDefaultTimeout(20_000);
const troubles = [];
page.on("pageerror", (error) => troubles.push(String(error)));
page.on("console", (message) => {
  // A session that is not there yet is asked for once, and refused.
  if (message.type() === "error" && !message.text().includes("401")) troubles.push(message.text());
});
const elsewhere = [];
page.on("request", (request) => {
  if (!request.url().startsWith(hub) && !request.url().startsWith("blob:")) elsewhere.push(request.url());
});

const steps = {
  open: () => page.goto(hub),
  fill: ({ label, value }) => page.getByLabel(label, { exact: true }).fill(value),
  digits: ({ label, secret }) => page.getByLabel(label, { exact: true }).fill(nextCode(secret)),
  press: ({ button }) => page.getByRole("button", { name: button }).first().click(),
  key: ({ key }) => page.keyboard.press(key),
  see: ({ text }) => page.getByText(text).first().waitFor(),
  gone: ({ text }) => page.getByText(text).first().waitFor({ state: "detached" }),
  text: () => page.locator("body").innerText(),
  size: ({ width, height }) => page.setViewportSize({ width, height }),
  picture: ({ file }) => page.screenshot({ path: file, fullPage: true }),
  cookies: () => context.cookies(),
  scripts: () => page.evaluate(() => document.cookie),
  download: async ({ button }) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
    return download.path();
  },
  axe: async () => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target.join(" ")} (${node.any[0]?.message ?? ""})`).join(", ")}`);
  },
  wide: () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
  troubles: () => ({ troubles, elsewhere }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { step, ...how } = JSON.parse(line);
  try {
    const answer = await steps[step](how);
    console.log(JSON.stringify({ answer: ["open", "picture"].includes(step) ? null : (answer ?? null) }));
  } catch (error) {
    console.log(JSON.stringify({ failed: String(error), page: await page.locator("body").innerText().catch(() => "") }));
  }
}
await browser.close();
