import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Placed } from "../data/network.ts";
import { boxSize } from "./diagramSvg.ts";

const longest = 132;

interface MinimapProps {
  readonly placed: Placed;
  readonly zoom: number;
  /** What scrolls the diagram. */
  readonly view: { readonly current: HTMLElement | null };
}

interface View {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The whole diagram, small, and the part of it that is seen: there only where the diagram is larger than its place. */
export function Minimap({ placed, zoom, view }: MinimapProps) {
  const seen = useSignal<View | undefined>(undefined);
  useEffect(() => {
    const element = view.current;
    if (element === null) return;
    const read = (): void => {
      const { scrollLeft, scrollTop, clientWidth, clientHeight, scrollWidth, scrollHeight } = element;
      const fits = scrollWidth <= clientWidth + 1 && scrollHeight <= clientHeight + 1;
      seen.value = fits
        ? undefined
        : {
            left: scrollLeft / zoom,
            top: scrollTop / zoom,
            width: Math.min(placed.width, clientWidth / zoom),
            height: Math.min(placed.height, clientHeight / zoom),
          };
    };
    read();
    const observer = new ResizeObserver(read);
    observer.observe(element);
    element.addEventListener("scroll", read, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", read);
    };
  }, [placed, zoom, view]);
  if (seen.value === undefined) return null;
  const scale = longest / Math.max(placed.width, placed.height);
  const { left, top, width, height } = seen.value;
  /** The place under the pointer comes to the middle. */
  const move = (event: PointerEvent): void => {
    if (event.buttons === 0 || view.current === null) return;
    const box = (event.currentTarget as Element).getBoundingClientRect(); // it listens on its own
    view.current.scrollTo({
      left: ((event.clientX - box.left) / scale - width / 2) * zoom,
      top: ((event.clientY - box.top) / scale - height / 2) * zoom,
    });
  };
  return (
    <svg
      class="minimap"
      aria-hidden="true"
      viewBox={`0 0 ${placed.width} ${placed.height}`}
      width={placed.width * scale}
      height={placed.height * scale}
      onPointerDown={move}
      onPointerMove={move}
    >
      {placed.boxes.map(({ id, x, y }) => (
        <rect
          key={id}
          class="minimap-box"
          x={x - boxSize.width / 2}
          y={y - boxSize.height / 2}
          width={boxSize.width}
          height={boxSize.height}
          rx={12}
        />
      ))}
      <rect class="minimap-view" x={left} y={top} width={width} height={height} />
    </svg>
  );
}
