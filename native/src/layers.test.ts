import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import { assertClose, resultsOf } from "../../core/dist/model/layers.test.body.js";
import { deviceRows } from "../../core/dist/model/rows/index.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

for (const [name, list] of deviceRows) {
  nativeTest(`${name} on native: outputs and gradients are those of the reference`, async () => {
    const device = await createNativeDevice({ threads: 2 });
    for (const row of list) {
      await setDevice("reference");
      const expected = await resultsOf(row);
      await setDevice(device);
      assertClose(await resultsOf(row), expected);
    }
    await setDevice("reference");
    await device.close();
  });
}
