// The worker that lays points of many dimensions into the plane.

import { principalComponents, type Rows } from "../data/pca.ts";
import { TSne } from "../data/tsne.ts";
import type { FromProjection, ToProjection } from "./projectionProtocol.ts";

/** What a worker has of `self`; the library of types for pages does not know it. */
interface WorkerScope {
  postMessage(message: FromProjection): void;
  onmessage: ((event: MessageEvent<ToProjection>) => void) | null;
}
const scope = globalThis as unknown as WorkerScope;

const [tsneSteps, stepsBetween, umapSteps, umapNeighbours] = [350, 10, 250, 15];
/** The question that is worked on; an older one is given up. */
let current = 0;

scope.onmessage = ({ data }) => {
  current = data.id;
  if (data.method === "PCA") tell(data.id, principalComponents(data.rows, 2), 1);
  else if (data.method === "t-SNE") void tsne(data.id, data.rows);
  else void umap(data.id, data.rows);
};

const tell = (id: number, positions: Float32Array, progress: number): void =>
  scope.postMessage({ id, positions, progress });

/** Lets a newer question come in. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

async function tsne(id: number, rows: Rows): Promise<void> {
  const embedding = new TSne(rows);
  for (let step = 0; step < tsneSteps && id === current; step++) {
    embedding.step();
    if ((step + 1) % stepsBetween > 0) continue;
    tell(id, Float32Array.from(embedding.positions), (step + 1) / tsneSteps);
    await turn();
  }
}

async function umap(id: number, { values, rows, columns }: Rows): Promise<void> {
  const { UMAP } = await import("umap-js");
  // The library wants a source of chance; one that is always the same gives pictures that can be compared.
  let state = 1;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const nNeighbors = Math.max(2, Math.min(umapNeighbours, rows - 1));
  const embedding = new UMAP({ nComponents: 2, nNeighbors, nEpochs: umapSteps, random });
  const points = Array.from({ length: rows }, (_, row) =>
    Array.from(values.subarray(row * columns, (row + 1) * columns)),
  );
  const steps = embedding.initializeFit(points);
  for (let step = 0; step < steps && id === current; step++) {
    embedding.step();
    if ((step + 1) % stepsBetween > 0 && step + 1 < steps) continue;
    tell(id, Float32Array.from(embedding.getEmbedding().flat()), (step + 1) / steps);
    await turn();
  }
}
