import { activationRows } from "./activation.test.body.ts";
import { attentionRows } from "./attention.test.body.ts";
import { convolutionRows } from "./convolution.test.body.ts";
import { coreRows } from "./core.test.body.ts";
import { imageRows } from "./images.test.body.ts";
import { mergingRows } from "./merging.test.body.ts";
import { normalizationRows } from "./normalization.test.body.ts";
import { poolingRows } from "./pooling.test.body.ts";
import { preprocessingRows } from "./preprocessing.test.body.ts";
import { recurrentRows } from "./recurrent.test.body.ts";
import { regularizationRows } from "./regularization.test.body.ts";
import { reshapingRows } from "./reshaping.test.body.ts";
import type { Row, Rows } from "./row.test.body.ts";

/** At least one row for every layer that users can make. */
export const rows: Rows = {
  ...activationRows,
  ...attentionRows,
  ...convolutionRows,
  ...coreRows,
  ...imageRows,
  ...mergingRows,
  ...normalizationRows,
  ...poolingRows,
  ...preprocessingRows,
  ...recurrentRows,
  ...regularizationRows,
  ...reshapingRows,
};

/** The rows of layers that devices compute, by the layers' names. */
export const deviceRows: readonly (readonly [string, readonly Row[]])[] = Object.entries(rows)
  .map(([name, list]) => [name, list.filter(({ host }) => host === undefined)] as const)
  .filter(([, list]) => list.length > 0);
