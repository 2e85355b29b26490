// The pictures of docs/studio: six screens in both themes, of fixtures. `npm run build && node studio/scripts/screenshots.mjs`
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServer } from "@chainrule/studio";
import { fixtureRuns } from "../dist/test/fixture/runs.js";
import { launch, openPage, writeRuns } from "../dist/test/studioPage.js";

const target = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "docs", "studio");
const screens = ["runs", "live", "network", "health", "data", "profile"];

mkdirSync(target, { recursive: true });
const runs = writeRuns(await fixtureRuns());
const server = await startServer({ runs: runs.folder });
const browser = await launch();
for (const colorScheme of ["light", "dark"]) {
  const { page, show, close } = await openPage(browser, server.link, {
    colorScheme,
    viewport: { width: 1440, height: 900 },
  });
  for (const screen of screens) {
    await show(screen, "mnist-cnn-7");
    if (screen === "runs") {
      // What is worth comparing; the others have other figures.
      for (const run of ["mnist-cnn-6", "mlp-hot"]) {
        const box = page.locator(`tr[data-run="${run}"] input`);
        if (!(await box.isChecked())) await box.check();
      }
      const circle = page.locator('tr[data-run="circle"] input');
      if (await circle.isChecked()) await circle.uncheck();
    }
    await page.waitForTimeout(1500);
    await page.screenshot({ path: join(target, `${screen}-${colorScheme}.png`) });
  }
  await close();
}
await browser.close();
await server.close();
runs.remove();
