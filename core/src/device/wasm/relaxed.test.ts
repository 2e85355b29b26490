import { after, test } from "node:test";
import { conform } from "../conformance.ts";
import { createWasmDevice } from "./index.ts";

// A file of its own: older engines know relaxed SIMD only after a flag of the whole process is set.

const device = await createWasmDevice({ threads: 2, relaxed: true });
after(() => device.close());
console.log(conform(device, (name, body) => test(`${name}, fused multiply-add`, body)));
