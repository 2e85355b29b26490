import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { cancel, isVisible, schedule, type Task, watchVisibility } from "../scheduler.ts";

/**
 * Does `work` whenever a signal that it reads has changed, or the component was rendered again: in an animation frame, and only
 * while `element` is on the screen.
 */
export function useTask(element: { readonly current: Element | null }, work: () => void): void {
  const latest = useRef(work);
  latest.current = work;
  const task = useRef<Task | undefined>(undefined);
  useEffect(() => {
    let stop: (() => void) | undefined;
    const own: Task = {
      visible: () => isVisible(element.current),
      run: () => {
        stop?.();
        let first = true;
        stop = effect(() => {
          // The first time it reads its signals; the second time one of them has changed.
          if (first) latest.current();
          else schedule(own);
          first = false;
        });
      },
    };
    task.current = own;
    schedule(own);
    const unwatch = element.current === null ? undefined : watchVisibility(element.current, () => schedule(own));
    return () => {
      stop?.();
      cancel(own);
      unwatch?.();
    };
  }, [element]);
  useEffect(() => {
    if (task.current !== undefined) schedule(task.current);
  });
}
