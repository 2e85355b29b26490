export { renderC, renderParts, runStatus } from "./program.ts";
