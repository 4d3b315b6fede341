// One page in Firefox by WebDriver BiDi, through puppeteer-core: takes a line of JSON, does it, answers with a line.
// Usage: node firefox.mjs FOLDER-OF-PUPPETEER FIREFOX
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, executablePath] = process.argv.slice(2);
const { default: puppeteer } = await import(pathToFileURL(createRequire(`${folder}/`).resolve("puppeteer-core")).href);
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
const page = await browser.newPage();
await page.setViewport({ width: 1100, height: 800 });

const messenger = () => page.frames().find((frame) => frame.url().includes("/messenger?"));
const verbs = {
  visit: (url) => page.goto(url).then(() => null),
  in_page: (expression) => page.evaluate(expression),
  in_frame: (expression) => messenger()?.evaluate(expression),
  write: async (text) => {
    const field = await messenger().waitForSelector("textarea:not([disabled])");
    await field.click();
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
  },
};

console.log(JSON.stringify({ value: await browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  const { verb, value } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: (await verbs[verb](value)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await browser.close();
