// The pictures of docs/studio: six screens in both themes, of real runs of the digits:
//   for rate in 0.002 0.01; do npx chainrule train digits --studio --runs RUNS --learning-rate $rate; done
//   node studio/scripts/screenshots.mjs RUNS
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServer } from "@chainrule/studio";
import { launch, openPage } from "../dist/test/studioPage.js";

const target = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "docs", "studio");
const screens = ["runs", "live", "network", "health", "data", "profile"];

mkdirSync(target, { recursive: true });
const [runs = "runs"] = process.argv.slice(2);
const server = await startServer({ runs });
const browser = await launch();
for (const colorScheme of ["light", "dark"]) {
  const { page, show, close } = await openPage(browser, server.link, {
    colorScheme,
    viewport: { width: 1440, height: 900 },
  });
  for (const screen of screens) {
    await show(screen, "digits-1");
    if (screen === "runs") {
      const other = page.locator('tr[data-run="digits-2"] input');
      if (!(await other.isChecked())) await other.check();
    }
    await page.waitForTimeout(2500);
    await page.screenshot({ path: join(target, `${screen}-${colorScheme}.png`) });
  }
  await close();
}
await browser.close();
await server.close();
