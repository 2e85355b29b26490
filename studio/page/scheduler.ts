import { signal } from "@preact/signals";

// One animation frame draws everything that has changed and is visible; nothing draws more often than people can read.

const chartMs = 100;
const calmMs = 1000;

const calm = matchMedia("(prefers-reduced-motion: reduce)");
/** Whether the user asked for less motion. */
export const reducedMotion = signal(calm.matches);
calm.addEventListener("change", () => (reducedMotion.value = calm.matches));

export interface Task {
  /** Whether anybody can see it; else it waits until somebody can. */
  visible(): boolean;
  run(): void;
}

const waiting = new Set<Task>();
const lastRun = new WeakMap<Task, number>();
let requested = false;

/** Has the task run in one of the next animation frames. */
export function schedule(task: Task): void {
  waiting.add(task);
  request();
}

function request(): void {
  if (requested) return;
  requested = true;
  requestAnimationFrame(frame);
}

function frame(now: number): void {
  requested = false;
  const pause = reducedMotion.value ? calmMs : chartMs;
  let again = false;
  // What is due is taken first: a task may schedule itself while it runs.
  const due: Task[] = [];
  for (const task of waiting) {
    if (!task.visible()) continue;
    if (now - (lastRun.get(task) ?? Number.NEGATIVE_INFINITY) < pause) again = true;
    else due.push(task);
  }
  for (const task of due) {
    waiting.delete(task);
    lastRun.set(task, now);
    task.run();
  }
  if (again) request();
}

/** Draws at once what has waited too long for its turn: a user who moves the cursor must see it move. */
export function hurry(): void {
  for (const task of waiting) lastRun.delete(task);
  request();
}

/** Forgets a task whose panel is gone. */
export function cancel(task: Task): void {
  waiting.delete(task);
}

// Elements that are on the screen, whoever asks.
const seen = new WeakMap<Element, boolean>();
const onSeen = new WeakMap<Element, () => void>();
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    seen.set(target, isIntersecting);
    if (isIntersecting) {
      onSeen.get(target)?.();
      request();
    }
  }
});

/** Watches whether the element is on the screen until the returned function is called. */
export function watchVisibility(element: Element, onVisible: () => void): () => void {
  onSeen.set(element, onVisible);
  observer.observe(element);
  return () => observer.unobserve(element);
}

export const isVisible = (element: Element | null | undefined): boolean =>
  element !== null && element !== undefined && document.visibilityState === "visible" && seen.get(element) === true;
