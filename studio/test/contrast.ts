/**
 * Runs inside of the page: all texts that can be seen whose contrast with what is behind them is too low, by WCAG 2.2: 4.5, and 3
 * for large letters. Texts on canvases are drawn in the same colours.
 */
export function lowContrasts(): string[] {
  const channels = (color: string): number[] => {
    const numbers = (color.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
    const scale = color.startsWith("color(") ? 255 : 1;
    const [red = 0, green = 0, blue = 0, alpha = 1] = numbers;
    return [red * scale, green * scale, blue * scale, alpha];
  };
  const over = (top: number[], below: number[]): number[] => {
    const alpha = top[3]!;
    return [0, 1, 2].map((at) => top[at]! * alpha + below[at]! * (1 - alpha)).concat(1);
  };
  const luminance = (color: number[]): number => {
    const [red = 0, green = 0, blue = 0] = color.slice(0, 3).map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element: Element): number[] => {
    const layers: number[][] = [];
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color[3] !== 0) layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim() ?? "";
    if (element === null || text === "" || !element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }))
      continue;
    if (element.closest("svg, .unseen, option, script") !== null) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    const style = getComputedStyle(element);
    const back = behind(element);
    const front = over(channels(style.color), back);
    const [light = 0, dark = 0] = [luminance(front), luminance(back)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5))
      found.push(`${ratio.toFixed(2)} "${text.slice(0, 40)}" ${style.color} in ${element.className}`);
  }
  return [...new Set(found)];
}
