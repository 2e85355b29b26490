import type { Diagram, Placed } from "../data/network.ts";
import { shape, short } from "../format.ts";
import type { Palette } from "../theme.ts";
import type { LayerValues } from "./layerValues.ts";

export const boxSize = { width: 188, height: 64 };

/** A smooth line through the points. */
export function pathOf(points: readonly { readonly x: number; readonly y: number }[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const lines = rest.map(({ x, y }, at) => {
    const before = points[at]!; // the one before it
    const middle = (before.x + x) / 2;
    return `C${round(middle)} ${round(before.y)} ${round(middle)} ${round(y)} ${round(x)} ${round(y)}`;
  });
  return `M${round(first.x)} ${round(first.y)}${lines.join("")}`;
}

const round = (value: number): number => Math.round(10 * value) / 10;
const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** The diagram as a file that stands alone, in the colours of the present theme. */
export function diagramSvg({ boxes }: Diagram, placed: Placed, values: LayerValues, colors: Palette): string {
  const at = new Map(placed.boxes.map((box) => [box.id, box]));
  const { width, height } = boxSize;
  const lines = placed.edges.map(
    ({ points }) => `<path d="${pathOf(points)}" fill="none" stroke="${colors.faint}" stroke-width="1.5"/>`,
  );
  const drawn = boxes.map(({ id, title, type, shape: sizes, parameters, layers }) => {
    const { x = 0, y = 0 } = at.get(id) ?? {};
    const ids = layers.map((layer) => layer.id);
    const share = values.share(ids);
    const bar =
      share === undefined
        ? ""
        : `<rect x="12" y="47" width="${round((width - 80) * share)}" height="6" rx="3" fill="${colors.series[0]}"/>` +
          `<text x="${width - 10}" y="54" text-anchor="end" fill="${colors.muted}">${escaped(values.wordsOf(ids))}</text>`;
    return `<g transform="translate(${round(x - width / 2)} ${round(y - height / 2)})">
<rect width="${width}" height="${height}" rx="8" fill="${colors.panel}" stroke="${colors.faint}"/>
<text x="12" y="20" font-weight="600" fill="${colors.ink}">${escaped(title)}</text>
<text x="${width - 10}" y="20" text-anchor="end" fill="${colors.muted}">${escaped(type)}</text>
<text x="12" y="38" fill="${colors.muted}">${shape(sizes)}</text>
<text x="${width - 10}" y="38" text-anchor="end" fill="${colors.muted}">${parameters > 0 ? `${short(parameters)} p` : ""}</text>${bar}
</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${placed.width} ${placed.height}" width="${placed.width}" height="${placed.height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="${colors.panel}"/>
${lines.join("\n")}
${drawn.join("\n")}
</svg>
`;
}
