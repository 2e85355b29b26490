import { demandKind } from "../base/kinds.ts";

/** A positive whole number, or an error that names the option. */
export const demandPositive = (option: string, value: number): number => demandKind(option, value, "count");
