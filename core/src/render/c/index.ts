export { renderC, runStatus } from "./program.ts";
