export { readFile, writeFileAtomically } from "./file.ts";
export { decodeSafeTensors, encodeSafeTensors, type SafeTensors, type StoredTensor } from "./safetensors.ts";
