// How long the editor waits for an answer about the models of thirty layers: `node examples/dist/types/editor.js`.
import { measureEditor } from "./measure.ts";

const repeats = 9;
const { opening, first, afterEdit, again } = await measureEditor(repeats);
const shown = (milliseconds: number): string => `${milliseconds.toFixed(0)} ms`.padStart(8);
console.log(`hover in thirtyLayers.ts, least of ${repeats} servers:`);
console.log(`${shown(opening)}  on the import, at once: the server reads the project`);
console.log(`${shown(first)}  on the last line, for the first time`);
console.log(`${shown(afterEdit)}  on the last line, after a layer before it has been changed`);
console.log(`${shown(again)}  on the last line, once more`);
