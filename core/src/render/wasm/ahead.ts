import type { Context } from "./context.ts";

/** Iterations from one touch to the next: a page of 4-byte elements. */
const distance = 1024;
/** Loops of fewer iterations are not worth the question. */
const worthwhile = 2 * distance;
const elementBytes = new Set([1, 2, 4]);

/** Whether a loop of `count` iterations, or of a number that is not known yet, may go through several pages. */
export const goesFar = (count: number | undefined): boolean => count === undefined || count >= worthwhile;

/**
 * At the head of a vector loop: once in a page, reads a byte a page further on of everything that the loop goes through. Processors
 * fetch ahead inside of a page only, so the address of the next one would be looked up, and its first lines awaited, when the
 * loop arrives there. What is touched lies in front of `end`, so no iteration reads what a later one would not.
 */
export function touchAhead(context: Context, induction: number, end: number, step: number): void {
  const { writer } = context;
  const pointers = [...context.loops.at(-1)!.pointers.values()].filter(
    (pointer) => pointer.certain && pointer.induction === induction && elementBytes.has(pointer.strideBytes),
  );
  const touched = [...new Map(pointers.map((pointer) => [pointer.local, pointer])).values()];
  if (touched.length === 0) return;
  writer
    .get(induction)
    .i32(distance - step)
    .op("i32.and", "i32.eqz");
  writer.if(undefined, () => {
    writer.get(induction).i32(distance).op("i32.add").get(end).op("i32.lt_s");
    writer.if(undefined, () => {
      for (const { local, strideBytes, ahead } of touched) {
        writer.get(induction).i32(distance).op("i32.add").i32(strideBytes).op("i32.mul").get(local).op("i32.add");
        writer.memory("i32.load8_u", ahead).op("drop");
      }
    });
  });
}
