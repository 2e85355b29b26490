export { type Columns, type CsvOptions, type CsvRow, csvDataset } from "./csv.ts";
export type { ColumnType } from "./csvCells.ts";
export type { FileInput } from "./input.ts";
export { jsonLinesDataset } from "./jsonLines.ts";
export { type TextLineOptions, textLineDataset } from "./lines.ts";
export { ndarrayFromNpy, npyDataset, npzDataset } from "./numpy.ts";
export { type TimeseriesOptions, timeseriesDatasetFromArray } from "./timeseries.ts";
