export { createReferenceDevice } from "./reference.ts";
