import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useTask } from "./task.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type Draw = (context: CanvasRenderingContext2D, size: Size) => void;

interface CanvasProps {
  /** Reads signals, and is called again when they change. Units are CSS pixels. */
  readonly draw: Draw;
  /** In CSS pixels; as high as the style sheet says without. */
  readonly height?: number;
  readonly onPointer?: ((x: number, y: number, size: Size, event: PointerEvent) => void) | undefined;
  readonly class?: string;
}

/** A canvas as large as its place, sharp on every screen, drawn by the scheduler. What it shows is named by the figure around it. */
export function Canvas({ draw, height, onPointer, class: name = "" }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useMemo(() => signal<Size>({ width: 0, height: 0 }), []);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height: high = 0 } = entry?.contentRect ?? {};
      size.value = { width, height: high };
    });
    if (canvas.current !== null) observer.observe(canvas.current);
    return () => observer.disconnect();
  }, [size]);
  useTask(canvas, () => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || size.value.width === 0) return;
    const { width, height: high } = size.value;
    const ratio = devicePixelRatio || 1;
    const [across, down] = [Math.round(width * ratio), Math.round(high * ratio)];
    if (element.width !== across) element.width = across;
    if (element.height !== down) element.height = down;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, high);
    draw(context, size.value);
  });
  const point = (event: PointerEvent): void => {
    const box = canvas.current!.getBoundingClientRect(); // the event came from it
    onPointer?.(event.clientX - box.left, event.clientY - box.top, { width: box.width, height: box.height }, event);
  };
  return (
    <canvas
      ref={canvas}
      class={`canvas ${name}`}
      style={height === undefined ? {} : { height: `${height}px` }}
      {...(onPointer === undefined ? {} : { onPointerDown: point })}
    />
  );
}
